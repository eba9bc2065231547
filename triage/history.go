package triage

import "tierdesk/desk"

// Mail from before the first connection is history: it makes tickets and joins
// them, but nobody is told of it and nothing is promised. The desk takes over when
// the customer writes again.

// importTicket makes the new ticket of a change one of history. It waits in the
// tier that it would have been handed to.
func (d *decision) importTicket(ch desk.Change, p Properties) desk.Change {
	t, opened := ch.Ticket, &ch.Events[0]
	if tier := d.Desk.Next(max(p.Tier, desk.L2) - 1); tier != nil {
		t.Tier = tier.Level
	}
	opened.Type, opened.Data.ToTier = desk.MailImported, t.Tier
	ch.Settles = d.settle(desk.CategoryTicket, t.ID, "new ticket in "+t.Tier.String()+" without mail or clocks: from before the first connection")
	return ch
}

// importMail adds a mail of history to its ticket.
func (d *decision) importMail(t *desk.Ticket) desk.Change {
	e := d.event(t, desk.MailImported, actorCustomer, d.in.Thread.Why)
	e.Data.From, e.Data.MessageID = desk.OneLine(d.in.From.Address), d.in.MessageID
	d.list(&e)
	return desk.Change{
		Ticket: t, MessageIDs: nonEmpty(d.in.MessageID),
		Messages: []desk.Message{d.said(t, desk.FromCustomer, d.words())},
		Events:   []desk.Event{e},
		Settles:  d.settle(desk.CategoryAppend, t.ID, d.in.Thread.Why+"; from before the first connection"),
	}
}
