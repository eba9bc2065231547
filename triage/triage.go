// Package triage decides what an incoming mail means: a machine's mail, a bounce,
// a technician's reply or command, a customer's answer, or a new ticket with its
// category, priority, tier and documents. Each decision is a pure function that
// returns a desk.Change.
//
// It leaves reading mail to mailin, keeping it to store, and every mail to a
// tier's list, every clock and every escalation in time to tiers.
package triage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
	"tierdesk/triage/diagnose"
	"tierdesk/triage/kb"
)

// Library is the knowledge base that L1 answers from.
type Library interface {
	Match(q kb.Question) kb.Result
	Document(id string) (kb.Document, bool)
	// Mode says what L1 may do with a document.
	Mode(id string) desk.Mode
}

// Triage decides about mail. It is read-only and safe for concurrent use.
type Triage struct {
	Desk     *desk.Desk
	Composer desk.Composer
	Rules    []Rule
	// MaxSize is the size in bytes above which only a mail's header was kept.
	MaxSize int64
	// Manual is what technicians get who ask for help.
	Manual string
	// Ledger accounts for a ticket's time in words, from its events.
	Ledger func(events []desk.Event, now time.Time) string
	// Undo is how long a technician can take a reply back; zero: not at all.
	Undo time.Duration
	// Formatted returns those parts of an HTML mail that say what the text says, as
	// clean HTML, and the Content-IDs of the pictures in it; "" when the two differ.
	// Without it replies are text.
	Formatted func(source, text string) (html string, pictures []string)
	// Library returns the present knowledge base; it is asked once per mail, so
	// that documents can be replaced while the gateway runs.
	Library func() Library
	// Suggest says that an acknowledgement may offer documents that L1 is not sure of.
	Suggest bool
}

// Advise matches the documents with the new text of a mail.
func (t *Triage) Advise(in *desk.Inbound, now time.Time) {
	r := t.Library().Match(kb.Question{
		Subject: desk.BaseSubject(in.Subject, t.Desk.Tag), Text: in.Reply, Lang: in.Language, Now: now,
	})
	in.Matches, in.Sure, in.Offers, in.MatchWhy = r.Matches, r.Answer, r.Offers, r.Why
	if subject, word := sensitive(in.Subject + "\n" + in.Reply); subject != "" {
		in.Sensitive = fmt.Sprintf("%q speaks of %s", clip(word, 60), subject)
	}
}

// Diagnose finds what a mail and its text files tell of a failure.
func (t *Triage) Diagnose(in *desk.Inbound) {
	in.Diagnostics = diagnose.Read(diagnose.Report{
		Text: desk.OneLine(in.Subject) + "\n" + words(in), Files: in.TextFiles, Attachments: in.Attachments,
	})
}

// Decide returns everything that happens because of a mail.
func (t *Triage) Decide(ctx context.Context, v desk.View, in *desk.Inbound, now time.Time) (desk.Change, error) {
	d := decision{Triage: t, ctx: ctx, v: v, in: in, now: now}
	ch, err := d.decide()
	if d.alarm != nil {
		ch.Outgoing = append(ch.Outgoing, *d.alarm)
	}
	if err != nil {
		return desk.Change{}, fmt.Errorf("decide mail %d: %w", in.Raw, err)
	}
	return ch, nil
}

// decision is one mail being decided.
type decision struct {
	*Triage
	ctx context.Context
	v   desk.View
	in  *desk.Inbound
	now time.Time
	// forwarder is the technician who forwarded the mail that is decided about, or nil.
	forwarder *desk.Technician

	newcomer bool           // see isNewcomer; known once silence was asked
	alarm    *desk.Outgoing // to the admin, when all automatic mail is stopped
}

func (d *decision) decide() (desk.Change, error) {
	if d.Composer.Keys.IsTrial(d.in.MessageID, addressees(d.in)) {
		return d.ignore("a trial mail of ours to ourselves"), nil
	}
	if reason, err := d.echo(); err != nil || reason != "" {
		return d.ignore(reason), err
	}
	if d.in.Incomplete {
		return d.quarantine(d.whyIncomplete()), nil
	}
	switch d.in.Kind {
	case desk.KindBounce:
		return d.bounce()
	case desk.KindMessage:
		return d.message()
	default:
		return d.automatic()
	}
}

func (d *decision) whyIncomplete() string {
	if d.in.Size > d.MaxSize {
		return fmt.Sprintf("larger than the size limit (%d bytes); the mail stays on the server", d.in.Size)
	}
	return "the server did not give out the whole mail; it stays there"
}

// message decides about what a person, or a system that has something to report,
// wrote.
func (d *decision) message() (desk.Change, error) {
	if d.in.From == nil || d.in.From.Address == "" {
		return d.quarantine("no usable From address"), nil
	}
	who, err := d.who()
	switch {
	case err != nil:
		return desk.Change{}, err
	case who.role == roleDesk:
		return d.quarantine("From is one of our own addresses, without our signature"), nil
	case d.in.Automatic && d.in.Thread.Token != nil:
		return d.automatic() // an answer of a machine to a mail of ours
	case d.forwards(who):
		return d.forwarded(who)
	case who.strength == entitled:
		return d.fromTechnician(who)
	case d.in.Thread.Ticket == 0:
		return d.ofNoTicket(who)
	case who.role == roleList:
		return d.rewritten(who)
	case who.member && who.strength != forged:
		t, err := d.v.Ticket(d.ctx, d.in.Thread.Ticket)
		if err != nil {
			return desk.Change{}, err
		}
		return d.followUp(&t)
	case who.technician != nil:
		return d.unproven(who)
	}
	return d.stranger()
}

// ofNoTicket decides about a mail that joins no ticket.
func (d *decision) ofNoTicket(who principal) (desk.Change, error) {
	switch {
	case who.role == roleList:
		return d.quarantine("From is a list of ours, and no signature of the author is valid"), nil
	case who.technician != nil && d.in.Thread.Claims != 0:
		return d.unproven(who)
	}
	if line := d.asks(who); line != "" {
		return d.ask(line)
	}
	return d.newTicket()
}

// echo recognises our own mail come back, and a second delivery of one mail.
func (d *decision) echo() (string, error) {
	if d.in.MessageID != "" {
		if d.in.Loop != "" && d.Composer.Keys.LoopMarked(d.in.Loop, d.in.MessageID) {
			return "our own mail came back (loop mark)", nil
		}
		switch sent, err := d.v.SentAs(d.ctx, d.in.MessageID); {
		case err == nil && d.in.Kind == desk.KindMessage:
			return "our own mail to " + sent.To + " came back (Message-ID)", nil
		case err != nil && !isNotFound(err):
			return "", err
		}
	}
	dup, err := d.v.DuplicateOf(d.ctx, d.in.Content, d.in.Raw)
	if err != nil || dup == 0 {
		return "", err
	}
	return fmt.Sprintf("second delivery of mail %d", dup), nil
}

// addressees are the addresses that the mail was sent to.
func addressees(in *desk.Inbound) []string {
	all := slices.Clone(in.Delivered)
	for _, a := range slices.Concat(in.To, in.Cc) {
		all = append(all, a.Address)
	}
	return all
}

// settle builds the settlement of the mail.
func (d *decision) settle(c desk.Category, ticket desk.TicketID, reason string) *desk.Settlement {
	s := &desk.Settlement{
		Raw: d.in.Raw, Category: c, Reason: reason, Ticket: ticket,
		Subject: desk.OneLine(d.in.Subject), MessageID: desk.OneLine(d.in.MessageID),
	}
	if d.in.From != nil {
		s.From = desk.OneLine(d.in.From.Address)
	}
	return s
}

func (d *decision) ignore(reason string) desk.Change {
	return desk.Change{Settles: d.settle(desk.CategoryIgnored, 0, reason)}
}

func (d *decision) quarantine(reason string) desk.Change {
	return desk.Change{Settles: d.settle(desk.CategoryQuarantine, 0, reason)}
}

// occurred is when the mail reached us, never later than now.
func (d *decision) occurred() time.Time {
	if d.in.Received.IsZero() || d.in.Received.After(d.now) {
		return d.now
	}
	return d.in.Received
}

// The actors of events that are no technicians.
const (
	actorL1       = "l1"
	actorCustomer = "customer"
)

// event starts an event that this mail caused, at the mail's reception.
func (d *decision) event(t *desk.Ticket, typ desk.EventType, actor, because string) desk.Event {
	e := desk.NewEvent(t.ID, typ, actor, because, d.now)
	e.Raw = d.in.Raw
	e.Occurred = d.occurred()
	e.Data.Status = t.Status
	return e
}

// said is the mail as a message of the ticket's conversation.
func (d *decision) said(t *desk.Ticket, kind desk.MessageKind, text string) desk.Message {
	return desk.Message{
		Ticket: t.ID, Raw: d.in.Raw, At: d.occurred(), Kind: kind,
		Author: d.author(), MessageID: d.in.MessageID, Text: desk.Printable(text),
	}
}

func (d *decision) author() desk.Address {
	return desk.Address{Name: desk.OneLine(d.in.From.Name), Address: desk.OneLine(d.in.From.Address)}
}

// cause names this mail in the keys of outgoing mail.
func (d *decision) cause() string { return fmt.Sprintf("mail%d", d.in.Raw) }
