package tiers

import (
	"slices"
	"testing"

	"tierdesk/desk"
)

// A clock that is put forward and back fires what is due once, and takes nothing back.
func TestClockThatStepsFiresNothingTwice(t *testing.T) {
	b := newRig(t, "2026-03-02 09:00")
	id := b.open(desk.P1)
	for _, now := range []string{
		"2026-03-02 09:00", "2026-03-02 09:31", "2026-03-02 08:00", "2026-03-02 09:31", "2026-03-02 10:05",
		"2026-03-02 09:00", "2026-03-01 12:00", "2026-03-02 10:05", "2026-03-02 10:05",
	} {
		before := b.history(id)
		b.at(now)
		if after := b.history(id); !slices.Equal(after[:len(before)], before) {
			t.Fatalf("at %s the past became %v", now, after)
		}
	}
	checkOncePerCycle(t, b, id)
	fired := map[string]int{}
	events, err := b.store.TicketEvents(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Type == desk.SLAWarned || e.Type == desk.SLABreached {
			fired[string(e.Type)+string(e.Data.Clock)]++
		}
	}
	for what, times := range fired {
		if times != 1 {
			t.Errorf("%s %d times", what, times)
		}
	}
	if len(fired) == 0 {
		t.Error("nothing fired")
	}
	b.audit()
}
