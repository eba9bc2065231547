package triage

import (
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// confirmWithin is how long an order waits for its author to confirm it.
const confirmWithin = 24 * time.Hour

// ask reports whether the mail has an order that its author must confirm first. Then
// the lines of the mail are kept, and nothing is done but to ask him.
func (w *work) ask() (bool, error) {
	var questions []string
	for i := range w.orders {
		o := &w.orders[i]
		if o.asks == nil {
			continue
		}
		question, err := o.asks(w, o)
		if err != nil {
			return false, onLine(o, err)
		}
		if question != "" {
			questions = append(questions, question)
		}
	}
	switch {
	case len(questions) == 0 || w.confirmed != nil:
		return false, nil
	case files(w.in.Attachments):
		return false, desk.Refuse("what you order must be confirmed, and files cannot wait for that; send them in a mail of their own")
	}
	if w.noted != "" && !w.orders.has("note") { // it came to the note address, and stays a note
		w.lines = slices.Insert(w.lines, 0, "#note")
	}
	return true, w.askFor(strings.Join(questions, "; "))
}

func (w *work) askFor(question string) error {
	t, until := w.before, w.now.Add(confirmWithin)
	letter := w.answerTo(&t, w.who.technician, desk.SendConfirm, question)
	letter.Letter.Orders = w.lines
	letter.Letter.Buttons = []desk.Button{w.Composer.Order(&letter, "confirm", "#confirm\n")}
	e := w.event(&t, desk.OrderAsked, w.actor(), question)
	e.Data.Trace, e.Data.Due, e.Data.MessageID = w.lines, &until, letter.MessageID
	w.ch = desk.Change{
		Ticket: &t, MessageIDs: w.names(), Events: []desk.Event{e},
		Settles: w.settle(desk.CategoryAppend, t.ID, w.who.technician.Name+": waits to be confirmed"),
	}
	return w.tell(&w.ch, letter)
}

// question returns the question that the technician's mail confirms: the one that it
// answers, or else the only one of his that is open.
func (w *work) question() (*desk.Event, error) {
	events, err := w.v.TicketEvents(w.ctx, w.before.ID)
	if err != nil {
		return nil, err
	}
	var open []*desk.Event
	for i := range events {
		switch e := &events[i]; {
		case e.Type == desk.OrderAsked && e.Actor == w.actor() && e.Data.Due != nil && w.now.Before(*e.Data.Due):
			open = append(open, e)
		case e.Type == desk.OrderConfirmed:
			open = slices.DeleteFunc(open, func(q *desk.Event) bool { return q.Data.MessageID == e.Data.MessageID })
		}
	}
	answered := slices.Concat(w.in.InReplyTo, w.in.References)
	if i := slices.IndexFunc(open, func(q *desk.Event) bool { return slices.Contains(answered, q.Data.MessageID) }); i >= 0 {
		open = open[i : i+1]
	}
	switch len(open) {
	case 1:
		w.happened(desk.OrderConfirmed, "#confirm").Data.MessageID = open[0].Data.MessageID
		return open[0], nil
	case 0:
		return nil, desk.Refuse("nothing of yours waits to be confirmed; an order waits for %d hours", int(confirmWithin.Hours()))
	}
	return nil, desk.Refuse("%d of your orders wait to be confirmed; reply to the mail that asks for the one you mean", len(open))
}
