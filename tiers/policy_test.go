package tiers

import (
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
)

func TestRulesNameEveryProblem(t *testing.T) {
	r := &Rules{
		Desk: &desk.Desk{Tiers: []desk.Tier{{Level: desk.L2, Calendar: "night", Ack: -time.Minute, Hold: 9000 * time.Hour}}},
		Policies: []Policy{
			{Name: "gold", Calendar: "lunar", WarnAt: 1.5},
			{Name: "lead", Targets: map[desk.Priority]Target{"p9": {Resolution: -1}}},
		},
	}
	err := r.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{`"lunar"`, "1.5", "no targets", `"p9"`, "resolution", `"night"`, "ack", "hold"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not name %s: %v", want, err)
		}
	}
}

func TestFirstPolicyWithThePriorityCounts(t *testing.T) {
	r := testRules(t)
	r.Policies = append([]Policy{{
		Name: "urgent", Calendar: Always, Targets: map[desk.Priority]Target{desk.P1: {Resolution: time.Hour}},
	}}, r.Policies...)
	h := opened(t, "2026-11-21 03:00", desk.P1)
	checkClock(t, r.Account(h.events), desk.Resolution, desk.ClockRunning, "2026-11-21 04:00", "2026-11-21 04:00")
	h = opened(t, "2026-11-21 03:00", desk.P3)
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockRunning, "2026-11-23 14:00", "2026-11-23 12:00")
}

// A reader with a calculator gets the same sums.
func TestLedgerInWords(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 11:00", desk.P3).
		add("2026-11-23 14:30", desk.TicketWaiting).
		add("2026-11-25 08:00", desk.TicketResumed)
	l := r.Account(h.events).current[desk.Resolution]
	check(t, "running", l.Lines(berlin(t, "2026-11-25 10:00")), []string{
		"resolution: target 24h of calendar office",
		"2026-11-23 11:00 CET to 2026-11-23 14:30 CET: 2h30m",
		"2026-11-25 08:00 CET to now, 2026-11-25 10:00 CET: 1h",
		"used 3h30m, 20h30m left",
	})
	if l.Runs[0].Started != 1 || l.Runs[0].Stopped != 2 || l.Runs[1].Started != 3 {
		t.Errorf("runs do not name their events: %+v", l.Runs)
	}
	lines := l.Lines(berlin(t, "2026-12-15 10:00"))
	if last := lines[len(lines)-1]; last != "used 104h, 80h over" {
		t.Errorf("at the end: %s", last)
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 59 * time.Second: "59s", 90 * time.Second: "1m", 2 * time.Hour: "2h", 130 * time.Minute: "2h10m",
		49*time.Hour + 5*time.Minute: "49h05m",
	} {
		if got := short(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
