package triage

import (
	"time"

	"tierdesk/desk"
)

// reply sends the technician's words to the customer, in a mail made from
// scratch: from the desk's address, without any header or address of his.
func (w *work) reply(solves bool) {
	t := w.ch.Ticket
	if t.Status != desk.StatusSolved { // what he adds to a solved one leaves it so
		t.Status = desk.StatusWaiting
	}
	o := w.Composer.ToCustomer(t, desk.SendReply, w.cause())
	if name := desk.OneLine(w.who.technician.Name); name != "" {
		o.From.Name = name + " (" + w.Desk.Name + ")"
	}
	o.Letter.Text = w.text
	o.Letter.Assignee = w.who.technician.Name
	if solves {
		o.Letter.Status = desk.StatusSolved
	}
	for _, a := range w.files {
		o.Attachments = append(o.Attachments, desk.AttachmentRef{
			Raw: w.in.Raw, Part: a.Part, Filename: a.Filename, ContentType: a.ContentType, Size: a.Size, SHA256: a.SHA256,
			Inline: a.Inline, ContentID: a.ContentID,
		})
	}
	m := w.said(t, desk.PublicReply, o.Letter.Text)
	m.MessageID = o.MessageID
	w.ch.Messages = append(w.ch.Messages, m)
	e := w.event(t, desk.ReplySent, w.actor(), "reply through the signed address")
	e.Data.MessageID, e.Data.Outgoing, e.Data.Recipient = o.MessageID, o.Key, t.Requester.Address
	w.ch.Events = append(w.ch.Events, e)
	w.ch.Outgoing = append(w.ch.Outgoing, o)
}

// unanswerable returns why no automatic mail may go to the requester, or "". Who got
// none since his ticket was opened, not even a receipt of his mail, may be a machine,
// a list or a forged name.
func (d *decision) unanswerable(t *desk.Ticket) (string, error) {
	to := desk.NormalAddress(t.Requester.Address)
	switch n, err := d.v.CountAutomatic(d.ctx, to, t.Created); {
	case err != nil:
		return "", err
	case n == 0:
		return "the mail that opened the ticket was not acknowledged either", nil
	}
	n, err := d.v.CountAutomatic(d.ctx, to, d.now.Add(-time.Hour))
	if err == nil && n >= automaticPerHour {
		return tooMany(n), nil
	}
	if err != nil {
		return "", err
	}
	return d.spammer(t.Requester.Address)
}
