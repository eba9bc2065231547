package tiers

import (
	"context"
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
	figures, err := Figures(ctx, e.Store, e.InForce(), Query{Name: name, From: from, To: to, By: desk.ByTier, Now: now})
	if err != nil {
		return err
	}
	chart, err := picture(figures, e.Rules.Desk.Domain())
	if err != nil { // the figures stand in the text as well
		e.Log.Error("digest without its chart", "period", period, "err", err)
	}
	bound(figures)
	figures.Late = now.Sub(to) > lateAfter
	var change desk.Change
	for _, m := range managers {
		subject := fmt.Sprintf("%s: %s report, %s", e.Rules.Desk.Name, name, to.In(e.Rules.Desk.Location).Format("2 Jan 2006"))
		o := e.Composer.ToManager(desk.SendDigest, m, subject, period)
		o.Letter.Digest, o.Parts = figures, chart
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

// Limits of what a mail lists. tierdesk report has all of it.
const (
	maxRows   = 50
	maxGroups = 30
)

// bound leaves out of a digest what would make the mail too long.
func bound(d *desk.Digest) {
	d.Breaches, d.MoreBreaches = most(d.Breaches, maxRows)
	d.AtRisk, d.MoreAtRisk = most(d.AtRisk, maxRows)
	d.Groups, d.MoreGroups = most(d.Groups, maxGroups)
}

func most[T any](list []T, n int) (kept []T, more int) {
	kept = list[:min(n, len(list))]
	return kept, len(list) - len(kept)
}
