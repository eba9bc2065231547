package triage

import (
	"fmt"
	"slices"
	"strings"

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
	ch.Messages = append(ch.Messages, d.said(t, desk.FromCustomer, d.words()))

	if d.in.Via != "" {
		because += "; sent for its author by " + desk.OneLine(d.in.Via)
	}
	if d.forwarder != nil {
		because += "; forwarded by " + nameAndAddress(desk.Address{Name: d.forwarder.Name, Address: d.forwarder.Address()})
	}
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
	incident, parent, err := d.reported(t, props)
	if err != nil {
		return desk.Change{}, err
	}
	if incident != nil {
		return d.joinIncident(ch, incident, &parent, silent), nil
	}
	veto, err := d.veto(props, silent)
	if err != nil {
		return desk.Change{}, err
	}
	if veto == "" && d.sure() && d.answer(&ch) {
		ch.Settles = d.settle(desk.CategoryTicket, id, "new ticket, answered with "+t.Answered)
		return ch, nil
	}
	offers := d.abstain(&ch, props, veto)
	reason := "new ticket for " + t.Tier.String()
	if silent != "" {
		reason += "; no acknowledgement: " + silent
	} else {
		o := d.ack(t)
		d.offer(&o, offers)
		ch.Outgoing = append(ch.Outgoing, o)
	}
	ch.Settles = d.settle(desk.CategoryTicket, id, reason)
	return ch, nil
}

// sure reports whether L1 would answer, and may: its document is not on trial.
func (d *decision) sure() bool {
	return d.in.Sure && len(d.in.Matches) > 0 && d.Library().Mode(d.in.Matches[0].Doc) == desk.Live
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

// words is what the mail says: its new text, and the mail that it forwards.
func (d *decision) words() string { return words(d.in) }

func words(in *desk.Inbound) string {
	switch {
	case strings.TrimSpace(in.Reply) == "":
		return in.Text
	case in.Original != nil && !in.Bare && in.Quoted != "":
		return in.Reply + "\n\n" + in.Quoted
	}
	return in.Reply
}

// participants are the requester and, where he is proven, those the mail was copied to.
func (d *decision) participants() []desk.Participant {
	requester := desk.Participant{
		Address: desk.NormalAddress(d.in.From.Address), Name: desk.OneLine(d.in.From.Name),
		Role: desk.RoleRequester, Joined: "opened by " + d.cause(),
	}
	if strength, _ := d.proof(); strength < proven { // an unproven sender brings nobody in
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

// abstain hands a new ticket to people. A document on trial that would have answered
// it is shown to them. It returns the documents that may help the customer meanwhile.
func (d *decision) abstain(ch *desk.Change, p Properties, veto string) (offers []string) {
	t := ch.Ticket
	typ, because := desk.L1Abstained, veto
	switch {
	case veto != "":
	case len(d.in.Matches) == 0:
		because = "no document matches"
	case d.in.Sure && !d.sure():
		typ, because = desk.L1Shadowed, d.onTrial()
	default:
		because = d.notSure()
	}
	e := d.event(t, typ, actorL1, because)
	e.Occurred = d.now
	if len(d.in.Matches) > 0 {
		e.Data.Doc, e.Data.Score = d.in.Matches[0].Doc, d.in.Matches[0].Confidence
	}
	if veto == "" {
		offers = d.offers()
	}
	e.Data.Docs, e.Data.Trace = offers, d.in.MatchWhy
	ch.Events = append(ch.Events, e)
	if d.handOver(ch, max(p.Tier, desk.L2), actorL1, because) && p.Inform != ch.Ticket.Tier {
		ch.Events[len(ch.Events)-1].Data.Inform = p.Inform
	}
	return offers
}

// onTrial says what L1 would have done.
func (d *decision) onTrial() string {
	best := d.in.Matches[0]
	return fmt.Sprintf("L1 would have answered with document %q (confidence %.2f), which is on trial", best.Doc, best.Confidence)
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
	return d.automatically(t, desk.SendAck)
}
