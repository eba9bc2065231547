package tiers

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tierdesk/desk"
)

// story plays the same hours with an engine that fails as told, and restarts it
// after each failure.
func story(t *testing.T, fail func(n int, committed bool) error) (*rig, desk.TicketID) {
	b := newRig(t, "2026-11-23 09:00")
	b.rules.Desk.Tiers[1].Repeat = 2
	n := 0
	failing := func(committed bool) error {
		if committed {
			defer func() { n++ }()
		}
		return fail(n, committed)
	}
	id := b.open(desk.P3)
	b.now = b.now.Add(time.Minute)
	due := b.now.Add(3 * time.Hour)
	b.happen(id, func(*desk.Ticket) {}, desk.Event{Type: desk.PromiseMade, Actor: "technician:tech1@hd.test",
		Because: "#promise 12:01", Data: desk.EventData{Due: &due}})
	for _, when := range []string{"09:01", "09:30", "10:00", "10:30", "11:00", "11:30", "12:01", "14:00"} {
		b.now = berlin(t, "2026-11-23 "+when)
		for try := 0; ; try++ {
			err := b.restart(failing).Once(t.Context())
			if err == nil {
				break
			}
			if !errors.Is(err, errCrash) || try > 50 {
				t.Fatal(err)
			}
		}
	}
	b.at("2026-11-24 08:00")
	return b, id
}

var errCrash = errors.New("crash")

func TestCrashAroundAnyCommitRepeatsNothing(t *testing.T) {
	calm, id := story(t, func(int, bool) error { return nil })
	for _, after := range []bool{false, true} {
		for at, crashed := 0, true; crashed; at++ {
			crashed = false
			b, _ := story(t, func(n int, committed bool) error {
				if n != at || committed != after || crashed {
					return nil
				}
				crashed = true
				return errCrash
			})
			check(t, fmt.Sprintf("history, crash at %d", at), b.history(id), calm.history(id))
			check(t, fmt.Sprintf("outbox, crash at %d", at), b.outbox(), calm.outbox())
			checkOncePerCycle(t, b, id)
			b.engine = b.restart(nil)
			b.audit()
			if !crashed && at < 8 {
				t.Errorf("only %d commits", at)
			}
		}
	}
}

// checkOncePerCycle fails when a tier was paged or handed a ticket twice for the
// same reason: one event for each level, cycle and count.
func checkOncePerCycle(t *testing.T, b *rig, id desk.TicketID) {
	t.Helper()
	events, err := b.store.TicketEvents(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range events {
		if e.Type != desk.TierPaged && e.Type != desk.TicketEscalated && e.Type != desk.LadderEnded {
			continue
		}
		key := fmt.Sprint(e.Type, e.Data.ToTier, e.Data.Cycle, e.Data.Count)
		if seen[key] {
			t.Errorf("%s twice", key)
		}
		seen[key] = true
	}
}
