package tiers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// Limits of what a mail repeats of a ticket. The whole of it is in the store.
const (
	maxThread = 20
	maxWords  = 16 << 10 // bytes of one message
	maxTried  = 20
)

// writer writes the mail about one ticket. Every mail is named by the event that
// caused it, so that the same event never causes two.
type writer struct {
	composer desk.Composer
	rules    *Rules
	ticket   desk.Ticket
	log      []desk.Event
	messages []desk.Message
	account  *Account
	past     background // only for an escalation
	now      time.Time
}

// letters returns the mail that tiers and managers get for an event.
func (w *writer) letters(e *desk.Event) []desk.Outgoing {
	switch e.Type {
	case desk.UnverifiedNote:
		return w.unverified(e)
	case desk.DeliveryFailed:
		return w.returned(e)
	case desk.FeedbackGiven:
		return w.rated(e)
	case desk.ReplyLapsed:
		return w.lapsed(e)
	case desk.TicketSolved:
		return w.taken(e)
	}
	if !w.ticket.Status.Active() {
		return nil
	}
	switch e.Type {
	case desk.TicketEscalated:
		return append(w.escalation(e), w.informed(e)...)
	case desk.TicketReturned:
		return w.escalation(e)
	case desk.TicketAssigned:
		return w.assigned(e)
	case desk.TicketWoken:
		return w.woken(e)
	case desk.TicketMerged:
		return w.tookIn(e)
	case desk.TierPaged:
		return w.paged(e)
	case desk.TicketClaimed:
		return w.claimed(e)
	case desk.TicketReleased:
		return w.released(e)
	case desk.MailReceived:
		return w.update(e)
	case desk.SLAWarned:
		return w.warning(e)
	case desk.SLABreached:
		return w.breach(e)
	case desk.LadderEnded:
		return append(w.paged(e), w.toManagers(e)...)
	}
	return nil
}

// escalation goes to the list of the tier that gets the ticket, at any hour: a
// mail is no call. Who held the ticket before is told that it was taken.
func (w *writer) escalation(e *desk.Event) []desk.Outgoing {
	tier := w.rules.Desk.Tier(e.Data.ToTier)
	if tier == nil || tier.List == "" {
		return nil
	}
	return append([]desk.Outgoing{w.handed(list(tier), e)}, w.takenFrom(e, e.Data.ToTier.String())...)
}

// handed is the mail to whom the ticket was handed: all that is known.
func (w *writer) handed(to desk.Address, e *desk.Event) desk.Outgoing {
	o := w.toTechnician(desk.SendEscalation, to, e)
	o.Letter.Text = w.customersWords(e)
	o.Letter.Tried = w.tried(e)
	o.Letter.Thread = w.thread()
	o.Letter.Brief = w.brief(e)
	o.Letter.Loss = w.loss(e)
	files, more := w.files(e)
	enclose(&o, files, more)
	return o
}

// paged goes to the tier's list again, in its hours unless the ticket is a P1.
func (w *writer) paged(e *desk.Event) []desk.Outgoing {
	tier := w.rules.Desk.Tier(e.Data.ToTier)
	if tier == nil || tier.List == "" {
		return nil
	}
	o := w.toTechnician(desk.SendPage, list(tier), e)
	o.Letter.Text = w.customersWords(e)
	o.Letter.Brief = &desk.Brief{Diagnostics: w.diagnostics(e)}
	files, more := w.files(e)
	nameOnly(&o, files, more)
	o.NotBefore = w.rules.tierCalendar(tier, w.ticket.Priority).NextOpen(w.now)
	return []desk.Outgoing{o}
}

// update tells whoever has the ticket that the customer wrote again. A mail that
// handed the ticket over is in the escalation already.
func (w *writer) update(e *desk.Event) []desk.Outgoing {
	to := w.holder()
	if to == nil || strings.HasPrefix(e.Actor, "technician:") {
		return nil
	}
	for i := range w.log {
		if w.log[i].Type == desk.TicketEscalated && e.Raw != 0 && w.log[i].Raw == e.Raw {
			return nil
		}
	}
	o := w.toTechnician(desk.SendUpdate, *to, e)
	o.Letter.Text = w.customersWords(e)
	o.Letter.Thread = w.thread()
	o.Letter.Brief = &desk.Brief{Diagnostics: e.Data.Diagnostics}
	enclose(&o, e.Data.Files, e.Data.MoreFiles)
	return []desk.Outgoing{o}
}

// rated shows whoever has the ticket what the customer writes beside a rating. One
// without a word is counted, and nobody is mailed for it.
func (w *writer) rated(e *desk.Event) []desk.Outgoing {
	to := w.holder()
	if to == nil || len(e.Data.Trace) == 0 {
		return nil
	}
	o := w.toTechnician(desk.SendUpdate, *to, e)
	o.Letter.Text = w.customersWords(e)
	return []desk.Outgoing{o}
}

// unverified shows whoever has the ticket a mail whose sender is not proven to
// belong to it: it may be the customer, from another address. It stands apart from
// the customer's words. While L1 alone has the ticket, the next tier looks at it.
func (w *writer) unverified(e *desk.Event) []desk.Outgoing {
	to := w.holderOrNext()
	if to == nil {
		return nil
	}
	o := w.toTechnician(desk.SendUpdate, *to, e)
	for i := range w.messages {
		if m := &w.messages[i]; m.Raw == e.Raw {
			o.Letter.Thread = append(o.Letter.Thread, letterMessage(m))
		}
	}
	return []desk.Outgoing{o}
}

func (w *writer) warning(e *desk.Event) []desk.Outgoing {
	to := w.holder()
	if to == nil {
		return nil
	}
	o := w.toTechnician(desk.SendNotice, *to, e)
	if tier := w.rules.Desk.Tier(w.ticket.Tier); tier != nil && w.ticket.Assignee == "" {
		o.NotBefore = w.rules.tierCalendar(tier, w.ticket.Priority).NextOpen(w.now)
	}
	return []desk.Outgoing{o}
}

// breach goes to the list of the tier that had the ticket. A promise that was
// kept late names no tier and is only recorded.
func (w *writer) breach(e *desk.Event) []desk.Outgoing {
	tier := w.rules.Desk.Tier(e.Data.ToTier)
	if tier == nil || tier.List == "" {
		return nil
	}
	o := w.toTechnician(desk.SendNotice, list(tier), e)
	o.Letter.Text = strings.Join(e.Data.Trace, "\n")
	return []desk.Outgoing{o}
}

func (w *writer) toManagers(e *desk.Event) []desk.Outgoing {
	var letters []desk.Outgoing
	for _, m := range w.rules.Desk.Managers {
		subject := fmt.Sprintf("%s: nobody left to ask", desk.TagSubject(w.ticket.Subject, w.rules.Desk.Tag, w.ticket.ID, false))
		o := w.composer.ToManager(desk.SendNotice, m.Address, subject, fmt.Sprintf("ticket %d, event %d", w.ticket.ID, e.Seq))
		about := w.toTechnician(desk.SendNotice, o.To, e)
		o.Letter, o.References = about.Letter, about.References
		o.Letter.Buttons = nil
		letters = append(letters, o)
	}
	return letters
}

// toTechnician starts a mail to a list or a technician with all that each kind
// shows: the reason, the clocks, and buttons to answer with.
func (w *writer) toTechnician(kind desk.OutgoingKind, to desk.Address, e *desk.Event) desk.Outgoing {
	o := w.composer.ToTechnician(&w.ticket, kind, to, fmt.Sprintf("event %d", e.Seq))
	o.Letter.Because = e.Because
	o.Letter.Clocks = w.clocks()
	o.Letter.Buttons = append(w.judgeButtons(&o),
		w.composer.Order(&o, "claim", "#claim\n"),
		w.composer.Mailto(&o, "reply", ""),
		w.composer.Mailto(&o, "solve", "#solve\n"),
		w.composer.Mailto(&o, "escalate", "#escalate "),
		w.composer.Mailto(&o, "note", "#note\n"),
		w.composer.Order(&o, "why", "#why\n"),
	)
	return o
}

// holder returns the technician who has the ticket or else the tier's list; nil
// where the tier has no people.
func (w *writer) holder() *desk.Address {
	if t := w.rules.Desk.Technician(w.ticket.Assignee); t != nil {
		return &desk.Address{Name: t.Name, Address: w.ticket.Assignee}
	}
	tier := w.rules.Desk.Tier(w.ticket.Tier)
	if tier == nil || tier.List == "" {
		return nil
	}
	to := list(tier)
	return &to
}

// holderOrNext returns the holder or, where the tier has no people, the list of the
// next that has; nil without any.
func (w *writer) holderOrNext() *desk.Address {
	if to := w.holder(); to != nil {
		return to
	}
	tier := w.rules.Desk.Next(w.ticket.Tier)
	if tier == nil {
		return nil
	}
	to := list(tier)
	return &to
}

// holderBefore returns the technician who had claimed the ticket when an event
// took it away, or nil.
func (w *writer) holderBefore(e *desk.Event) *desk.Address {
	var holder *desk.Technician
	for i := range w.log {
		switch prior := &w.log[i]; {
		case prior.Seq >= e.Seq:
		case slices.Contains(holderEvents, prior.Type):
			holder = w.rules.Desk.Technician(prior.Data.Assignee)
		}
	}
	if holder == nil {
		return nil
	}
	return &desk.Address{Name: holder.Name, Address: holder.Address()}
}

func list(tier *desk.Tier) desk.Address {
	return desk.Address{Name: strings.TrimSpace(tier.Level.String() + " " + tier.Name), Address: tier.List}
}

// customersWords returns the text of the mail that caused the event, or the
// newest of the customer.
func (w *writer) customersWords(e *desk.Event) string {
	words := ""
	for _, m := range w.messages {
		if m.Kind != desk.FromCustomer {
			continue
		}
		words = cut(m.Text)
		if e.Raw != 0 && m.Raw == e.Raw {
			break
		}
	}
	return words
}

// tried says in a line each what was done for the customer before an event.
func (w *writer) tried(before *desk.Event) []string {
	var lines []string
	for i := range w.log {
		e := &w.log[i]
		switch {
		case e.Seq >= before.Seq:
			return last(lines, maxTried)
		case e.Type == desk.L1Answered:
			lines = append(lines, fmt.Sprintf("L1 sent the document %s (%s)", e.Data.Doc, e.Because))
		case e.Type == desk.L1Abstained:
			line := "L1 knew no answer: " + e.Because
			if e.Data.Doc != "" && !strings.Contains(e.Because, e.Data.Doc) {
				line += "; nearest document " + e.Data.Doc
			}
			lines = append(lines, line)
		case e.Type == desk.L1Shadowed:
			lines = append(lines, wouldHave(e))
		case e.Type == desk.TicketEscalated, e.Type == desk.TicketReturned:
			lines = append(lines, fmt.Sprintf("handed to %s: %s", e.Data.ToTier, e.Because))
		case e.Type == desk.TierPaged:
			lines = append(lines, fmt.Sprintf("paged %s: %s", e.Data.ToTier, e.Because))
		}
	}
	return last(lines, maxTried)
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

func (w *writer) thread() []desk.LetterMessage {
	var thread []desk.LetterMessage
	recent := last(w.messages, maxThread)
	for i := range recent {
		thread = append(thread, letterMessage(&recent[i]))
	}
	return thread
}

// letterMessage shows a message under its author's name, or under the address
// where a name would prove nothing.
func letterMessage(m *desk.Message) desk.LetterMessage {
	who := m.Author.Name
	if who == "" || m.Kind == desk.UnverifiedMail {
		who = m.Author.Address
	}
	return desk.LetterMessage{At: m.At, Who: who, Kind: m.Kind, Text: cut(m.Text)}
}

// cut shortens a message for a mail, at the end of a character.
func cut(text string) string {
	if len(text) <= maxWords {
		return text
	}
	return strings.ToValidUTF8(text[:maxWords], "") + " …"
}

// clocks lists the clocks that run, the soonest first.
func (w *writer) clocks() []desk.LetterClock {
	var clocks []desk.LetterClock
	for _, l := range w.account.current {
		due := l.Due()
		if l.Outcome != "" || l.silent || due.IsZero() {
			continue
		}
		left := fmt.Sprintf("in %s of business time", short(l.Term().Target-l.Used(w.now)))
		switch {
		case !w.now.Before(due):
			left = fmt.Sprintf("breached %s ago", short(w.now.Sub(due)))
		case l.Term().Calendar == nil:
			left = fmt.Sprintf("in %s", short(due.Sub(w.now)))
		}
		clocks = append(clocks, desk.LetterClock{Kind: l.Kind, Due: due, Left: left})
	}
	slices.SortFunc(clocks, func(a, b desk.LetterClock) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Kind, b.Kind))
	})
	return clocks
}
