package tiers

import (
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
)

// Audit computes a ticket's clocks again from its events and returns where what is
// stored says something else: the rows that sweeps go by, when everything up to
// event followed was followed, and the breaches in the log, each with what was known
// when it was recorded.
func (r *Rules) Audit(t desk.TicketID, log []desk.Event, stored []desk.Clock, followed int64) []string {
	var problems []string
	for i := range log {
		if e := &log[i]; e.Type == desk.SLABreached {
			if wrong := r.auditBreach(e, log[:i]); wrong != "" {
				problems = append(problems, fmt.Sprintf("ticket %d: event %d: %s", t, e.Seq, wrong))
			}
		}
	}
	known := slices.IndexFunc(log, func(e desk.Event) bool { return e.Seq > followed })
	if known < 0 {
		known = len(log)
	}
	now := r.Account(log).Clocks()
	then := r.Account(log[:known]).Clocks()
	if wrong := differ(now, stored); wrong != "" && differ(then, stored) != "" { // a step on the ladder sets clocks at once
		problems = append(problems, fmt.Sprintf("ticket %d: %s", t, wrong))
	}
	return problems
}

// auditBreach says what is wrong with a recorded breach, or "".
func (r *Rules) auditBreach(e *desk.Event, before []desk.Event) string {
	l := r.at(e.At).Account(before).current[e.Data.Clock]
	switch {
	case l == nil:
		return fmt.Sprintf("%s broke, but never ran", e.Data.Clock)
	case l.Due().IsZero() || l.Due().After(e.At):
		return fmt.Sprintf("%s broke, but was not due: the log says %s", e.Data.Clock, instantText(l.Due()))
	case e.Data.Due == nil:
		return fmt.Sprintf("%s broke, and the event does not say when it was due", e.Data.Clock)
	case !e.Data.Due.Equal(l.Due()):
		return fmt.Sprintf("%s was due %s by the log, and %s by the event", e.Data.Clock, instantText(l.Due()), instantText(*e.Data.Due))
	}
	return ""
}

// differ names the first clock that is not the same in both, or "".
func differ(computed, stored []desk.Clock) string {
	for _, c := range computed {
		i := slices.IndexFunc(stored, func(s desk.Clock) bool { return s.Kind == c.Kind })
		if i < 0 {
			return fmt.Sprintf("the clock %s is not stored", c.Kind)
		}
		if s := stored[i]; !sameClock(&c, &s) {
			return fmt.Sprintf("the clock %s is stored as %s due %s, the log says %s due %s", c.Kind,
				s.State, instantText(s.Due), c.State, instantText(c.Due))
		}
	}
	if len(stored) > len(computed) {
		return fmt.Sprintf("%d clocks are stored, the log says %d", len(stored), len(computed))
	}
	return ""
}

func sameClock(a, b *desk.Clock) bool {
	return a.Kind == b.Kind && a.State == b.State && a.Fired == b.Fired && a.Start.Equal(b.Start) &&
		a.Due.Equal(b.Due) && a.Warn.Equal(b.Warn) && a.Next.Equal(b.Next)
}

func instantText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
