package tiers

import "tierdesk/desk"

// This file has the part of an Account that is about the ladder: how long a tier may
// let a ticket lie.

// ladder takes what happens between the desk's people.
func (a *Account) ladder(e *desk.Event) {
	switch e.Type {
	case desk.TicketEscalated, desk.TicketReturned:
		a.handOver(e)
	case desk.TicketClaimed:
		a.claim()
	case desk.TicketAssigned:
		if e.Data.Assignee != "" {
			a.claim()
		}
	case desk.TicketReleased:
		if a.claimed { // else its claim was withdrawn
			a.release(e)
		}
	case desk.TierPaged:
		a.page(e)
	case desk.LadderEnded:
		a.endLadder()
	case desk.IncidentJoined:
		a.joinIncident(e)
	}
}

// joinIncident leaves the ticket to its incident, whose own clocks run.
func (a *Account) joinIncident(e *desk.Event) {
	a.level, a.claimed = e.Data.ToTier, true
	a.end(desk.ClaimClock, desk.ClockStopped)
	a.end(desk.HoldClock, desk.ClockStopped)
}

func (a *Account) claim() {
	a.claimed = true
	a.end(desk.ClaimClock, desk.ClockMet)
}

func (a *Account) handOver(e *desk.Event) {
	if e.Type == desk.TicketReturned {
		a.Returns++
	}
	a.level = e.Data.ToTier
	a.cycle = max(a.cycle+1, e.Data.Cycle)
	a.pages, a.excused = 0, 0
	a.claimed = e.Data.Assignee != ""
	a.ended = false
	a.end(desk.ClaimClock, desk.ClockStopped)
	a.end(desk.HoldClock, desk.ClockStopped)
	if !a.rules.at(decided(e)).staffed(a.level) {
		return
	}
	a.start(desk.HoldClock, decided(e), e)
	if !a.claimed {
		a.start(desk.ClaimClock, decided(e), e)
	}
}

// release gives the ticket back to its tier, which gets its whole patience again.
func (a *Account) release(e *desk.Event) {
	a.claimed, a.excused = false, a.pages
	a.end(desk.ClaimClock, desk.ClockStopped)
	if !a.ended && a.rules.at(decided(e)).staffed(a.level) {
		a.start(desk.ClaimClock, decided(e), e)
	}
}

func (a *Account) page(e *desk.Event) {
	a.pages++
	if l := a.current[desk.ClaimClock]; l == nil || l.Outcome != "" {
		return
	}
	a.end(desk.ClaimClock, desk.ClockStopped)
	a.start(desk.ClaimClock, decided(e), e).Fired = firedEarly
}

// endLadder silences the ladder's clocks: nobody is left to climb to.
func (a *Account) endLadder() {
	a.ended = true
	for _, kind := range [...]desk.ClockKind{desk.ClaimClock, desk.HoldClock} {
		if l := a.current[kind]; l != nil {
			l.silent = true
		}
	}
}

// undelivered ends the tier's patience when its list cannot be reached, and lets it
// begin again when an answer of the tier comes back.
func (a *Account) undelivered(e *desk.Event) {
	if hold := a.current[desk.HoldClock]; a.lost[e.Seq] != nil && hold != nil && hold.Outcome == "" {
		a.end(desk.HoldClock, desk.ClockStopped)
		a.start(desk.HoldClock, decided(e), e)
	}
	tier := a.rules.at(decided(e)).Desk.Tier(a.level)
	l := a.current[desk.ClaimClock]
	if tier == nil || l == nil || l.Outcome != "" || desk.NormalAddress(tier.List) != desk.NormalAddress(e.Data.Recipient) {
		return
	}
	l.forced = decided(e)
}
