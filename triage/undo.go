package triage

import (
	"slices"
	"time"

	"tierdesk/desk"
)

// undo takes back the technician's newest reply, if it still waits: his words, his
// claim by them and the solution they told are as if he had not sent them. What else
// that mail ordered stays done.
func (w *work) undo() error {
	t := w.ch.Ticket
	events, err := w.v.TicketEvents(w.ctx, t.ID)
	if err != nil {
		return err
	}
	e, item, err := w.newestReply(events)
	if err != nil {
		return err
	}
	keys := append(slices.Clone(e.Data.Copies), item.Outgoing.Key)
	if e.Type == desk.ReplySent && t.MergedInto == 0 {
		w.restore(events, e)
	}
	w.ch.Withdrawn = keys
	w.ch.Events = append(w.ch.Events, w.about(desk.ReplyUndone, &item.Outgoing, e.Data.Copies, "undo"))
	w.ch.Settles = w.settle(desk.CategoryAppend, t.ID, w.who.technician.Name+": reply undone")
	o := w.receipt(t, w.who.technician, "Not sent: you took it back. These are your words, to send again.")
	o.Letter.Text = item.Outgoing.Letter.Text
	return w.tell(&w.ch, o)
}

// newestReply returns the technician's newest reply that nobody has taken back, and
// its mail to the requester. It refuses one that has gone out, or a part of it.
func (w *work) newestReply(events []desk.Event) (*desk.Event, *desk.OutItem, error) {
	for i := range slices.Backward(events) {
		e := &events[i]
		if e.Actor != w.actor() || e.Type != desk.ReplySent && e.Type != desk.ReplyHeld {
			continue
		}
		item, err := w.v.OutgoingByKey(w.ctx, e.Data.Outgoing)
		if err != nil {
			return nil, nil, err
		}
		if item.State == desk.Cancelled {
			continue
		}
		for _, key := range append(slices.Clone(e.Data.Copies), e.Data.Outgoing) {
			one, err := w.v.OutgoingByKey(w.ctx, key)
			if err != nil {
				return nil, nil, err
			}
			if !waits(one.State) {
				return nil, nil, desk.Refuse("too late: your reply was sent at %s", w.clock(later(e.At, item.Outgoing.NotBefore)))
			}
		}
		return e, &item, nil
	}
	return nil, nil, desk.Refuse("no reply of yours waits on ticket %s", desk.Number(w.ch.Ticket.ID))
}

// waits reports whether mail in the state can still be taken back.
func waits(s desk.Delivery) bool { return s == desk.Queued || s == desk.Deferred || s == desk.Held }

// restore gives the ticket the status and the holder that it had before the reply,
// where nothing has changed them since.
func (w *work) restore(events []desk.Event, reply *desk.Event) {
	t := w.ch.Ticket
	before, after, claimed := desk.StatusNew, reply.Data.Status, false
	for i := range events {
		switch e := &events[i]; {
		case e.Raw == reply.Raw && e.Actor == reply.Actor:
			after = e.Data.Status
			claimed = claimed || e.Type == desk.TicketClaimed
		case e.Seq < reply.Seq && e.Data.Status != "":
			before = e.Data.Status
		}
	}
	if t.Status == after {
		t.Status = before
	}
	if claimed && t.Assignee == w.who.technician.Address() {
		t.Assignee = ""
		w.ch.Events = append(w.ch.Events, w.event(t, desk.TicketReleased, w.actor(), w.who.technician.Name+" took his reply back, and with it the ticket"))
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
