package tiers

import (
	"time"

	"tierdesk/desk"
)

// Account is what a ticket's events say about time: every clock that ever ran,
// and where the ticket stands on the ladder.
type Account struct {
	Ledgers []*Ledger // in the order in which they started

	rules    *Rules
	ticket   desk.TicketID
	lost     map[int64]*desk.Event // see lostAnswers
	bounced  map[string]bool       // keys of their mails
	current  map[desk.ClockKind]*Ledger
	status   desk.Status
	priority desk.Priority
	level    desk.Level
	cycle    int
	answered bool // the first answer was given, or is no longer asked for
	claimed  bool
	solved   time.Time // since when the ticket only waits to be closed; zero: it does not
	ended    bool      // nobody above was left in this cycle
}

// Account adds up a ticket's events, given oldest first. It is a pure function
// of the events and the rules.
//
// The rules of the clocks, each with the event that counts:
//
//   - first_response runs from the opening to the first answer that people or L1
//     sent. An answer whose mail could not be delivered does not count.
//   - next_response runs from the oldest unanswered mail of the customer to the
//     next answer, once the first was given.
//   - resolution runs from the opening until the ticket is solved; a ticket that
//     is opened again goes on with what was used.
//   - claim and hold run from the moment that a tier was handed the ticket. A page
//     starts the claim clock once more, and an answer that could not be delivered
//     the hold clock.
//   - All of them stand still while the ticket waits on the customer.
//   - A ticket of mail from before the first connection has no clocks until the
//     customer writes again.
//   - A change of priority changes the target and keeps what was used.
//
// What counts is when a thing happened (Event.Occurred), never later than when it
// was decided.
func (r *Rules) Account(events []desk.Event) *Account {
	a := &Account{rules: r, level: desk.L1, current: map[desk.ClockKind]*Ledger{}, bounced: map[string]bool{}}
	a.lost = lostAnswers(events)
	for _, answer := range a.lost {
		a.bounced[answer.Data.Outgoing] = true
	}
	for i := range events {
		a.add(&events[i])
	}
	return a
}

// Clocks returns the newest clock of each kind, as rows for the store. Kinds for
// which nothing was ever promised have none.
func (a *Account) Clocks() []desk.Clock {
	var clocks []desk.Clock
	for _, kind := range [...]desk.ClockKind{
		desk.FirstResponse, desk.NextResponse, desk.Resolution, desk.ClaimClock, desk.HoldClock,
	} {
		if l := a.current[kind]; l != nil && (l.Target > 0 || !l.forced.IsZero() || !l.retargeted.IsZero()) {
			clocks = append(clocks, l.Clock())
		}
	}
	return append(clocks, a.closeClock()...)
}

func (a *Account) add(e *desk.Event) {
	isAnswer := e.Type == desk.ReplySent || e.Type == desk.L1Answered
	if isAnswer && a.bounced[e.Data.Outgoing] {
		return
	}
	when := occurred(e)
	a.status = statusAfter(a.status, e)
	switch {
	case e.Type == desk.TicketOpened:
		a.open(e, when)
	case e.Type == desk.MailImported:
		a.adopt(e)
	case isAnswer:
		a.answer(e)
	case e.Type == desk.TicketEscalated:
		a.handOver(e)
	case e.Type == desk.TicketClaimed:
		a.claim()
	case e.Type == desk.TierPaged:
		a.page(e)
	case e.Type == desk.PriorityChanged:
		a.reprioritise(e.Data.Priority, when)
	case e.Type == desk.SLAWarned, e.Type == desk.SLABreached:
		a.spoke(e)
	case e.Type == desk.LadderEnded:
		a.endLadder()
	case e.Type == desk.DeliveryFailed:
		a.undelivered(e)
	case e.Type == desk.TicketSolved, e.Type == desk.TicketClosed:
		a.finish(e)
	case byCustomer(e):
		a.customerWrote(when)
	}
	a.lie(e, when)
	a.run(e, when)
}

// run starts and stops the clocks as the event leaves the ticket.
func (a *Account) run(e *desk.Event, when time.Time) {
	working := a.status == desk.StatusNew || a.status == desk.StatusOpen
	if resolution := a.current[desk.Resolution]; resolution != nil {
		resolution.Outcome = ""
		if a.status == desk.StatusSolved || a.status == desk.StatusClosed {
			resolution.Outcome = desk.ClockMet
		}
	}
	for _, l := range a.current {
		moment := when
		if moment.Before(l.Start) { // a tier's patience starts when it was told
			moment = l.Start
		}
		l.run(working, moment, e.Seq)
	}
}

func (a *Account) open(e *desk.Event, when time.Time) {
	a.ticket, a.priority = e.Ticket, e.Data.Priority
	if e.Data.ToTier.Valid() {
		a.level = e.Data.ToTier
	}
	a.start(desk.FirstResponse, when)
	a.start(desk.Resolution, when)
}

// adopt takes over a ticket of mail from before the first connection. Nothing is
// promised for it until the customer writes again.
func (a *Account) adopt(e *desk.Event) {
	if a.ticket != 0 {
		return
	}
	a.ticket, a.priority, a.level, a.answered = e.Ticket, e.Data.Priority, e.Data.ToTier, true
}

func (a *Account) customerWrote(when time.Time) {
	l := a.current[desk.NextResponse]
	if a.answered && (l == nil || l.Outcome != "") {
		a.start(desk.NextResponse, when)
	}
}

func (a *Account) answer(e *desk.Event) {
	a.answered = true
	a.end(desk.FirstResponse, desk.ClockMet)
	a.end(desk.NextResponse, desk.ClockMet)
	if e.Type == desk.ReplySent {
		a.claim()
	}
}

// finish ends the promises of an answer. Who solves a ticket has answered it,
// unless the customer did, or the mail that says so could not be delivered.
func (a *Account) finish(e *desk.Event) {
	outcome := desk.ClockMet
	if e.Type == desk.TicketClosed || e.Actor == "customer" {
		outcome = desk.ClockStopped
	}
	if !a.bounced[e.Data.Outgoing] {
		a.answered = true
		a.end(desk.FirstResponse, outcome)
		a.end(desk.NextResponse, outcome)
	}
	if e.Type == desk.TicketClosed {
		a.end(desk.ClaimClock, desk.ClockStopped)
		a.end(desk.HoldClock, desk.ClockStopped)
	}
}

func (a *Account) claim() {
	a.claimed = true
	a.end(desk.ClaimClock, desk.ClockMet)
}

func (a *Account) handOver(e *desk.Event) {
	a.level = e.Data.ToTier
	a.cycle = max(a.cycle+1, e.Data.Cycle)
	a.claimed = e.Data.Assignee != ""
	a.ended = false
	a.end(desk.ClaimClock, desk.ClockStopped)
	a.end(desk.HoldClock, desk.ClockStopped)
	tier := a.rules.Desk.Tier(a.level)
	if tier == nil || tier.List == "" {
		return
	}
	a.start(desk.HoldClock, e.At)
	if !a.claimed {
		a.start(desk.ClaimClock, e.At)
	}
}

func (a *Account) page(e *desk.Event) {
	if l := a.current[desk.ClaimClock]; l == nil || l.Outcome != "" {
		return
	}
	a.end(desk.ClaimClock, desk.ClockStopped)
	a.start(desk.ClaimClock, e.At).Fired = firedEarly
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
		a.start(desk.HoldClock, e.At)
	}
	tier := a.rules.Desk.Tier(a.level)
	l := a.current[desk.ClaimClock]
	if tier == nil || l == nil || desk.NormalAddress(tier.List) != desk.NormalAddress(e.Data.Recipient) {
		return
	}
	l.forced = e.At
}

func (a *Account) spoke(e *desk.Event) {
	l := a.current[e.Data.Clock]
	if l == nil {
		return
	}
	l.Fired = max(l.Fired, firedEarly)
	if e.Type == desk.SLABreached {
		l.Fired, l.broke = firedBroken, e.At
	}
}

func (a *Account) reprioritise(p desk.Priority, when time.Time) {
	if p == a.priority {
		return
	}
	a.priority = p
	for _, l := range a.current {
		if l.Outcome == "" {
			a.target(l)
			l.retargeted = when
		}
	}
}

func (a *Account) start(kind desk.ClockKind, when time.Time) *Ledger {
	l := &Ledger{Ticket: a.ticket, Kind: kind, Start: when}
	a.target(l)
	a.current[kind] = l
	a.Ledgers = append(a.Ledgers, l)
	return l
}

// target gives a ledger the target and calendar of the present priority and tier.
func (a *Account) target(l *Ledger) {
	switch l.Kind {
	case desk.ClaimClock, desk.HoldClock:
		tier := a.rules.Desk.Tier(a.level)
		if tier == nil {
			l.Target = 0
			return
		}
		l.Calendar = a.rules.tierCalendar(tier, a.priority)
		l.Target = tier.Ack
		if l.Kind == desk.HoldClock {
			l.Target = tier.Hold
		}
	default:
		l.Target = 0
		if p := a.rules.policy(a.priority); p != nil {
			l.Policy, l.WarnAt = p.Name, p.WarnAt
			l.Calendar = a.rules.Calendars[p.Calendar]
			l.Target = p.Targets[a.priority].of(l.Kind)
		}
	}
}

// end gives the current clock of a kind its outcome; one that has ended keeps it.
func (a *Account) end(kind desk.ClockKind, outcome desk.ClockState) {
	if l := a.current[kind]; l != nil && l.Outcome == "" {
		l.Outcome = outcome
	}
}

// occurred returns the instant of an event that counts. A server's clock that is
// ahead does not put it into the future.
func occurred(e *desk.Event) time.Time {
	if e.Occurred.IsZero() || e.Occurred.After(e.At) {
		return e.At
	}
	return e.Occurred
}

// byCustomer reports whether the event is a customer's mail that asks for an
// answer.
func byCustomer(e *desk.Event) bool {
	switch e.Type {
	case desk.MailReceived:
		return e.Data.Signal == ""
	case desk.TicketResumed, desk.TicketReopened:
		return e.Actor == "customer"
	}
	return false
}

// statusAfter returns the ticket's status after the event: what the event says,
// or else what its type means.
func statusAfter(before desk.Status, e *desk.Event) desk.Status {
	if e.Data.Status != "" {
		return e.Data.Status
	}
	switch e.Type {
	case desk.TicketOpened:
		return desk.StatusNew
	case desk.L1Answered, desk.TicketWaiting:
		return desk.StatusWaiting
	case desk.TicketResumed, desk.TicketReopened:
		return desk.StatusOpen
	case desk.TicketSolved:
		return desk.StatusSolved
	case desk.TicketClosed:
		return desk.StatusClosed
	}
	return before
}
