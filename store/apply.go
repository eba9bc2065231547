package store

import (
	"context"
	"errors"
	"fmt"

	"tierdesk/desk"
)

// Apply makes everything of a Change true. The error is desk.ErrConflict, and
// nothing has been written, when the ticket has another version than the one
// that was read, when the mail that it settles is settled already, or when the
// events that it follows have been followed. Outgoing mail whose key is known,
// known participants and known Message-IDs stay as they are.
//
// An error in the middle makes the Tx unusable until it has been rolled back.
func (tx *Tx) Apply(ctx context.Context, c desk.Change) error {
	id := subject(&c)
	if id == 0 && (len(c.Participants) > 0 || len(c.Takes) > 0 || len(c.MessageIDs) > 0 || len(c.Links) > 0 || c.SetClocks) {
		return errors.New("apply: the change does not say which ticket it is about")
	}
	if err := tx.applyConditions(&c); err != nil {
		return fmt.Errorf("apply a change of ticket %d: %w", id, err)
	}
	if err := tx.applyEffects(&c, id); err != nil {
		tx.failed = err
		return fmt.Errorf("apply a change of ticket %d: %w", id, err)
	}
	for i := range c.Also {
		if err := tx.Apply(ctx, c.Also[i]); err != nil {
			tx.failed = err
			return err
		}
	}
	return nil
}

// subject returns the ticket that a Change is about.
func subject(c *desk.Change) desk.TicketID {
	switch {
	case c.Ticket != nil:
		return c.Ticket.ID
	case len(c.Clocks) > 0 && c.Clocks[0].Ticket != 0:
		return c.Clocks[0].Ticket
	case len(c.Messages) > 0:
		return c.Messages[0].Ticket
	case len(c.Events) > 0:
		return c.Events[0].Ticket
	case len(c.Outgoing) > 0:
		return c.Outgoing[0].Ticket
	case c.Learned != nil:
		return c.Learned.Ticket
	case c.Settles != nil:
		return c.Settles.Ticket
	}
	return 0
}

// applyConditions does the parts that a Change competes for with others. A
// conflict in a later one leaves the first written, so it is taken for a
// failed statement.
func (tx *Tx) applyConditions(c *desk.Change) error {
	if c.Ticket != nil {
		if err := tx.setTicket(c.Ticket); err != nil {
			return err
		}
	}
	if c.Rules != nil {
		if err := tx.setRules(c.Rules); err != nil {
			tx.failed = err
			return err
		}
	}
	if c.Settles != nil {
		if err := tx.settle(c.Settles); err != nil {
			tx.failed = err
			return err
		}
	}
	if c.Follows != nil {
		if err := tx.follow(*c.Follows); err != nil {
			tx.failed = err
			return err
		}
	}
	if err := tx.recall(c); err != nil {
		tx.failed = err
		return err
	}
	return nil
}

func (tx *Tx) applyEffects(c *desk.Change, id desk.TicketID) error {
	if err := tx.addParticipants(id, c.Participants); err != nil {
		return err
	}
	if err := tx.addMessages(id, c.Messages); err != nil {
		return err
	}
	if err := tx.addMessageIDs(id, c.MessageIDs); err != nil {
		return err
	}
	if err := tx.take(id, c.Takes); err != nil {
		return err
	}
	if err := tx.appendEvents(c.Events); err != nil {
		return err
	}
	if c.SetClocks {
		known := c.Ticket == nil || c.Ticket.Version > 0
		if err := tx.setClocks(id, c.Clocks, known); err != nil {
			return err
		}
	}
	if err := tx.addLinks(id, c.Links); err != nil {
		return err
	}
	if err := tx.setAbsences(c.Absences); err != nil {
		return err
	}
	if c.Learned != nil {
		if err := tx.setLearned(c.Learned); err != nil {
			return err
		}
	}
	if err := tx.setStandings(c.Standings); err != nil {
		return err
	}
	if c.Incident != nil {
		if err := tx.setIncident(c.Incident); err != nil {
			return err
		}
	}
	return tx.queue(c.Outgoing)
}
