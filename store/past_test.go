package store

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
)

func TestPastTicketsAreFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for i, from := range []string{"ann@one.example", "bob@One.Example", "ann@one.example", "cid@two.example"} {
			check(t, s.Update(ctx, func(tx *Tx) error {
				id := must(tx.NewTicketID(ctx))
				c := newTicket(id, 0)
				c.Ticket.Requester.Address = from
				c.Settles = nil
				for j := range c.Outgoing {
					c.Outgoing[j].Key = fmt.Sprint(i, j)
				}
				if id == 2 {
					c.Ticket.Status = desk.StatusSolved
				}
				return tx.Apply(ctx, c)
			}))
		}
		ids := func(list []desk.Ticket, err error) []desk.TicketID {
			t.Helper()
			check(t, err)
			var out []desk.TicketID
			for i := range list {
				out = append(out, list[i].ID)
			}
			return out
		}
		for name, c := range map[string]struct{ got, want []desk.TicketID }{
			"of a requester": {ids(s.TicketsOf(ctx, "ann@one.example", 5)), []desk.TicketID{3, 1}},
			"limited":        {ids(s.TicketsOf(ctx, "ann@one.example", 1)), []desk.TicketID{3}},
			"of colleagues":  {ids(s.TicketsFrom(ctx, "one.example", "ann@one.example", 5)), []desk.TicketID{2}},
			"of all":         {ids(s.TicketsFrom(ctx, "one.example", "", 5)), []desk.TicketID{3, 2, 1}},
			"solved":         {ids(s.SolvedTickets(ctx, 5)), []desk.TicketID{2}},
		} {
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		opened := must(s.EventsOf(ctx, 0, desk.TicketOpened, desk.TicketSolved))
		if len(opened) != 4 || len(must(s.EventsOf(ctx, opened[2].Seq, desk.TicketOpened))) != 1 {
			t.Errorf("%+v", opened)
		}
	})
}
