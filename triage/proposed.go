package triage

import (
	"fmt"
	"slices"
	"strings"

	"tierdesk/desk"
)

// What a technician answers when tickets look like one problem: the first word of his
// mail.
var (
	confirmWords = wordSet(`confirm confirmed bestätigen bestätigt confirmer confirmé`)
	dismissWords = wordSet(`dismiss dismissed verwerfen verworfen rejeter rejeté`)
)

// maxPrioritised bounds the tickets of a proposal whose priorities are compared.
const maxPrioritised = 50

// answerProposal carries out a technician's word on a proposed incident. It reports
// false when his mail is none.
func (d *decision) answerProposal(who principal, t *desk.Ticket, words string) (ch desk.Change, done bool, err error) {
	word, rest := firstWord(words)
	if !confirmWords[word] && !dismissWords[word] || d.in.Thread.Token.Purpose == desk.ForNote {
		return ch, false, nil
	}
	events, err := d.v.TicketEvents(d.ctx, t.ID)
	if err != nil || d.answersQuestion(events) {
		return ch, false, err
	}
	tickets, begun := proposedTickets(events)
	switch {
	case begun != 0:
		ch, err = d.refuse(t, who, "this is incident "+desk.Number(begun)+" already")
		return ch, true, err
	case len(tickets) == 0:
		return ch, false, nil
	case !slices.ContainsFunc(who.technician.Tiers, func(l desk.Level) bool { return l >= desk.L3 }):
		ch, err = d.refuse(t, who, "an incident is confirmed or dismissed by L3 or above")
		return ch, true, err
	}
	w := work{decision: d, who: who, before: *t}
	if dismissWords[word] {
		ch, err = w.dismiss(t)
		return ch, true, err
	}
	if w.commandsOnly() { // a signature may stand below
		rest = ""
	}
	ch, err = w.confirm(t, tickets, rest)
	return ch, true, err
}

// firstWord splits off the first word of a text, in lower case and without punctuation.
func firstWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	end := strings.IndexAny(text, " \t\r\n")
	if end < 0 {
		end = len(text)
	}
	return strings.ToLower(strings.Trim(text[:end], "#.,:;!*_\"'")), strings.TrimSpace(text[end:])
}

// answersQuestion reports whether the mail answers the question whether to carry out
// orders.
func (d *decision) answersQuestion(events []desk.Event) bool {
	return slices.ContainsFunc(events, func(e desk.Event) bool {
		return e.Type == desk.OrderAsked && slices.Contains(d.in.InReplyTo, e.Data.MessageID)
	})
}

// proposedTickets returns the tickets of the proposal that waits for a word, or the
// incident that it has become.
func proposedTickets(events []desk.Event) (tickets []desk.TicketID, begun desk.TicketID) {
	for i := range events {
		switch e := &events[i]; e.Type {
		case desk.IncidentProposed:
			tickets, begun = slices.Clone(e.Data.Tickets), 0
		case desk.IncidentGrew:
			if len(tickets) > 0 && !slices.Contains(tickets, e.Data.Other) {
				tickets = append(tickets, e.Data.Other)
			}
		case desk.IncidentDismissed:
			tickets = nil
		case desk.IncidentConfirmed:
			tickets, begun = nil, e.Data.Other
		}
	}
	return tickets, begun
}

func (w *work) dismiss(t *desk.Ticket) (desk.Change, error) {
	because := w.who.technician.Name + ": no incident"
	ch := desk.Change{
		MessageIDs: w.names(), Events: []desk.Event{w.event(t, desk.IncidentDismissed, w.actor(), because)},
		Settles: w.settle(desk.CategoryAppend, t.ID, because),
	}
	return ch, w.tell(&ch, w.receipt(t, w.who.technician, "Noted: the tickets are no incident. They stay as they are."))
}

// confirm makes an incident of the tickets: a ticket of the desk's own, whose parent it
// is to them.
func (w *work) confirm(t *desk.Ticket, tickets []desk.TicketID, words string) (desk.Change, error) {
	level := w.Desk.Next(desk.L2).Level
	parent, err := w.parent(t, level)
	if err != nil {
		return desk.Change{}, err
	}
	for _, id := range tickets[:min(len(tickets), maxPrioritised)] {
		member, err := w.v.Ticket(w.ctx, id)
		switch {
		case isNotFound(err):
		case err != nil:
			return desk.Change{}, err
		case member.Priority < parent.Priority:
			parent.Priority = member.Priority
		}
	}
	because := fmt.Sprintf("%s confirmed that %d tickets are one incident", w.who.technician.Name, len(tickets))
	ch := w.open(parent, desk.IncidentConfirmed, because, tickets, words)
	ch.MessageIDs = append(ch.MessageIDs, w.names()...)
	became := w.event(t, desk.IncidentConfirmed, w.actor(), because)
	became.Data.Other = parent.ID
	ch.Events = append(ch.Events, became)
	ch.Settles = w.settle(desk.CategoryTicket, parent.ID, because)
	return ch, w.tell(&ch, w.receipt(parent, w.who.technician, fmt.Sprintf(
		"This is incident %s with %d tickets. Reply to this mail to tell every reporter what is new; #solve ends it, and asks each if it is solved for him.",
		desk.Number(parent.ID), len(tickets))))
}
