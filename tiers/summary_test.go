package tiers

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"tierdesk/desk"
	"tierdesk/store"
)

// Many tickets that break their promise at once are one mail, whatever crashes around
// it, and none of them goes by itself as well.
func TestFloodIsSummedUp(t *testing.T) {
	for _, crash := range []bool{false, true} {
		b := newRig(t, "2026-03-02 09:00")
		b.rules.Desk.TierMail = 10
		calls := 0
		b.engine = b.restart(func(bool) error {
			if calls++; crash && calls%5 == 0 {
				return errCrash
			}
			return nil
		})
		for range 62 {
			b.open(desk.P3)
		}
		for minute := range 12 {
			b.now = berlin(t, fmt.Sprintf("2026-03-02 09:%02d", minute))
			for range 3 {
				if err := b.engine.Once(t.Context()); err != nil && !errors.Is(err, errCrash) {
					t.Fatal(err)
				}
			}
		}
		var single, summaries, listed int
		items, err := b.store.Outbox(t.Context(), store.OutboxFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range items {
			switch {
			case o.Outgoing.Letter.Template == "summary":
				summaries++
				listed += len(o.Outgoing.Letter.Summed) + o.Outgoing.Letter.MoreSummed
			case o.State == desk.Queued:
				single++
			case o.State != desk.Cancelled:
				t.Errorf("%s is %s", o.Outgoing.Key, o.State)
			}
		}
		if single != 10 || summaries != 1 || listed != 52 {
			t.Errorf("crash %v: %d single mails, %d summaries of %d tickets", crash, single, summaries, listed)
		}
	}
}

// The most urgent stand first.
func TestSummaryListsTheMostUrgentFirst(t *testing.T) {
	b := newRig(t, "2026-03-02 09:00")
	b.rules.Desk.TierMail = 0
	b.engine = b.restart(nil)
	for _, p := range []desk.Priority{desk.P3, desk.P1, desk.P3, desk.P2} {
		b.open(p)
	}
	b.at("2026-03-02 09:00")
	b.at("2026-03-02 09:06")
	items, err := b.store.Outbox(t.Context(), store.OutboxFilter{State: desk.Queued})
	if err != nil || len(items) != 1 {
		t.Fatalf("%d mails, %v", len(items), err)
	}
	var got []desk.Priority
	for _, l := range items[0].Outgoing.Letter.Summed {
		got = append(got, l.Priority)
	}
	if !slices.Equal(got, []desk.Priority{desk.P1, desk.P2, desk.P3, desk.P3}) {
		t.Error(got)
	}
}
