package tiers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// actor is who the events of this package are by.
const actor = "sla"

// step is one look at a ticket: what its clocks say now.
type step struct {
	rules   *Rules
	account *Account
	ticket  desk.Ticket
	now     time.Time
	events  []desk.Event
	reason  string // why to climb, "" to stay
	// withdrawn are keys of mail that is not sent any more.
	withdrawn []string
}

// Step decides what is due on a ticket now: warnings and breaches of its promises,
// and at most one step on the ladder, however much time has passed unseen. It is
// a pure function of the ticket, all of its events, the rules and now. The Change
// holds events only when there is something new.
func (r *Rules) Step(t desk.Ticket, log []desk.Event, now time.Time) desk.Change {
	s := step{rules: r, account: r.Account(log), ticket: t, now: now}
	if s.wake() {
		s.account = r.Account(slices.Concat(log, s.events))
	}
	for _, kind := range customerClocks {
		if l := s.account.current[kind]; isDue(l, now) {
			s.promise(l)
		}
	}
	s.close()
	s.patience()
	if s.reason != "" {
		s.climb()
	} else {
		s.lapse()
	}
	s.drop()
	change := desk.Change{SetClocks: true, Events: s.events, Withdrawn: s.withdrawn}
	change.Clocks = r.Account(slices.Concat(log, s.events)).Clocks()
	if len(s.events) > 0 || len(change.Clocks) == 0 { // without clocks the ticket says whose are gone
		change.Ticket = &s.ticket
	}
	return change
}

func isDue(l *Ledger, now time.Time) bool {
	if l == nil {
		return false
	}
	next := l.next()
	return !next.IsZero() && !now.Before(next)
}

// promise records that a promise to the customer is at risk or broken. A broken
// one that is still owed climbs.
func (s *step) promise(l *Ledger) {
	due := l.Due()
	name := strings.ReplaceAll(string(l.Kind), "_", " ")
	target := within(l.Term())
	switch {
	case due.IsZero() || s.now.Before(due):
		s.sla(desk.SLAWarned, l, fmt.Sprintf("%s is due %s: %s of %s are used",
			name, stamp(l.Term().Calendar, due), short(l.Used(s.now)), target))
	case l.Running():
		because := fmt.Sprintf("%s was due %s, after %s", name, stamp(l.Term().Calendar, due), target)
		s.sla(desk.SLABreached, l, because)
		s.events[len(s.events)-1].Data.ToTier = s.ticket.Tier
		if l.Kind != desk.PromiseClock { // who named a time keeps the ticket
			s.reason = because
		}
	default:
		s.sla(desk.SLABreached, l, fmt.Sprintf("%s was due %s, after %s, and came late",
			name, stamp(l.Term().Calendar, due), target))
	}
}

// wake ends a snooze, or a wait for the customer, whose time is over. It reports
// whether it did.
func (s *step) wake() bool {
	a := s.account
	if a.wake.IsZero() || s.now.Before(a.wake) {
		return false
	}
	because := "the snooze is over"
	if !a.snoozed {
		because = "the customer has not answered by then"
	}
	if s.ticket.Status == desk.StatusWaiting {
		s.ticket.Status = desk.StatusOpen
	}
	s.ticket.WaitUntil, s.ticket.Updated = time.Time{}, s.now
	e := s.event(desk.TicketWoken, because)
	e.Data.Due = &a.wake
	s.events = append(s.events, e)
	return true
}

func (s *step) sla(typ desk.EventType, l *Ledger, because string) {
	e := s.event(typ, because)
	due := l.Due()
	e.Data.Clock, e.Data.Policy, e.Data.Version, e.Data.Due = l.Kind, l.Term().Policy, l.Term().Rules.Version, &due
	e.Data.Trace = l.Lines(s.now)
	s.events = append(s.events, e)
}

// patience looks at the clocks of the tier that has the ticket.
func (s *step) patience() {
	claim, hold := s.account.current[desk.ClaimClock], s.account.current[desk.HoldClock]
	tier := s.rules.Desk.Tier(s.ticket.Tier)
	switch {
	case tier == nil || s.reason != "":
	case isDue(claim, s.now) && !claim.forced.IsZero():
		s.reason = fmt.Sprintf("the mail to %s (%s) could not be delivered", tier.Level, tier.List)
	case isDue(hold, s.now):
		s.reason = fmt.Sprintf("not solved by %s within %s", tier.Level, within(hold.Term()))
	case isDue(claim, s.now) && s.account.pages-s.account.excused < max(tier.Repeat, 1):
		s.page(claim)
	case isDue(claim, s.now):
		s.reason = fmt.Sprintf("nobody of %s claimed it within %s of the page", tier.Level, within(claim.Term()))
	}
}

// within names a target, with the calendar where it is not day and night.
func within(t *Term) string {
	if t.Calendar == nil {
		return short(t.Target)
	}
	return fmt.Sprintf("%s (%s)", short(t.Target), t.Calendar.Name())
}

func (s *step) page(claim *Ledger) {
	e := s.event(desk.TierPaged, fmt.Sprintf("nobody of %s claimed it within %s", s.ticket.Tier, within(claim.Term())))
	e.Data.ToTier, e.Data.Cycle, e.Data.Count = s.ticket.Tier, s.ticket.Cycle, s.account.pages+1
	s.events = append(s.events, e)
}

// climb hands the ticket to the next tier that has people, or says once that
// there is none.
func (s *step) climb() {
	next := s.rules.Desk.Next(s.ticket.Tier)
	if next == nil {
		if !s.account.ended {
			e := s.event(desk.LadderEnded, s.reason+", and no tier is above "+s.ticket.Tier.String())
			e.Data.ToTier, e.Data.Cycle = s.ticket.Tier, s.ticket.Cycle
			s.events = append(s.events, e)
		}
		return
	}
	from := s.ticket.Tier
	s.ticket.Tier = next.Level
	s.ticket.Cycle++
	s.ticket.Assignee = ""
	s.ticket.Updated = s.now
	e := s.event(desk.TicketEscalated, s.reason)
	e.Data.FromTier, e.Data.ToTier, e.Data.Cycle = from, next.Level, s.ticket.Cycle
	s.events = append(s.events, e)
}

func (s *step) event(typ desk.EventType, because string) desk.Event {
	e := desk.NewEvent(s.ticket.ID, typ, actor, because, s.now)
	e.Data.Status = s.ticket.Status
	return e
}
