package store

import (
	"context"
	"fmt"
	"time"

	"tierdesk/desk"
)

// historyPage is how many tickets' histories are in memory at a time.
const historyPage = 500

// EachHistory calls fn with every ticket that is active or had an event at or after
// since, in the order of their numbers; the zero time selects all. fn also gets how
// far the named follower has read the log. All is read on one snapshot of the
// database. An error of fn ends it.
func (s *Store) EachHistory(ctx context.Context, follower string, since time.Time, fn func(h desk.History, followed int64) error) error {
	err := s.snapshot(ctx, func(q reader) error {
		followed, err := q.Followed(ctx, follower)
		if err != nil {
			return err
		}
		ids, err := all(ctx, q.db, single[desk.TicketID], `SELECT id FROM tickets WHERE status IN ('new', 'open', 'waiting')
			OR id IN (SELECT ticket FROM events WHERE at >= $1) ORDER BY id`, sinceMicros(since))
		if err != nil {
			return err
		}
		for len(ids) > 0 {
			n := min(historyPage, len(ids))
			page, err := q.histories(ctx, ids[:n])
			if err != nil {
				return err
			}
			for i := range page {
				if err := fn(page[i], followed); err != nil {
					return err
				}
			}
			ids = ids[n:]
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read histories: %w", err)
	}
	return nil
}

// sinceMicros is micros with a beginning of all times.
func sinceMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// histories returns the histories of tickets, whose ids ascend.
func (q reader) histories(ctx context.Context, ids []desk.TicketID) ([]desk.History, error) {
	first, last := ids[0], ids[len(ids)-1]
	list := make([]desk.History, len(ids))
	place := map[desk.TicketID]*desk.History{}
	for i, id := range ids {
		place[id] = &list[i]
	}
	err := q.db.each(ctx, func(r row) error {
		t, err := scanTicket(r)
		if h := place[t.ID]; h != nil {
			h.Ticket = t
		}
		return err
	}, selectTicket+`WHERE id BETWEEN $1 AND $2`, first, last)
	if err != nil {
		return nil, err
	}
	err = q.db.each(ctx, func(r row) error {
		e, err := scanEvent(r)
		if h := place[e.Ticket]; h != nil {
			h.Events = append(h.Events, e)
		}
		return err
	}, selectEvent+`WHERE ticket BETWEEN $1 AND $2 ORDER BY ticket, seq`, first, last)
	if err != nil {
		return nil, err
	}
	return list, q.db.each(ctx, func(r row) error {
		c, err := scanClock(r)
		if h := place[c.Ticket]; h != nil {
			h.Clocks = append(h.Clocks, c)
		}
		return err
	}, selectClock+`WHERE c.ticket BETWEEN $1 AND $2 ORDER BY c.ticket, c.kind`, first, last)
}
