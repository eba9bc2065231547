package tiers

import (
	"slices"
	"time"

	"tierdesk/desk"
)

// rows adds the ticket to the lists of broken promises and of those at risk.
func (t *tally) rows(k *desk.Ticket, a *Account) {
	for _, l := range a.Ledgers {
		if row, ok := t.breach(k, a, l); ok {
			t.d.Breaches = append(t.d.Breaches, row)
		}
	}
	for _, kind := range customerClocks {
		if l := a.current[kind]; l != nil && k.Status.Active() && t.atRisk(l) {
			row := t.row(k, kind)
			row.Due = l.Due()
			row.Late = t.Now.Sub(row.Due)
			t.d.AtRisk = append(t.d.AtRisk, row)
		}
	}
}

// atRisk reports whether a promise is near its end and still holds.
func (t *tally) atRisk(l *Ledger) bool {
	if l.State() != desk.ClockRunning || l.Due().IsZero() || l.Due().Before(t.Now) {
		return false
	}
	warn := l.Warn()
	return l.Fired > firedNone || !warn.IsZero() && !warn.After(t.Now)
}

func (t *tally) row(k *desk.Ticket, kind desk.ClockKind) desk.DigestRow {
	row := desk.DigestRow{
		Number: desk.Number(k.ID), Subject: k.Subject, Tier: k.Tier, Priority: k.Priority,
		Status: k.Status, Assignee: k.Assignee, Clock: kind,
	}
	if a := t.rules.Desk.Technician(k.Assignee); a != nil {
		row.Assignee = a.Name
	}
	return row
}

// breach returns the row of a clock that broke; false for any other clock, and for
// one that broke before the period and is settled.
func (t *tally) breach(k *desk.Ticket, a *Account, l *Ledger) (desk.DigestRow, bool) {
	if l.broke.IsZero() || !l.broke.Before(t.To) || !slices.Contains(customerClocks[:], l.Kind) {
		return desk.DigestRow{}, false
	}
	owed := l.Outcome == "" && k.Status.Active()
	row := t.row(k, l.Kind)
	switch inPeriod := !l.broke.Before(t.From); {
	case owed && inPeriod && brokeBefore(a, l):
		row.Note = "again"
	case owed && inPeriod:
		row.Note = "new"
	case owed:
		row.Note = "still open"
	case inPeriod:
		row.Note = "answered late"
	default:
		return row, false
	}
	if row.Due = l.Due(); row.Due.IsZero() { // another priority has a later one
		row.Due = l.broke
	}
	end := t.Now
	if last := l.Runs[len(l.Runs)-1]; !owed && !last.To.IsZero() {
		end = last.To
	}
	row.Late = end.Sub(row.Due)
	return row, true
}

// brokeBefore reports whether another promise of the ticket broke earlier.
func brokeBefore(a *Account, l *Ledger) bool {
	return slices.ContainsFunc(a.Ledgers, func(other *Ledger) bool {
		return other != l && !other.broke.IsZero() && other.broke.Before(l.broke)
	})
}

// inHand returns how long the tier had the ticket between two instants, in the
// tier's own hours: a P1 does not wait for them, but nobody works at night on all
// of them.
func (l *Ledger) inHand(from, to time.Time) time.Duration {
	var sum time.Duration
	for s := range l.spans() {
		if s.From.Before(from) {
			s.From = from
		}
		if s.To.IsZero() || to.Before(s.To) {
			s.To = to
		}
		if tier := s.Term.Rules.Desk.Tier(l.Level); tier != nil {
			sum += s.Term.Rules.Calendars[tier.Calendar].Between(s.From, s.To)
		}
	}
	return sum
}

func addTo(row *desk.DigestTier, t *desk.Ticket, now time.Time) {
	age := now.Sub(t.Created)
	row.Open++
	if t.Assignee == "" {
		row.Unclaimed++
	}
	switch {
	case age < 24*time.Hour:
		row.Day++
	case age < 7*24*time.Hour:
		row.Week++
	default:
		row.Older++
	}
	row.Oldest = max(row.Oldest, age)
}
