package tiers

import (
	"fmt"
	"time"

	"tierdesk/desk"
)

var customerClocks = [...]desk.ClockKind{desk.FirstResponse, desk.NextResponse, desk.Resolution}

// How often a clock has spoken, as desk.Clock.Fired counts.
const (
	firedNone   = 0
	firedEarly  = 1 // warned, or paged
	firedBroken = 2 // breached, or climbed
)

// Ledger is the account of one clock: when it ran, in which calendar, and what
// is left. A reader with a calculator gets the same result.
type Ledger struct {
	Ticket   desk.TicketID
	Kind     desk.ClockKind
	Policy   string // name; "" for the ladder's clocks
	Calendar *Calendar
	Target   time.Duration // business time; zero: never due
	WarnAt   float64
	Start    time.Time
	Runs     []Run
	Outcome  desk.ClockState // ClockMet or ClockStopped when it ended, else ""
	Fired    int

	// broke is when the breach was recorded; zero without one.
	broke time.Time
	// retargeted is when another priority's target took over. What broke by the
	// new target alone, broke then.
	retargeted time.Time
	// forced is when the ladder's patience ended before its time.
	forced time.Time
	// silent keeps a clock from coming due: the ladder has ended.
	silent bool
}

// Run is a stretch of time during which a clock ran. To is zero while it runs.
// The events that started and stopped it are named by their number in the log.
type Run struct {
	From, To         time.Time
	Started, Stopped int64
}

// Running reports whether the clock runs.
func (l *Ledger) Running() bool {
	return len(l.Runs) > 0 && l.Runs[len(l.Runs)-1].To.IsZero()
}

// Used returns the business time that was used up until now.
func (l *Ledger) Used(now time.Time) time.Duration {
	var sum time.Duration
	for _, run := range l.Runs {
		if run.To.IsZero() {
			run.To = now
		}
		sum += l.Calendar.Between(run.From, run.To)
	}
	return sum
}

// Due returns when the target is or was used up. It is zero while that cannot be
// known, because the clock stands still before it.
func (l *Ledger) Due() time.Time { return l.usedUp(l.Target) }

// Warn returns when the part of the target is used up at which to warn, or zero.
func (l *Ledger) Warn() time.Time { return l.usedUp(time.Duration(float64(l.Target) * l.WarnAt)) }

func (l *Ledger) usedUp(d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	for _, run := range l.Runs {
		end := l.Calendar.Add(run.From, d)
		if run.To.IsZero() || run.To.After(end) {
			if end.Before(l.retargeted) {
				return l.retargeted
			}
			return end
		}
		d -= l.Calendar.Between(run.From, run.To)
	}
	return time.Time{}
}

// State returns what has become of the clock, as far as the log says.
func (l *Ledger) State() desk.ClockState {
	switch {
	case l.Outcome == desk.ClockStopped, l.Target <= 0 && l.forced.IsZero():
		return desk.ClockStopped
	case l.Fired >= firedBroken && l.Outcome == "":
		return desk.ClockBreached
	case l.Running():
		return desk.ClockRunning
	case !l.Due().IsZero() && !l.ofLadder():
		return desk.ClockBreached
	case l.Outcome == desk.ClockMet:
		return desk.ClockMet
	}
	return desk.ClockPaused
}

func (l *Ledger) ofLadder() bool { return l.Kind == desk.ClaimClock || l.Kind == desk.HoldClock }

// next returns when the clock has something new to say, or zero. A promise that
// was kept late still has to be recorded; a tier's patience matters while it runs.
func (l *Ledger) next() time.Time {
	switch {
	case l.Outcome == desk.ClockStopped, l.Fired >= firedBroken, l.silent:
		return time.Time{}
	case l.ofLadder() && !l.Running():
		return time.Time{}
	case !l.forced.IsZero():
		return l.forced
	case l.Running() && l.Fired == firedNone && !l.Warn().IsZero():
		return l.Warn()
	}
	return l.Due()
}

// Clock returns the ledger as the row that a sweep looks for.
func (l *Ledger) Clock() desk.Clock {
	c := desk.Clock{
		Ticket: l.Ticket, Kind: l.Kind, Start: l.Start, Due: l.Due(),
		Next: l.next(), State: l.State(), Fired: l.Fired,
	}
	if l.Running() {
		c.Warn = l.Warn()
	}
	return c
}

// Lines returns the account in words, a line for each run, with the zone's wall
// clock of the calendar or, without one, UTC.
func (l *Ledger) Lines(now time.Time) []string {
	lines := []string{fmt.Sprintf("%s: target %s of calendar %s", l.Kind, short(l.Target), l.Calendar.Name())}
	for _, run := range l.Runs {
		to, end := run.To, stamp(l.Calendar, run.To)
		if to.IsZero() {
			to, end = now, "now, "+stamp(l.Calendar, now)
		}
		lines = append(lines, fmt.Sprintf("%s to %s: %s", stamp(l.Calendar, run.From), end,
			short(l.Calendar.Between(run.From, to))))
	}
	used := l.Used(now)
	if used > l.Target {
		return append(lines, fmt.Sprintf("used %s, %s over", short(used), short(used-l.Target)))
	}
	return append(lines, fmt.Sprintf("used %s, %s left", short(used), short(l.Target-used)))
}

func (l *Ledger) run(running bool, when time.Time, seq int64) {
	if l.Outcome != "" {
		running = false
	}
	if running == l.Running() {
		return
	}
	if running {
		l.Runs = append(l.Runs, Run{From: when, Started: seq})
		return
	}
	last := &l.Runs[len(l.Runs)-1]
	last.To, last.Stopped = when, seq
	if when.Before(last.From) { // the mail that stops it came before the one that started it was read
		last.To = last.From
	}
}

// stamp writes an instant in the zone of a calendar.
func stamp(c *Calendar, t time.Time) string {
	if c == nil {
		return t.UTC().Format("2006-01-02 15:04 MST")
	}
	return t.In(c.location).Format("2006-01-02 15:04 MST")
}

// short writes a duration to the minute: "2h10m", "30m"; to the second below one.
func short(d time.Duration) string {
	if d < time.Minute {
		return d.Truncate(time.Second).String()
	}
	d = d.Truncate(time.Minute)
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case h == 0:
		return fmt.Sprintf("%dm", m)
	case m == 0:
		return fmt.Sprintf("%dh", h)
	}
	return fmt.Sprintf("%dh%02dm", h, m)
}
