package tiers

import (
	"fmt"

	"tierdesk/desk"
)

// holderEvents say in their Assignee who has the ticket from then on, if anybody.
var holderEvents = []desk.EventType{
	desk.TicketClaimed, desk.TicketAssigned, desk.TicketReleased, desk.TicketEscalated, desk.TicketReturned,
}

// assigned goes to the technician whom somebody else gave the ticket, and to whom it
// was taken from.
func (w *writer) assigned(e *desk.Event) []desk.Outgoing {
	tech := w.rules.Desk.Technician(e.Data.Assignee)
	if tech == nil {
		return nil
	}
	letters := w.takenFrom(e, tech.Name)
	if !byTechnician(e, tech.Address()) {
		letters = append(letters, w.handed(desk.Address{Name: tech.Name, Address: tech.Address()}, e))
	}
	return letters
}

// takenFrom tells who had the ticket until now that somebody else did something about it.
func (w *writer) takenFrom(e *desk.Event, to string) []desk.Outgoing {
	before := w.holderBefore(e)
	if before == nil || byTechnician(e, before.Address) || before.Address == e.Data.Assignee {
		return nil
	}
	o := w.toTechnician(desk.SendNotice, *before, e)
	o.Letter.Because = fmt.Sprintf("handed to %s: %s", to, e.Because)
	return []desk.Outgoing{o}
}

func byTechnician(e *desk.Event, address string) bool { return e.Actor == "technician:"+address }

// woken tells whoever has the ticket that it rests no longer.
func (w *writer) woken(e *desk.Event) []desk.Outgoing {
	to := w.holder()
	if to == nil {
		return nil
	}
	o := w.toTechnician(desk.SendUpdate, *to, e)
	o.Letter.Text = w.customersWords(e)
	o.Letter.Thread = w.thread()
	return []desk.Outgoing{o}
}

// tookIn tells whoever has the ticket that another one goes on in it.
func (w *writer) tookIn(e *desk.Event) []desk.Outgoing {
	to := w.holder()
	if to == nil || byTechnician(e, to.Address) {
		return nil
	}
	o := w.toTechnician(desk.SendUpdate, *to, e)
	o.Letter.Thread = w.thread()
	return []desk.Outgoing{o}
}
