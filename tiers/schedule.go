package tiers

import (
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule holds cron specs. They say when to wake; what is due is decided by the
// engine's clock and the store.
type Schedule struct {
	SLACheck      string // "" means every 15 seconds
	DigestDaily   string // "" means no such digest
	DigestWeekly  string
	DigestMonthly string
}

// schedules are the parsed specs.
type schedules struct {
	check   cron.Schedule
	digests map[string]cron.Schedule // by name of the digest
}

func (s schedules) all() []cron.Schedule {
	list := []cron.Schedule{s.check}
	for _, d := range s.digests {
		list = append(list, d)
	}
	return list
}

// Validate returns an error that names every spec which cron cannot read.
func (s Schedule) Validate() error {
	_, err := s.parse(time.UTC)
	return err
}

func (s Schedule) parse(loc *time.Location) (schedules, error) {
	if s.SLACheck == "" {
		s.SLACheck = "@every 15s"
	}
	check, err := parseSpec(s.SLACheck, loc)
	problems := []error{err}
	digests := map[string]cron.Schedule{}
	for name, spec := range map[string]string{"daily": s.DigestDaily, "weekly": s.DigestWeekly, "monthly": s.DigestMonthly} {
		if spec == "" {
			continue
		}
		digests[name], err = parseSpec(spec, loc)
		problems = append(problems, err)
	}
	return schedules{check, digests}, errors.Join(problems...)
}

// parseSpec reads a cron spec whose times are wall-clock times of loc, unless it
// names a zone. The parser panics on some malformed specs.
func parseSpec(spec string, loc *time.Location) (s cron.Schedule, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cron spec %q: %v", spec, p)
		}
	}()
	s, err = cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("cron spec %q: %w", spec, err)
	}
	if c, ok := s.(*cron.SpecSchedule); ok && c.Location == time.Local {
		c.Location = loc
	}
	if s.Next(time.Unix(0, 0)).IsZero() { // such as 31 February
		return nil, fmt.Errorf("cron spec %q never comes", spec)
	}
	return s, nil
}

// lastTwo returns the last time of a schedule that is not after now, and the one
// before it: a period that has just ended. ok is false when a schedule has none
// within four years.
func lastTwo(s cron.Schedule, now time.Time) (from, to time.Time, ok bool) {
	if every, is := s.(cron.ConstantDelaySchedule); is {
		to = now.Truncate(every.Delay)
		return to.Add(-every.Delay), to, true
	}
	for _, back := range []time.Duration{3 * time.Hour, 3 * 24 * time.Hour, 70 * 24 * time.Hour, 4 * 366 * 24 * time.Hour} {
		from, to = time.Time{}, time.Time{}
		for t := s.Next(now.Add(-back)); !t.IsZero() && !t.After(now); t = s.Next(t) {
			from, to = to, t
		}
		if !from.IsZero() {
			return from, to, true
		}
	}
	return from, to, false
}
