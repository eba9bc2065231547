package tiers

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
)

// maxDuration bounds every configured duration, so that sums of them stay far
// from overflow.
const maxDuration = 366 * 24 * time.Hour

// Target is what a policy promises for one priority, in business time. Zero means
// that nothing is promised.
type Target struct {
	FirstResponse time.Duration
	NextResponse  time.Duration // from the oldest unanswered mail of the customer
	Resolution    time.Duration
}

func (t Target) of(kind desk.ClockKind) time.Duration {
	switch kind {
	case desk.FirstResponse:
		return t.FirstResponse
	case desk.NextResponse:
		return t.NextResponse
	case desk.Resolution:
		return t.Resolution
	}
	return 0
}

// Policy is a service level agreement: targets by priority in one calendar.
type Policy struct {
	Name     string
	Calendar string // "" or Always: day and night
	Targets  map[desk.Priority]Target
	WarnAt   float64 // warn when this part of a target is used; 0: never
}

// Rules are all the settings that clocks and the ladder depend on, and those that
// were in force before them.
type Rules struct {
	Desk      *desk.Desk
	Calendars map[string]*Calendar
	Policies  []Policy // the first with a target for the ticket's priority counts
	// CloseAfter is how long a ticket stays solved before it is closed; 0: for ever.
	CloseAfter time.Duration

	// Version names the settings once they are kept, and Since is when they came
	// into force. Before is nil for the first version, which counts for all of the
	// past.
	Version string
	Since   time.Time
	Before  *Rules
}

// at returns the rules that were in force at an instant.
func (r *Rules) at(t time.Time) *Rules {
	for r.Before != nil && t.Before(r.Since) {
		r = r.Before
	}
	return r
}

// changes returns the versions that took the place of others, the oldest first.
func (r *Rules) changes() []*Rules {
	var list []*Rules
	for ; r.Before != nil; r = r.Before {
		list = append(list, r)
	}
	slices.Reverse(list)
	return list
}

// term returns what the rules promise for a clock.
func (r *Rules) term(kind desk.ClockKind, p desk.Priority, level desk.Level) Term {
	t := Term{Rules: r, Priority: p}
	if ofLadder(kind) {
		tier := r.Desk.Tier(level)
		if tier == nil {
			return t
		}
		t.Calendar, t.Target = r.tierCalendar(tier, p), tier.Ack
		switch kind {
		case desk.HoldClock:
			t.Target = tier.Hold
		case desk.LeaseClock:
			t.Target = cmp.Or(tier.Lease, tier.Hold)
		}
		return t
	}
	if policy := r.policy(p); policy != nil {
		t.Policy, t.WarnAt, t.Calendar = policy.Name, policy.WarnAt, r.Calendars[policy.Calendar]
		t.Target = policy.Targets[p].of(kind)
	}
	return t
}

// staffed reports whether a tier has people.
func (r *Rules) staffed(level desk.Level) bool {
	tier := r.Desk.Tier(level)
	return tier != nil && tier.List != ""
}

// Validate returns an error that names every problem of the rules.
func (r *Rules) Validate() error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for _, p := range r.Policies {
		if !r.knows(p.Calendar) {
			add("sla %q: no calendar %q", p.Name, p.Calendar)
		}
		if p.WarnAt < 0 || p.WarnAt >= 1 {
			add("sla %q: warn_at %v is not between 0 and 1", p.Name, p.WarnAt)
		}
		if len(p.Targets) == 0 {
			add("sla %q: no targets", p.Name)
		}
		for priority, target := range p.Targets {
			if !priority.Valid() {
				add("sla %q: no priority %q", p.Name, priority)
			}
			for _, kind := range customerClocks {
				if d := target.of(kind); d < 0 || d > maxDuration {
					add("sla %q: %s of %s is %s", p.Name, kind, priority, d)
				}
			}
		}
	}
	for _, tier := range r.Desk.Tiers {
		if !r.knows(tier.Calendar) {
			add("tier %s: no calendar %q", tier.Level, tier.Calendar)
		}
		for name, d := range map[string]time.Duration{"ack": tier.Ack, "hold": tier.Hold, "lease": tier.Lease} {
			if d < 0 || d > maxDuration {
				add("tier %s: %s is %s", tier.Level, name, d)
			}
		}
	}
	if r.CloseAfter < 0 || r.CloseAfter > maxDuration {
		add("close_after is %s", r.CloseAfter)
	}
	return errors.Join(problems...)
}

func (r *Rules) knows(calendar string) bool {
	return calendar == "" || calendar == Always || r.Calendars[calendar] != nil
}

// policy returns the policy for a priority, or nil.
func (r *Rules) policy(p desk.Priority) *Policy {
	for i := range r.Policies {
		if _, ok := r.Policies[i].Targets[p]; ok {
			return &r.Policies[i]
		}
	}
	return nil
}

// tierCalendar returns the calendar in which a tier's patience is counted. A P1
// does not wait for the tier's hours.
func (r *Rules) tierCalendar(tier *desk.Tier, p desk.Priority) *Calendar {
	if p == desk.P1 {
		return nil
	}
	return r.Calendars[tier.Calendar]
}
