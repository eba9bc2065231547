package desk

import "time"

// History is what is known about the time of one ticket.
type History struct {
	Ticket Ticket
	Events []Event // in order
	Clocks []Clock // as they are stored, by kind
}

// Digest holds a manager's figures for one period.
type Digest struct {
	Name     string // "daily", "weekly", "monthly", or "report" for one that was asked for
	From, To time.Time
	Late     bool // sent after its time
	Breaches []DigestRow
	AtRisk   []DigestRow
	// MoreBreaches, MoreAtRisk and MoreGroups count what a mail leaves out.
	MoreBreaches, MoreAtRisk, MoreGroups int

	Tiers    []DigestTier
	Opened   int
	Solved   int
	L1Solved int // solved by L1 alone
	Total    DigestGroup
	By       Grouping
	Groups   []DigestGroup
	Days     []DigestDay // up to the end of the period, oldest first
	Chart    string      // content id of a picture of the days, or ""
	Head     string      // hash of the newest event
}

// BreachCount is how many promises are listed as broken, RiskCount how many as at
// risk, with those that a mail leaves out.
func (d *Digest) BreachCount() int { return len(d.Breaches) + d.MoreBreaches }

// RiskCount is described at BreachCount.
func (d *Digest) RiskCount() int { return len(d.AtRisk) + d.MoreAtRisk }

// Grouping is what the figures of a digest are split by.
type Grouping string

// The groupings.
const (
	ByTier         Grouping = "tier" // that had the ticket then
	ByCategory     Grouping = "category"
	ByPriority     Grouping = "priority"
	ByTechnician   Grouping = "technician"   // the assignee
	ByOrganisation Grouping = "organisation" // the domain of the requester
)

// Groupings lists all of them.
func Groupings() []Grouping {
	return []Grouping{ByTier, ByCategory, ByPriority, ByTechnician, ByOrganisation}
}

// DigestRow is one ticket in a digest.
type DigestRow struct {
	Number   string
	Subject  string
	Tier     Level
	Priority Priority
	Status   Status
	Assignee string
	Clock    ClockKind
	Due      time.Time
	Late     time.Duration // wall-clock time since Due, or until it when negative
	Note     string        // "new", "again", "still open", "answered late"
}

// DigestTier counts the open tickets of one tier by age.
type DigestTier struct {
	Level     Level
	Name      string
	Open      int
	Unclaimed int
	Day       int // younger than a day
	Week      int // a day to a week
	Older     int
	Oldest    time.Duration
}

// DigestGroup holds what happened in the period to one group of tickets.
type DigestGroup struct {
	Name          string
	Opened        int
	Solved        int // tickets, each once
	Share         int // of all solved ones, in percent
	FirstContact  int // solved by L1's answer alone
	Reopened      int
	Breached      int // promises of the policies
	Promises      int // broken promises that technicians made
	Returned      int // escalations that this group's tier gave back
	Lower         int // solved by people with a document that L1 has
	FirstResponse Spread
	Resolution    Spread
	Claim         Spread        // from the hand-over to the claim
	Held          time.Duration // business time in the hands of tiers with people
	Cost          float64
	Good, Bad     int // feedback of customers
	Open          int // now
}

// Spread is the middle of several durations of business time, and the one below
// which nine of ten lie.
type Spread struct {
	N           int
	Median, P90 time.Duration
}

// DigestDay counts what happened on one day.
type DigestDay struct {
	Day                      time.Time
	Opened, Solved, Breached int
}
