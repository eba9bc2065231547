package tiers

import (
	"time"

	"tierdesk/desk"
)

// Account is what a ticket's events say about time: every clock that ever ran,
// and where the ticket stands on the ladder.
type Account struct {
	Ledgers []*Ledger // in the order in which they started
	Returns int       // how often a tier gave the ticket back to a lower one

	rules    *Rules
	ticket   desk.TicketID
	lost     map[int64]*desk.Event // see lostAnswers
	void     map[string]bool       // keys of answers that did not reach the customer
	current  map[desk.ClockKind]*Ledger
	status   desk.Status
	idle     time.Time // since when the ticket asks for nothing; zero while it is active
	priority desk.Priority
	level    desk.Level
	cycle    int
	pages    int                 // of the tier in this cycle
	excused  int                 // how many of them were before the present patience began
	answered bool                // the first answer was given, or is no longer asked for
	claimed  bool                //
	ended    bool                // nobody above was left in this cycle
	snoozed  bool                // nobody is asked for anything until wake
	asleep   time.Time           // since when there is a wake
	wake     time.Time           // end of a snooze or of a wait for the customer; zero: none is set
	solved   time.Time           // since when the ticket only waits to be closed; zero: it does not
	holder   string              // who has the ticket, or ""
	held     []*desk.Event       // replies that wait for their author's word, oldest first
	undone   map[desk.RawID]bool // mails whose reply was withdrawn
}

// Account adds up a ticket's events, given oldest first. It is a pure function
// of the events and the rules.
//
// The rules of the clocks, each with the event that counts:
//
//   - first_response runs from the opening to the first answer that people or L1
//     sent. An answer that was withdrawn, or whose mail could not be delivered,
//     does not count.
//   - next_response runs from the oldest unanswered mail of the customer to the
//     next answer, once the first was given.
//   - resolution runs from the opening until the ticket is solved; a ticket that
//     is opened again goes on with what was used.
//   - claim and hold run from the moment that a tier was handed the ticket. A page,
//     or giving the ticket back to the tier, starts the claim clock once more, and an
//     answer that could not be delivered the hold clock. A snooze stops both.
//   - promise runs by the wall clock from the mail that named a time until the next
//     answer. A new promise takes the place of the one before.
//   - lease runs while somebody has the ticket, from the last thing that he did with
//     it. It stands still like claim and hold.
//   - held runs by the wall clock from the oldest reply that waits for its author's
//     word.
//   - What a withdrawn reply did to the ticket does not count.
//   - All but promise and held stand still while the ticket waits on the customer.
//   - A ticket of mail from before the first connection has no clocks until the
//     customer writes again.
//   - A change of priority, or of the rules, changes what is promised from then on
//     and keeps what was used.
//
// What counts is when a thing happened (Event.Occurred), never later than when it
// was decided. Instants count in whole seconds, so that people can add them up.
func (r *Rules) Account(events []desk.Event) *Account {
	a := &Account{rules: r, level: desk.L1, current: map[desk.ClockKind]*Ledger{}, void: map[string]bool{}, undone: map[desk.RawID]bool{}}
	a.lost = lostAnswers(events)
	for _, answer := range a.lost {
		a.void[answer.Data.Outgoing] = true
	}
	for i := range events {
		if e := &events[i]; e.Type == desk.ReplyUndone && e.Data.Outgoing != "" {
			a.void[e.Data.Outgoing] = true
			a.undo(events[:i], e)
		}
	}
	for i := range events {
		a.add(&events[i])
	}
	for _, l := range a.Ledgers {
		l.settle(r, a.idle)
	}
	if lease := a.current[desk.LeaseClock]; lease != nil {
		lease.settle(r, a.idle)
	}
	return a
}

// Clocks returns the newest clock of each kind, as rows for the store. Kinds for
// which nothing was ever promised have none.
func (a *Account) Clocks() []desk.Clock {
	var clocks []desk.Clock
	for _, kind := range [...]desk.ClockKind{
		desk.FirstResponse, desk.NextResponse, desk.Resolution, desk.PromiseClock, desk.ClaimClock, desk.HoldClock, desk.LeaseClock,
	} {
		if l := a.current[kind]; l != nil && l.promised() {
			clocks = append(clocks, l.Clock())
		}
	}
	if !a.wake.IsZero() {
		clocks = append(clocks, desk.Clock{
			Ticket: a.ticket, Kind: desk.WakeClock, Start: a.asleep, Due: a.wake, Next: a.wake, State: desk.ClockRunning,
		})
	}
	return append(append(clocks, a.heldClock()...), a.closeClock()...)
}

func (a *Account) add(e *desk.Event) {
	if isAnswer(e) && a.void[e.Data.Outgoing] || e.Type == desk.TicketClaimed && a.undone[e.Raw] {
		return
	}
	when := occurred(e)
	a.status = statusAfter(a.status, e)
	switch {
	case e.Type == desk.TicketOpened:
		a.open(e, when)
	case e.Type == desk.MailImported:
		a.adopt(e)
	case isAnswer(e):
		a.answer(e)
	case e.Type == desk.PriorityChanged:
		a.reprioritise(e.Data.Priority, when)
	case e.Type == desk.SLAWarned, e.Type == desk.SLABreached:
		a.spoke(e)
	case e.Type == desk.PromiseMade:
		a.promise(e, when)
	case e.Type == desk.DeliveryFailed:
		a.undelivered(e)
	case e.Type == desk.TicketSolved:
		a.solve(e)
	case byCustomer(e):
		a.customerWrote(e, when)
	default:
		a.ladder(e)
	}
	a.rest(e)
	a.keep(e)
	if a.status == desk.StatusClosed {
		a.close()
	}
	switch {
	case a.status == "" || a.status.Active():
		a.idle = time.Time{}
	case a.idle.IsZero():
		a.idle = when
	}
	a.lie(e, when)
	a.run(e, when)
}

// run starts and stops the clocks as the event leaves the ticket.
func (a *Account) run(e *desk.Event, when time.Time) {
	working := a.status == desk.StatusNew || a.status == desk.StatusOpen
	if resolution := a.current[desk.Resolution]; resolution != nil && a.status != desk.StatusClosed {
		resolution.Outcome = ""
		if a.status == desk.StatusSolved {
			resolution.Outcome = desk.ClockMet
		}
	}
	for _, l := range a.current {
		moment := when
		if moment.Before(l.Start) { // a tier's patience starts when it was told
			moment = l.Start
		}
		switch {
		case l.Outcome != "" && l.ended.IsZero():
			l.ended, l.Ended = moment, e.Seq
		case l.Outcome == "":
			l.ended, l.Ended = time.Time{}, 0
		}
		l.run(l.Kind == desk.PromiseClock || working && !(a.snoozed && l.ofLadder()), moment, e.Seq)
	}
}

func (a *Account) open(e *desk.Event, when time.Time) {
	a.ticket, a.priority = e.Ticket, e.Data.Priority
	if e.Data.ToTier.Valid() {
		a.level = e.Data.ToTier
	}
	a.start(desk.FirstResponse, when, e)
	a.start(desk.Resolution, when, e)
}

// adopt takes over a ticket of mail from before the first connection. Nothing is
// promised for it until the customer writes again.
func (a *Account) adopt(e *desk.Event) {
	if a.ticket != 0 {
		return
	}
	a.ticket, a.priority, a.level, a.answered = e.Ticket, e.Data.Priority, e.Data.ToTier, true
}

func (a *Account) customerWrote(e *desk.Event, when time.Time) {
	l := a.current[desk.NextResponse]
	if a.answered && (l == nil || l.Outcome != "") {
		a.start(desk.NextResponse, when, e)
	}
}

func (a *Account) answer(e *desk.Event) {
	a.answered = true
	a.end(desk.FirstResponse, desk.ClockMet)
	a.end(desk.NextResponse, desk.ClockMet)
	if l := a.current[desk.PromiseClock]; l != nil && (e.Raw == 0 || e.Raw != l.made) {
		a.end(desk.PromiseClock, desk.ClockMet)
	}
	if e.Type != desk.L1Answered {
		a.claim()
	}
}

// solve ends the promises of an answer. Who solves a ticket has answered it,
// unless the customer did, or the mail that says so did not reach him.
func (a *Account) solve(e *desk.Event) {
	if a.void[e.Data.Outgoing] {
		return
	}
	outcome := desk.ClockMet
	if e.Actor == "customer" {
		outcome = desk.ClockStopped
	}
	a.answered = true
	a.end(desk.FirstResponse, outcome)
	a.end(desk.NextResponse, outcome)
	a.end(desk.PromiseClock, outcome)
}

// close ends everything: the ticket was closed, merged into another one, or is no
// request at all. Only one that was solved before kept its promise to be.
func (a *Account) close() {
	for kind := range a.current {
		a.end(kind, desk.ClockStopped)
	}
}

// promise starts the clock of a time that was named to the customer. Its terms are
// in the event.
func (a *Account) promise(e *desk.Event, when time.Time) {
	if e.Data.Due == nil {
		return
	}
	a.end(desk.PromiseClock, desk.ClockStopped)
	due := e.Data.Due.Truncate(time.Second)
	l := a.start(desk.PromiseClock, when, e)
	l.made = e.Raw
	l.Terms = []Term{{From: when, Rules: a.rules.at(when), Priority: a.priority, Target: max(due.Sub(when), time.Second), WarnAt: promiseWarnAt}}
}

// promiseWarnAt is the part of the time up to a promise after which to warn.
const promiseWarnAt = 0.75

// rest notes until when the ticket may rest, and ends that when anything wakes it.
func (a *Account) rest(e *desk.Event) {
	switch {
	case e.Type == desk.TicketSnoozed, e.Type == desk.TicketWaiting:
		a.snoozed = e.Type == desk.TicketSnoozed
		a.asleep, a.wake = decided(e), time.Time{}
		if e.Data.Due != nil {
			a.wake = *e.Data.Due
		}
	case isAway(e) && a.status == desk.StatusWaiting && !a.snoozed:
		// L1's question has nobody to wake.
		if e.Data.Due.After(a.wake) && a.rules.at(decided(e)).staffed(a.level) {
			a.asleep, a.wake = decided(e), *e.Data.Due
		}
	case e.Type == desk.TicketWoken, byCustomer(e), a.status == desk.StatusSolved, a.status == desk.StatusClosed,
		!a.snoozed && a.status != desk.StatusWaiting:
		a.snoozed, a.wake = false, time.Time{}
	}
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
			l.condition(condition{when, p, a.level})
		}
	}
}

func (a *Account) start(kind desk.ClockKind, when time.Time, e *desk.Event) *Ledger {
	if old := a.current[kind]; old != nil {
		old.run(false, when, e.Seq)
	}
	l := &Ledger{Ticket: a.ticket, Kind: kind, Level: a.level, Cycle: a.cycle, Start: when, Started: e.Seq}
	l.condition(condition{when, a.priority, a.level})
	a.current[kind] = l
	a.Ledgers = append(a.Ledgers, l)
	return l
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
		return decided(e)
	}
	return e.Occurred.Truncate(time.Second)
}

// decided returns the second in which the event was decided.
func decided(e *desk.Event) time.Time { return e.At.Truncate(time.Second) }

// isAnswer reports whether the event is an answer on its way to the customer.
func isAnswer(e *desk.Event) bool {
	return e.Type == desk.ReplySent || e.Type == desk.ReplyReleased || e.Type == desk.L1Answered
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
	case desk.TicketWoken:
		if before == desk.StatusWaiting {
			return desk.StatusOpen
		}
	case desk.TicketSolved:
		return desk.StatusSolved
	case desk.TicketClosed:
		return desk.StatusClosed
	}
	return before
}
