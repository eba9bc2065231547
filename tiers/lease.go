package tiers

import (
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
)

// This file has what may lie only for so long: a ticket with its holder, and a reply
// that waits for its author's word.

// keep follows who has the ticket, whose lease begins again with everything he does,
// and which replies are held.
func (a *Account) keep(e *desk.Event) {
	before := a.holder
	switch e.Type {
	case desk.TicketClaimed, desk.TicketAssigned, desk.TicketEscalated, desk.TicketReturned:
		a.holder = e.Data.Assignee
	case desk.TicketReleased:
		a.holder = ""
	case desk.ReplyHeld:
		a.held = append(a.held, e)
	case desk.ReplyReleased, desk.ReplyUndone, desk.ReplyLapsed:
		a.held = slices.DeleteFunc(a.held, func(h *desk.Event) bool { return h.Data.Outgoing == e.Data.Outgoing })
	}
	switch {
	case a.holder == "":
		delete(a.current, desk.LeaseClock)
	case a.holder != before || e.Actor == "technician:"+a.holder:
		l := &Ledger{Ticket: a.ticket, Kind: desk.LeaseClock, Start: decided(e), Started: e.Seq}
		l.condition(condition{l.Start, a.priority, a.level})
		a.current[desk.LeaseClock] = l // the one before says nothing any more
	}
}

// undo notes the mail whose reply an event withdraws.
func (a *Account) undo(before []desk.Event, undone *desk.Event) {
	for i := range before {
		if e := &before[i]; isAnswer(e) && e.Raw != 0 && e.Data.Outgoing == undone.Data.Outgoing {
			a.undone[e.Raw] = true
		}
	}
}

// heldClock runs until the oldest held reply is given up.
func (a *Account) heldClock() []desk.Clock {
	if len(a.held) == 0 {
		return nil
	}
	due := lapses(a.held[0])
	return []desk.Clock{{
		Ticket: a.ticket, Kind: desk.HeldClock, Start: decided(a.held[0]), Due: due, Next: due, State: desk.ClockRunning,
	}}
}

// lapses returns when a held reply is given up.
func lapses(held *desk.Event) time.Time { return decided(held).Add(desk.HeldFor) }

// lapse takes the ticket from a holder who does nothing with it.
func (s *step) lapse() {
	l := s.account.current[desk.LeaseClock]
	if s.ticket.Assignee == "" || !isDue(l, s.now) {
		return
	}
	holder := s.ticket.Assignee
	if t := s.rules.Desk.Technician(holder); t != nil {
		holder = t.Name
	}
	s.ticket.Assignee, s.ticket.Updated = "", s.now
	e := s.event(desk.TicketReleased, fmt.Sprintf("%s did nothing with it for %s", holder, within(l.Term())))
	e.Data.ToTier, e.Data.Cycle = s.ticket.Tier, s.ticket.Cycle
	s.events = append(s.events, e)
}

// drop gives up the replies that were held long enough.
func (s *step) drop() {
	for _, held := range s.account.held {
		if s.now.Before(lapses(held)) {
			return
		}
		e := s.event(desk.ReplyLapsed, fmt.Sprintf("nobody said \"send\" within %s", short(desk.HeldFor)))
		e.Data.Outgoing, e.Data.Copies = held.Data.Outgoing, held.Data.Copies
		s.events = append(s.events, e)
		s.withdrawn = append(append(s.withdrawn, held.Data.Outgoing), held.Data.Copies...)
	}
}

// claimed tells the tier's list who has the ticket, once, and not a holder alone in
// his tier.
func (w *writer) claimed(e *desk.Event) []desk.Outgoing {
	holder, tier := w.rules.Desk.Technician(e.Data.Assignee), w.rules.Desk.Tier(w.ticket.Tier)
	if holder == nil || tier == nil || tier.List == "" || w.ticket.Assignee != e.Data.Assignee {
		return nil
	}
	others := slices.ContainsFunc(w.rules.Desk.Technicians, func(t desk.Technician) bool {
		return t.Address() != holder.Address() && slices.Contains(t.Tiers, tier.Level)
	})
	if before := w.holderBefore(e); !others || before != nil && before.Address == holder.Address() {
		return nil
	}
	o := w.toTechnician(desk.SendClaim, list(tier), e)
	o.Letter.Because = fmt.Sprintf("%s has it: %s", holder.Name, e.Because)
	o.Letter.Buttons = nil
	return []desk.Outgoing{o}
}

// released asks the tier's list again, since nobody has the ticket.
func (w *writer) released(e *desk.Event) []desk.Outgoing {
	if w.ticket.Assignee != "" {
		return nil
	}
	again := *e
	again.Data.ToTier = w.ticket.Tier
	return w.paged(&again)
}

// lapsed tells the author of a held reply that it was given up.
func (w *writer) lapsed(e *desk.Event) []desk.Outgoing {
	for i := range w.log {
		held := &w.log[i]
		if held.Type != desk.ReplyHeld || held.Data.Outgoing != e.Data.Outgoing {
			continue
		}
		author := w.rules.Desk.Technician(held.Actor[len("technician:"):])
		if author == nil {
			return nil
		}
		o := w.toTechnician(desk.SendNotice, desk.Address{Name: author.Name, Address: author.Address()}, e)
		o.Letter.Because = fmt.Sprintf("your reply of %s was not sent (%s): %s", stamp(nil, held.At), held.Because, e.Because)
		o.Letter.Buttons = nil
		return []desk.Outgoing{o}
	}
	return nil
}
