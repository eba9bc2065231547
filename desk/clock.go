package desk

import "time"

// ClockKind names what a clock measures.
type ClockKind string

// The clocks of a ticket. The first three are promises to the customer, the next two
// the ladder's patience with a tier; of the others each is explained at its name.
const (
	FirstResponse ClockKind = "first_response"
	NextResponse  ClockKind = "next_response" // from the oldest unanswered customer mail
	Resolution    ClockKind = "resolution"
	ClaimClock    ClockKind = "claim" // `ack`: nobody of the tier has claimed
	HoldClock     ClockKind = "hold"  // `hold`: unresolved in this tier
	CloseClock    ClockKind = "close" // the end of the time in which a solved ticket can be opened again
	LeaseClock    ClockKind = "lease" // `lease`: its holder does nothing
	HeldClock     ClockKind = "held"  // a held reply waits for its author's "send"

	PromiseClock ClockKind = "promise" // a time that a technician named to the customer
	WakeClock    ClockKind = "wake"    // the end of a snooze or of a wait for the customer
)

// HeldFor is how long a held reply waits for its author's word.
const HeldFor = 24 * time.Hour

// Clock is one running or stopped clock of a ticket. It is derived from the
// event log; the row exists so that a sweep finds what is due by an index.
type Clock struct {
	Ticket TicketID
	Kind   ClockKind
	Start  time.Time
	Due    time.Time // when the promise is broken; zero while paused
	Warn   time.Time // when a warning is due; zero: none
	Next   time.Time // when the sweep must look at it; zero: never (paused, met, or all done)
	State  ClockState
	Fired  int // how often it fired in this cycle: 1 warned or paged, 2 breached or climbed
}

// ClockState is what became of a clock.
type ClockState string

// The states of a clock.
const (
	ClockRunning  ClockState = "running"
	ClockPaused   ClockState = "paused"
	ClockMet      ClockState = "met"
	ClockBreached ClockState = "breached"
	ClockStopped  ClockState = "stopped" // no longer asked for, without a result
)
