package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tierdesk/desk"
)

// TicketsOf returns the newest tickets of a requester, by the address as it stands in
// them.
func (q reader) TicketsOf(ctx context.Context, requester string, limit int) ([]desk.Ticket, error) {
	list, err := all(ctx, q.db, scanTicket, selectTicket+`WHERE requester = $1 ORDER BY id DESC LIMIT $2`, clean(requester), limit)
	if err != nil {
		return nil, fmt.Errorf("tickets of a requester: %w", err)
	}
	return list, nil
}

// TicketsFrom returns the newest tickets of the requesters of a domain, in lower case,
// but for one.
func (q reader) TicketsFrom(ctx context.Context, domain, except string, limit int) ([]desk.Ticket, error) {
	list, err := all(ctx, q.db, scanTicket, selectTicket+`WHERE domain = $1 AND requester <> $2 ORDER BY id DESC LIMIT $3`,
		clean(domain), clean(except), limit)
	if err != nil {
		return nil, fmt.Errorf("tickets from %s: %w", domain, err)
	}
	return list, nil
}

// SolvedTickets returns the newest tickets that are solved or closed, newest first.
func (q reader) SolvedTickets(ctx context.Context, limit int) ([]desk.Ticket, error) {
	list, err := all(ctx, q.db, scanTicket, selectTicket+`WHERE status IN ('solved', 'closed') ORDER BY id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list solved tickets: %w", err)
	}
	return list, nil
}

// EventsOf returns the events of some types after a Seq, in order.
func (q reader) EventsOf(ctx context.Context, after int64, types ...desk.EventType) ([]desk.Event, error) {
	args, places := []any{after}, make([]string, len(types))
	for i, typ := range types {
		args = append(args, typ)
		places[i] = "$" + strconv.Itoa(len(args))
	}
	return all(ctx, q.db, scanEvent, selectEvent+`WHERE seq > $1 AND type IN (`+strings.Join(places, ", ")+`) ORDER BY seq`, args...)
}
