package triage

import (
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
)

// reopenWithin is how long after its end a closed ticket is opened again by a reply.
// Later the customer has most likely something new to say.
const reopenWithin = 7 * 24 * time.Hour

// followUp adds a participant's mail to its ticket. An answer to "did this solve
// it?" solves the ticket or hands it to people; thanks change nothing; any other
// mail puts it back into the desk's hands.
func (d *decision) followUp(t *desk.Ticket) (desk.Change, error) {
	if d.in.History {
		return d.importMail(t), nil
	}
	says := gist(d.in.Reply, d.authorNamed())
	incident, _, err := d.incidentOf(t)
	if err != nil {
		return desk.Change{}, err
	}
	if asksStatus(says) && len(d.in.Attachments) == 0 {
		return d.tellStatus(t)
	}
	events, err := d.v.TicketEvents(d.ctx, t.ID)
	if err != nil {
		return desk.Change{}, err
	}
	if incident != nil {
		return d.ofIncident(t, says)
	}
	before := t.Status
	if rating, more := readRating(says); rating != "" && d.rates(before, events) && len(d.in.Attachments) == 0 {
		return d.feedback(t, rating, more), nil
	}
	ch := d.join(t)
	reading, because := answerOther, ""
	if len(d.in.Attachments) == 0 {
		reading, because = readAnswer(says, d.peopleNamed())
	}
	helped := d.helped(t, reading, events)
	switch signal := signalOf(reading, before); {
	case helped != "":
		d.received(&ch, because, "")
		d.solve(&ch, actorCustomer, "the customer says that document "+helped+" helped: "+because)
		ch.Events[len(ch.Events)-1].Data.Doc = helped
	case signal != "":
		d.received(&ch, because, signal)
	case before == desk.StatusClosed && isSpam(events):
		d.received(&ch, "the ticket is closed as spam, and stays so", "")
	case before == desk.StatusClosed && !endedWithin(events, d.now, reopenWithin):
		return d.newTicketAfter(t)
	case d.awaitsVerdict(t) || (before == desk.StatusSolved && t.Tier == desk.L1):
		return d.notSolved(&ch, before, reading)
	default:
		d.resume(&ch, before)
	}
	ch.Settles = d.settle(desk.CategoryAppend, t.ID, d.in.Thread.Why)
	return ch, nil
}

// join makes the mail a part of its ticket.
func (d *decision) join(t *desk.Ticket) desk.Change {
	t.Updated = d.now
	if d.isRequester(t) {
		if d.in.MessageID != "" {
			t.LastFromCustomer = d.in.MessageID
		}
		if d.in.Language != "" {
			t.Language = d.in.Language
		}
	}
	ch := desk.Change{
		Ticket: t, MessageIDs: nonEmpty(d.in.MessageID),
		Messages: []desk.Message{d.said(t, desk.FromCustomer, d.words())},
	}
	if strength, _ := d.proof(); strength >= proven { // an unproven sender brings nobody in
		ch.Participants = d.copied()
	}
	return ch
}

func (d *decision) isRequester(t *desk.Ticket) bool {
	return desk.NormalAddress(d.in.From.Address) == desk.NormalAddress(t.Requester.Address)
}

// signalOf returns what a mail says that asks for no answer, or "". While the ticket
// waits for the customer a plain yes answers a technician's question.
func signalOf(reading verdict, status desk.Status) desk.Signal {
	ended := status == desk.StatusSolved || status == desk.StatusClosed
	switch {
	case !ended && status != desk.StatusWaiting:
	case reading == answerThanks, reading == answerYes && ended:
		return desk.SignalThanks
	case reading == answerWorks:
		return desk.SignalWorks
	}
	return ""
}

// endedWithin reports whether a ticket was closed so short a time ago.
func endedWithin(events []desk.Event, now time.Time, within time.Duration) bool {
	for i := range slices.Backward(events) {
		if events[i].Type == desk.TicketClosed {
			return now.Sub(events[i].At) < within
		}
	}
	return false
}

// isSpam reports whether a technician marked the ticket as spam, and nobody opened it
// again.
func isSpam(events []desk.Event) bool {
	for i := range slices.Backward(events) {
		switch events[i].Type {
		case desk.MarkedSpam:
			return true
		case desk.TicketReopened:
			return false
		}
	}
	return false
}

// awaitsVerdict reports whether L1 answered the ticket and nobody else has it.
func (d *decision) awaitsVerdict(t *desk.Ticket) bool {
	return t.Tier == desk.L1 && t.Answered != "" && t.Status == desk.StatusWaiting
}

func (d *decision) received(ch *desk.Change, because string, signal desk.Signal) {
	e := d.event(ch.Ticket, desk.MailReceived, actorCustomer, because)
	e.Data.From, e.Data.MessageID, e.Data.Rung = d.in.From.Address, d.in.MessageID, d.in.Thread.Rung
	e.Data.Signal = signal
	d.list(&e)
	ch.Events = append(ch.Events, e)
}

func (d *decision) solve(ch *desk.Change, actor, because string) {
	ch.Ticket.Status = desk.StatusSolved
	ch.Events = append(ch.Events, d.event(ch.Ticket, desk.TicketSolved, actor, because))
}

// notSolved hands a ticket that L1 could not solve to people, with what was tried.
func (d *decision) notSolved(ch *desk.Change, before desk.Status, reading verdict) (desk.Change, error) {
	t := ch.Ticket
	d.resume(ch, before)
	because := fmt.Sprintf("document %q did not solve it: the customer writes %q", t.Answered, clip(firstWords(d.in.Reply), 80))
	handed := d.handOver(ch, desk.L2, actorL1, because)
	if handed && reading == answerNo {
		ch.Events[len(ch.Events)-1].Data.Verdict = desk.VerdictWrong
	}
	silent, err := d.silence()
	if err != nil {
		return desk.Change{}, err
	}
	if handed && silent == "" {
		ch.Outgoing = append(ch.Outgoing, d.ack(t))
	}
	ch.Settles = d.settle(desk.CategoryAppend, t.ID, d.in.Thread.Why+"; not solved by L1")
	return *ch, nil
}

// resume puts the ticket back into the desk's hands and records the mail.
func (d *decision) resume(ch *desk.Change, before desk.Status) {
	t := ch.Ticket
	typ, because := desk.EventType(""), ""
	switch before {
	case desk.StatusWaiting:
		typ, because = desk.TicketResumed, "the customer answered"
	case desk.StatusSolved, desk.StatusClosed:
		typ, because = desk.TicketReopened, "the customer wrote again after it was "+string(before)
	}
	if typ != "" {
		t.Status, t.WaitUntil = desk.StatusOpen, time.Time{}
	}
	d.received(ch, d.in.Thread.Why, "")
	if typ != "" {
		ch.Events = append(ch.Events, d.event(t, typ, actorCustomer, because))
	}
}

// newTicketAfter opens a ticket for a mail that answers one which was closed long
// ago, and ties the two together.
func (d *decision) newTicketAfter(closed *desk.Ticket) (desk.Change, error) {
	d.in.Thread = desk.Thread{Claims: closed.ID, Why: fmt.Sprintf("ticket %s is closed; a new one is opened", desk.Number(closed.ID))}
	ch, err := d.newTicket()
	if err != nil {
		return ch, err
	}
	ch.Links = append(ch.Links, desk.Link{Other: closed.ID, Kind: desk.LinkFollowUp})
	linked := d.event(ch.Ticket, desk.TicketLinked, actorCustomer, "it answers ticket "+desk.Number(closed.ID)+", which is closed")
	linked.Data.Other = closed.ID
	at := slices.IndexFunc(ch.Events, func(e desk.Event) bool { return e.Type == desk.TicketOpened })
	ch.Events = slices.Insert(ch.Events, at+1, linked)
	back := d.event(closed, desk.TicketLinked, actorCustomer, "ticket "+desk.Number(ch.Ticket.ID)+" goes on from here")
	back.Data.Other = ch.Ticket.ID
	ch.Events = append(ch.Events, back)
	for i := range ch.Events {
		if e := &ch.Events[i]; e.Type == desk.TicketEscalated && e.Ticket == ch.Ticket.ID {
			e.Because += "; it goes on from ticket " + desk.Number(closed.ID)
		}
	}
	return ch, nil
}

// stranger keeps a mail of somebody who is no participant, or whose address is
// forged, as an unverified note: people see it, and it does nothing.
func (d *decision) stranger() (desk.Change, error) {
	t, err := d.v.Ticket(d.ctx, d.in.Thread.Ticket)
	if err != nil {
		return desk.Change{}, err
	}
	because := fmt.Sprintf("%s is no participant of the ticket (%s)", desk.OneLine(d.in.From.Address), d.in.Thread.Why)
	if d.in.Via != "" {
		because = fmt.Sprintf("%s sent it for %s, and nothing proves that it is he", desk.OneLine(d.in.Via), desk.OneLine(d.in.From.Address))
	}
	if strength, _ := d.proof(); strength == forged {
		because = fmt.Sprintf("the sender address %s is forged: DMARC fails", desk.OneLine(d.in.From.Address))
	}
	return d.unverified(&t, because), nil
}

func (d *decision) unverified(t *desk.Ticket, because string) desk.Change {
	t.Updated = d.now
	e := d.event(t, desk.UnverifiedNote, "stranger", because)
	e.Data.From, e.Data.MessageID = desk.OneLine(d.in.From.Address), d.in.MessageID
	return desk.Change{
		Ticket:   t,
		Messages: []desk.Message{d.said(t, desk.UnverifiedMail, d.words())},
		Events:   []desk.Event{e},
		Settles:  d.settle(desk.CategoryAppend, t.ID, "unverified note: "+because),
	}
}
