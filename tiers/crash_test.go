package tiers

import (
	"errors"
	"fmt"
	"testing"

	"tierdesk/desk"
)

// story plays the same hours with an engine that fails as told, and restarts it
// after each failure.
func story(t *testing.T, fail func(n int, committed bool) error) (*rig, desk.TicketID) {
	b := newRig(t, "2026-11-23 09:00")
	n := 0
	failing := func(committed bool) error {
		if committed {
			defer func() { n++ }()
		}
		return fail(n, committed)
	}
	id := b.open(desk.P3)
	for _, when := range []string{"09:00", "09:30", "10:00", "11:00", "12:00", "14:00"} {
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
			if !crashed && at < 8 {
				t.Errorf("only %d commits", at)
			}
		}
	}
}
