package tiers

import (
	"iter"
	"math"
	"time"
)

// Calendar says when people work: windows of wall-clock time for each weekday of
// one time zone, without the holidays. A nil *Calendar is always open. A Calendar
// is read-only after NewCalendar and safe for concurrent use.
//
// An instant is open when the wall clock of the zone, on a date that is no
// holiday, shows a time inside a window. So an hour that a clock change repeats
// counts twice, and one that it skips does not count.
type Calendar struct {
	name     string
	version  string
	location *time.Location
	week     [7][]window
	holidays map[int64]string // by day number, see dayNumber
}

// window is a part of a day in microseconds since midnight, without its end.
type window struct{ from, to int64 }

const (
	micro     = int64(time.Microsecond)
	dayMicros = 24 * 60 * 60 * 1_000_000
	// horizon bounds the search for open time, should a calendar have none left.
	horizon = 50 * 365 * dayMicros
)

// Name returns the configured name, "24x7" for the calendar that is always open.
func (c *Calendar) Name() string {
	if c == nil {
		return Always
	}
	return c.name
}

// Add returns the first instant at which d of open time has passed since from.
// It returns from itself when d is not positive, and an instant 50 years on when
// the calendar has no open time left. It works on whole microseconds.
func (c *Calendar) Add(from time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return from
	}
	if c == nil {
		return from.Add(d)
	}
	left := int64(d) / micro
	for start, end := range c.open(from) {
		if end-start >= left {
			return time.UnixMicro(start + left).In(from.Location())
		}
		left -= end - start
	}
	return time.UnixMicro(from.UnixMicro() + horizon).In(from.Location())
}

// Between returns how much open time lies between a and b; zero when b is not
// after a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if !b.After(a) {
		return 0
	}
	if c == nil {
		return b.Sub(a)
	}
	var sum int64
	stop := b.UnixMicro()
	for start, end := range c.open(a) {
		if start >= stop {
			break
		}
		sum += min(end, stop) - start
	}
	return time.Duration(sum * micro)
}

// Opens yields the open intervals between two instants, in order. None goes across
// a change of the zone's offset.
func (c *Calendar) Opens(from, to time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(from, to time.Time) bool) {
		if c == nil {
			if from.Before(to) {
				yield(from.UTC(), to.UTC())
			}
			return
		}
		stop := to.UnixMicro()
		for start, end := range c.open(from) {
			if start >= stop || !yield(time.UnixMicro(start).In(c.location), time.UnixMicro(min(end, stop)).In(c.location)) {
				return
			}
		}
	}
}

// NextOpen returns the first open instant that is not before t.
func (c *Calendar) NextOpen(t time.Time) time.Time {
	if c == nil {
		return t
	}
	for start := range c.open(t) {
		return time.UnixMicro(start).In(t.Location())
	}
	return time.UnixMicro(t.UnixMicro() + horizon).In(t.Location())
}

// Holiday returns the name of the holiday on t's date in the calendar's zone, or
// "" on any other day.
func (c *Calendar) Holiday(t time.Time) string {
	if c == nil {
		return ""
	}
	return c.holidays[dayNumber(t.In(c.location).Date())]
}

// open yields the open intervals from an instant on, in order, as microseconds
// of Unix time. Between two changes of the zone's offset the wall clock runs
// evenly, so each such stretch is cut into days and windows by arithmetic.
func (c *Calendar) open(from time.Time) iter.Seq2[int64, int64] {
	return func(yield func(start, end int64) bool) {
		at := from.UnixMicro()
		last := at + horizon
		for at < last {
			local := time.UnixMicro(at).In(c.location)
			_, seconds := local.Zone()
			stretch := min(zoneEnd(local), last)
			if !c.openIn(at, stretch, int64(seconds)*1_000_000, yield) {
				return
			}
			at = stretch
		}
	}
}

// openIn yields the open intervals of [from, to), during which the wall clock is
// ahead of UTC by offset microseconds. It reports whether to go on.
func (c *Calendar) openIn(from, to, offset int64, yield func(start, end int64) bool) bool {
	for day := floorDiv(from+offset, dayMicros); day*dayMicros-offset < to; day++ {
		midnight := day*dayMicros - offset
		for _, w := range c.windows(day) {
			start, end := max(midnight+w.from, from), min(midnight+w.to, to)
			if start < end && !yield(start, end) {
				return false
			}
		}
	}
	return true
}

func (c *Calendar) windows(day int64) []window {
	if _, off := c.holidays[day]; off {
		return nil
	}
	weekday := (day + int64(time.Thursday)) % 7 // day 0, 1970-01-01, was a Thursday
	if weekday < 0 {
		weekday += 7
	}
	return c.week[weekday]
}

// zoneEnd returns when the offset in effect at t ends, in microseconds.
func zoneEnd(t time.Time) int64 {
	_, end := t.ZoneBounds()
	if end.IsZero() {
		return math.MaxInt64
	}
	return end.UnixMicro()
}

// dayNumber counts the days since 1970-01-01 of a date.
func dayNumber(year int, month time.Month, day int) int64 {
	return floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), 24*60*60)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
