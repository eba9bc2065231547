package tiers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tierdesk/desk"
)

// sweepBatch is how many tickets are decided and committed in one transaction.
const sweepBatch = 100

// Sweep looks once at every ticket with a clock that is due, and returns how many
// had something to say. Each takes at most one step on the ladder, so that time
// which passed unseen pages nobody several times at once. A ticket that somebody
// changes meanwhile is left for the next sweep, as is one that fails by its own fault.
func (e *Engine) Sweep(ctx context.Context, now time.Time) (int, error) {
	seen := map[desk.TicketID]bool{}
	spoke := 0
	for {
		due, err := e.Store.DueTickets(ctx, now, sweepBatch)
		if err != nil {
			return spoke, err
		}
		var changes []desk.Change
		for _, id := range due {
			if seen[id] {
				continue
			}
			seen[id] = true
			change, err := e.isolated(ctx, func() (desk.Change, error) { return e.decide(ctx, id, now) })
			switch {
			case errors.Is(err, desk.ErrNotFound): // the ticket was erased
			case ticketsFault(err):
				e.Log.Error("ticket not swept", "ticket", id, "err", err)
			case err != nil:
				return spoke, fmt.Errorf("sweep ticket %d: %w", id, err)
			default:
				changes = append(changes, change)
			}
		}
		if len(changes) == 0 {
			return spoke, nil
		}
		n, err := e.commitEach(ctx, changes)
		spoke += n
		if err != nil {
			return spoke, fmt.Errorf("commit a sweep: %w", err)
		}
	}
}

func (e *Engine) decide(ctx context.Context, id desk.TicketID, now time.Time) (desk.Change, error) {
	t, err := e.Store.Ticket(ctx, id)
	if err != nil {
		return desk.Change{}, err
	}
	log, err := e.Store.TicketEvents(ctx, id)
	if err != nil {
		return desk.Change{}, err
	}
	change := e.InForce().Step(t, log, now)
	change.Withdrawn, err = e.stillHeld(ctx, change.Withdrawn)
	return change, err
}

// stillHeld leaves out mail that an operator sent or cancelled meanwhile.
func (e *Engine) stillHeld(ctx context.Context, keys []string) ([]string, error) {
	var held []string
	for _, key := range keys {
		item, err := e.Store.OutgoingByKey(ctx, key)
		switch {
		case errors.Is(err, desk.ErrNotFound):
		case err != nil:
			return nil, err
		case item.State == desk.Held:
			held = append(held, key)
		}
	}
	return held, nil
}

// commitEach commits the changes together or, when one of them came too late,
// one by one without those that did. It returns how many had events.
func (e *Engine) commitEach(ctx context.Context, changes []desk.Change) (int, error) {
	err := e.Store.Commit(ctx, changes)
	if errors.Is(err, desk.ErrConflict) && len(changes) > 1 {
		spoke := 0
		for i := range changes {
			n, err := e.commitEach(ctx, changes[i:i+1])
			if err != nil {
				return spoke, err
			}
			spoke += n
		}
		return spoke, nil
	}
	if errors.Is(err, desk.ErrConflict) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	spoke := 0
	for i := range changes {
		if len(changes[i].Events) > 0 {
			spoke++
		}
	}
	return spoke, nil
}
