package tiers

import (
	"fmt"
	"iter"
	"time"

	"tierdesk/desk"
)

var customerClocks = [...]desk.ClockKind{desk.FirstResponse, desk.NextResponse, desk.Resolution, desk.PromiseClock}

// How often a clock has spoken, as desk.Clock.Fired counts.
const (
	firedNone   = 0
	firedEarly  = 1 // warned, or paged
	firedBroken = 2 // breached, or climbed
)

// Ledger is the account of one clock: when it ran, under which terms, and what is
// left. A reader with a calculator gets the same result.
type Ledger struct {
	Ticket  desk.TicketID
	Kind    desk.ClockKind
	Level   desk.Level // of the tier that had the ticket when it started
	Cycle   int        // of the ladder, likewise
	Start   time.Time
	Started int64 // number of the event that started it
	Runs    []Run
	Terms   []Term          // by time, at least one
	Outcome desk.ClockState // ClockMet or ClockStopped when it ended, else ""
	Ended   int64           // number of the event that ended it, or zero
	Fired   int

	conditions []condition
	ended      time.Time // when it got its outcome; zero without
	// broke is when the breach was recorded; zero without one.
	broke time.Time
	// forced is when the ladder's patience ended before its time.
	forced time.Time
	// silent keeps a clock from coming due: the ladder has ended.
	silent bool
	// made is the mail in which a promise was made.
	made desk.RawID
}

// Run is a stretch of time during which a clock ran. To is zero while it runs.
// The events that started and stopped it are named by their number in the log.
type Run struct {
	From, To         time.Time
	Started, Stopped int64
}

// Term is what was promised from a time on: a target of business time in a
// calendar. Zero means that nothing was promised.
type Term struct {
	From     time.Time
	Rules    *Rules // the version in force
	Priority desk.Priority
	Policy   string // name; "" for the ladder's clocks
	Calendar *Calendar
	Target   time.Duration
	WarnAt   float64
}

// warnAfter returns the part of the target after which to warn, or zero.
func (t *Term) warnAfter() time.Duration { return time.Duration(float64(t.Target) * t.WarnAt) }

// condition is what the ticket was from a time on, as far as terms depend on it.
type condition struct {
	from     time.Time
	priority desk.Priority
	level    desk.Level
}

// span is a part of a run under one term. To is zero while it runs.
type span struct {
	From, To time.Time
	Term     *Term
	Run      *Run
}

// Term returns the newest terms.
func (l *Ledger) Term() *Term { return &l.Terms[len(l.Terms)-1] }

// spans yields the runs, cut where terms change.
func (l *Ledger) spans() iter.Seq[span] {
	return func(yield func(span) bool) {
		for i := range l.Runs {
			run := &l.Runs[i]
			for j := range l.Terms {
				s := span{From: run.From, To: run.To, Term: &l.Terms[j], Run: run}
				if j > 0 && s.From.Before(l.Terms[j].From) {
					s.From = l.Terms[j].From
				}
				if j+1 < len(l.Terms) && (s.To.IsZero() || l.Terms[j+1].From.Before(s.To)) {
					s.To = l.Terms[j+1].From
				}
				if (s.To.IsZero() || s.From.Before(s.To)) && !yield(s) {
					return
				}
			}
		}
	}
}

// Running reports whether the clock runs.
func (l *Ledger) Running() bool {
	return len(l.Runs) > 0 && l.Runs[len(l.Runs)-1].To.IsZero()
}

// Used returns the business time that was used up until now.
func (l *Ledger) Used(now time.Time) time.Duration {
	var sum time.Duration
	for s := range l.spans() {
		if s.To.IsZero() {
			s.To = now
		}
		sum += s.Term.Calendar.Between(s.From, s.To)
	}
	return sum
}

// Due returns when the target is or was used up. It is zero while that cannot be
// known, because the clock stands still before it.
func (l *Ledger) Due() time.Time { return l.usedUp(func(t *Term) time.Duration { return t.Target }) }

// Warn returns when the part of the target is used up at which to warn, or zero.
func (l *Ledger) Warn() time.Time { return l.usedUp((*Term).warnAfter) }

// usedUp returns since when more was used than the limit of the terms of that
// time, up to the newest ones. New terms that are broken from the start broke when
// they took over, and longer ones mend what was broken by the old.
func (l *Ledger) usedUp(limit func(*Term) time.Duration) time.Time {
	var used time.Duration
	var since time.Time
	for s := range l.spans() {
		d := limit(s.Term)
		switch {
		case d <= 0:
			since = time.Time{}
		case used >= d && since.IsZero():
			since = s.From
		case used < d:
			since = time.Time{}
			if end := s.Term.Calendar.Add(s.From, d-used); s.To.IsZero() || end.Before(s.To) {
				since = end
			}
		}
		if !s.To.IsZero() {
			used += s.Term.Calendar.Between(s.From, s.To)
		}
	}
	if d := limit(l.Term()); d <= 0 || used < d && !l.Running() {
		return time.Time{}
	}
	return since
}

// State returns what has become of the clock, as far as the log says.
func (l *Ledger) State() desk.ClockState {
	switch {
	case l.Outcome == desk.ClockStopped, l.Term().Target <= 0 && l.forced.IsZero():
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

func (l *Ledger) ofLadder() bool { return ofLadder(l.Kind) }

// ofLadder reports whether a clock measures the patience with the desk's people.
func ofLadder(kind desk.ClockKind) bool {
	return kind == desk.ClaimClock || kind == desk.HoldClock || kind == desk.LeaseClock
}

// promised reports whether the clock ever had something to measure.
func (l *Ledger) promised() bool {
	for i := range l.Terms {
		if l.Terms[i].Target > 0 {
			return true
		}
	}
	return !l.forced.IsZero()
}

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

// Lines returns the account in words, a line for each run under one set of terms,
// with the zone's wall clock of the calendar or, without one, UTC.
func (l *Ledger) Lines(now time.Time) []string {
	t := l.Term()
	lines := []string{fmt.Sprintf("%s: target %s of calendar %s", l.Kind, short(t.Target), t.Calendar.Name())}
	for s := range l.spans() {
		to, end := s.To, stamp(s.Term.Calendar, s.To)
		if to.IsZero() {
			to, end = now, "now, "+stamp(s.Term.Calendar, now)
		}
		lines = append(lines, fmt.Sprintf("%s to %s: %s", stamp(s.Term.Calendar, s.From), end,
			short(s.Term.Calendar.Between(s.From, to))))
	}
	used := l.Used(now)
	if used > t.Target {
		return append(lines, fmt.Sprintf("used %s, %s over", short(used), short(used-t.Target)))
	}
	return append(lines, fmt.Sprintf("used %s, %s left", short(used), short(t.Target-used)))
}

// run starts or stops the clock.
func (l *Ledger) run(running bool, when time.Time, seq int64) {
	if l.Outcome != "" {
		running = false
	}
	if running == l.Running() {
		return
	}
	if running {
		if n := len(l.Runs); n > 0 && when.Before(l.Runs[n-1].To) { // told of later than what stopped it
			when = l.Runs[n-1].To
		}
		l.Runs = append(l.Runs, Run{From: when, Started: seq})
		return
	}
	last := &l.Runs[len(l.Runs)-1]
	last.To, last.Stopped = when, seq
	if when.Before(last.From) { // the mail that stops it came before the one that started it was read
		last.To = last.From
	}
}

// condition notes that the ticket is another from a time on.
func (l *Ledger) condition(c condition) {
	if n := len(l.conditions); n > 0 && c.from.Before(l.conditions[n-1].from) {
		c.from = l.conditions[n-1].from
	}
	l.conditions = append(l.conditions, c)
}

// settle works out the terms: they change with the ticket and with the rules, but
// not any more once the clock has ended or the ticket is idle.
func (l *Ledger) settle(rules *Rules, idle time.Time) {
	if l.Kind == desk.PromiseClock {
		return // it has the terms that were promised
	}
	for i, c := range l.conditions {
		l.term(rules.at(c.from), c, c.from)
		for _, r := range rules.changes() {
			if !r.Since.After(c.from) || !before(r.Since, l.ended) || !before(r.Since, idle) {
				continue
			}
			if i+1 == len(l.conditions) || r.Since.Before(l.conditions[i+1].from) {
				l.term(r, c, r.Since)
			}
		}
	}
}

// before reports whether t comes before an end; the zero time is none.
func before(t, end time.Time) bool { return end.IsZero() || t.Before(end) }

// term adds terms unless they are what holds already.
func (l *Ledger) term(rules *Rules, c condition, from time.Time) {
	t := rules.term(l.Kind, c.priority, c.level)
	t.From = from
	if n := len(l.Terms); n > 0 && !t.differs(&l.Terms[n-1]) {
		return
	}
	l.Terms = append(l.Terms, t)
}

// differs reports whether the terms count or promise otherwise than those before.
func (t *Term) differs(before *Term) bool {
	return t.Target != before.Target || t.WarnAt != before.WarnAt || t.Policy != before.Policy ||
		t.Priority != before.Priority || t.Calendar.Version() != before.Calendar.Version()
}

// stamp writes an instant in the zone of a calendar.
func stamp(c *Calendar, t time.Time) string { return c.in(t).Format("2006-01-02 15:04 MST") }

// in returns an instant in the zone of a calendar, UTC without one.
func (c *Calendar) in(t time.Time) time.Time {
	if c == nil {
		return t.UTC()
	}
	return t.In(c.location)
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
