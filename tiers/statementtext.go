package tiers

import (
	"fmt"
	"strings"
	"time"

	"tierdesk/desk"
)

// String writes the statement for a person to check: every interval of business
// time on a line of its own, and the sums below.
func (s Statement) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Ticket %s: time up to %s\n", s.Ticket, s.At.Format("2006-01-02 15:04:05 MST"))
	if len(s.Clocks) == 0 {
		b.WriteString("\nNothing was promised.\n")
	}
	for i := range s.Clocks {
		s.Clocks[i].write(&b)
	}
	for _, v := range s.Void {
		fmt.Fprintf(&b, "\nno credit for %s\n  taken back by %s\n", v.Answer, v.Taken)
	}
	return b.String()
}

func (c *ClockStatement) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s: %s\n", strings.ReplaceAll(string(c.Kind), "_", " "), c.State)
	var sums []string
	for i := range c.Spans {
		span := &c.Spans[i]
		if i == 0 || span.Terms != c.Spans[i-1].Terms {
			fmt.Fprintf(b, "  %s\n", span.Terms)
		}
		span.write(b)
		sums = append(sums, hms(span.Seconds))
	}
	if len(c.Spans) == 0 {
		fmt.Fprintf(b, "  has not run since %s\n", c.Started)
	}
	if len(sums) > 1 {
		fmt.Fprintf(b, "  %s = %s\n", strings.Join(sums, " + "), hms(c.Used))
	}
	if c.Target > 0 {
		left := fmt.Sprintf("%s - %s = %s left", hms(c.Target), hms(c.Used), hms(c.Target-c.Used))
		if c.Used > c.Target {
			left = fmt.Sprintf("%s - %s = %s over", hms(c.Used), hms(c.Target), hms(c.Used-c.Target))
		}
		fmt.Fprintf(b, "  used %s of %s: %s\n", hms(c.Used), hms(c.Target), left)
	}
	if c.Due != nil {
		fmt.Fprintf(b, "  due %s\n", c.Due.Format("Mon 2006-01-02 15:04:05 MST"))
	}
	if c.Ended != nil {
		fmt.Fprintf(b, "  ended by %s\n", *c.Ended)
	}
}

func (s *SpanStatement) write(b *strings.Builder) {
	const at = "2006-01-02 15:04:05 MST"
	fmt.Fprintf(b, "  from %s", s.From.Format(at))
	if s.Began != nil {
		fmt.Fprintf(b, ": %s", *s.Began)
	} else {
		b.WriteString(": under these terms")
	}
	b.WriteByte('\n')
	for _, i := range s.Intervals {
		fmt.Fprintf(b, "      %s\n", i)
	}
	fmt.Fprintf(b, "      %s = %s\n", "sum", hms(s.Seconds))
	switch {
	case s.Running:
		fmt.Fprintf(b, "  runs still at %s\n", s.To.Format(at))
	case s.Stopped != nil:
		fmt.Fprintf(b, "  to   %s: %s\n", s.To.Format(at), *s.Stopped)
	default:
		fmt.Fprintf(b, "  to   %s: other terms\n", s.To.Format(at))
	}
}

// String names the terms: "target 4:00:00, policy default (p3), calendar office
// (version 0a1b2c3d4e5f), rules 6f5e4d3c2b1a".
func (t TermText) String() string {
	text := "target " + hms(t.Target)
	if t.Target == 0 {
		text = "no target"
	}
	if t.Policy != "" {
		text += fmt.Sprintf(", policy %s (%s)", t.Policy, t.Priority)
	}
	text += ", calendar " + t.Calendar
	if t.CalendarVersion != "" {
		text += fmt.Sprintf(" (version %s)", t.CalendarVersion)
	}
	if t.RulesVersion != "" {
		text += ", rules " + t.RulesVersion
	}
	if t.RulesSince != nil {
		text += " in force since " + t.RulesSince.Format("2006-01-02 15:04:05 MST")
	}
	return text
}

// String writes an interval by the clock on the wall at its start, so that the
// difference of the two times is its length also where the clocks change.
func (i Interval) String() string {
	if i.Holiday != "" {
		return i.From.Format("Mon 2006-01-02") + "  holiday: " + desk.OneLine(i.Holiday)
	}
	zone, offset := i.From.Zone()
	to := i.To.In(time.FixedZone(zone, offset))
	end := to.Format("15:04:05")
	switch {
	case to.YearDay() == i.From.YearDay() && to.Year() == i.From.Year():
	case end == "00:00:00" && to.Sub(i.From) <= 24*time.Hour:
		end = "24:00:00"
	default:
		end = to.Format("Mon 2006-01-02 15:04:05")
	}
	return fmt.Sprintf("%s-%s %s  %s", i.From.Format("Mon 2006-01-02  15:04:05"), end, zone, hms(i.Seconds))
}

// String names the event, who caused it and the mail that shows it.
func (p Proof) String() string {
	text := fmt.Sprintf("%s (event %d) by %s", p.Type, p.Event, desk.OneLine(p.Actor))
	if p.Mail != 0 {
		text += fmt.Sprintf(", mail %d", p.Mail)
	}
	if p.MessageID != "" {
		text += fmt.Sprintf(" <%s>", desk.OneLine(p.MessageID))
	}
	if p.Because != "" {
		text += ": " + desk.OneLine(p.Because)
	}
	return text
}

// hms writes seconds as hours, minutes and seconds: "3:30:00".
func hms(s int64) string {
	sign := ""
	if s < 0 {
		sign, s = "-", -s
	}
	return fmt.Sprintf("%s%d:%02d:%02d", sign, s/3600, s/60%60, s%60)
}
