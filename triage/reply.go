package triage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// reply sends the technician's words to the customer and to those who were copied,
// in mails made from scratch: from the desk's address, without any header or address
// of his. They wait for the time in which he can take them back.
func (w *work) reply() error {
	mails, err := w.mails(w.orders.has("solve"))
	if err != nil {
		return err
	}
	if !w.orders.has("now") && w.Undo > 0 {
		for i := range mails {
			mails[i].NotBefore = w.now.Add(w.Undo)
		}
	}
	w.posted(&mails[0], keysOf(mails[1:]), "reply through the signed address")
	w.ch.Outgoing = append(w.ch.Outgoing, mails...)
	return nil
}

// posted records that a reply goes out: the event, the message and the status.
func (w *work) posted(first *desk.Outgoing, copies []string, because string) {
	t := w.ch.Ticket
	if t.Status != desk.StatusSolved { // what he adds to a solved one leaves it so
		t.Status = desk.StatusWaiting
	}
	m := w.said(t, desk.PublicReply, first.Letter.Text)
	m.MessageID = first.MessageID
	w.ch.Messages = append(w.ch.Messages, m)
	w.sent = first.Key
	w.ch.Events = append(w.ch.Events, w.about(desk.ReplySent, first, copies, because))
}

// about starts an event about a reply's mails.
func (w *work) about(typ desk.EventType, first *desk.Outgoing, copies []string, because string) desk.Event {
	e := w.event(w.ch.Ticket, typ, w.actor(), because)
	e.Data.MessageID, e.Data.Outgoing, e.Data.Recipient = first.MessageID, first.Key, first.To.Address
	e.Data.Copies = copies
	return e
}

func keysOf(mails []desk.Outgoing) []string {
	var keys []string
	for i := range mails {
		keys = append(keys, mails[i].Key)
	}
	return keys
}

// mails are the reply as it goes out: the requester's first, then one to each other
// participant, so that each has a reply address of his own.
func (w *work) mails(solves bool) ([]desk.Outgoing, error) {
	t := w.ch.Ticket
	copied, err := w.readers()
	if err != nil {
		return nil, err
	}
	html, files := w.formatted()
	mails := []desk.Outgoing{w.Composer.ToCustomer(t, desk.SendReply, w.cause())}
	for _, p := range copied {
		mails = append(mails, w.Composer.ToParticipant(t, desk.SendReply, p, w.cause()))
	}
	for i := range mails {
		o := &mails[i]
		if name := desk.OneLine(w.who.technician.Name); name != "" {
			o.From.Name = name + " (" + w.Desk.Name + ")"
		}
		o.Letter.Text, o.Letter.HTML = w.text, html
		o.Letter.Assignee = w.who.technician.Name
		o.Letter.Copied = names(copied)
		if solves {
			o.Letter.Status = desk.StatusSolved
		}
		o.Attachments = slices.Clone(files)
	}
	if solves {
		err = w.askFeedback(t, &mails[0])
	}
	return mails, err
}

// formatted returns the reply as HTML, "" when the mail has none that says the same
// as its text, and the files that go along. Pictures are called by names of ours. One
// that stands in the HTML, but not in what the customer gets of it, is a logo of the
// signature or belongs to what was quoted.
func (w *work) formatted() (string, []desk.AttachmentRef) {
	html, shown := "", []string(nil)
	if w.Formatted != nil && w.in.HTML != "" {
		html, shown = w.Formatted(w.in.HTML, w.text)
	}
	var refs []desk.AttachmentRef
	for _, a := range w.files {
		ref := desk.AttachmentRef{
			Raw: w.in.Raw, Part: a.Part, Filename: a.Filename, ContentType: a.ContentType, Size: a.Size, SHA256: a.SHA256,
			Inline: a.Inline, ContentID: a.ContentID,
		}
		if a.ContentID != "" {
			ref.ContentID = fmt.Sprintf("part%d.mail%d@%s", a.Part, w.in.Raw, w.Desk.Domain())
			link := `"cid:` + a.ContentID + `"`
			inPlace := slices.Contains(shown, a.ContentID)
			switch {
			case inPlace:
				html = strings.ReplaceAll(html, link, `"cid:`+ref.ContentID+`"`)
				ref.Inline = true
			case html != "" && strings.Contains(w.in.HTML, "cid:"+a.ContentID):
				continue
			}
		}
		refs = append(refs, ref)
	}
	return html, refs
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
