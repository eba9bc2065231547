package triage

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"tierdesk/desk"
)

// This file has the commands that write something down about the ticket.

func (w *work) readPriority(o *order) error {
	o.priority = desk.Priority(strings.ToLower(o.args))
	if len(o.args) == 1 {
		o.priority = "p" + o.priority
	}
	if !o.priority.Valid() {
		return desk.Refuse("priorities are p1, the most urgent, to p4")
	}
	return nil
}

func (w *work) prioritise(o *order) error {
	if o.priority == w.ch.Ticket.Priority {
		w.did("priority is %s already", o.priority)
		return nil
	}
	w.ch.Ticket.Priority = o.priority
	w.happened(desk.PriorityChanged, o.line()).Data.Priority = o.priority
	w.did("priority %s", o.priority)
	return nil
}

// categoryName is how rules name categories, too.
var categoryName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._/-]*$`)

func (w *work) readCategory(o *order) error {
	o.args = strings.ToLower(o.args)
	if utf8.RuneCountInString(o.args) > 40 || !categoryName.MatchString(o.args) {
		return desk.Refuse("a category is a word or two")
	}
	return nil
}

func (w *work) categorise(o *order) error {
	if o.args == w.ch.Ticket.Category {
		w.did("category is %s already", o.args)
		return nil
	}
	w.ch.Ticket.Category = o.args
	w.happened(desk.CategoryChanged, o.line()).Data.Category = o.args
	w.did("category %s", o.args)
	return nil
}

func (w *work) readTime(o *order) (err error) {
	o.number, err = readMinutes(o.args)
	return err
}

func (w *work) spendTime(o *order) error {
	w.happened(desk.TimeSpent, o.line()).Data.Minutes = o.number
	w.did("%d min noted", o.number)
	return nil
}

func (w *work) readPromise(o *order) (err error) {
	o.at, err = readWhen(o.args, w.now, w.Desk.Location, evening)
	return err
}

func (w *work) promise(o *order) error {
	w.happened(desk.PromiseMade, o.line()).Data.Due = &o.at
	w.did("promised for %s", told(w.local(o.at)))
	return nil
}

// sendDocument makes a document part of the reply.
func (w *work) sendDocument(o *order) error {
	doc, ok := w.Library().Document(o.args)
	switch {
	case !ok:
		return desk.Refuse("there is no such document")
	case !doc.Answerable(w.now):
		return desk.Refuse("the document is not for customers, or is no longer valid")
	}
	w.doc = &doc
	w.happened(desk.DocumentUsed, o.line()).Data.Doc = doc.ID
	w.did("document %s sent", doc.ID)
	return nil
}

func (w *work) help(*order) error {
	w.did("this is how tickets are worked on by mail")
	w.shown = append(w.shown, w.Manual)
	return nil
}

// maxExplained bounds the decisions that a mail explains; tierdesk why has them all.
const maxExplained = 300

func (w *work) explain(*order) error {
	events, err := w.v.TicketEvents(w.ctx, w.before.ID)
	w.did("every decision about the ticket stands below")
	w.shown = append(w.shown, Explain(events[max(0, len(events)-maxExplained):], w.Desk.Location))
	return err
}

func (w *work) account(*order) error {
	events, err := w.v.TicketEvents(w.ctx, w.before.ID)
	w.did("the account of the ticket's time stands below")
	w.shown = append(w.shown, w.Ledger(events, w.now))
	return err
}
