package store

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
)

func TestIncidentsAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		parent, child := openTicket(t, s), openTicket(t, s)
		i := desk.Incident{Ticket: parent, Open: true, State: "known", Since: time.Unix(1, 0).UTC(), Pattern: desk.Pattern{
			Reports: [][]string{{"client", "vpn"}}, Weights: map[string]float64{"vpn": 2.5}, Rest: 5,
		}}
		apply(t, s, func(tx *Tx) desk.Change {
			c := must(tx.Ticket(ctx, child))
			c.Parent = parent
			opened := desk.NewEvent(child, desk.TicketOpened, "customer", "", noon)
			return desk.Change{Ticket: &c, Incident: &i, Events: []desk.Event{opened}}
		})
		open, err := s.Incidents(ctx)
		check(t, err)
		if diff := cmp.Diff([]desk.Incident{i}, open); diff != "" {
			t.Error(diff)
		}
		children, err := s.Children(ctx, parent)
		check(t, err)
		if len(children) != 1 || children[0].ID != child {
			t.Errorf("children are %v", children)
		}
		i.Open = false
		apply(t, s, func(*Tx) desk.Change { return desk.Change{Incident: &i} })
		if open, err := s.Incidents(ctx); err != nil || len(open) != 0 {
			t.Errorf("open are %v, %v", open, err)
		}
		if _, err := s.Incident(ctx, child); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("a child is an incident: %v", err)
		}
		reports, err := s.Reported(ctx, time.Unix(0, 0), math.MaxInt64, 10)
		check(t, err)
		if len(reports) != 1 || reports[0].Ticket != child || reports[0].Parent != parent || len(reports[0].Terms) == 0 {
			t.Errorf("reports are %+v", reports)
		}
	})
}
