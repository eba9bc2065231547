package store

import (
	"context"
	"fmt"
	"time"

	"tierdesk/desk"
)

const selectClock = `SELECT c.ticket, c.kind, c.started, c.due, c.warn, c.next, c.state, c.fired FROM clocks c `

func scanClock(r row) (desk.Clock, error) {
	var c desk.Clock
	err := r.Scan(&c.Ticket, &c.Kind, instant{&c.Start}, instant{&c.Due}, instant{&c.Warn}, instant{&c.Next},
		&c.State, &c.Fired)
	return c, err
}

// Clocks returns a ticket's clocks, by kind.
func (q reader) Clocks(ctx context.Context, id desk.TicketID) ([]desk.Clock, error) {
	return all(ctx, q.db, scanClock, selectClock+`WHERE c.ticket = $1 ORDER BY c.kind`, id)
}

// clocksPerTicket is how many kinds of clocks there are at most.
const clocksPerTicket = 10

// DueTickets returns the tickets with a clock whose Next has come, the soonest
// first, each once. It costs what is due, not what is open.
func (q reader) DueTickets(ctx context.Context, now time.Time, limit int) ([]desk.TicketID, error) {
	due, err := all(ctx, q.db, single[desk.TicketID],
		`SELECT ticket FROM clocks WHERE next <= $1 ORDER BY next LIMIT $2`, micros(now), limit*clocksPerTicket)
	if err != nil {
		return nil, fmt.Errorf("due tickets: %w", err)
	}
	seen := map[desk.TicketID]bool{}
	var tickets []desk.TicketID
	for _, id := range due {
		if !seen[id] && len(tickets) < limit {
			seen[id] = true
			tickets = append(tickets, id)
		}
	}
	return tickets, nil
}

var insertClock = newInsert(`INSERT INTO clocks (ticket, kind, started, due, warn, next, state, fired)`, 8, ``)

// setClocks replaces the clocks of a ticket; known says that there may be some.
func (tx *Tx) setClocks(ticket desk.TicketID, clocks []desk.Clock, known bool) error {
	if known {
		if _, err := tx.exec(`DELETE FROM clocks WHERE ticket = $1`, ticket); err != nil {
			return err
		}
	}
	var args []any
	for _, c := range clocks {
		if c.Ticket != 0 && c.Ticket != ticket {
			return fmt.Errorf("a clock of ticket %d", c.Ticket)
		}
		args = append(args, ticket, c.Kind, micros(c.Start), micros(c.Due), micros(c.Warn), micros(c.Next), c.State, c.Fired)
	}
	return tx.insert(insertClock, args)
}
