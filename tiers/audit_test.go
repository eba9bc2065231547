package tiers

import (
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
)

func TestAuditFindsWhatTheLogDoesNotSay(t *testing.T) {
	r := testRules(t)
	ticket := desk.Ticket{ID: 7, Tier: desk.L2, Status: desk.StatusNew}
	h := opened(t, "2026-11-23 09:00", desk.P3)
	step := r.Step(ticket, h.events, berlin(t, "2026-11-23 14:00"))
	for i := range step.Events {
		step.Events[i].Seq = int64(2 + i)
	}
	log := append(h.events, step.Events...)
	if problems := r.Audit(7, log, step.Clocks, 100); problems != nil {
		t.Fatalf("of a sound ticket: %v", problems)
	}
	edit := func(change func(*desk.Clock)) []desk.Clock {
		clocks := append([]desk.Clock(nil), step.Clocks...)
		change(&clocks[0])
		return clocks
	}
	early := append([]desk.Event(nil), log...)
	breach := -1
	for i := range early {
		if early[i].Type == desk.SLABreached {
			breach = i
		}
	}
	early[breach].At = berlin(t, "2026-11-23 10:00")
	moved := append([]desk.Event(nil), log...)
	due := moved[breach].Data.Due.Add(time.Minute)
	moved[breach].Data.Due = &due
	for _, test := range []struct {
		name   string
		log    []desk.Event
		clocks []desk.Clock
		want   string
	}{
		{"a due time that was edited", log, edit(func(c *desk.Clock) { c.Due = c.Due.Add(time.Hour) }), "is stored as"},
		{"a breach that was taken away", log, edit(func(c *desk.Clock) { c.State, c.Fired = desk.ClockMet, 0 }), "the log says breached"},
		{"a clock that is missing", log, step.Clocks[1:], "is not stored"},
		{"a clock too many", log, append(step.Clocks, desk.Clock{Kind: desk.PromiseClock}), "clocks are stored"},
		{"a breach before its time", early, step.Clocks, "was not due"},
		{"a breach of another due time", moved, step.Clocks, "by the event"},
	} {
		problems := strings.Join(r.Audit(7, test.log, test.clocks, 100), "\n")
		if !strings.Contains(problems, test.want) {
			t.Errorf("%s: %q, want %q", test.name, problems, test.want)
		}
	}
}

func TestStatementOfAnAnswerThatCameBack(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 11:00", desk.P3).
		add("2026-11-23 12:00", desk.ReplySent, outgoing("reply:7:x"), status(desk.StatusWaiting), func(e *desk.Event) { e.Raw = 3 }).
		add("2026-11-23 13:30", desk.DeliveryFailed, outgoing("reply:7:x")).
		add("2026-11-23 13:30", desk.TicketResumed, by("sla"))
	s := r.Statement(h.events, func(desk.RawID) string { return "words@hd.test" }, berlin(t, "2026-11-23 14:00"))
	text := s.String()
	for _, line := range []string{
		"first response: running",
		"      Mon 2026-11-23  11:00:00-12:00:00 CET  1:00:00",
		"      Mon 2026-11-23  13:00:00-14:00:00 CET  1:00:00",
		"      sum = 2:00:00",
		"no credit for reply.sent (event 2) by customer, mail 3 <words@hd.test>: test",
		"  taken back by delivery.failed (event 3) by customer: test",
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	var sum int64
	for _, i := range s.Clocks[0].Spans[0].Intervals {
		sum += i.Seconds
	}
	if sum != s.Clocks[0].Used || sum != 2*3600 {
		t.Errorf("the intervals make %d s, the clock says %d s", sum, s.Clocks[0].Used)
	}
}

// The sum of the intervals is what the calendar counts, for any stretch of time.
func FuzzIntervals(f *testing.F) {
	f.Add(int64(1_774_700_000), uint32(400_000))
	c := office(f)
	f.Fuzz(func(t *testing.T, unix int64, length uint32) {
		from := time.Unix(unix%4_000_000_000, 0)
		to := from.Add(time.Duration(length%10_000_000) * time.Second)
		var sum time.Duration
		for a, b := range c.Opens(from, to) {
			sum += b.Sub(a)
		}
		if want := c.Between(from, to); sum != want {
			t.Errorf("the intervals from %s to %s make %s, want %s", from, to, sum, want)
		}
	})
}
