package triage

import (
	"fmt"
	"strings"

	"tierdesk/desk"
)

// automatic keeps an answer of a machine, a receipt, a reaction or a complaint.
// It changes nothing and is answered by nothing; on a known ticket it is noted.
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
	e := d.event(&t, desk.AutoReceived, "machine", reason)
	if d.in.From != nil {
		e.Data.From = desk.OneLine(d.in.From.Address)
	}
	e.Data.MessageID = desk.OneLine(d.in.MessageID)
	ch.Events = []desk.Event{e}
	ch.Settles.Ticket = t.ID
	return ch, nil
}

// bounce records a delivery status notification. It counts only when it names
// mail that we sent to that recipient: by the signed bounce address it came to,
// or by the Message-ID it quotes. Anybody can write a bounce.
func (d *decision) bounce() (desk.Change, error) {
	ch := desk.Change{}
	ticket, known := desk.TicketID(0), map[string]bool{}
	if tok := d.in.Thread.Token; tok != nil && tok.Purpose == desk.ForBounce {
		ticket = tok.Ticket
		for _, r := range d.in.Bounce.Recipients {
			known[desk.NormalAddress(r.Address)] = d.Composer.Keys.IssuedTo(*tok, r.Address)
		}
	}
	if id := d.in.Bounce.OriginalMessageID; id != "" {
		_, to, t, err := d.v.OutgoingTo(d.ctx, id)
		if err != nil && !isNotFound(err) {
			return desk.Change{}, err
		}
		if err == nil {
			ticket, known[desk.NormalAddress(to)] = t, true
		}
	}
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

func (d *decision) deliveryEvents(t *desk.Ticket, known map[string]bool) []desk.Event {
	var events []desk.Event
	for _, r := range d.in.Bounce.Recipients {
		if !known[desk.NormalAddress(r.Address)] {
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
		e.Data.Recipient, e.Data.Reply = desk.OneLine(r.Address), desk.OneLine(r.Status)
		e.Data.MessageID = desk.OneLine(d.in.Bounce.OriginalMessageID)
		events = append(events, e)
	}
	return events
}
