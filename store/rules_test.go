package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tierdesk/desk"
)

func TestVersionsOfTheRulesAreKeptInOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		put := func(since time.Time, text string) error {
			return s.Update(t.Context(), func(tx *Tx) error {
				return tx.Apply(t.Context(), desk.Change{Rules: &desk.RulesVersion{Hash: text, Since: since, Body: []byte(text)}})
			})
		}
		check(t, put(noon.Add(time.Hour), "second"))
		check(t, put(noon, "first"))
		if err := put(noon, "another first"); !errors.Is(err, desk.ErrConflict) {
			t.Errorf("two versions of one instant: %v", err)
		}
		got := must(s.RulesVersions(t.Context()))
		if len(got) != 2 || string(got[0].Body) != "first" || got[1].Hash != "second" || !got[1].Since.Equal(noon.Add(time.Hour)) {
			t.Errorf("%+v", got)
		}
	})
}

func TestEachHistoryGivesWholeTicketsOfOneSnapshot(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		for i := range 3 {
			status := desk.StatusOpen
			if i == 0 {
				status = desk.StatusClosed
			}
			check(t, s.Update(t.Context(), func(tx *Tx) error {
				id := must(tx.NewTicketID(t.Context()))
				e := desk.NewEvent(id, desk.TicketOpened, "customer", "a mail", noon.Add(time.Duration(i)*time.Hour))
				return tx.Apply(t.Context(), desk.Change{
					Ticket: &desk.Ticket{ID: id, Status: status}, Events: []desk.Event{e, e},
					SetClocks: true, Clocks: []desk.Clock{{Ticket: id, Kind: desk.Resolution, State: desk.ClockRunning}},
				})
			}))
		}
		var got []string
		collect := func(h desk.History, _ int64) error {
			got = append(got, fmt.Sprintf("%d %s %d %d", h.Ticket.ID, h.Ticket.Status, len(h.Events), len(h.Clocks)))
			return nil
		}
		check(t, s.EachHistory(t.Context(), "tiers", time.Time{}, collect))
		check(t, s.EachHistory(t.Context(), "tiers", noon.Add(2*time.Hour), collect))
		if want := "[1 closed 2 1 2 open 2 1 3 open 2 1 2 open 2 1 3 open 2 1]"; fmt.Sprint(got) != want {
			t.Errorf("%v, want %s", got, want)
		}
	})
}
