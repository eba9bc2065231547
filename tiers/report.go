package tiers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// Query says which figures are asked for.
type Query struct {
	Name     string // as desk.Digest has it
	From, To time.Time
	By       desk.Grouping
	Now      time.Time
}

// Histories is what figures are added up from.
type Histories interface {
	EachHistory(ctx context.Context, follower string, since time.Time, fn func(h desk.History, followed int64) error) error
	EventsBetween(ctx context.Context, from, to time.Time, types ...desk.EventType) ([]desk.Event, error)
	Head(ctx context.Context) (seq int64, hash string, err error)
}

// Figures adds up what happened in [q.From, q.To), and what is open and at risk at
// q.Now. Every figure comes from the event log alone, counted by the rules of its
// time.
func Figures(ctx context.Context, from Histories, rules *Rules, q Query) (*desk.Digest, error) {
	t := newTally(rules, q)
	err := from.EachHistory(ctx, Follower, q.From, func(h desk.History, _ int64) error {
		t.add(&h)
		return nil
	})
	if err != nil {
		return nil, err
	}
	d := t.digest()
	if d.Days, err = days(ctx, from, rules.Desk.Location, q.To); err != nil {
		return nil, err
	}
	_, d.Head, err = from.Head(ctx)
	return d, err
}

// tally adds up the figures ticket by ticket.
type tally struct {
	Query
	rules  *Rules
	d      *desk.Digest
	total  *sums
	groups map[string]*sums
}

// sums are the figures of one group while they are added up.
type sums struct {
	desk.DigestGroup
	first, resolution, claim []time.Duration
}

func newTally(rules *Rules, q Query) *tally {
	t := &tally{
		Query: q, rules: rules, total: &sums{}, groups: map[string]*sums{},
		d: &desk.Digest{Name: q.Name, From: q.From, To: q.To, By: q.By},
	}
	for _, tier := range rules.Desk.Tiers {
		t.d.Tiers = append(t.d.Tiers, desk.DigestTier{Level: tier.Level, Name: tier.Name})
		if q.By == desk.ByTier {
			t.group(tierName(rules, tier.Level))
		}
	}
	return t
}

func tierName(rules *Rules, level desk.Level) string {
	if tier := rules.Desk.Tier(level); tier != nil {
		return strings.TrimSpace(level.String() + " " + tier.Name)
	}
	return level.String()
}

func (t *tally) group(name string) *sums {
	if t.groups[name] == nil {
		t.groups[name] = &sums{DigestGroup: desk.DigestGroup{Name: name}}
	}
	return t.groups[name]
}

func (t *tally) in(at time.Time) bool { return !at.Before(t.From) && at.Before(t.To) }

// share calls fn with the sums of everything, and with those of the group to which
// the ticket belongs while a tier has it.
func (t *tally) share(k *desk.Ticket, level desk.Level, fn func(*sums)) {
	fn(t.total)
	name := ""
	switch t.By {
	case desk.ByTier:
		name = tierName(t.rules, level)
	case desk.ByCategory:
		name = k.Category
	case desk.ByPriority:
		name = string(k.Priority)
	case desk.ByTechnician:
		name = k.Assignee
		if a := t.rules.Desk.Technician(k.Assignee); a != nil {
			name = a.Name
		}
	case desk.ByOrganisation:
		_, name, _ = strings.Cut(desk.NormalAddress(k.Requester.Address), "@")
	default:
		return
	}
	fn(t.group(name))
}

func (t *tally) add(h *desk.History) {
	a := t.rules.Account(h.Events)
	k := &h.Ticket
	spent, levels := t.walk(k, h.Events)
	t.ledgers(k, a, levels)
	t.cost(k, a, spent)
	t.rows(k, a)
	if k.Status.Active() {
		t.share(k, k.Tier, func(s *sums) { s.Open++ })
		for i := range t.d.Tiers {
			if t.d.Tiers[i].Level == k.Tier {
				addTo(&t.d.Tiers[i], k, t.Now)
			}
		}
	}
}

// walk counts the events of the period. It returns how long technicians say that
// they worked in each tier, and which tier had the ticket at each event.
func (t *tally) walk(k *desk.Ticket, log []desk.Event) (spent map[desk.Level]time.Duration, levels map[int64]desk.Level) {
	level := desk.L1
	spent, levels = map[desk.Level]time.Duration{}, map[int64]desk.Level{}
	var solved, documented bool
	solver := desk.L1
	for i := range log {
		e := &log[i]
		levels[e.Seq] = level
		if t.in(e.At) {
			t.share(k, level, func(s *sums) { s.count(e) })
			switch e.Type {
			case desk.TicketSolved:
				solved, solver = true, level
			case desk.DocumentUsed:
				documented = true
			case desk.TimeSpent:
				spent[level] += time.Duration(e.Data.Minutes) * time.Minute
			}
		}
		if e.Data.ToTier.Valid() && (e.Type == desk.TicketEscalated || e.Type == desk.TicketReturned || e.Type == desk.MailImported) {
			level = e.Data.ToTier
		}
	}
	if solved {
		t.share(k, solver, func(s *sums) {
			s.Solved++
			switch {
			case k.Answered != "" && k.Cycle == 0:
				s.FirstContact++
			case documented && solver > desk.L1:
				s.Lower++
			}
		})
	}
	return spent, levels
}

// count takes an event that counts by itself.
func (s *sums) count(e *desk.Event) {
	switch e.Type {
	case desk.TicketOpened:
		s.Opened++
	case desk.TicketReopened:
		s.Reopened++
	case desk.TicketReturned:
		s.Returned++
	case desk.SLABreached:
		if e.Data.Clock == desk.PromiseClock {
			s.Promises++
		} else {
			s.Breached++
		}
	case desk.FeedbackGiven:
		switch e.Data.Rating {
		case "good":
			s.Good++
		case "bad":
			s.Bad++
		}
	}
}

// ledgers takes the clocks that were met in the period. The patience with a tier is
// one clock after each page; together they are the time to the claim.
func (t *tally) ledgers(k *desk.Ticket, a *Account, levels map[int64]desk.Level) {
	waited := map[int]time.Duration{} // by cycle
	for _, l := range a.Ledgers {
		used := l.Used(t.Now)
		if l.Kind == desk.ClaimClock {
			waited[l.Cycle] += used
			used = waited[l.Cycle]
		}
		if l.Outcome != desk.ClockMet || !t.in(l.ended) {
			continue
		}
		t.share(k, levels[l.Ended], func(s *sums) {
			switch l.Kind {
			case desk.FirstResponse:
				s.first = append(s.first, used)
			case desk.Resolution:
				s.resolution = append(s.resolution, used)
			case desk.ClaimClock:
				s.claim = append(s.claim, used)
			}
		})
	}
}

// cost adds the time in the hands of each tier, and what it cost: by what its
// technicians say that they spent, or else by how long they had the ticket.
func (t *tally) cost(k *desk.Ticket, a *Account, spent map[desk.Level]time.Duration) {
	held := map[desk.Level]time.Duration{}
	for _, l := range a.Ledgers {
		if l.Kind == desk.HoldClock {
			held[l.Level] += l.inHand(t.From, earlier(t.To, t.Now))
		}
	}
	for _, tier := range t.rules.Desk.Tiers {
		worked := held[tier.Level]
		if spent[tier.Level] > 0 {
			worked = spent[tier.Level]
		}
		if held[tier.Level] > 0 || worked > 0 {
			t.share(k, tier.Level, func(s *sums) {
				s.Held += held[tier.Level]
				s.Cost += worked.Hours() * tier.CostPerHour
			})
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// digest closes the books.
func (t *tally) digest() *desk.Digest {
	t.d.Total = t.total.close(t.total.Solved)
	t.d.Opened, t.d.Solved, t.d.L1Solved = t.d.Total.Opened, t.d.Total.Solved, t.d.Total.FirstContact
	for _, name := range slices.Sorted(maps.Keys(t.groups)) {
		t.d.Groups = append(t.d.Groups, t.groups[name].close(t.total.Solved))
	}
	if t.By != desk.ByTier && t.By != desk.ByPriority { // these have an order of their own
		slices.SortStableFunc(t.d.Groups, func(a, b desk.DigestGroup) int { return weight(&b) - weight(&a) })
	}
	slices.SortStableFunc(t.d.Breaches, func(a, b desk.DigestRow) int { return b.Due.Compare(a.Due) })
	slices.SortStableFunc(t.d.AtRisk, func(a, b desk.DigestRow) int { return a.Due.Compare(b.Due) })
	return t.d
}

func weight(g *desk.DigestGroup) int { return g.Opened + g.Solved + g.Open }

func (s *sums) close(solved int) desk.DigestGroup {
	if solved > 0 {
		s.Share = (200*s.Solved + solved) / (2 * solved)
	}
	s.FirstResponse, s.Resolution, s.Claim = spread(s.first), spread(s.resolution), spread(s.claim)
	return s.DigestGroup
}

// spread returns the middle and the ninth decile by nearest rank.
func spread(list []time.Duration) desk.Spread {
	if len(list) == 0 {
		return desk.Spread{}
	}
	slices.Sort(list)
	rank := func(percent int) time.Duration { return list[(len(list)*percent+99)/100-1] }
	return desk.Spread{N: len(list), Median: rank(50), P90: rank(90)}
}

// chartDays is how many days the picture of a digest shows.
const chartDays = 30

// days counts what happened on each of the days up to the end of a period.
func days(ctx context.Context, from Histories, loc *time.Location, to time.Time) ([]desk.DigestDay, error) {
	year, month, day := to.Add(-time.Nanosecond).In(loc).Date()
	first := time.Date(year, month, day-chartDays+1, 0, 0, 0, 0, loc)
	events, err := from.EventsBetween(ctx, first, to, desk.TicketOpened, desk.TicketSolved, desk.SLABreached)
	if err != nil {
		return nil, fmt.Errorf("count by day: %w", err)
	}
	list := make([]desk.DigestDay, chartDays)
	place := map[string]*desk.DigestDay{}
	for i := range list {
		list[i].Day = time.Date(year, month, day-chartDays+1+i, 0, 0, 0, 0, loc)
		place[list[i].Day.Format(time.DateOnly)] = &list[i]
	}
	for i := range events {
		d := place[events[i].At.In(loc).Format(time.DateOnly)]
		switch {
		case d == nil:
		case events[i].Type == desk.TicketOpened:
			d.Opened++
		case events[i].Type == desk.TicketSolved:
			d.Solved++
		default:
			d.Breached++
		}
	}
	return list, nil
}
