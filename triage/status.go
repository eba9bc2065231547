package triage

import (
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// tellStatus answers the word "status" with where the ticket stands, who has it, what
// was promised and when the desk last wrote. It changes nothing at the ticket.
func (d *decision) tellStatus(t *desk.Ticket) (desk.Change, error) {
	ch := desk.Change{Ticket: t, MessageIDs: nonEmpty(d.in.MessageID)}
	because := "the customer asks where it stands"
	e := d.event(t, desk.StatusAsked, actorCustomer, because)
	e.Data.From, e.Data.MessageID = desk.OneLine(d.in.From.Address), d.in.MessageID
	silent, err := d.silence()
	if err != nil {
		return desk.Change{}, err
	}
	if silent != "" {
		because += "; no answer: " + silent
	} else {
		o, err := d.status(t)
		if err != nil {
			return desk.Change{}, err
		}
		e.Data.Outgoing = o.Key
		ch.Outgoing = []desk.Outgoing{o}
	}
	e.Because = because
	ch.Events = []desk.Event{e}
	ch.Settles = d.settle(desk.CategoryAppend, t.ID, because)
	return ch, nil
}

// status is the mail that tells it, to whoever asks.
func (d *decision) status(t *desk.Ticket) (desk.Outgoing, error) {
	incident, _, err := d.incidentOf(t)
	if err != nil {
		return desk.Outgoing{}, err
	}
	events, err := d.v.TicketEvents(d.ctx, t.ID)
	if err != nil {
		return desk.Outgoing{}, err
	}
	events = withoutUndone(events)
	clocks, err := d.v.Clocks(d.ctx, t.ID)
	if err != nil {
		return desk.Outgoing{}, err
	}
	asker := *t
	asker.Requester = d.author()
	if d.in.Language != "" {
		asker.Language = d.in.Language
	}
	if incident != nil {
		o := d.automatically(&asker, desk.SendIncident)
		o.InReplyTo = d.in.MessageID
		d.Composer.TellIncident(&o, incident)
		return o, nil
	}
	o := d.automatically(&asker, desk.SendStatus)
	o.InReplyTo = d.in.MessageID
	l := &o.Letter
	l.Assignee = ""
	if knownTo(events, t.Assignee) {
		l.Assignee = d.Desk.Technician(t.Assignee).Name
	}
	l.Answered, l.Promised = lastAnswer(events), promised(events, d.now)
	for _, c := range clocks {
		if (c.Kind == desk.FirstResponse || c.Kind == desk.NextResponse) && c.State == desk.ClockRunning && c.Due.After(d.now) {
			l.Clocks = []desk.LetterClock{{Kind: c.Kind, Due: c.Due}}
		}
	}
	return o, nil
}

// withoutUndone returns the events without replies that were taken back before they
// were sent.
func withoutUndone(events []desk.Event) []desk.Event {
	undone := undoneMails(events)
	return slices.DeleteFunc(slices.Clone(events), func(e desk.Event) bool { return isReply(&e) && undone[e.Data.Outgoing] })
}

// undoneMails returns the keys of the mails that were taken back before they were sent.
func undoneMails(events []desk.Event) map[string]bool {
	undone := map[string]bool{}
	for i := range events {
		if events[i].Type == desk.ReplyUndone {
			undone[events[i].Data.Outgoing] = true
		}
	}
	return undone
}

// isReply reports whether the event put a technician's reply on its way.
func isReply(e *desk.Event) bool { return e.Type == desk.ReplySent || e.Type == desk.ReplyReleased }

// knownTo reports whether the customer knows the technician's name, since he has
// written to him.
func knownTo(events []desk.Event, technician string) bool {
	return technician != "" && slices.ContainsFunc(events, func(e desk.Event) bool {
		return isReply(&e) && e.Actor == "technician:"+technician
	})
}

// lastAnswer returns when the desk last wrote something of its own to the customer,
// or zero.
func lastAnswer(events []desk.Event) time.Time {
	for i := range slices.Backward(events) {
		e := &events[i]
		if isReply(e) || e.Type == desk.L1Answered || e.Type == desk.TicketSolved && e.Data.Outgoing != "" {
			return e.At
		}
	}
	return time.Time{}
}

// promised returns the newest time that a technician named and that is to come, when
// he has not written since, or zero.
func promised(events []desk.Event, now time.Time) time.Time {
	for i := range slices.Backward(events) {
		switch e := &events[i]; {
		case e.Type == desk.PromiseMade && e.Data.Due != nil && e.Data.Due.After(now):
			return *e.Data.Due
		case e.Type == desk.PromiseMade, isReply(e) && !promisedBy(events, e.Raw):
			return time.Time{}
		}
	}
	return time.Time{}
}

// promisedBy reports whether the mail that made a reply made a promise as well.
func promisedBy(events []desk.Event, raw desk.RawID) bool {
	return slices.ContainsFunc(events, func(e desk.Event) bool { return e.Type == desk.PromiseMade && e.Raw == raw })
}

// byTechnician reports whether a technician did what the event tells.
func byTechnician(e *desk.Event) bool { return strings.HasPrefix(e.Actor, "technician:") }
