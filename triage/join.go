package triage

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"tierdesk/desk"
)

// This file has the commands that tie tickets and people together.

func (w *work) readTicket(o *order) (err error) {
	number, _, _ := strings.Cut(o.args, " ")
	id, ok := desk.ParseNumber(number)
	if !ok || number != o.args {
		return desk.Refuse("%q is no ticket number; write 1234 or %s", clip(o.args, 60), desk.Number(1234))
	}
	o.ticket = id
	return nil
}

// other returns the ticket that an order names, or the one that goes on for it.
func (w *work) other(o *order) (desk.Ticket, error) {
	t, err := desk.GoingOn(w.ctx, w.v, o.ticket)
	switch {
	case isNotFound(err):
		return t, desk.Refuse("there is no ticket %s", desk.Number(o.ticket))
	case err == nil && t.ID == w.before.ID:
		return t, desk.Refuse("that is this ticket")
	}
	return t, err
}

// at is an event of another ticket that this mail caused.
func (w *work) at(t *desk.Ticket, typ desk.EventType, because string) desk.Event {
	e := w.event(t, typ, w.actor(), because)
	e.Data.Other = w.before.ID
	return e
}

func (w *work) link(o *order) error {
	other, err := w.other(o)
	if err != nil {
		return err
	}
	w.ch.Links = append(w.ch.Links, desk.Link{Other: other.ID, Kind: desk.LinkRelated})
	w.happened(desk.TicketLinked, o.line()).Data.Other = other.ID
	w.ch.Also = append(w.ch.Also, desk.Change{Events: []desk.Event{w.at(&other, desk.TicketLinked, o.line())}})
	w.did("linked with %s", desk.Number(other.ID))
	return nil
}

func (w *work) askMerge(o *order) (string, error) {
	into, err := w.other(o)
	from, to := desk.NormalAddress(w.before.Requester.Address), desk.NormalAddress(into.Requester.Address)
	if err != nil || from == to {
		return "", err
	}
	return fmt.Sprintf("ticket %s of %s goes on in ticket %s of %s, and both take part in it",
		desk.Number(w.before.ID), from, desk.Number(into.ID), to), nil
}

// merge lets another ticket go on for this one. Everybody and everything that
// belongs to this one belongs to the other from now on; see Threader in mailin.
func (w *work) merge(o *order) error {
	into, err := w.other(o)
	if err != nil {
		return err
	}
	if into.Status == desk.StatusClosed {
		return desk.Refuse("ticket %s is closed", desk.Number(into.ID))
	}
	people, err := w.v.Participants(w.ctx, w.before.ID)
	if err != nil {
		return err
	}
	messages, err := w.v.Messages(w.ctx, w.before.ID)
	if err != nil {
		return err
	}
	w.ch.Also = append(w.ch.Also, w.takeIn(into, people, messages, o.line()))
	t := w.ch.Ticket
	w.rest(desk.StatusClosed)
	t.MergedInto = into.ID
	w.happened(desk.TicketMerged, o.line()).Data.Other = into.ID
	w.ch.Links = append(w.ch.Links, desk.Link{Other: into.ID, Kind: desk.LinkMerged})
	w.did("merged into %s", desk.Number(into.ID))
	if desk.NormalAddress(t.Requester.Address) == desk.NormalAddress(into.Requester.Address) {
		return nil
	}
	if w.untold, err = w.unanswerable(t); err == nil && w.untold == "" {
		letter := w.Composer.ToCustomer(t, desk.SendMerged, w.cause())
		letter.Letter.Other = desk.Number(into.ID)
		w.ch.Outgoing = append(w.ch.Outgoing, letter)
	}
	return err
}

// takeIn is what a merge does to the ticket that goes on. It gets the people, and a
// note of what was said; when the other one waited for the desk, so does this.
func (w *work) takeIn(into desk.Ticket, people []desk.Participant, messages []desk.Message, line string) desk.Change {
	into.Updated = w.now
	ch := desk.Change{Ticket: &into}
	for _, p := range people {
		p.Role, p.Joined = desk.RoleCopied, fmt.Sprintf("merged with ticket %d in %s", w.before.ID, w.cause())
		ch.Participants = append(ch.Participants, p)
	}
	note := w.said(&into, desk.InternalNote, "")
	note.Text = fmt.Sprintf("Ticket %s of %s goes on here: %s", desk.Number(w.before.ID), w.before.Requester.Address, w.before.Subject)
	if text := transcript(messages); text != "" {
		note.Text += "\n\n" + text
	}
	note.MessageID = ""
	ch.Messages = []desk.Message{note}
	waits := w.before.Status == desk.StatusNew || w.before.Status == desk.StatusOpen
	switch {
	case waits && into.Status == desk.StatusSolved:
		into.Status = desk.StatusOpen
		ch.Events = append(ch.Events, w.at(&into, desk.TicketReopened, line))
	case waits && into.Status == desk.StatusWaiting:
		into.Status = desk.StatusOpen
		ch.Events = append(ch.Events, w.at(&into, desk.TicketResumed, line))
	}
	ch.Events = append(ch.Events, w.at(&into, desk.TicketMerged, fmt.Sprintf("#merge of ticket %s", desk.Number(w.before.ID))))
	return ch
}

// maxTranscript bounds the text that a merge takes along, in bytes.
const maxTranscript = 16 << 10

// transcript writes a conversation as text, the newest of it where it is too long.
func transcript(messages []desk.Message) string {
	var parts []string
	size := 0
	for _, m := range slices.Backward(messages) {
		who := m.Author.Name
		if who == "" || m.Kind == desk.UnverifiedMail {
			who = m.Author.Address
		}
		part := fmt.Sprintf("%s, %s (%s):\n%s", m.At.UTC().Format("2006-01-02 15:04 MST"), who, m.Kind, m.Text)
		if size += len(part); size > maxTranscript {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, part)
	}
	slices.Reverse(parts)
	return strings.Join(parts, "\n\n")
}

func (w *work) readCount(o *order) (err error) {
	if o.args == "" {
		return nil
	}
	o.number, err = strconv.Atoi(strings.TrimSuffix(o.args, "."))
	if err != nil || o.number < 2 || o.number > 9999 {
		return desk.Refuse("write 2 for the customer's second mail, or nothing for his newest; the first one is what the ticket is about")
	}
	return nil
}

// split makes a ticket of one of the customer's mails. It stands in the same tier,
// and whoever answers that mail comes to it.
func (w *work) split(o *order) error {
	messages, err := w.v.Messages(w.ctx, w.before.ID)
	if err != nil {
		return err
	}
	messages = slices.DeleteFunc(messages, func(m desk.Message) bool { return m.Kind != desk.FromCustomer || m.Raw == 0 })
	n := o.number
	if n == 0 {
		n = len(messages)
	}
	if n > len(messages) || n < 2 {
		return desk.Refuse("the ticket has %d of the customer's mails; it cannot do without the first", len(messages))
	}
	moved := messages[n-1]
	off, err := w.splitOff(&moved, o.line())
	if err != nil {
		return err
	}
	t := w.ch.Ticket
	if t.LastFromCustomer == moved.MessageID {
		t.LastFromCustomer = messages[n-2].MessageID
	}
	w.ch.Also = append(w.ch.Also, off)
	w.happened(desk.TicketSplit, o.line()).Data.Other = off.Ticket.ID
	w.did("ticket %s opened with the mail of %s", desk.Number(off.Ticket.ID), told(w.local(moved.At)))
	return nil
}

// splitOff opens the ticket of a mail that is split off.
func (w *work) splitOff(m *desk.Message, line string) (desk.Change, error) {
	id, err := w.v.NewTicketID(w.ctx)
	if err != nil {
		return desk.Change{}, err
	}
	people, err := w.v.Participants(w.ctx, w.before.ID)
	if err != nil {
		return desk.Change{}, err
	}
	author, brought := desk.NormalAddress(m.Author.Address), fmt.Sprintf("copied in mail%d", m.Raw)
	people = slices.DeleteFunc(people, func(p desk.Participant) bool { return p.Address == author || p.Joined != brought })
	t := &desk.Ticket{
		ID: id, Subject: w.before.Subject, Requester: m.Author, Status: desk.StatusNew, Tier: desk.L1,
		Priority: w.ch.Ticket.Priority, Category: w.ch.Ticket.Category, Language: w.before.Language,
		Created: m.At, Updated: w.now, Origin: m.Raw, LastFromCustomer: m.MessageID,
	}
	ch := desk.Change{
		Ticket: t, Takes: []desk.Taken{{From: w.before.ID, Raw: m.Raw, MessageID: m.MessageID}},
		Participants: append(people, desk.Participant{
			Address: author, Name: m.Author.Name, Role: desk.RoleRequester, Joined: "split off by " + w.cause(),
		}),
		MessageIDs: []string{
			w.Composer.Keys.RootID(desk.ForCustomer, id, w.Desk.Domain()),
			w.Composer.Keys.RootID(desk.ForTechnician, id, w.Desk.Domain()),
		},
		Links: []desk.Link{{Other: w.before.ID, Kind: desk.LinkSplit}},
	}
	opened := w.at(t, desk.TicketOpened, line)
	opened.Raw, opened.Occurred = m.Raw, m.At
	opened.Data.From, opened.Data.Subject, opened.Data.MessageID = m.Author.Address, t.Subject, m.MessageID
	opened.Data.Priority, opened.Data.Category, opened.Data.ToTier = t.Priority, t.Category, desk.L1
	ch.Events = append(ch.Events, opened, w.at(t, desk.TicketSplit, line))
	w.handOver(&ch, max(w.before.Tier, desk.L2), w.actor(), "split off ticket "+desk.Number(w.before.ID))
	return ch, nil
}

// readAddress reads who shall be the requester. Nobody of the desk can be.
func (w *work) readAddress(o *order) error {
	a, err := mail.ParseAddress(strings.TrimPrefix(o.args, "mailto:"))
	if err != nil || len(a.Address) > 254 || desk.OneLine(a.Address) != a.Address {
		return desk.Refuse("%q is no address", clip(o.args, 80))
	}
	if w.Desk.Own(a.Address) || w.Desk.Technician(a.Address) != nil {
		return desk.Refuse("%s belongs to the desk", a.Address)
	}
	o.address = desk.Address{Name: clip(a.Name, 100), Address: a.Address}
	return nil
}

func (w *work) askRequester(o *order) (string, error) {
	before, after := desk.NormalAddress(w.before.Requester.Address), desk.NormalAddress(o.address.Address)
	if domainOf(before) == domainOf(after) {
		return "", nil
	}
	return fmt.Sprintf("%s, who is of another organisation than %s, becomes the requester of ticket %s and gets all that is said from now on",
		after, before, desk.Number(w.before.ID)), nil
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func (w *work) changeRequester(o *order) error {
	t, now := w.ch.Ticket, desk.NormalAddress(o.address.Address)
	if now == desk.NormalAddress(t.Requester.Address) {
		return desk.Refuse("%s is the requester already", now)
	}
	t.Requester = o.address
	t.LastFromCustomer = "" // he does not have that mail
	w.ch.Participants = append(w.ch.Participants, desk.Participant{
		Address: now, Name: o.address.Name, Role: desk.RoleRequester, Joined: "#requester in " + w.cause(),
	})
	w.happened(desk.RequesterChanged, o.line()).Data.From = now
	w.did("requester is %s", now)
	return nil
}
