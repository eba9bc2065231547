package triage

import (
	"fmt"
	"slices"
	"strings"

	"tierdesk/desk"
)

// A technician who forwards a customer's mail to the desk opens a ticket for that
// customer. Everything about the customer is the technician's word, so he must be
// proven; that he is believed without a token is no risk, since anybody may open a
// ticket. A customer who forwards somebody's mail asks in his own name.

// forwards reports whether a proven technician forwards a mail of somebody else to one
// of our public addresses, or a mail of ours to any of them. What else is sent to a
// signed address is what that address says.
func (d *decision) forwards(who principal) bool {
	if who.role != roleTechnician || who.strength < proven || d.in.Original == nil {
		return false
	}
	return d.in.Thread.Rung != desk.RungToken || d.Desk.Own(d.in.Original.From.Address)
}

// forwarded decides about a technician's forward.
func (d *decision) forwarded(who principal) (desk.Change, error) {
	from := d.in.Original.From.Address
	switch ours := d.Desk.Own(from) || d.Desk.Technician(from) != nil; {
	case !ours && from != "":
		return d.forOriginal(who)
	case d.in.Thread.Ticket == 0:
		return d.ofNoTicket(who)
	}
	t, err := d.v.Ticket(d.ctx, d.in.Thread.Ticket)
	if err != nil {
		return desk.Change{}, err
	}
	return d.refuse(&t, who, "you forwarded a mail of the desk; reply to it to write to the customer")
}

// forOriginal opens a ticket for the author of the forwarded mail, or adds it to his
// ticket when the forward belongs to one. What the technician wrote above is a note.
func (d *decision) forOriginal(who principal) (desk.Change, error) {
	if known, _, err := d.v.TicketByMessageIDs(d.ctx, nonEmpty(d.in.MessageID)); err != nil || known != 0 {
		return d.ignore("a mail of the same Message-ID was carried out already"), err
	}
	f := *d
	f.in, f.forwarder = d.original(), who.technician
	ch, err := f.joinOrOpen()
	if err != nil {
		return desk.Change{}, err
	}
	t := ch.Ticket
	ch.MessageIDs = append(ch.MessageIDs, nonEmpty(d.in.MessageID)...)
	cmds, note := splitCommands(d.in.Reply)
	if d.in.Bare {
		cmds, note = nil, ""
	}
	if note != "" {
		e := d.event(t, desk.NoteAdded, "technician:"+who.technician.Address(), "it stands above what he forwarded")
		ch.Messages = append(ch.Messages, d.said(t, desk.InternalNote, note))
		ch.Events = append(ch.Events, e)
	}
	ch.Settles.From = desk.OneLine(d.in.From.Address)
	ch.Settles.Reason += "; forwarded by " + who.technician.Name
	if d.in.History {
		return ch, nil
	}
	done := fmt.Sprintf("the mail of %s that you forwarded is in ticket %s", nameAndAddress(t.Requester), desk.Number(t.ID))
	if len(cmds) > 0 {
		done += "; commands in a forward are not carried out: #" + cmds[0].name
	}
	err = d.tell(&ch, d.receipt(t, who.technician, done))
	return ch, err
}

// joinOrOpen adds the mail to the ticket that it answers, when its author belongs
// there, or opens a new one.
func (d *decision) joinOrOpen() (desk.Change, error) {
	id := max(d.in.Thread.Ticket, d.in.Thread.Claims)
	if id == 0 {
		return d.newTicket()
	}
	d.in.Thread.Ticket, d.in.Thread.Claims = id, 0
	member, err := d.participant(id)
	if err != nil || !member {
		d.in.Thread = desk.Thread{Claims: id, Why: d.in.Thread.Why}
		if err != nil {
			return desk.Change{}, err
		}
		return d.newTicket()
	}
	t, err := d.v.Ticket(d.ctx, id)
	if err != nil {
		return desk.Change{}, err
	}
	return d.followUp(&t)
}

// original is the forwarded mail as if its author had sent it to us. Nothing proves
// him, L1 does not answer him, and nobody else of the forward gets anything.
func (d *decision) original() *desk.Inbound {
	o, in := d.in.Original, *d.in
	in.From = &desk.Address{Name: desk.OneLine(o.From.Name), Address: desk.OneLine(o.From.Address)}
	in.Subject, in.MessageID, in.Language = o.Subject, o.MessageID, o.Language
	in.Text, in.Reply, in.Quoted, in.Bare, in.Forwarded, in.Original = o.Text, o.Text, "", false, nil, nil
	in.InReplyTo, in.References, in.ReplyTo = nil, nil, nil
	in.To = slices.DeleteFunc(slices.Concat(d.in.To, d.in.Cc), func(a desk.Address) bool { return !d.Desk.Own(a.Address) })
	in.Cc = nil
	in.Auth = desk.Auth{}
	in.Thread.Token = nil
	in.Sure = false
	if robot := desk.Robot(in.From.Address); robot != "" {
		in.Answerable, in.Why = false, []string{"sender is " + robot}
	}
	return &in
}

func nameAndAddress(a desk.Address) string {
	return strings.TrimSpace(a.Name + " <" + a.Address + ">")
}
