package triage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// newTicket opens a ticket, and answers with a document or hands it to people.
func (d *decision) newTicket() (desk.Change, error) {
	id, err := d.v.NewTicketID(d.ctx)
	if err != nil {
		return desk.Change{}, err
	}
	props, because, trace := classify(d.Rules, d.in)
	t := d.ticket(id, props)
	ch := desk.Change{Ticket: t, Participants: d.participants(), MessageIDs: d.idsOf(id)}
	ch.Messages = append(ch.Messages, d.said(t, desk.FromCustomer, words(d.in)))

	opened := d.event(t, desk.TicketOpened, actorCustomer, because)
	opened.Data.From, opened.Data.Subject = t.Requester.Address, t.Subject
	opened.Data.Priority, opened.Data.Category, opened.Data.ToTier = t.Priority, t.Category, desk.L1
	opened.Data.MessageID, opened.Data.Trace = d.in.MessageID, append(trace, d.in.Thread.Why)
	d.list(&opened)
	ch.Events = append(ch.Events, opened)
	if d.in.History {
		return d.importTicket(ch, props), nil
	}

	silent, err := d.silence()
	if err != nil {
		return desk.Change{}, err
	}
	if silent == "" && props.Tier == desk.L1 && d.in.Sure && len(d.in.Matches) > 0 && d.answer(&ch) {
		ch.Settles = d.settle(desk.CategoryTicket, id, "new ticket, answered with "+t.Answered)
		return ch, nil
	}
	d.abstain(&ch, props, silent)
	if silent == "" {
		ch.Outgoing = append(ch.Outgoing, d.ack(t))
	}
	reason := "new ticket for " + t.Tier.String()
	if silent != "" {
		reason += "; no acknowledgement: " + silent
	}
	ch.Settles = d.settle(desk.CategoryTicket, id, reason)
	return ch, nil
}

func (d *decision) ticket(id desk.TicketID, p Properties) *desk.Ticket {
	subject := desk.BaseSubject(d.in.Subject, d.Desk.Tag)
	if subject == "" {
		subject = clip(firstWords(d.in.Reply), 60)
	}
	return &desk.Ticket{
		ID: id, Subject: subject, Requester: d.author(), Status: desk.StatusNew,
		Tier: desk.L1, Priority: p.Priority, Category: p.Category, Language: d.in.Language,
		Created: d.occurred(), Updated: d.now, Origin: d.in.Raw, LastFromCustomer: d.in.MessageID,
	}
}

func firstWords(s string) string {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// words is what the mail says: its new text, and what a bare forward carries.
func words(in *desk.Inbound) string {
	if strings.TrimSpace(in.Reply) == "" {
		return in.Text
	}
	return in.Reply
}

// participants are the requester and, where he is proven, those the mail was copied to.
func (d *decision) participants() []desk.Participant {
	requester := desk.Participant{
		Address: desk.NormalAddress(d.in.From.Address), Name: desk.OneLine(d.in.From.Name),
		Role: desk.RoleRequester, Joined: "opened by " + d.cause(),
	}
	if !d.in.Auth.Pass() { // an unproven sender brings nobody in
		return []desk.Participant{requester}
	}
	return append([]desk.Participant{requester}, d.copied()...)
}

// copied are those the mail was addressed to beside us, without technicians.
func (d *decision) copied() []desk.Participant {
	var out []desk.Participant
	seen := map[string]bool{desk.NormalAddress(d.in.From.Address): true}
	for _, a := range slices.Concat(d.in.To, d.in.Cc) {
		n := desk.NormalAddress(a.Address)
		if n == "" || seen[n] || d.Desk.Own(n) || d.Desk.Technician(n) != nil {
			continue
		}
		if len(out) == maxCopied {
			break
		}
		seen[n] = true
		out = append(out, desk.Participant{Address: n, Name: desk.OneLine(a.Name), Role: desk.RoleCopied, Joined: "copied in " + d.cause()})
	}
	return out
}

// maxCopied bounds how many addresses one mail can bring into a ticket.
const maxCopied = 50

// idsOf are the ids under which later mail finds the ticket: the ticket's roots, the
// mail's own, and those of the sender's mail that this one answers or repeats and
// that may still come.
func (d *decision) idsOf(id desk.TicketID) []string {
	ids := []string{
		d.Composer.Keys.RootID(desk.ForCustomer, id, d.Desk.Domain()),
		d.Composer.Keys.RootID(desk.ForTechnician, id, d.Desk.Domain()),
	}
	if d.in.MessageID != "" {
		ids = append(ids, d.in.MessageID)
	}
	for _, id := range append(nonEmpty(d.in.MessageID), d.in.InReplyTo...) {
		ids = append(ids, desk.AwaitedID(d.in.From.Address, id))
	}
	return ids
}

// answer turns the change into an L1 answer with the best document. It reports
// false when the document is no longer there.
func (d *decision) answer(ch *desk.Change) bool {
	best := d.in.Matches[0]
	doc, ok := d.Library().Document(best.Doc)
	if !ok {
		return false
	}
	t := ch.Ticket
	t.Status, t.Answered = desk.StatusWaiting, doc.ID
	e := d.event(t, desk.L1Answered, actorL1, fmt.Sprintf("document %q answers it with confidence %.2f", doc.ID, best.Confidence))
	e.Occurred = d.now
	e.Data.Doc, e.Data.Score, e.Data.Trace = doc.ID, best.Confidence, d.in.MatchWhy
	o := d.Composer.ToCustomer(t, desk.SendAnswer, d.cause())
	e.Data.MessageID, e.Data.Outgoing, e.Data.Recipient = o.MessageID, o.Key, t.Requester.Address
	ch.Events = append(ch.Events, e)
	o.Letter.Doc, o.Letter.Title, o.Letter.Text = doc.ID, doc.Title, doc.Text
	if first, _, _ := strings.Cut(doc.Text, "\n"); strings.EqualFold(first, doc.Title) {
		o.Letter.Title = "" // the document begins with it
	}
	if html, err := doc.HTML(); err == nil { // else the template makes it from the text
		o.Letter.HTML = html
	}
	yes, no := prefilled(t.Language)
	o.Letter.Buttons = []desk.Button{
		d.Composer.Mailto(&o, "solved", yes),
		d.Composer.Mailto(&o, "notsolved", no),
	}
	ch.Outgoing = append(ch.Outgoing, o)
	ch.Messages = append(ch.Messages, desk.Message{
		Ticket: t.ID, At: d.now, Kind: desk.L1Answer, MessageID: o.MessageID, Text: doc.Text,
		Author: desk.Address{Name: d.Desk.Name, Address: d.Desk.Address},
	})
	return true
}

// abstain hands a new ticket to people.
func (d *decision) abstain(ch *desk.Change, p Properties, silent string) {
	t := ch.Ticket
	because := ""
	switch {
	case p.Tier > desk.L1:
		because = "a rule sends it to " + p.Tier.String()
	case silent != "":
		because = "L1 may not answer: " + silent
	case len(d.in.Matches) == 0:
		because = "no document matches"
	default:
		because = d.notSure()
	}
	e := d.event(t, desk.L1Abstained, actorL1, because)
	e.Occurred = d.now
	if len(d.in.Matches) > 0 {
		e.Data.Doc, e.Data.Score = d.in.Matches[0].Doc, d.in.Matches[0].Confidence
	}
	e.Data.Trace = d.in.MatchWhy
	ch.Events = append(ch.Events, e)
	d.handOver(ch, max(p.Tier, desk.L2), actorL1, because)
}

// notSure says why the nearest document was not sent.
func (d *decision) notSure() string {
	best := d.in.Matches[0]
	if doc, ok := d.Library().Document(best.Doc); ok && !doc.Answerable(d.now) {
		return fmt.Sprintf("nearest document %q (confidence %.2f) is not for customers", best.Doc, best.Confidence)
	}
	return fmt.Sprintf("nearest document %q is not sure enough (confidence %.2f)", best.Doc, best.Confidence)
}

// handOver gives the ticket to a tier, or the next one above that has people.
// Without any, it stays where it is.
func (d *decision) handOver(ch *desk.Change, to desk.Level, actor, because string) bool {
	tier := d.Desk.Next(to - 1)
	if tier == nil {
		return false
	}
	t := ch.Ticket
	from := t.Tier
	t.Tier, t.Assignee = tier.Level, ""
	t.Cycle++
	e := d.event(t, desk.TicketEscalated, actor, because)
	e.Occurred = d.now
	e.Data.FromTier, e.Data.ToTier, e.Data.Cycle = from, tier.Level, t.Cycle
	ch.Events = append(ch.Events, e)
	return true
}

func (d *decision) ack(t *desk.Ticket) desk.Outgoing {
	return d.Composer.ToCustomer(t, desk.SendAck, d.cause())
}

const (
	// automaticPerHour bounds the automatic mails to one address.
	automaticPerHour = 10
	// maxReceived bounds the hops of a mail that still gets an answer.
	maxReceived = 50
)

// silence returns why no automatic mail may answer this one, or "".
func (d *decision) silence() (string, error) {
	strength, _ := d.proof()
	switch {
	case d.in.History:
		return "it was in the mailbox before the first connection", nil
	case !d.in.Answerable:
		return "it is not answerable: " + strings.Join(d.in.Why, ", "), nil
	case strength == forged:
		return "its sender address is forged (DMARC fails)", nil
	case d.in.Loop != "":
		return "another helpdesk of our kind sent it", nil
	case hops(d.in) > maxReceived:
		return "it passed too many servers", nil
	case !d.addressed():
		return "it is not addressed to us in To or Cc", nil
	}
	n, err := d.v.CountAutomatic(d.ctx, desk.NormalAddress(d.in.From.Address), d.now.Add(-time.Hour))
	if err != nil {
		return "", err
	}
	if n >= automaticPerHour {
		return tooMany(n), nil
	}
	return d.spammer(d.in.From.Address)
}

func tooMany(n int) string {
	return fmt.Sprintf("%d automatic mails went to the address within the hour", n)
}

func hops(in *desk.Inbound) int {
	n := 0
	for _, f := range in.AuthRaw.Trace {
		if strings.EqualFold(f.Name, "Received") {
			n++
		}
	}
	return n
}

// addressed reports whether one of our addresses stands in To or Cc (RFC 5230
// section 4.5).
func (d *decision) addressed() bool {
	for _, list := range [][]desk.Address{d.in.To, d.in.Cc} {
		for _, a := range list {
			if d.Desk.Own(a.Address) {
				return true
			}
		}
	}
	return false
}
