package tiers

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// What makes similar reports an incident.
const (
	// clusterWindow is how close in time the reports of an incident are.
	clusterWindow = 2 * time.Hour
	// leastReporters is how many different people must have sent one.
	leastReporters = 4
	// unlikely is the chance below which so many reports are not usual at that hour.
	unlikely = 0.001
)

// Limits of what is remembered and compared.
const (
	memoryDays      = 28
	maxReports      = 50_000
	maxHolders      = 200 // newest reports with a term that are looked at
	maxSearched     = 12  // rarest terms of a report by which others are found
	maxMembers      = 300 // of one proposal
	proposalLasts   = 24 * time.Hour
	priorReports    = 100 // ordinary reports that a new desk is taken to have had
	mostCommonShare = 0.2 // of all reports: a term in more of them finds none
)

// clusters remembers what was reported lately, to see when several people report one
// problem. A new report costs as much as there are candidates for it, which is bounded,
// however many are remembered. It is a function of what was added, in order.
type clusters struct {
	reports   map[desk.TicketID]*desk.Report
	order     []desk.TicketID            // as they came
	holders   map[string][]desk.TicketID // term → reports, oldest first
	failures  map[string][]desk.TicketID // fingerprint → reports
	proposals map[desk.TicketID]*proposed
	member    map[desk.TicketID]desk.TicketID // report → ticket of its proposal
}

// proposed is a cluster that was proposed as an incident.
type proposed struct {
	last    time.Time // newest report
	decided bool      // confirmed or dismissed
}

func newClusters() *clusters {
	return &clusters{
		reports: map[desk.TicketID]*desk.Report{}, holders: map[string][]desk.TicketID{}, failures: map[string][]desk.TicketID{},
		proposals: map[desk.TicketID]*proposed{}, member: map[desk.TicketID]desk.TicketID{},
	}
}

// add remembers a report, and forgets what is too old.
func (c *clusters) add(r desk.Report) {
	if c.reports[r.Ticket] != nil {
		return
	}
	c.reports[r.Ticket] = &r
	c.order = append(c.order, r.Ticket)
	for _, t := range r.Terms {
		c.holders[t] = append(c.holders[t], r.Ticket)
	}
	if r.Fingerprint != "" {
		c.failures[r.Fingerprint] = append(c.failures[r.Fingerprint], r.Ticket)
	}
	for len(c.order) > maxReports || r.At.Sub(c.reports[c.order[0]].At) > memoryDays*24*time.Hour {
		c.forget(c.reports[c.order[0]])
		c.order = c.order[1:]
	}
}

func (c *clusters) forget(r *desk.Report) {
	for _, t := range r.Terms {
		without(c.holders, t, r.Ticket)
	}
	if r.Fingerprint != "" {
		without(c.failures, r.Fingerprint, r.Ticket)
	}
	delete(c.member, r.Ticket)
	delete(c.proposals, r.Ticket)
	delete(c.reports, r.Ticket)
}

func without(lists map[string][]desk.TicketID, key string, id desk.TicketID) {
	lists[key] = slices.DeleteFunc(lists[key], func(h desk.TicketID) bool { return h == id })
	if len(lists[key]) == 0 {
		delete(lists, key)
	}
}

// weight is how much a term says: the rarer, the more.
func (c *clusters) weight(term string) float64 {
	return math.Log(float64(len(c.reports)+priorReports) / float64(len(c.holders[term])+1))
}

// near returns the remembered reports that may be of the same problem, newest first.
func (c *clusters) near(r *desk.Report) []*desk.Report {
	found := map[desk.TicketID]bool{}
	take := func(list []desk.TicketID) {
		for _, id := range last(list, maxHolders) {
			if id != r.Ticket && !found[id] {
				found[id] = true
			}
		}
	}
	take(c.failures[r.Fingerprint])
	terms := slices.Clone(r.Terms)
	slices.SortFunc(terms, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(c.holders[a]), len(c.holders[b])), cmp.Compare(a, b))
	})
	for _, t := range terms[:min(len(terms), maxSearched)] {
		if n := len(c.holders[t]); n < maxHolders || float64(n) < mostCommonShare*float64(len(c.reports)) {
			take(c.holders[t])
		}
	}
	var near []*desk.Report
	for id := range found {
		other := c.reports[id]
		same := r.Fingerprint != "" && other.Fingerprint == r.Fingerprint
		if likeness, _ := desk.Likeness(r.Terms, other.Terms, c.weight); same || likeness >= desk.LeastAlike {
			near = append(near, other)
		}
	}
	slices.SortFunc(near, func(a, b *desk.Report) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Ticket, a.Ticket)) })
	return near
}

// cluster is what a new report shows.
type cluster struct {
	// joins is the proposal that the report belongs to, or 0.
	joins desk.TicketID
	// members are the reports that make an incident together, oldest first, or nil.
	members  []*desk.Report
	evidence []string
}

// look returns what a report that was just added shows.
func (c *clusters) look(r *desk.Report) cluster {
	near := c.near(r)
	recent, before := near, []*desk.Report(nil)
	if i := slices.IndexFunc(near, func(o *desk.Report) bool { return r.At.Sub(o.At) > clusterWindow }); i >= 0 {
		recent, before = near[:i], near[i:]
	}
	if p := c.proposalNear(r, near); p != 0 {
		return cluster{joins: p}
	}
	recent = slices.DeleteFunc(slices.Clone(recent), func(o *desk.Report) bool { return o.Parent != 0 || c.member[o.Ticket] != 0 })
	members := append([]*desk.Report{r}, recent[:min(len(recent), maxMembers-1)]...)
	people := distinct(members, func(m *desk.Report) string { return m.Requester })
	if len(people) < leastReporters {
		return cluster{}
	}
	usual := c.usual(r, before)
	if chance := atLeast(len(people), usual); chance >= unlikely {
		return cluster{}
	}
	slices.Reverse(members)
	return cluster{members: members, evidence: c.evidence(members, usual)}
}

// proposalNear returns the proposal to which at least two of the similar reports belong,
// or 0.
func (c *clusters) proposalNear(r *desk.Report, near []*desk.Report) desk.TicketID {
	votes := map[desk.TicketID]int{}
	best := desk.TicketID(0)
	for _, o := range near {
		id := c.member[o.Ticket]
		if p := c.proposals[id]; p == nil || r.At.Sub(p.last) > proposalLasts {
			continue
		}
		votes[id]++
		if votes[id] >= 2 && (best == 0 || votes[id] > votes[best]) {
			best = id
		}
	}
	return best
}

// propose notes that reports were proposed as an incident.
func (c *clusters) propose(seed desk.TicketID, tickets []desk.TicketID) {
	if c.proposals[seed] == nil {
		c.proposals[seed] = &proposed{}
	}
	for _, id := range tickets {
		c.grow(seed, id)
	}
}

// grow adds a report to a proposal.
func (c *clusters) grow(seed, id desk.TicketID) {
	p, r := c.proposals[seed], c.reports[id]
	if p == nil || r == nil {
		return
	}
	c.member[id] = seed
	if r.At.After(p.last) {
		p.last = r.At
	}
}

// usual is how many reports of the kind come in such a window at this time of day: the
// mean of the days that are remembered, or of this weekday's, whichever is higher.
func (c *clusters) usual(r *desk.Report, before []*desk.Report) float64 {
	oldest := c.reports[c.order[0]].At
	if len(before) >= maxHolders { // more of them are remembered than were looked at
		oldest = before[len(before)-1].At
	}
	days := int(r.At.Sub(oldest) / (24 * time.Hour))
	if days == 0 {
		span := r.At.Sub(oldest) - clusterWindow
		return float64(len(before)) * float64(clusterWindow) / float64(max(span, clusterWindow))
	}
	all, weekly := 0, 0
	for _, o := range before {
		age := r.At.Sub(o.At)
		day := int((age + clusterWindow/2) / (24 * time.Hour))
		if off := age - time.Duration(day)*24*time.Hour; day == 0 || off < -clusterWindow/2 || off > clusterWindow {
			continue
		}
		all++
		if day%7 == 0 {
			weekly++
		}
	}
	width := float64(clusterWindow) / float64(clusterWindow+clusterWindow/2) // of the hours that were counted
	usual := width * float64(all) / float64(days)
	if weeks := days / 7; weeks > 0 {
		usual = max(usual, width*float64(weekly)/float64(weeks))
	}
	return usual
}

// atLeast is the chance of n or more events where so many are usual (Poisson). A little
// is added to what is usual, since never seen is not impossible.
func atLeast(n int, usual float64) float64 {
	usual += 0.1
	term, sum := math.Exp(-usual), 0.0
	for i := range n {
		sum += term
		term *= usual / float64(i+1)
	}
	return 1 - sum
}

func distinct(reports []*desk.Report, of func(*desk.Report) string) []string {
	seen := map[string]bool{}
	for _, r := range reports {
		seen[of(r)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// maxShared is how many common terms the evidence names.
const maxShared = 6

// evidence says in a line each why the reports look like one problem.
func (c *clusters) evidence(members []*desk.Report, usual float64) []string {
	people := distinct(members, func(m *desk.Report) string { return m.Requester })
	organisations := distinct(members, (*desk.Report).Organisation)
	span := members[len(members)-1].At.Sub(members[0].At)
	lines := []string{
		fmt.Sprintf("%d people of %d organisations within %s; usual at this hour: %.1f", len(people), len(organisations), short(max(span, time.Minute)), usual),
	}
	count := map[string]int{}
	failures := map[string]int{}
	for _, m := range members {
		for _, t := range m.Terms {
			count[t]++
		}
		if m.Fingerprint != "" {
			failures[m.Fingerprint]++
		}
	}
	for _, f := range slices.Sorted(maps.Keys(failures)) {
		if failures[f] > 1 {
			lines = append(lines, fmt.Sprintf("%d of them show the same failure", failures[f]))
		}
	}
	terms := slices.DeleteFunc(slices.Collect(maps.Keys(count)), func(t string) bool { return count[t] < 2 })
	slices.SortFunc(terms, func(a, b string) int {
		return cmp.Or(cmp.Compare(float64(count[b])*c.weight(b), float64(count[a])*c.weight(a)), cmp.Compare(a, b))
	})
	var shared []string
	for _, t := range terms[:min(len(terms), maxShared)] {
		shared = append(shared, fmt.Sprintf("%s (%d)", desk.ShowTerm(t), count[t]))
	}
	if len(shared) > 0 {
		lines = append(lines, "in common: "+strings.Join(shared, ", "))
	}
	return lines
}

// maxPatternReports bounds the reports that an incident's pattern keeps.
const maxPatternReports = 20

// pattern is what the reports of an incident have in common, as terms weigh now.
func (c *clusters) pattern(reports []desk.Report) desk.Pattern {
	p := desk.Pattern{Weights: map[string]float64{}, Rest: c.weight("")}
	count := map[string]int{}
	for _, r := range last(reports, maxPatternReports) {
		p.Reports = append(p.Reports, r.Terms)
		for _, t := range r.Terms {
			p.Weights[t] = c.weight(t)
		}
		if r.Fingerprint != "" {
			count[r.Fingerprint]++
		}
	}
	for _, f := range slices.Sorted(maps.Keys(count)) {
		if count[f] > 1 || len(reports) == 1 {
			p.Fingerprints = append(p.Fingerprints, f)
		}
	}
	return p
}
