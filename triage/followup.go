package triage

import (
	"fmt"
	"regexp"
	"strconv"

	"tierdesk/desk"
)

// followUp adds a participant's mail to its ticket. An answer to "did this solve
// it?" solves the ticket or hands it to people; any other mail puts it back into
// the desk's hands.
func (d *decision) followUp(t *desk.Ticket) (desk.Change, error) {
	if d.in.History {
		return d.importMail(t), nil
	}
	if t.Status == desk.StatusClosed {
		d.in.Thread = desk.Thread{Claims: t.ID, Why: fmt.Sprintf("ticket %s is closed; a new one is opened", desk.Number(t.ID))}
		return d.newTicket()
	}
	before := t.Status
	t.Updated = d.now
	if d.in.MessageID != "" && desk.NormalAddress(d.in.From.Address) == desk.NormalAddress(t.Requester.Address) {
		t.LastFromCustomer = d.in.MessageID
	}
	ch := desk.Change{
		Ticket: t, MessageIDs: nonEmpty(d.in.MessageID),
		Messages: []desk.Message{d.said(t, desk.FromCustomer, d.words())},
	}
	if strength, _ := d.proof(); strength >= proven { // an unproven sender brings nobody in
		ch.Participants = d.copied()
	}
	reading, because := readAnswer(d.in.Reply)
	helped, err := d.helped(t, reading)
	if err != nil {
		return desk.Change{}, err
	}
	switch {
	case before == desk.StatusSolved && len(d.in.Attachments) == 0 && (reading == answerYes || grateful(d.in.Reply)):
		d.received(&ch, "thanks for a solved ticket: it stays solved")
	case helped != "":
		d.received(&ch, because)
		d.solve(&ch, actorCustomer, "the customer says that document "+helped+" helped: "+because)
		ch.Events[len(ch.Events)-1].Data.Doc = helped
	case d.awaitsVerdict(t) || (before == desk.StatusSolved && t.Tier == desk.L1):
		return d.notSolved(&ch, before, reading)
	default:
		d.resume(&ch, before)
	}
	ch.Settles = d.settle(desk.CategoryAppend, t.ID, d.in.Thread.Why)
	return ch, nil
}

// helped returns the document of which the customer says that it solved the ticket,
// or "": the one that he was sent last, or one of those that he was offered.
func (d *decision) helped(t *desk.Ticket, reading verdict) (string, error) {
	switch {
	case reading != answerYes || !t.Status.Active():
		return "", nil
	case d.awaitsVerdict(t):
		return t.Answered, nil
	}
	events, err := d.v.TicketEvents(d.ctx, t.ID)
	if err != nil {
		return "", err
	}
	if doc := lastDocument(events); doc != "" && t.Status == desk.StatusWaiting {
		return doc, nil
	}
	docs := offered(events)
	if n := choice(d.in.Reply); n > 0 && n <= len(docs) {
		return docs[n-1], nil
	}
	return "", nil
}

var choiceDigit = regexp.MustCompile(`\b[0-9]+\b`)

// choice returns the only number in an answer, or 0.
func choice(text string) int {
	found := choiceDigit.FindAllString(text, 2)
	if len(found) != 1 {
		return 0
	}
	n, _ := strconv.Atoi(found[0]) // too large a number is no choice, either
	return n
}

// awaitsVerdict reports whether L1 answered the ticket and nobody else has it.
func (d *decision) awaitsVerdict(t *desk.Ticket) bool {
	return t.Tier == desk.L1 && t.Answered != "" && t.Status == desk.StatusWaiting
}

func (d *decision) received(ch *desk.Change, because string) {
	e := d.event(ch.Ticket, desk.MailReceived, actorCustomer, because)
	e.Data.From, e.Data.MessageID, e.Data.Rung = d.in.From.Address, d.in.MessageID, d.in.Thread.Rung
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
	case desk.StatusSolved:
		typ, because = desk.TicketReopened, "the customer wrote again after it was solved"
	}
	if typ != "" {
		t.Status = desk.StatusOpen
	}
	d.received(ch, d.in.Thread.Why)
	if typ != "" {
		ch.Events = append(ch.Events, d.event(t, typ, actorCustomer, because))
	}
}

// stranger keeps a mail of somebody who is no participant, or whose address is
// forged, as an unverified note: people see it, and it does nothing.
func (d *decision) stranger() (desk.Change, error) {
	t, err := d.v.Ticket(d.ctx, d.in.Thread.Ticket)
	if err != nil {
		return desk.Change{}, err
	}
	because := fmt.Sprintf("%s is no participant of the ticket (%s)", desk.OneLine(d.in.From.Address), d.in.Thread.Why)
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
