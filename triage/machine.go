package triage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tierdesk/desk"
)

// automatic keeps an answer of a machine, a receipt, a reaction or a complaint.
// It changes nothing and is answered by nothing; on a known ticket it is noted. A
// reaction is no verdict and no rating: a thumb that is up says "seen" as often as
// "it works". A vacation reply may say how long to wait, see absence.
func (d *decision) automatic() (desk.Change, error) {
	reason := string(d.in.Kind)
	if len(d.in.Why) > 0 {
		reason += ": " + strings.Join(d.in.Why, ", ")
	}
	reason = desk.OneLine(reason)
	ch := d.ignore(reason)
	if d.in.Thread.Ticket == 0 {
		return ch, nil
	}
	t, err := d.v.Ticket(d.ctx, d.in.Thread.Ticket)
	if err != nil {
		return desk.Change{}, err
	}
	ch.Settles.Ticket = t.ID
	e := d.event(&t, desk.AutoReceived, "machine", reason)
	e.Data.MessageID = desk.OneLine(d.in.MessageID)
	if d.in.From != nil {
		e.Data.From = desk.OneLine(d.in.From.Address)
		who, err := d.who()
		if err != nil {
			return desk.Change{}, err
		}
		switch {
		case d.absence(&ch, &t, who) && who.technician != nil:
			return ch, d.letGo(&ch, who.technician, ch.Events[0].Because)
		case len(ch.Absences) > 0:
			return ch, nil
		case d.in.Kind == desk.KindReaction && who.member && who.strength != forged:
			e.Type, e.Actor, e.Because = desk.ReactionReceived, actorCustomer, "reacts with "+clip(firstWords(d.in.Text), 20)
		}
	}
	ch.Events = []desk.Event{e}
	return ch, nil
}

// bounce records a delivery status notification. It counts only when it names
// mail that we sent to that recipient: by the signed bounce address it came to,
// or, without a sender, by the Message-ID it quotes. Anybody can write a bounce.
func (d *decision) bounce() (desk.Change, error) {
	ticket, known, err := d.bounced()
	if err != nil {
		return desk.Change{}, err
	}
	ch := desk.Change{}
	reason := "names no mail of ours"
	if ticket != 0 {
		t, err := d.v.Ticket(d.ctx, ticket)
		if err != nil {
			return desk.Change{}, err
		}
		ch.Events = d.deliveryEvents(&t, known)
		reason = fmt.Sprintf("delivery status of ticket %s", desk.Number(ticket))
	}
	ch.Settles = d.settle(desk.CategoryBounce, ticket, reason)
	return ch, nil
}

// bounced returns the ticket that a bounce is about, and the recipients to whom we
// did send mail, each with the key of that mail where it is known.
func (d *decision) bounced() (desk.TicketID, map[string]string, error) {
	ticket, known := desk.TicketID(0), map[string]string{}
	if tok := d.in.Thread.Token; tok != nil && tok.Purpose == desk.ForBounce {
		ticket = tok.Ticket
		for _, r := range d.in.Bounce.Recipients {
			if d.Composer.Keys.IssuedTo(*tok, r.Address) {
				key, err := d.sentUnder(d.in.Bounce.EnvelopeID, ticket, r.Address)
				if err != nil {
					return 0, nil, err
				}
				known[desk.NormalAddress(r.Address)] = key
			}
		}
	}
	if id := d.in.Bounce.OriginalMessageID; id != "" && d.withoutSender() {
		sent, err := d.v.SentAs(d.ctx, id)
		if err != nil && !isNotFound(err) {
			return 0, nil, err
		}
		if err == nil && sent.Ticket != 0 {
			ticket = sent.Ticket
			known[desk.NormalAddress(sent.To)] = sent.Key
		}
	}
	return ticket, known, nil
}

// withoutSender reports whether the mail came with the null return path, as reports
// do (RFC 3464 section 2), or its server does not tell. A report that is believed by
// its Message-ID alone needs it, since many may know that id.
func (d *decision) withoutSender() bool {
	p := d.in.ReturnPath
	return p == nil || *p == "" || strings.HasPrefix(strings.ToLower(*p), "mailer-daemon@")
}

// sentUnder returns the key of the ticket's mail to an address that was sent with an
// envelope id, or "" when there is none.
func (d *decision) sentUnder(envelopeID string, ticket desk.TicketID, to string) (string, error) {
	id, err := strconv.ParseInt(envelopeID, 10, 64)
	if err != nil {
		return "", nil
	}
	item, err := d.v.OutgoingItem(d.ctx, id)
	switch {
	case isNotFound(err):
		return "", nil
	case err != nil:
		return "", err
	case item.Outgoing.Ticket != ticket || desk.NormalAddress(item.Outgoing.To.Address) != desk.NormalAddress(to):
		return "", nil
	}
	return item.Outgoing.Key, nil
}

func (d *decision) deliveryEvents(t *desk.Ticket, known map[string]string) []desk.Event {
	var events []desk.Event
	for _, r := range d.in.Bounce.Recipients {
		key, ours := known[desk.NormalAddress(r.Address)]
		if !ours {
			continue
		}
		typ := desk.DeliveryDelayed
		switch {
		case r.Permanent():
			typ = desk.DeliveryFailed
		case r.Action == "delivered" || r.Action == "relayed" || r.Action == "expanded":
			continue
		}
		e := d.event(t, typ, "machine", clip(r.Diagnostic, 200))
		e.Data.Recipient, e.Data.Reply, e.Data.Outgoing = desk.OneLine(r.Address), desk.OneLine(r.Status), key
		if d.ofMember(r) { // the others have got it
			e.Data.Recipient, e.Data.Outgoing = desk.OneLine(r.Final), ""
		}
		e.Data.MessageID = desk.OneLine(d.in.Bounce.OriginalMessageID)
		events = append(events, e)
	}
	return events
}

// ofMember reports the fate of one member of a tier's list, to which the report
// was made out.
func (d *decision) ofMember(r desk.BounceRecipient) bool {
	to := desk.NormalAddress(r.Address)
	return r.Final != "" && desk.NormalAddress(r.Final) != to && slices.ContainsFunc(d.Desk.Tiers, func(t desk.Tier) bool {
		return t.List != "" && desk.NormalAddress(t.List) == to
	})
}
