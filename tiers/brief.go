package tiers

import (
	"slices"

	"tierdesk/desk"
)

// Limits of what a brief gathers from all mails of the customer.
const (
	maxFindings = 8 // of each kind
	maxExcerpts = 3
)

// brief tells the tier that gets a ticket what is known beside the words.
func (w *writer) brief(e *desk.Event) *desk.Brief {
	b := &desk.Brief{
		Diagnostics: w.diagnostics(e),
		Recent:      w.others(w.past.recent),
		Colleagues:  w.others(w.past.colleagues),
		Passages:    w.past.passages,
	}
	if len(b.Colleagues) > 0 {
		b.Organisation = w.past.organisation
	}
	if tier := w.rules.Desk.Tier(e.Data.ToTier); tier != nil {
		b.Missing = w.missing(tier.Needs, e, b.Diagnostics)
	}
	for i := range w.past.precedents {
		p := &w.past.precedents[i]
		b.Precedents = append(b.Precedents, desk.LetterPrecedent{LetterTicket: w.other(&p.Ticket), Why: p.Why, Reply: p.Reply, Note: p.Note})
	}
	return b
}

func (w *writer) others(tickets []desk.Ticket) []desk.LetterTicket {
	var out []desk.LetterTicket
	for i := range tickets {
		out = append(out, w.other(&tickets[i]))
	}
	return out
}

func (w *writer) other(t *desk.Ticket) desk.LetterTicket {
	return desk.LetterTicket{
		Number: desk.Number(t.ID), Subject: desk.BaseSubject(t.Subject, w.rules.Desk.Tag), Status: t.Status, Age: w.now.Sub(t.Created),
	}
}

// question is what the customer asks, for a search in the desk's memory.
func (w *writer) question() desk.Question {
	q := desk.Question{Ticket: w.ticket.ID, Subject: desk.BaseSubject(w.ticket.Subject, w.rules.Desk.Tag), Language: w.ticket.Language}
	for i := range w.messages {
		if w.messages[i].Kind == desk.FromCustomer {
			q.Text = cut(w.messages[i].Text)
			break
		}
	}
	if d := w.diagnostics(&w.log[len(w.log)-1]); d != nil {
		q.Fingerprint = d.Fingerprint
	}
	return q
}

// diagnostics joins what the customer's mails told up to an event. The fingerprint
// and the stack are those of the first mail that has one: what follows is often
// about something else.
func (w *writer) diagnostics(until *desk.Event) *desk.Diagnostics {
	var all *desk.Diagnostics
	for i := range w.log {
		d := w.log[i].Data.Diagnostics
		if d == nil || w.log[i].Seq > until.Seq {
			continue
		}
		if all == nil {
			all = &desk.Diagnostics{}
		}
		join(all, d)
	}
	return all
}

// join adds what one more mail told.
func join(all, d *desk.Diagnostics) {
	if all.Fingerprint == "" {
		all.Fingerprint = d.Fingerprint
	}
	if len(all.Trace) == 0 {
		all.Trace = d.Trace
	}
	all.Excerpts = append(all.Excerpts, d.Excerpts[:min(len(d.Excerpts), maxExcerpts-len(all.Excerpts))]...)
	for _, found := range d.Findings {
		i := slices.IndexFunc(all.Findings, func(f desk.Finding) bool { return f.Kind == found.Kind })
		if i < 0 {
			all.Findings = append(all.Findings, desk.Finding{Kind: found.Kind, Values: slices.Clone(found.Values)})
			continue
		}
		known := &all.Findings[i]
		for _, v := range found.Values {
			if len(known.Values) < maxFindings && !slices.Contains(known.Values, v) {
				known.Values = append(known.Values, v)
			}
		}
	}
}
