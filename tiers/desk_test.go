package tiers

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

// storeOf gives a real store the Commit that the engine wants. fail, if set, is
// asked around every commit; faulty, if set, before a ticket's events are read.
type storeOf struct {
	*store.Store
	fail   func(committed bool) error
	faulty func(desk.TicketID) error
}

func (s storeOf) TicketEvents(ctx context.Context, id desk.TicketID) ([]desk.Event, error) {
	if s.faulty != nil {
		if err := s.faulty(id); err != nil {
			return nil, err
		}
	}
	return s.Store.TicketEvents(ctx, id)
}

func (s storeOf) Commit(ctx context.Context, changes []desk.Change) error {
	if s.fail != nil {
		if err := s.fail(false); err != nil {
			return err
		}
	}
	err := s.Update(ctx, func(tx *store.Tx) error {
		for _, c := range changes {
			if err := tx.Apply(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && s.fail != nil {
		err = s.fail(true)
	}
	return err
}

// rig is a desk with a real store, a handed-in clock and an engine.
type rig struct {
	t      testing.TB
	rules  *Rules
	store  *store.Store
	engine *Engine
	log    *bytes.Buffer
	now    time.Time
	every  string // how often cron wakes the engine
}

func newRig(t testing.TB, now string) *rig {
	t.Helper()
	return newRigOn(t, "sqlite:"+t.TempDir()+"/desk.db", now)
}

// newRigOn is newRig on an empty database of any kind.
func newRigOn(t testing.TB, dsn, now string) *rig {
	t.Helper()
	b := &rig{t: t, rules: testRules(t), log: &bytes.Buffer{}, now: berlin(t, now)}
	var err error
	b.store, err = store.Open(t.Context(), store.Config{
		DSN: dsn, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.store.Close(); err != nil {
			t.Error(err)
		}
	})
	b.engine = b.restart(nil)
	return b
}

// restart returns a new engine on the same store, as after a restart.
func (b *rig) restart(fail func(committed bool) error) *Engine {
	b.t.Helper()
	keys, err := b.store.Keys(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	e, err := New(Config{
		Rules: *b.rules, Composer: desk.Composer{Desk: b.rules.Desk, Keys: keys},
		Schedule: Schedule{SLACheck: b.every, DigestDaily: "0 8 * * 1-5", DigestWeekly: "0 8 * * 1"},
		Store:    storeOf{Store: b.store, fail: fail}, Holder: "test",
		Log: slog.New(slog.NewTextHandler(b.log, nil)), Now: func() time.Time { return b.now },
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// at moves the clock and lets the engine do what is due.
func (b *rig) at(when string) {
	b.t.Helper()
	b.now = berlin(b.t, when)
	if err := b.engine.Once(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// open commits a new ticket that L1 could not answer and gave to L2.
func (b *rig) open(p desk.Priority) desk.TicketID {
	b.t.Helper()
	var id desk.TicketID
	err := b.store.Update(b.t.Context(), func(tx *store.Tx) (err error) {
		if id, err = tx.NewTicketID(b.t.Context()); err != nil {
			return err
		}
		return tx.Apply(b.t.Context(), newTicket(id, p, b.now))
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// answeredByL1 commits a new ticket that waits for the customer with L1's document.
func (b *rig) answeredByL1() desk.TicketID {
	b.t.Helper()
	var id desk.TicketID
	err := b.store.Update(b.t.Context(), func(tx *store.Tx) (err error) {
		if id, err = tx.NewTicketID(b.t.Context()); err != nil {
			return err
		}
		ch := newTicket(id, desk.P3, b.now)
		ch.Ticket.Status, ch.Ticket.Tier, ch.Ticket.Cycle, ch.Ticket.Answered = desk.StatusWaiting, desk.L1, 0, "printer-paper"
		answered := desk.NewEvent(id, desk.L1Answered, "l1", "sure", b.now)
		answered.Data = desk.EventData{Doc: "printer-paper", Outgoing: "answer:1", Recipient: "carl@customer.test", Status: desk.StatusWaiting}
		ch.Events = append(ch.Events[:1], answered)
		return tx.Apply(b.t.Context(), ch)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func newTicket(id desk.TicketID, p desk.Priority, now time.Time) desk.Change {
	customer := desk.Address{Name: "Carl Customer", Address: "carl@customer.test"}
	opened := desk.NewEvent(id, desk.TicketOpened, "customer", "a new mail", now)
	opened.Data = desk.EventData{Priority: p, ToTier: desk.L1, Subject: "Printer on fire", Status: desk.StatusNew}
	abstained := desk.NewEvent(id, desk.L1Abstained, "l1", "no document is sure enough", now)
	abstained.Data.Doc = "printer-paper"
	handed := desk.NewEvent(id, desk.TicketEscalated, "l1", "no document is sure enough", now)
	handed.Data = desk.EventData{FromTier: desk.L1, ToTier: desk.L2, Cycle: 1, Status: desk.StatusNew}
	return desk.Change{
		Ticket: &desk.Ticket{
			ID: id, Subject: "Printer on fire", Requester: customer, Status: desk.StatusNew, Tier: desk.L2,
			Priority: p, Cycle: 1, Created: now, Updated: now, LastFromCustomer: "a@customer.test",
		},
		Messages: []desk.Message{{
			Ticket: id, At: now, Kind: desk.FromCustomer, Author: customer, MessageID: "a@customer.test",
			Text: "It burns.\nPlease come quickly.",
		}},
		Events: []desk.Event{opened, abstained, handed},
	}
}

// happen commits events of a ticket and what they change.
func (b *rig) happen(id desk.TicketID, change func(*desk.Ticket), events ...desk.Event) {
	b.t.Helper()
	ticket := b.ticket(id)
	change(&ticket)
	for i := range events {
		events[i].Ticket, events[i].At, events[i].Occurred = id, b.now, b.now
		events[i].Data.Status = ticket.Status
	}
	err := b.store.Update(b.t.Context(), func(tx *store.Tx) error {
		return tx.Apply(b.t.Context(), desk.Change{Ticket: &ticket, Events: events})
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *rig) claim(id desk.TicketID) {
	b.t.Helper()
	b.happen(id, func(t *desk.Ticket) { t.Assignee, t.Status = "tech1@hd.test", desk.StatusOpen },
		desk.Event{Type: desk.TicketClaimed, Actor: "technician:tech1@hd.test", Because: "#claim",
			Data: desk.EventData{Assignee: "tech1@hd.test"}})
}

func (b *rig) ticket(id desk.TicketID) desk.Ticket {
	b.t.Helper()
	t, err := b.store.Ticket(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

// outbox lists all queued mail as "kind to".
func (b *rig) outbox() []string {
	b.t.Helper()
	var list []string
	for _, o := range b.items() {
		list = append(list, fmt.Sprintf("%s %s", o.Kind, o.To.Address))
	}
	return list
}

func (b *rig) items() []desk.Outgoing {
	b.t.Helper()
	items, err := b.store.Outbox(b.t.Context(), store.OutboxFilter{})
	if err != nil {
		b.t.Fatal(err)
	}
	var list []desk.Outgoing
	for _, item := range items {
		list = append(list, item.Outgoing)
	}
	return list
}

func (b *rig) last() desk.Outgoing {
	b.t.Helper()
	items := b.items()
	return items[len(items)-1]
}

// history lists a ticket's events as types, those of a tier with it.
func (b *rig) history(id desk.TicketID) []string {
	b.t.Helper()
	events, err := b.store.TicketEvents(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	var list []string
	for _, e := range events {
		name := string(e.Type)
		switch {
		case e.Data.Clock != "":
			name += " " + string(e.Data.Clock)
		case e.Data.ToTier != 0 && e.Type != desk.TicketOpened:
			name += " " + e.Data.ToTier.String()
		}
		list = append(list, name)
	}
	return list
}

func check(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, ", "), strings.Join(want, ", "))
	}
}
