package triage

import (
	"time"

	"tierdesk/desk"
)

// This file has the commands that decide what becomes of the ticket.

// local is a time in the desk's zone.
func (d *decision) local(t time.Time) time.Time {
	if d.Desk.Location == nil {
		return t.UTC()
	}
	return t.In(d.Desk.Location)
}

func (w *work) reopen(*order) error {
	t := w.ch.Ticket
	if t.Status.Active() {
		return desk.Refuse("ticket %s is %s", desk.Number(t.ID), t.Status)
	}
	t.Status = desk.StatusOpen
	w.happened(desk.TicketReopened, "#reopen")
	w.did("reopened")
	return nil
}

// readWait reads when a wait or a snooze ends; a wait may have no end.
func (w *work) readWait(o *order) (err error) {
	if o.args != "" {
		o.at, err = readWhen(o.args, w.now, w.Desk.Location, morning)
	}
	return err
}

func (w *work) wait(o *order) error {
	t := w.ch.Ticket
	t.Status, t.WaitUntil = desk.StatusWaiting, o.at
	e := w.happened(desk.TicketWaiting, o.line())
	if o.at.IsZero() {
		w.did("waiting for the customer")
		return nil
	}
	e.Data.Due = &o.at
	w.did("waiting for the customer until %s", told(w.local(o.at)))
	return nil
}

func (w *work) snooze(o *order) error {
	t := w.ch.Ticket
	if !t.Status.Active() {
		return desk.Refuse("ticket %s is %s", desk.Number(t.ID), t.Status)
	}
	t.WaitUntil = o.at
	w.happened(desk.TicketSnoozed, o.line()).Data.Due = &o.at
	w.did("silent until %s", told(w.local(o.at)))
	return nil
}

// solve marks the ticket solved, unless the words that say so are held: it waits with
// them.
func (w *work) solve(*order) error {
	if w.held != "" {
		return nil
	}
	w.did("solved")
	return w.solved(w.replies)
}

// solved records that the ticket is solved. Where no reply says so, the desk tells the
// customer.
func (w *work) solved(replied bool) (err error) {
	w.rest(desk.StatusSolved)
	t := w.ch.Ticket
	e := w.event(t, desk.TicketSolved, w.actor(), "#solve")
	if w.incident { // its reporters are asked
		w.ch.Events = append(w.ch.Events, e)
		return nil
	}
	if replied {
		e.Data.Outgoing = w.sent
	} else if w.untold, err = w.unanswerable(t); err == nil && w.untold == "" {
		o := w.Composer.ToCustomer(t, desk.SendSolved, w.cause())
		err = w.askFeedback(t, &o)
		e.Data.MessageID, e.Data.Outgoing, e.Data.Recipient = o.MessageID, o.Key, t.Requester.Address
		w.ch.Outgoing = append(w.ch.Outgoing, o)
	}
	w.ch.Events = append(w.ch.Events, e)
	return err
}

func (w *work) close(*order) error {
	w.rest(desk.StatusClosed)
	w.happened(desk.TicketClosed, "#close")
	w.did("closed")
	return nil
}

func (w *work) spam(*order) error {
	w.rest(desk.StatusClosed)
	w.happened(desk.MarkedSpam, "#spam")
	w.did("closed as spam; no automatic mail goes to %s", w.ch.Ticket.Requester.Address)
	return nil
}

// spammer returns why a sender of spam gets no automatic mail, or "".
func (d *decision) spammer(address string) (string, error) {
	marked, err := d.v.MarkedSpam(d.ctx, address)
	if err != nil || !marked {
		return "", err
	}
	return "a ticket of the sender is closed as spam", nil
}

// rest ends the work on the ticket.
func (w *work) rest(status desk.Status) {
	w.ch.Ticket.Status, w.ch.Ticket.WaitUntil = status, time.Time{}
}
