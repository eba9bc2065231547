package triage

import (
	"fmt"
	"slices"
	"strings"

	"tierdesk/desk"
)

// actorIncidents is who counts a new ticket to an incident.
const actorIncidents = "incidents"

// incidentOf returns the open incident that a ticket belongs to, and its parent ticket;
// nil when it belongs to none.
func (d *decision) incidentOf(t *desk.Ticket) (*desk.Incident, desk.Ticket, error) {
	if t.Parent == 0 || !t.Status.Active() {
		return nil, desk.Ticket{}, nil
	}
	return d.openIncident(func(i *desk.Incident) bool { return i.Ticket == t.Parent })
}

// reported returns the open incident that a new ticket reports, and its parent ticket;
// nil when it reports none. What a rule sends elsewhere, what somebody forwarded and
// what people must read is left to people.
func (d *decision) reported(t *desk.Ticket, p Properties) (*desk.Incident, desk.Ticket, error) {
	subject, _ := sensitive(d.in.Subject + "\n" + d.in.Reply)
	if p.Tier > desk.L1 || p.NoL1 || d.forwarder != nil || subject != "" {
		return nil, desk.Ticket{}, nil
	}
	var r desk.Report
	r.Describe(t.Subject, d.words(), d.in.Diagnostics)
	return d.openIncident(func(i *desk.Incident) bool { return i.Pattern.Fits(r.Fingerprint, r.Terms) })
}

// openIncident returns the newest open incident for which is holds.
func (d *decision) openIncident(is func(*desk.Incident) bool) (*desk.Incident, desk.Ticket, error) {
	open, err := d.v.Incidents(d.ctx)
	if err != nil {
		return nil, desk.Ticket{}, err
	}
	for i := range slices.Backward(open) {
		if !is(&open[i]) {
			continue
		}
		parent, err := d.v.Ticket(d.ctx, open[i].Ticket)
		if err != nil {
			return nil, desk.Ticket{}, err
		}
		if parent.Status.Active() { // else it was solved just now
			return &open[i], parent, nil
		}
	}
	return nil, desk.Ticket{}, nil
}

// joinIncident counts a new ticket to an incident. Its customer is told what is known,
// in place of an answer of L1.
func (d *decision) joinIncident(ch desk.Change, i *desk.Incident, parent *desk.Ticket, silent string) desk.Change {
	t := ch.Ticket
	joined := t.Join(parent, actorIncidents, d.now)
	joined.Raw = d.in.Raw
	reason := "new ticket of incident " + desk.Number(parent.ID)
	if silent != "" {
		reason += "; no mail: " + silent
	} else {
		o := d.automatically(t, desk.SendIncident)
		d.Composer.TellIncident(&o, i)
		joined.Data.Outgoing, joined.Data.MessageID, joined.Data.Recipient = o.Key, o.MessageID, o.To.Address
		ch.Outgoing = append(ch.Outgoing, o)
	}
	ch.Events = append(ch.Events, joined)
	ch.Settles = d.settle(desk.CategoryTicket, t.ID, reason)
	return ch
}

// ofIncident adds a participant's mail to a ticket that waits for the end of an
// incident, and shows it to whoever has that. Who says that his problem is another one
// gets people of his own.
func (d *decision) ofIncident(t *desk.Ticket, says string) (desk.Change, error) {
	ch := d.join(t)
	reading, because := answerOther, ""
	if len(d.in.Attachments) == 0 {
		reading, because = readAnswer(says, d.peopleNamed())
	}
	if reading == answerNo || strings.EqualFold(strings.Trim(says, " .!\n"), desk.OtherWord) {
		return d.leaveIncident(&ch)
	}
	var signal desk.Signal
	switch reading {
	case answerThanks, answerYes:
		signal = desk.SignalThanks
	case answerWorks:
		signal = desk.SignalWorks
	default:
		because = d.in.Thread.Why
	}
	d.received(&ch, because, signal)
	ch.Settles = d.settle(desk.CategoryAppend, t.ID, d.in.Thread.Why)
	return ch, nil
}

func (d *decision) leaveIncident(ch *desk.Change) (desk.Change, error) {
	t := ch.Ticket
	because := fmt.Sprintf("it is not incident %s: the customer writes %q", desk.Number(t.Parent), clip(firstWords(d.in.Reply), 80))
	d.resume(ch, t.Status)
	left := d.event(t, desk.IncidentLeft, actorCustomer, because)
	left.Data.Other = t.Parent
	ch.Events = append(ch.Events, left)
	t.Parent, t.Assignee = 0, ""
	d.handOver(ch, desk.L2, actorIncidents, because)
	silent, err := d.silence()
	if err != nil {
		return desk.Change{}, err
	}
	if silent == "" {
		ch.Outgoing = append(ch.Outgoing, d.ack(t))
	}
	ch.Settles = d.settle(desk.CategoryAppend, t.ID, d.in.Thread.Why+"; "+because)
	return *ch, nil
}

// isIncident reports whether the events are those of an incident's parent.
func isIncident(events []desk.Event) bool {
	return slices.ContainsFunc(events, func(e desk.Event) bool {
		return (e.Type == desk.IncidentConfirmed || e.Type == desk.KnownError) && e.Data.Other == 0
	})
}

// noIncidentVerbs are the orders that would lose an incident's reporters.
var noIncidentVerbs = []string{"close", "spam", "merge", "split", "requester", "kb"}

// mayIncident refuses what cannot be done with an incident.
func (w *work) mayIncident() error {
	for _, o := range w.orders {
		if w.incident && slices.Contains(noIncidentVerbs, o.name) {
			return desk.Refuse("#%s cannot be done with an incident; #solve ends it, and asks its reporters", o.name)
		}
	}
	return nil
}

// announce keeps the words of a technician as news of the incident. Each reporter gets
// them in a mail of his own.
func (w *work) announce() {
	w.ch.Messages = append(w.ch.Messages, w.said(w.ch.Ticket, desk.PublicReply, w.text))
	_, files := w.formatted()
	w.happened(desk.ReplySent, "news for the reporters of the incident").Data.Files = files
}

// knownError makes the words of a technician the workaround that everybody gets who
// reports the same.
func (w *work) knownError(o *order) error {
	words := strings.TrimSpace(o.args + "\n" + w.note)
	switch {
	case words == "":
		return desk.Refuse("#known-error says too little; write the workaround behind or below it")
	case w.incident:
		w.text = words
		w.announce()
		w.did("workaround sent to the reporters")
		return nil
	case w.ch.Ticket.Parent != 0:
		return desk.Refuse("ticket %s belongs to incident %s; send the workaround there", desk.Number(w.ch.Ticket.ID), desk.Number(w.ch.Ticket.Parent))
	}
	t := w.ch.Ticket
	parent, err := w.parent(t, max(t.Tier, desk.L2))
	if err != nil {
		return err
	}
	parent.Status = desk.StatusWaiting // for a fix
	ch := w.open(parent, desk.KnownError, "known error: "+t.Subject, []desk.TicketID{t.ID}, words)
	w.ch.Also = append(w.ch.Also, ch)
	w.did("known error %s: who reports the same gets the workaround", desk.Number(parent.ID))
	return nil
}

// parent starts the ticket of an incident. It is the desk's own.
func (w *work) parent(like *desk.Ticket, level desk.Level) (*desk.Ticket, error) {
	id, err := w.v.NewTicketID(w.ctx)
	if err != nil {
		return nil, err
	}
	return &desk.Ticket{
		ID: id, Subject: like.Subject, Requester: desk.Address{Name: w.Desk.Name, Address: w.Desk.Address},
		Status: desk.StatusOpen, Tier: level, Priority: like.Priority, Category: like.Category, Cycle: 1,
		Assignee: w.who.technician.Address(), Language: w.Desk.Language, Created: w.now, Updated: w.now, Origin: w.in.Raw,
	}, nil
}

// open returns the change that opens an incident's ticket. tiers tells its reporters.
func (w *work) open(parent *desk.Ticket, typ desk.EventType, because string, tickets []desk.TicketID, words string) desk.Change {
	ch := desk.Change{Ticket: parent, MessageIDs: []string{
		w.Composer.Keys.RootID(desk.ForCustomer, parent.ID, w.Desk.Domain()),
		w.Composer.Keys.RootID(desk.ForTechnician, parent.ID, w.Desk.Domain()),
	}}
	opened := w.event(parent, desk.TicketOpened, w.actor(), because)
	opened.Data.From, opened.Data.Subject, opened.Data.Category = parent.Requester.Address, parent.Subject, parent.Category
	opened.Data.Priority, opened.Data.ToTier = parent.Priority, desk.L1
	handed := w.event(parent, desk.TicketEscalated, w.actor(), because)
	handed.Data.FromTier, handed.Data.ToTier, handed.Data.Cycle = desk.L1, parent.Tier, parent.Cycle
	handed.Data.Assignee = parent.Assignee
	begun := w.event(parent, typ, w.actor(), because)
	begun.Data.Tickets, begun.Data.Trace = tickets, nonEmpty(words)
	ch.Events = []desk.Event{opened, handed, begun}
	note := "Tickets: "
	for i, id := range tickets {
		if i > 0 {
			note += ", "
		}
		note += desk.Number(id)
	}
	if words != "" {
		note += "\n\nTold to the reporters:\n" + words
	}
	ch.Messages = []desk.Message{w.said(parent, desk.InternalNote, because+"\n"+note)}
	return ch
}
