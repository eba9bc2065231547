package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tierdesk/desk"
)

func TestApplyStoresEverythingOfAChange(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		want := newTicket(id, 1)
		want.Ticket.Version = 1
		if diff := cmp.Diff(*want.Ticket, must(s.Ticket(ctx, id))); diff != "" {
			t.Errorf("ticket: %s", diff)
		}
		if diff := cmp.Diff(want.Participants, must(s.Participants(ctx, id))); diff != "" {
			t.Errorf("participants: %s", diff)
		}
		if diff := cmp.Diff(want.Messages, must(s.Messages(ctx, id))); diff != "" {
			t.Errorf("messages: %s", diff)
		}
		byKind := cmpopts.SortSlices(func(a, b desk.Clock) bool { return a.Kind < b.Kind })
		if diff := cmp.Diff(want.Clocks, must(s.Clocks(ctx, id)), byKind); diff != "" {
			t.Errorf("clocks: %s", diff)
		}
		given := cmpopts.IgnoreFields(desk.Event{}, "Seq", "Prev", "Hash")
		if diff := cmp.Diff(want.Events, must(s.TicketEvents(ctx, id)), given); diff != "" {
			t.Errorf("events: %s", diff)
		}
		if diff := cmp.Diff(must(s.Events(ctx, 0, 10)), must(s.TicketEvents(ctx, id))); diff != "" {
			t.Errorf("events: %s", diff)
		}
		for i, o := range must(s.Outbox(ctx, OutboxFilter{Ticket: id})) {
			want := desk.OutItem{ID: int64(i + 1), Outgoing: want.Outgoing[i], State: desk.Queued, Created: noon, Next: noon}
			if diff := cmp.Diff(want, o); diff != "" {
				t.Errorf("outgoing: %s", diff)
			}
		}
		if m := must(s.Raw(ctx, 1)); m.Settlement != *want.Settles {
			t.Errorf("settlement %+v, want %+v", m.Settlement, *want.Settles)
		}
		sound(t, s)
	})
}

func TestApplyRefusesAStaleVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		first, second := must(s.Ticket(ctx, id)), must(s.Ticket(ctx, id))
		first.Status, second.Status = desk.StatusOpen, desk.StatusSolved
		event := desk.NewEvent(id, desk.TicketSolved, "technician", "", noon)
		apply(t, s, func(*Tx) desk.Change { return desk.Change{Ticket: &first} })
		for name, c := range map[string]desk.Change{
			"stale":   {Ticket: &second, Events: []desk.Event{event}},
			"created": {Ticket: &desk.Ticket{ID: id}, Events: []desk.Event{event}},
			"unknown": {Ticket: &desk.Ticket{ID: 99, Version: 1}},
		} {
			err := s.Update(ctx, func(tx *Tx) error { return tx.Apply(ctx, c) })
			if !errors.Is(err, desk.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		got := must(s.Ticket(ctx, id))
		if got.Version != 2 || got.Status != desk.StatusOpen || len(must(s.TicketEvents(ctx, id))) != 3 {
			t.Errorf("ticket %+v", got)
		}
	})
}

func TestApplyReplacesClocksWithoutANewVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		clock := desk.Clock{Ticket: id, Kind: desk.Resolution, State: desk.ClockPaused, Start: noon, Fired: 1}
		apply(t, s, func(*Tx) desk.Change { return desk.Change{SetClocks: true, Clocks: []desk.Clock{clock}} })
		if diff := cmp.Diff([]desk.Clock{clock}, must(s.Clocks(ctx, id))); diff != "" {
			t.Error(diff)
		}
		if v := must(s.Ticket(ctx, id)).Version; v != 1 {
			t.Errorf("version %d", v)
		}
	})
}

func TestTicketsAreTiedAtBothEndsAndAbsencesEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		one, two := openTicket(t, s), openTicket(t, s)
		for range 2 { // the second time changes nothing
			apply(t, s, func(tx *Tx) desk.Change {
				ticket := must(tx.Ticket(ctx, one))
				ticket.MergedInto, ticket.Parent, ticket.WaitUntil = two, two, noon.Add(time.Hour)
				ticket.Revoked = true
				return desk.Change{
					Ticket: &ticket, Links: []desk.Link{{Other: two, Kind: desk.LinkMerged}},
					Absences: []desk.Absence{{Address: "Tess@HD.test", Until: noon.Add(time.Hour), Delegate: "tina@hd.test", Raw: 1}},
				}
			})
		}
		ticket := must(s.Ticket(ctx, one))
		if !ticket.Revoked || ticket.MergedInto != two || ticket.Parent != two || !ticket.WaitUntil.Equal(noon.Add(time.Hour)) {
			t.Errorf("%+v", ticket)
		}
		for _, pair := range [][2]desk.TicketID{{one, two}, {two, one}} {
			if got := must(s.Links(ctx, pair[0])); !slices.Equal(got, []desk.Link{{Other: pair[1], Kind: desk.LinkMerged}}) {
				t.Errorf("links of %d: %v", pair[0], got)
			}
		}
		away := must(s.AbsenceOf(ctx, "tess@hd.test", noon))
		if away.Delegate != "tina@hd.test" || !away.Until.Equal(noon.Add(time.Hour)) || away.Raw != 1 {
			t.Errorf("away: %+v", away)
		}
		if back := must(s.AbsenceOf(ctx, "tess@hd.test", noon.Add(time.Hour))); !back.Until.IsZero() {
			t.Errorf("back: %+v", back)
		}
	})
}

func TestFollowersOnlyGoForward(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for _, step := range []struct {
			to, at int64
			err    error
		}{{5, 5, nil}, {5, 5, desk.ErrConflict}, {4, 5, desk.ErrConflict}, {9, 9, nil}} {
			err := s.Update(ctx, func(tx *Tx) error {
				return tx.Apply(ctx, desk.Change{Follows: &desk.Follow{Name: "tiers", Seq: step.to}})
			})
			if !errors.Is(err, step.err) || must(s.Followed(ctx, "tiers")) != step.at {
				t.Errorf("to %d: %v", step.to, err)
			}
		}
	})
}

func TestKnownKeysAddressesAndIDsStay(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		one, two := openTicket(t, s), openTicket(t, s)
		again := newTicket(one, 0)
		again.Ticket = nil
		again.Outgoing[0].Subject = "another"
		again.Outgoing = append(again.Outgoing, outgoing(one, "reply", "cora@customer.example"))
		again.Participants[0].Role = desk.RoleCopied
		again.MessageIDs = append(again.MessageIDs, newTicket(two, 0).MessageIDs...)
		apply(t, s, func(*Tx) desk.Change { return again })
		items := must(s.Outbox(ctx, OutboxFilter{Ticket: one}))
		if len(items) != 3 || items[0].Outgoing.Subject == "another" || items[2].Outgoing.Kind != desk.SendReply {
			t.Errorf("outgoing: %+v", items)
		}
		if p := must(s.Participants(ctx, one)); len(p) != 1 || p[0].Role != desk.RoleRequester {
			t.Errorf("participants: %+v", p)
		}
		ids := []string{"unknown@x", "m2@customer.example", "m1@customer.example"}
		if id, hit, err := s.TicketByMessageIDs(ctx, ids); id != two || hit != ids[1] || err != nil {
			t.Errorf("ticket %d by %q: %v", id, hit, err)
		}
		if id, _, err := s.TicketByMessageIDs(ctx, ids[:1]); id != 0 || err != nil {
			t.Errorf("ticket %d: %v", id, err)
		}
		if id, _, err := s.TicketByMessageIDs(ctx, []string{"t1.reply@hd.test"}); id != one || err != nil {
			t.Errorf("ticket of an answer to our mail: %d: %v", id, err)
		}
		sound(t, s)
	})
}

func TestStrangeTextIsStoredAndItsHashHolds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		strange := "a\x00b\xff\u2028\\ufffd<&>\xed\xa0\x80"
		c := newTicket(1, 0)
		c.Ticket.Subject, c.Messages[0].Text, c.MessageIDs[0] = strange, strange, strange
		c.Events[0].Because, c.Events[0].Actor, c.Events[0].Data.Subject = strange, strange, strange
		c.Events[0].Data.Trace = []string{strange}
		zone := time.Date(2026, 3, 29, 4, 0, 0, 1, time.FixedZone("", 5400))
		c.Events[0].Data.Due = &zone
		c.Outgoing[0].Letter.Text, c.Outgoing[0].Key = strange, strange
		apply(t, s, func(tx *Tx) desk.Change { tx.NewTicketID(ctx); return c })
		if got := must(s.Ticket(ctx, 1)).Subject; got != clean(strange) {
			t.Errorf("subject %q", got)
		}
		if id, _, err := s.TicketByMessageIDs(ctx, []string{strange}); id != 1 || err != nil {
			t.Errorf("ticket %d, %v", id, err)
		}
		sound(t, s)
	})
}

func TestDueTicketsAreSoonestFirstAndOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for i := range 40 {
			c := newTicket(desk.TicketID(i+1), 0)
			c.Clocks[0].Next = noon.Add(time.Duration(100-i) * time.Minute)
			c.Clocks[1].Next = c.Clocks[0].Next.Add(time.Microsecond)
			if i == 39 {
				c.Clocks[0].Next, c.Clocks[1].Next = time.Time{}, time.Time{}
			}
			apply(t, s, func(tx *Tx) desk.Change { tx.NewTicketID(ctx); return c })
		}
		for _, test := range []struct {
			after time.Duration
			limit int
			want  string
		}{{62 * time.Minute, 10, "[39]"}, {64 * time.Minute, 2, "[39 38]"}, {time.Minute, 10, "[]"}, {999 * time.Hour, 3, "[39 38 37]"}} {
			if got := fmt.Sprint(must(s.DueTickets(ctx, noon.Add(test.after), test.limit))); got != test.want {
				t.Errorf("due after %v: %s, want %s", test.after, got, test.want)
			}
		}
	})
}

func TestEventsBetween(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		openTicket(t, s)
		for _, test := range []struct {
			from, to time.Duration
			types    []desk.EventType
			want     int
		}{
			{0, 1, nil, 3}, {-1, 0, nil, 0}, {1, 2, nil, 0},
			{0, 1, []desk.EventType{desk.TicketOpened}, 1},
			{0, 1, []desk.EventType{desk.TicketOpened, desk.TicketEscalated, desk.SLABreached}, 2},
		} {
			got := must(s.EventsBetween(ctx, noon.Add(test.from*time.Hour), noon.Add(test.to*time.Hour), test.types...))
			if len(got) != test.want {
				t.Errorf("%+v: %d events", test, len(got))
			}
		}
	})
}

func TestAChangeReachesOtherTickets(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		message := must(s.Messages(ctx, id))[0]
		split := func(tx *Tx, version int64) desk.Change {
			before, next := must(tx.Ticket(ctx, id)), must(tx.NewTicketID(ctx))
			before.Version = version
			off := before
			off.ID, off.Version = next, 0
			return desk.Change{Ticket: &before, Also: []desk.Change{{
				Ticket: &off, Takes: []desk.Taken{{From: id, Raw: message.Raw, MessageID: message.MessageID}},
				Events: []desk.Event{desk.NewEvent(next, desk.TicketSplit, "technician", "#split", noon)},
				Links:  []desk.Link{{Other: id, Kind: desk.LinkSplit}},
			}}}
		}
		if err := s.Update(ctx, func(tx *Tx) error { return tx.Apply(ctx, split(tx, 7)) }); !errors.Is(err, desk.ErrConflict) {
			t.Fatal(err)
		}
		apply(t, s, func(tx *Tx) desk.Change { return split(tx, 1) })
		if got := must(s.Messages(ctx, id)); len(got) != 0 {
			t.Errorf("stayed: %+v", got)
		}
		if got := must(s.Messages(ctx, id+1)); len(got) != 1 || got[0].Raw != message.Raw {
			t.Errorf("moved: %+v", got)
		}
		if got, _, _ := s.TicketByMessageIDs(ctx, []string{message.MessageID}); got != id+1 {
			t.Errorf("<%s> threads to ticket %d", message.MessageID, got)
		}
		// what another ticket is refused undoes all of it
		err := s.Update(ctx, func(tx *Tx) error { return tx.Apply(ctx, split(tx, 2)) })
		if !errors.Is(err, desk.ErrConflict) || must(s.Ticket(ctx, id)).Version != 2 {
			t.Errorf("a message was taken twice: %v", err)
		}
	})
}

func TestSpamIsRememberedUntilItIsReopened(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		set := func(status desk.Status, typ desk.EventType) {
			apply(t, s, func(tx *Tx) desk.Change {
				ticket := must(tx.Ticket(ctx, id))
				ticket.Status = status
				return desk.Change{Ticket: &ticket, Events: []desk.Event{desk.NewEvent(id, typ, "technician", "", noon)}}
			})
		}
		for _, step := range []struct {
			status desk.Status
			typ    desk.EventType
			want   bool
		}{{desk.StatusSolved, desk.TicketSolved, false}, {desk.StatusClosed, desk.MarkedSpam, true}, {desk.StatusOpen, desk.TicketReopened, false}, {desk.StatusClosed, desk.TicketClosed, false}} {
			set(step.status, step.typ)
			if got := must(s.MarkedSpam(ctx, "cora@customer.example")); got != step.want {
				t.Errorf("after %s: %v", step.typ, got)
			}
		}
	})
}
