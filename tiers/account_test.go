package tiers

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tierdesk/desk"
)

// testRules are three tiers with people, an office and one policy.
func testRules(t testing.TB) *Rules {
	r := &Rules{
		Desk: &desk.Desk{
			Name: "ACME Support", Address: "support@hd.test", Tag: "ACME", Language: "en", PlusAddresses: true, TierMail: 500,
			Location: berlin(t, "2026-01-01 00:00").Location(),
			Tiers: []desk.Tier{
				{Level: desk.L1, Name: "Front line"},
				{Level: desk.L2, Name: "Technical support", List: "l2@hd.test", Calendar: "office", Ack: 30 * time.Minute, Hold: 4 * time.Hour},
				{Level: desk.L3, Name: "Engineering", List: "l3@hd.test", Ack: time.Hour, Hold: 24 * time.Hour},
			},
			Technicians: []desk.Technician{{Name: "Tess Two", Addresses: []string{"tech1@hd.test"}, Tiers: []desk.Level{desk.L2}}},
			Managers:    []desk.Manager{{Address: "boss@hd.test", Digests: []string{"daily", "weekly"}}},
		},
		Calendars: map[string]*Calendar{"office": office(t)},
		Policies: []Policy{{
			Name: "default", Calendar: "office", WarnAt: 0.75,
			Targets: map[desk.Priority]Target{
				desk.P1: {FirstResponse: 15 * time.Minute, NextResponse: 30 * time.Minute, Resolution: 4 * time.Hour},
				desk.P3: {FirstResponse: 4 * time.Hour, NextResponse: 8 * time.Hour, Resolution: 24 * time.Hour},
			},
		}},
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	return r
}

// history builds a ticket's events.
type history struct {
	t      testing.TB
	events []desk.Event
}

func opened(t testing.TB, when string, p desk.Priority) *history {
	h := &history{t: t}
	return h.add(when, desk.TicketOpened, func(e *desk.Event) {
		e.Actor, e.Data.Priority, e.Data.ToTier = "customer", p, desk.L1
	})
}

func (h *history) add(when string, typ desk.EventType, more ...func(*desk.Event)) *history {
	e := desk.NewEvent(7, typ, "customer", "test", berlin(h.t, when))
	e.Seq = int64(len(h.events) + 1)
	for _, f := range more {
		f(&e)
	}
	h.events = append(h.events, e)
	return h
}

func by(actor string) func(*desk.Event)      { return func(e *desk.Event) { e.Actor = actor } }
func status(s desk.Status) func(*desk.Event) { return func(e *desk.Event) { e.Data.Status = s } }
func to(l desk.Level) func(*desk.Event)      { return func(e *desk.Event) { e.Data.ToTier = l } }
func outgoing(key string) func(*desk.Event)  { return func(e *desk.Event) { e.Data.Outgoing = key } }
func prioritised(p desk.Priority) func(*desk.Event) {
	return func(e *desk.Event) { e.Data.Priority = p }
}

func clock(t *testing.T, a *Account, kind desk.ClockKind) desk.Clock {
	t.Helper()
	for _, c := range a.Clocks() {
		if c.Kind == kind {
			return c
		}
	}
	t.Fatalf("no %s clock", kind)
	return desk.Clock{}
}

func checkClock(t *testing.T, a *Account, kind desk.ClockKind, state desk.ClockState, due, next string) {
	t.Helper()
	c := clock(t, a, kind)
	if c.State != state || !c.Due.Equal(instant(t, due)) || !c.Next.Equal(instant(t, next)) {
		t.Errorf("%s: %s, due %s, next %s; want %s, %s, %s", kind, c.State,
			c.Due.In(berlin(t, "2026-01-01 00:00").Location()), c.Next, state, due, next)
	}
}

// instant reads a time in Berlin; "" is the zero time.
func instant(t testing.TB, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	return berlin(t, text)
}

func TestFirstResponseIsMetByAReply(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 11:00", desk.P3)
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockRunning, "2026-11-23 16:00", "2026-11-23 15:00")
	h.add("2026-11-23 15:30", desk.ReplySent, by("technician:tech1@hd.test"))
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockMet, "", "")
	checkClock(t, r.Account(h.events), desk.Resolution, desk.ClockRunning, "2026-11-26 13:30", "2026-11-25 15:00")
}

func TestLateReplyIsABreachThatIsStillRecorded(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 11:00", desk.P3).add("2026-11-23 17:00", desk.ReplySent)
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockBreached, "2026-11-23 16:00", "2026-11-23 16:00")
	change := r.Step(desk.Ticket{ID: 7, Tier: desk.L2, Status: desk.StatusOpen}, h.events, berlin(t, "2026-11-23 17:01"))
	if len(change.Events) != 1 || change.Events[0].Type != desk.SLABreached || change.Ticket.Tier != desk.L2 {
		t.Errorf("events %+v, tier %s; want one breach and no climbing", change.Events, change.Ticket.Tier)
	}
}

func TestReplyThatBouncedGivesNoCredit(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 11:00", desk.P3).
		add("2026-11-23 12:00", desk.ReplySent, outgoing("reply:7:x"), status(desk.StatusWaiting)).
		add("2026-11-23 13:00", desk.DeliveryFailed, outgoing("reply:7:x"))
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockRunning, "2026-11-23 16:00", "2026-11-23 15:00")
}

func TestWaitingPausesAndTheCustomersMailResumes(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 10:00", desk.P3).
		add("2026-11-23 11:00", desk.L1Answered, by("l1"))
	a := r.Account(h.events)
	checkClock(t, a, desk.FirstResponse, desk.ClockMet, "", "")
	checkClock(t, a, desk.Resolution, desk.ClockPaused, "", "")
	h.add("2026-11-25 16:30", desk.MailReceived).add("2026-11-25 16:30", desk.TicketResumed)
	a = r.Account(h.events)
	// 8 hours: one on Wednesday, three before Thursday's lunch and four after.
	checkClock(t, a, desk.NextResponse, desk.ClockRunning, "2026-11-26 17:00", "2026-11-26 15:00")
	// One of the 24 hours was used before the pause.
	checkClock(t, a, desk.Resolution, desk.ClockRunning, "2026-12-01 10:00", "2026-11-30 11:30")
	// A second mail does not restart the clock of the oldest unanswered one.
	h.add("2026-11-26 10:00", desk.MailReceived)
	checkClock(t, r.Account(h.events), desk.NextResponse, desk.ClockRunning, "2026-11-26 17:00", "2026-11-26 15:00")
}

func TestReopenedTicketGoesOnWithWhatWasUsed(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 09:00", desk.P3).
		add("2026-11-23 10:00", desk.ReplySent).
		add("2026-11-23 12:00", desk.TicketSolved, by("technician:tech1@hd.test"))
	checkClock(t, r.Account(h.events), desk.Resolution, desk.ClockMet, "", "")
	h.add("2026-11-26 09:00", desk.TicketReopened)
	a := r.Account(h.events)
	checkClock(t, a, desk.Resolution, desk.ClockRunning, "2026-11-30 17:30", "2026-11-30 10:30")
	checkClock(t, a, desk.NextResponse, desk.ClockRunning, "2026-11-27 09:30", "2026-11-26 16:00")
	if used := a.current[desk.Resolution].Used(berlin(t, "2026-11-26 10:00")); used != 4*time.Hour {
		t.Errorf("used %s, want 3h before and 1h after", used)
	}
}

func TestCustomersYesAsksForNoAnswer(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 09:00", desk.P3).
		add("2026-11-23 09:00", desk.L1Answered).
		add("2026-11-23 10:00", desk.MailReceived).add("2026-11-23 10:00", desk.TicketSolved)
	a := r.Account(h.events)
	checkClock(t, a, desk.NextResponse, desk.ClockStopped, "", "")
}

func TestImportedTicketHasNoClocksUntilTheCustomerWritesAgain(t *testing.T) {
	h := &history{t: t}
	h.add("2026-03-02 09:00", desk.MailImported, prioritised(desk.P3), to(desk.L2), status(desk.StatusNew))
	h.add("2026-03-02 09:00", desk.MailImported, status(desk.StatusNew))
	if c := testRules(t).Account(h.events).Clocks(); len(c) != 0 {
		t.Errorf("clocks of history: %v", c)
	}
	h.add("2026-03-04 09:00", desk.MailReceived, status(desk.StatusNew))
	checkClock(t, testRules(t).Account(h.events), desk.NextResponse, desk.ClockRunning, "2026-03-05 09:30", "2026-03-04 16:00")
}

func TestPriorityChangeKeepsWhatWasUsed(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 09:00", desk.P3).add("2026-11-23 11:00", desk.PriorityChanged, prioritised(desk.P1))
	a := r.Account(h.events)
	// Two of the four hours are used; the first response broke when P1 was set, not before.
	checkClock(t, a, desk.Resolution, desk.ClockRunning, "2026-11-23 14:00", "2026-11-23 12:00")
	checkClock(t, a, desk.FirstResponse, desk.ClockRunning, "2026-11-23 11:00", "2026-11-23 11:00")
	// P4 has no target here: nothing is promised any more.
	h.add("2026-11-23 11:30", desk.PriorityChanged, prioritised(desk.P4))
	checkClock(t, r.Account(h.events), desk.Resolution, desk.ClockStopped, "", "")
}

func TestClaimAndHoldRunInTheTiersCalendar(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 17:00", desk.P3).add("2026-11-23 17:15", desk.TicketEscalated, by("l1"), to(desk.L2))
	a := r.Account(h.events)
	checkClock(t, a, desk.ClaimClock, desk.ClockRunning, "2026-11-24 09:15", "2026-11-24 09:15")
	checkClock(t, a, desk.HoldClock, desk.ClockRunning, "2026-11-24 13:45", "2026-11-24 13:45")
	h.add("2026-11-24 09:10", desk.TicketClaimed, by("technician:tech1@hd.test"))
	a = r.Account(h.events)
	checkClock(t, a, desk.ClaimClock, desk.ClockMet, "", "")
	checkClock(t, a, desk.HoldClock, desk.ClockRunning, "2026-11-24 13:45", "2026-11-24 13:45")
}

func TestP1DoesNotWaitForTheTiersHours(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-21 03:00", desk.P1).add("2026-11-21 03:00", desk.TicketEscalated, by("l1"), to(desk.L2))
	checkClock(t, r.Account(h.events), desk.ClaimClock, desk.ClockRunning, "2026-11-21 03:30", "2026-11-21 03:30")
}

func TestUndeliverableTierMailEndsThePatience(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 10:00", desk.P3).
		add("2026-11-23 10:00", desk.TicketEscalated, by("l1"), to(desk.L2)).
		add("2026-11-23 10:01", desk.DeliveryFailed, func(e *desk.Event) { e.Data.Recipient = "L2@hd.test" })
	change := r.Step(desk.Ticket{ID: 7, Tier: desk.L2, Status: desk.StatusNew, Cycle: 1}, h.events, berlin(t, "2026-11-23 10:02"))
	if len(change.Events) != 1 || change.Events[0].Data.ToTier != desk.L3 || change.Ticket.Cycle != 2 {
		t.Errorf("got %+v, want one escalation to L3", change.Events)
	}
}

// A mail's date in the future or before the clock's start breaks nothing.
func TestOddTimesOfEvents(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 10:00", desk.P3)
	h.add("2026-11-23 11:00", desk.ReplySent, func(e *desk.Event) { e.Occurred = e.At.AddDate(9, 0, 0) })
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockMet, "", "")
	h = opened(t, "2026-11-23 10:00", desk.P3)
	h.add("2026-11-23 18:00", desk.ReplySent, func(e *desk.Event) { e.Occurred = e.At.AddDate(-9, 0, 0) })
	a := r.Account(h.events)
	checkClock(t, a, desk.FirstResponse, desk.ClockMet, "", "")
	if used := a.current[desk.FirstResponse].Used(berlin(t, "2026-11-24 18:00")); used != 0 {
		t.Errorf("used %s", used)
	}
}

// The oracle walks through the minutes and asks whether the office is open and
// the ticket is worked on.
func TestUsedTimeAgreesWithCountingMinutes(t *testing.T) {
	r := testRules(t)
	random := rand.New(rand.NewPCG(3, 4))
	steps := []desk.EventType{
		desk.TicketWaiting, desk.TicketResumed, desk.TicketSolved, desk.TicketReopened, desk.NoteAdded, desk.MailReceived,
	}
	for range 200 {
		h := opened(t, "2026-03-27 08:00", desk.P3) // before the clocks go forward
		now, used, minute := h.events[0].At, time.Duration(0), time.Minute
		working := true
		for range 12 {
			for range random.IntN(12 * 60) {
				if working && r.Calendars["office"].openByTheWallClock(now) {
					used += minute
				}
				now = now.Add(minute)
			}
			typ := steps[random.IntN(len(steps))]
			h.add(now.Format("2006-01-02 15:04"), typ)
			switch typ {
			case desk.TicketWaiting, desk.TicketSolved:
				working = false
			case desk.TicketResumed, desk.TicketReopened:
				working = true
			}
		}
		if got := r.Account(h.events).current[desk.Resolution].Used(now); got != used {
			t.Fatalf("used %s, the minutes say %s", got, used)
		}
	}
}

// Whatever the order of events, adding them up never fails, and a clock that runs
// is the only one with a future.
func FuzzAccount(f *testing.F) {
	types := []desk.EventType{
		desk.TicketOpened, desk.MailReceived, desk.L1Answered, desk.ReplySent, desk.TicketClaimed, desk.TicketEscalated,
		desk.TicketWaiting, desk.TicketResumed, desk.TicketSolved, desk.TicketClosed, desk.TicketReopened,
		desk.PriorityChanged, desk.TierPaged, desk.SLAWarned, desk.SLABreached, desk.LadderEnded, desk.DeliveryFailed,
		desk.TicketSnoozed, desk.TicketWoken, desk.TicketReleased, desk.TicketReturned, desk.TicketAssigned, desk.PromiseMade,
		desk.ReplyUndone, desk.TicketMerged,
	}
	f.Add([]byte{0, 1, 5, 2, 3, 60})
	r := testRules(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		when := berlin(t, "2026-11-20 09:00")
		var events []desk.Event
		for i := 0; i+1 < len(script) && i < 400; i += 2 {
			when = when.Add(time.Duration(script[i+1]) * time.Minute)
			e := desk.NewEvent(7, types[int(script[i])%len(types)], "customer", "fuzz", when)
			e.Seq = int64(i)
			e.Data.ToTier = desk.Level(script[i+1] % 5)
			e.Data.Priority = []desk.Priority{desk.P1, desk.P3, desk.P4}[script[i+1]%3]
			e.Data.Clock = []desk.ClockKind{desk.FirstResponse, desk.NextResponse, desk.Resolution}[script[i+1]%3]
			e.Data.Recipient = "l2@hd.test"
			due := when.Add(time.Duration(script[i+1]) * 7 * time.Minute)
			e.Data.Due = &due
			if e.Type == desk.TicketMerged {
				e.Data.Status = desk.StatusClosed
			}
			events = append(events, e)
		}
		a := r.Account(events)
		for _, c := range a.Clocks() {
			if c.State == desk.ClockPaused && !c.Next.IsZero() {
				t.Errorf("paused clock with a next: %+v", c)
			}
		}
		checkArithmetic(t, a, when)
		first := r.Step(desk.Ticket{ID: 7, Tier: a.level, Status: a.status}, events, when)
		for _, c := range first.Clocks {
			if !c.Next.IsZero() && !c.Next.After(when) && a.rules.Desk.Tier(a.level) != nil {
				t.Errorf("still due after a step: %+v", c)
			}
		}
		if first.Ticket == nil {
			return
		}
		if climbs := slices.IndexFunc(first.Events, func(e desk.Event) bool { return e.Type == desk.TicketEscalated }); climbs >= 0 && climbs != len(first.Events)-1 {
			t.Error("went on after climbing")
		}
		again := r.Step(*first.Ticket, append(events, first.Events...), when)
		for _, e := range again.Events {
			if e.Type == desk.TicketEscalated || e.Type == desk.TierPaged {
				t.Errorf("a second step at the same time: %+v", e)
			}
		}
	})
}

// checkArithmetic fails when runs overlap, or when the spans of a clock do not make
// what it used.
func checkArithmetic(t *testing.T, a *Account, now time.Time) {
	for _, l := range a.Ledgers {
		for i := 1; i < len(l.Runs); i++ {
			if l.Runs[i].From.Before(l.Runs[i-1].To) {
				t.Errorf("%s: run %d begins before the one before it ends", l.Kind, i)
			}
		}
		var sum time.Duration
		var end time.Time
		for s := range l.spans() {
			if s.From.Before(end) {
				t.Errorf("%s: spans overlap", l.Kind)
			}
			if s.To.IsZero() {
				s.To = now
			}
			end = s.To
			sum += s.Term.Calendar.Between(s.From, s.To)
		}
		if used := l.Used(now); used != sum {
			t.Errorf("%s: used %s, the spans make %s", l.Kind, used, sum)
		}
	}
}
