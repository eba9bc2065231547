package store

import (
	"context"
	"fmt"
	"time"

	"tierdesk/desk"
)

// TicketFilter selects tickets; zero fields select all.
type TicketFilter struct {
	Status desk.Status
	Tier   desk.Level
}

// Tickets returns the selected tickets, the newest first.
func (q reader) Tickets(ctx context.Context, f TicketFilter) ([]desk.Ticket, error) {
	list, err := all(ctx, q.db, scanTicket, selectTicket+`WHERE ($1 = '' OR status = $1) AND (CAST($2 AS BIGINT) = 0 OR tier = $2)
		ORDER BY id DESC`, f.Status, f.Tier)
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	return list, nil
}

// OpenTickets returns the active tickets, oldest first.
func (q reader) OpenTickets(ctx context.Context) ([]desk.Ticket, error) {
	list, err := all(ctx, q.db, scanTicket, selectTicket+`WHERE status IN ('new', 'open', 'waiting') ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list open tickets: %w", err)
	}
	return list, nil
}

// HeldBy returns the active tickets that a technician has, by his first address.
func (q reader) HeldBy(ctx context.Context, assignee string) ([]desk.Ticket, error) {
	list, err := all(ctx, q.db, scanTicket, selectTicket+`WHERE assignee = $1 AND status IN ('new', 'open', 'waiting') ORDER BY id`, clean(assignee))
	if err != nil {
		return nil, fmt.Errorf("list tickets of %s: %w", assignee, err)
	}
	return list, nil
}

// MailFilter selects incoming mail; zero fields select all.
// desk.CategoryPending selects what is not settled.
type MailFilter struct {
	Category desk.Category
	Mailbox  string
}

// Mails returns the selected mails in the order in which they were kept.
func (q reader) Mails(ctx context.Context, f MailFilter) ([]desk.Raw, error) {
	list, err := all(ctx, q.db, scanRaw, selectRaw+`WHERE ($1 = ''
		OR category = CASE WHEN $1 = 'pending' THEN '' ELSE $1 END) AND ($2 = '' OR mailbox = $2) ORDER BY id`, f.Category, f.Mailbox)
	if err != nil {
		return nil, fmt.Errorf("list mail: %w", err)
	}
	return list, nil
}

// OutboxFilter selects outgoing mail; zero fields select all.
type OutboxFilter struct {
	State  desk.Delivery
	Ticket desk.TicketID
}

// Outbox returns the selected outgoing mails in the order in which they were
// queued.
func (q reader) Outbox(ctx context.Context, f OutboxFilter) ([]desk.OutItem, error) {
	list, err := all(ctx, q.db, scanItem, selectItem+`WHERE ($1 = '' OR o.state = $1)
		AND (CAST($2 AS BIGINT) = 0 OR o.ticket = $2) ORDER BY o.id`, f.State, f.Ticket)
	if err != nil {
		return nil, fmt.Errorf("list outgoing mail: %w", err)
	}
	return list, nil
}

// Counts are totals for metrics, health and verification.
type Counts struct {
	Mails        map[desk.Category]int64 // what is not settled counts as pending
	Outgoing     map[desk.Delivery]int64
	Tickets      map[desk.Status]int64
	Events       int64
	OldestQueued time.Time // when the oldest unfinished outgoing mail was queued; zero: none
}

// Counts counts everything there is.
func (q reader) Counts(ctx context.Context) (Counts, error) {
	c := Counts{
		Mails:    map[desk.Category]int64{},
		Outgoing: map[desk.Delivery]int64{},
		Tickets:  map[desk.Status]int64{},
	}
	err := count(ctx, q.db, c.Mails, `SELECT CASE WHEN category = '' THEN 'pending' ELSE category END, COUNT(*) FROM raws GROUP BY 1`)
	if err == nil {
		err = count(ctx, q.db, c.Outgoing, `SELECT state, COUNT(*) FROM outbox GROUP BY state`)
	}
	if err == nil {
		err = count(ctx, q.db, c.Tickets, `SELECT status, COUNT(*) FROM tickets GROUP BY status`)
	}
	if err == nil {
		c.Events, _, err = q.Head(ctx)
	}
	if err == nil {
		c.OldestQueued, err = one(ctx, q.db, singleTime, `SELECT MIN(created) FROM outbox WHERE `+unfinished)
	}
	if err != nil {
		return Counts{}, fmt.Errorf("count: %w", err)
	}
	return c, nil
}

// count fills totals with the two columns of the result.
func count[K ~string](ctx context.Context, db querier, totals map[K]int64, text string) error {
	return db.each(ctx, func(r row) error {
		var key K
		var n int64
		if err := r.Scan(&key, &n); err != nil {
			return err
		}
		totals[key] = n
		return nil
	}, text)
}
