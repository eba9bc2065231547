package tiers

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

// audit fails the test when a stored clock or breach is not what the log says.
func (b *rig) audit() {
	b.t.Helper()
	err := b.store.EachHistory(b.t.Context(), Follower, time.Time{}, func(h desk.History, followed int64) error {
		for _, p := range b.engine.InForce().Audit(h.Ticket.ID, h.Events, h.Clocks, followed) {
			var log []string
			for _, e := range h.Events {
				log = append(log, e.At.UTC().Format("02 15:04:05 ")+string(e.Type)+" "+string(e.Data.Status)+" "+string(e.Data.Clock))
			}
			b.t.Fatalf("%s\n%s", p, strings.Join(log, "\n"))
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// What an engine stores piece by piece, in batches that cut tickets anywhere, with
// sweeps and a change of the rules in between, is what the whole log says at the
// end.
func TestStoredClocksOfRandomLogsAreWhatTheLogSays(t *testing.T) {
	tickets := 10_000
	if testing.Short() {
		tickets = 500
	}
	b := newRig(t, "2026-11-20 09:00")
	b.every = "@every 1h"
	random := rand.New(rand.NewPCG(5, 6))
	b.openMany(tickets, desk.P3)
	for round := range 6 {
		b.now = b.now.Add(time.Duration(random.IntN(20*60)) * time.Minute)
		b.chance(random, tickets)
		if round == 3 {
			b.rules.Policies[0].Targets[desk.P3] = Target{FirstResponse: 2 * time.Hour, NextResponse: 5 * time.Hour, Resolution: 40 * time.Hour}
			shorter(t)(b.rules)
		}
		b.engine = b.restart(nil)
		if err := b.engine.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.audit()
}

// chance lets something happen to about a third of the tickets.
func (b *rig) chance(random *rand.Rand, tickets int) {
	b.t.Helper()
	for from := 1; from <= tickets; from += 1000 {
		err := b.store.Update(b.t.Context(), func(tx *store.Tx) error {
			for id := from; id < from+1000 && id <= tickets; id++ {
				if random.IntN(3) > 0 {
					continue
				}
				t, err := tx.Ticket(b.t.Context(), desk.TicketID(id))
				if err != nil {
					return err
				}
				e := randomEvent(random, &t, b.now)
				if err := tx.Apply(b.t.Context(), desk.Change{Ticket: &t, Events: []desk.Event{e}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

func randomEvent(random *rand.Rand, t *desk.Ticket, now time.Time) desk.Event {
	types := []desk.EventType{
		desk.MailReceived, desk.ReplySent, desk.TicketClaimed, desk.TicketWaiting, desk.TicketResumed, desk.TicketSolved,
		desk.TicketReopened, desk.PriorityChanged, desk.DeliveryFailed, desk.TicketSnoozed, desk.TicketWoken,
		desk.TicketReleased, desk.TicketReturned, desk.PromiseMade, desk.ReplyUndone, desk.TicketClosed, desk.NoteAdded,
	}
	e := desk.NewEvent(t.ID, types[random.IntN(len(types))], "customer", "chance", now.Add(time.Duration(random.IntN(1e9))))
	e.Occurred = e.At.Add(-time.Duration(random.IntN(90)) * time.Minute)
	due := now.Add(time.Duration(1+random.IntN(3000)) * time.Minute)
	keys := []string{"reply:1", "reply:2"}
	switch e.Type {
	case desk.ReplySent, desk.DeliveryFailed, desk.ReplyUndone:
		e.Data.Outgoing, e.Data.Recipient = keys[random.IntN(2)], "carl@customer.test"
	case desk.TicketWaiting, desk.TicketSnoozed, desk.PromiseMade:
		e.Data.Due = &due
	case desk.PriorityChanged:
		t.Priority = []desk.Priority{desk.P1, desk.P3, desk.P4}[random.IntN(3)]
		e.Data.Priority = t.Priority
	case desk.TicketReturned:
		t.Tier, t.Cycle = desk.L2, t.Cycle+1
		e.Data.ToTier, e.Data.Cycle = t.Tier, t.Cycle
	}
	if !slices.Contains([]desk.EventType{desk.NoteAdded, desk.DeliveryFailed, desk.PriorityChanged, desk.TicketReturned}, e.Type) {
		t.Status = statusAfter(t.Status, &e)
	}
	e.Data.Status = t.Status
	return e
}
