package tiers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tierdesk/desk"
)

// lateAfter is how long after its time a digest counts as late.
const lateAfter = 15 * time.Minute

// digests queues each digest whose period has ended and that is not queued yet.
// So one that was missed while nothing ran is sent late, and marked.
func (e *Engine) digests(ctx context.Context, now time.Time) error {
	for _, name := range slices.Sorted(maps.Keys(e.schedules.digests)) {
		from, to, ok := lastTwo(e.schedules.digests[name], now)
		if !ok || e.reported[name].Equal(to) {
			continue
		}
		if err := e.Digest(ctx, name, from, to, now); err != nil {
			return fmt.Errorf("%s digest: %w", name, err)
		}
		e.reported[name] = to
	}
	return nil
}

// Digest queues the digest of a period, [from, to), for every manager who wants
// it and has not got it. A period that ended before the first event has none.
func (e *Engine) Digest(ctx context.Context, name string, from, to, now time.Time) error {
	first, err := e.Store.Events(ctx, 0, 1)
	if err != nil {
		return err
	}
	if len(first) == 0 || !first[0].At.Before(to) {
		return nil
	}
	// By the wall clock, so that an hour which a clock change repeats is one period.
	period := name + " " + to.In(e.Rules.Desk.Location).Format("2006-01-02 15:04")
	managers, err := e.unserved(ctx, name, period, to, now)
	if err != nil || len(managers) == 0 {
		return err
	}
	figures, err := e.Figures(ctx, name, from, to, now)
	if err != nil {
		return err
	}
	figures.Late = now.Sub(to) > lateAfter
	var change desk.Change
	for _, m := range managers {
		subject := fmt.Sprintf("%s: %s report, %s", e.Rules.Desk.Name, name, to.In(e.Rules.Desk.Location).Format("2 Jan 2006"))
		o := e.Composer.ToManager(desk.SendDigest, m, subject, period)
		o.Letter.Digest = figures
		queued := desk.NewEvent(0, desk.DigestQueued, actor, "the period ended "+to.UTC().Format(time.RFC3339), now)
		queued.Data.Period, queued.Data.Recipient, queued.Data.Outgoing = period, m, o.Key
		change.Events = append(change.Events, queued)
		change.Outgoing = append(change.Outgoing, o)
	}
	if err := e.Store.Commit(ctx, []desk.Change{change}); err != nil {
		return err
	}
	e.Log.Info("digest queued", "period", period, "managers", len(managers))
	e.queued()
	return nil
}

// unserved returns the managers who want a digest and for whom it was not queued.
func (e *Engine) unserved(ctx context.Context, name, period string, to, now time.Time) ([]string, error) {
	// A clock change may put the same wall-clock time some hours earlier.
	sent, err := e.Store.EventsBetween(ctx, to.Add(-3*time.Hour), now.Add(time.Second), desk.DigestQueued)
	if err != nil {
		return nil, err
	}
	var managers []string
	for _, m := range e.Rules.Desk.Managers {
		got := slices.ContainsFunc(sent, func(s desk.Event) bool {
			return s.Data.Period == period && desk.NormalAddress(s.Data.Recipient) == desk.NormalAddress(m.Address)
		})
		if !got && slices.Contains(m.Digests, name) {
			managers = append(managers, m.Address)
		}
	}
	return managers, nil
}

// survey is what the figures of a digest are added up from.
type survey struct {
	desk          *desk.Desk
	from, to, now time.Time
	open          map[desk.TicketID]*desk.Ticket
	clocks        []desk.Clock // of the open tickets
}

// Figures adds up what happened in [from, to), and what is open and at risk now.
func (e *Engine) Figures(ctx context.Context, name string, from, to, now time.Time) (*desk.Digest, error) {
	d := &desk.Digest{Name: name, From: from, To: to}
	tickets, err := e.Store.OpenTickets(ctx)
	if err != nil {
		return nil, err
	}
	s := survey{desk: e.Rules.Desk, from: from, to: to, now: now, open: map[desk.TicketID]*desk.Ticket{}}
	for i := range tickets {
		s.open[tickets[i].ID] = &tickets[i]
	}
	if s.clocks, err = e.Store.ActiveClocks(ctx); err != nil {
		return nil, err
	}
	d.Tiers = e.byTier(tickets, now)
	d.AtRisk = s.atRisk()
	if d.Breaches, err = e.breaches(ctx, &s); err != nil {
		return nil, err
	}
	if err := e.count(ctx, d); err != nil {
		return nil, err
	}
	_, d.Head, err = e.Store.Head(ctx)
	return d, err
}

// byTier counts the open tickets of each configured tier by age.
func (e *Engine) byTier(tickets []desk.Ticket, now time.Time) []desk.DigestTier {
	var tiers []desk.DigestTier
	for _, tier := range e.Rules.Desk.Tiers {
		row := desk.DigestTier{Level: tier.Level, Name: tier.Name}
		for i := range tickets {
			if tickets[i].Tier == tier.Level {
				addTo(&row, &tickets[i], now)
			}
		}
		tiers = append(tiers, row)
	}
	return tiers
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

// atRisk lists the promises that were warned of and still hold, soonest first.
func (s *survey) atRisk() []desk.DigestRow {
	var rows []desk.DigestRow
	for _, c := range s.clocks {
		t := s.open[c.Ticket]
		if t == nil || !slices.Contains(customerClocks[:], c.Kind) || c.State != desk.ClockRunning || c.Due.Before(s.now) {
			continue
		}
		if c.Fired == firedNone && (c.Warn.IsZero() || c.Warn.After(s.now)) {
			continue
		}
		row := s.row(t, c.Kind)
		row.Due, row.Late = c.Due, s.now.Sub(c.Due)
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b desk.DigestRow) int { return a.Due.Compare(b.Due) })
	return rows
}

func (s *survey) row(t *desk.Ticket, kind desk.ClockKind) desk.DigestRow {
	row := desk.DigestRow{
		Number: desk.Number(t.ID), Subject: t.Subject, Tier: t.Tier, Priority: t.Priority,
		Status: t.Status, Assignee: t.Assignee, Clock: kind,
	}
	if a := s.desk.Technician(t.Assignee); a != nil {
		row.Assignee = a.Name
	}
	return row
}

// breaches lists the promises that broke in the period, and older ones that are
// still owed.
func (e *Engine) breaches(ctx context.Context, s *survey) ([]desk.DigestRow, error) {
	events, err := e.Store.EventsBetween(ctx, s.from, s.to, desk.SLABreached)
	if err != nil {
		return nil, err
	}
	broken := map[desk.TicketID]bool{}
	for i := range events {
		broken[events[i].Ticket] = true
	}
	for _, c := range s.clocks {
		if c.State == desk.ClockBreached {
			broken[c.Ticket] = true
		}
	}
	var rows []desk.DigestRow
	for _, id := range slices.Sorted(maps.Keys(broken)) {
		t, err := e.ticket(ctx, s, id)
		if errors.Is(err, desk.ErrNotFound) {
			continue // erased since
		}
		if err != nil {
			return nil, err
		}
		log, err := e.Store.TicketEvents(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, l := range e.InForce().Account(log).Ledgers {
			if row, ok := s.breachRow(t, l); ok {
				rows = append(rows, row)
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b desk.DigestRow) int { return b.Due.Compare(a.Due) })
	return rows, nil
}

func (e *Engine) ticket(ctx context.Context, s *survey, id desk.TicketID) (*desk.Ticket, error) {
	if t := s.open[id]; t != nil {
		return t, nil
	}
	t, err := e.Store.Ticket(ctx, id)
	return &t, err
}

// breachRow returns the row of a clock that broke; false for any other clock, and
// for one that broke before the period and is settled.
func (s *survey) breachRow(t *desk.Ticket, l *Ledger) (desk.DigestRow, bool) {
	if l.broke.IsZero() || !l.broke.Before(s.to) {
		return desk.DigestRow{}, false
	}
	owed := l.Outcome == "" && t.Status.Active()
	row := s.row(t, l.Kind)
	switch inPeriod := !l.broke.Before(s.from); {
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
	end := s.now
	if last := l.Runs[len(l.Runs)-1]; !owed && !last.To.IsZero() {
		end = last.To
	}
	row.Late = end.Sub(row.Due)
	return row, true
}

// count fills in how many tickets were opened and solved in the period.
func (e *Engine) count(ctx context.Context, d *desk.Digest) error {
	events, err := e.Store.EventsBetween(ctx, d.From, d.To, desk.TicketOpened, desk.TicketSolved)
	if err != nil {
		return err
	}
	solved := map[desk.TicketID]bool{}
	for i := range events {
		if events[i].Type == desk.TicketOpened {
			d.Opened++
		} else {
			solved[events[i].Ticket] = true
		}
	}
	d.Solved = len(solved)
	for id := range solved {
		t, err := e.Store.Ticket(ctx, id)
		if errors.Is(err, desk.ErrNotFound) {
			continue
		} else if err != nil {
			return err
		}
		if t.Answered != "" && t.Cycle == 0 {
			d.L1Solved++
		}
	}
	return nil
}
