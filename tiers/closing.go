package tiers

import (
	"fmt"
	"time"

	"tierdesk/desk"
)

// A solved ticket is closed by itself when its customer has had time to say that it
// is not solved: Rules.CloseAfter from the solution or, when he was away, from his
// return. Thanks do not begin it anew.

// lie notes since when a ticket only waits to be closed.
func (a *Account) lie(e *desk.Event, when time.Time) {
	switch {
	case a.status != desk.StatusSolved:
		a.solved = time.Time{}
	case e.Type == desk.TicketSolved, a.solved.IsZero():
		a.solved = when
	case isAway(e) && e.Data.Due.After(a.solved):
		a.solved = *e.Data.Due
	}
}

// closeClock returns the clock of a solved ticket, or none.
func (a *Account) closeClock() []desk.Clock {
	after := a.rules.at(a.solved).CloseAfter
	if a.solved.IsZero() || after <= 0 {
		return nil
	}
	due := a.solved.Add(after)
	return []desk.Clock{{Ticket: a.ticket, Kind: desk.CloseClock, Start: a.solved, Due: due, Next: due, State: desk.ClockRunning}}
}

// close closes a ticket that has been solved for long enough.
func (s *step) close() {
	clock := s.account.closeClock()
	if len(clock) == 0 || s.now.Before(clock[0].Due) {
		return
	}
	s.ticket.Status, s.ticket.Updated = desk.StatusClosed, s.now
	s.events = append(s.events, s.event(desk.TicketClosed, "solved, and not contradicted within "+inDays(clock[0].Due.Sub(clock[0].Start))))
}

// inDays writes a long duration in days, where it has no hours beside.
func inDays(d time.Duration) string {
	if d%(24*time.Hour) != 0 {
		return short(d)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}

// isAway reports whether the event says until when the customer is away.
func isAway(e *desk.Event) bool {
	return e.Type == desk.AbsenceNoted && e.Actor == "customer" && e.Data.Due != nil
}
