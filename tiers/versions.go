package tiers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"tierdesk/desk"
)

// rulesText is the form in which a version of the rules is kept.
type rulesText struct {
	Tiers     []tierText     `json:"tiers"`
	Calendars []calendarText `json:"calendars"`
	Policies  []policyText   `json:"policies"`

	CloseAfter time.Duration `json:"close_after,omitempty"`
}

type tierText struct {
	Level       desk.Level    `json:"level"`
	List        string        `json:"list,omitempty"`
	Calendar    string        `json:"calendar,omitempty"`
	Ack         time.Duration `json:"ack,omitempty"`
	Hold        time.Duration `json:"hold,omitempty"`
	Lease       time.Duration `json:"lease,omitempty"`
	Repeat      int           `json:"repeat,omitempty"`
	CostPerHour float64       `json:"cost_per_hour,omitempty"`
}

type calendarText struct {
	Name     string           `json:"name"`
	Timezone string           `json:"timezone"`
	Week     [7][][2]int64    `json:"week"` // from Sunday; microseconds since midnight
	Holidays map[int64]string `json:"holidays,omitempty"`
}

type policyText struct {
	Name     string                   `json:"name"`
	Calendar string                   `json:"calendar,omitempty"`
	WarnAt   float64                  `json:"warn_at,omitempty"`
	Targets  map[desk.Priority]Target `json:"targets"`
}

// Text returns the rules as a version to keep, in force from an instant. The same
// settings always have the same hash. A count of pages of 1 is not written, so that
// it is the same as none.
func (r *Rules) Text(since time.Time) (desk.RulesVersion, error) {
	text := rulesText{CloseAfter: r.CloseAfter}
	for _, t := range r.Desk.Tiers {
		text.Tiers = append(text.Tiers, tierText{t.Level, t.List, t.Calendar, t.Ack, t.Hold, t.Lease, repeatText(t.Repeat), t.CostPerHour})
	}
	for _, name := range slices.Sorted(maps.Keys(r.Calendars)) {
		text.Calendars = append(text.Calendars, r.Calendars[name].text())
	}
	for _, p := range r.Policies {
		text.Policies = append(text.Policies, policyText{p.Name, p.Calendar, p.WarnAt, p.Targets})
	}
	body, err := json.Marshal(text)
	sum := sha256.Sum256(body)
	return desk.RulesVersion{Hash: hex.EncodeToString(sum[:]), Since: since.Truncate(time.Second), Body: body}, err
}

func repeatText(n int) int {
	if n == 1 {
		return 0
	}
	return n
}

func (c *Calendar) text() calendarText {
	t := calendarText{Name: c.name, Timezone: c.location.String(), Holidays: c.holidays}
	for day, windows := range c.week {
		for _, w := range windows {
			t.Week[day] = append(t.Week[day], [2]int64{w.from, w.to})
		}
	}
	return t
}

// Version names what the calendar says: calendars of one version are alike. It is
// "" for the one that is always open.
func (c *Calendar) Version() string {
	if c == nil {
		return ""
	}
	return c.version
}

// sealed gives a complete calendar its version.
func (c *Calendar) sealed() (*Calendar, error) {
	body, err := json.Marshal(c.text())
	sum := sha256.Sum256(body)
	c.version = shortHash(hex.EncodeToString(sum[:]))
	return c, err
}

// shortHash is as much of a hash as people compare.
func shortHash(hash string) string { return hash[:min(len(hash), 12)] }

// InForce returns the configured rules with all kept versions before them. What is
// kept last names the present one; where the configuration says something else, it
// is not in force yet, and the kept version stands. The error says that a version
// cannot be read or was changed.
func InForce(configured *Rules, kept []desk.RulesVersion) (*Rules, error) {
	if len(kept) == 0 {
		return configured, nil
	}
	var newest *Rules
	for i := range kept {
		r, err := readRules(&kept[i])
		if err != nil {
			return nil, fmt.Errorf("rules of %s: %w", kept[i].Since.UTC().Format(time.RFC3339), err)
		}
		r.Before, newest = newest, r
	}
	d := *configured.Desk
	d.Tiers = withNames(newest.Desk.Tiers, configured.Desk)
	newest.Desk = &d
	return newest, nil
}

// withNames gives tiers of a kept version what no clock depends on, as it is now.
func withNames(tiers []desk.Tier, now *desk.Desk) []desk.Tier {
	for i := range tiers {
		if t := now.Tier(tiers[i].Level); t != nil {
			tiers[i].Name, tiers[i].Needs = t.Name, t.Needs
		}
	}
	return tiers
}

func readRules(v *desk.RulesVersion) (*Rules, error) {
	if sum := sha256.Sum256(v.Body); hex.EncodeToString(sum[:]) != v.Hash {
		return nil, fmt.Errorf("changed: the SHA-256 is not %s", shortHash(v.Hash))
	}
	var text rulesText
	if err := json.Unmarshal(v.Body, &text); err != nil {
		return nil, err
	}
	r := &Rules{Desk: &desk.Desk{}, Calendars: map[string]*Calendar{}, Version: shortHash(v.Hash), Since: v.Since, CloseAfter: text.CloseAfter}
	for _, t := range text.Tiers {
		r.Desk.Tiers = append(r.Desk.Tiers, desk.Tier{
			Level: t.Level, List: t.List, Calendar: t.Calendar, Ack: t.Ack, Hold: t.Hold, Lease: t.Lease,
			Repeat: max(t.Repeat, 1), CostPerHour: t.CostPerHour,
		})
	}
	for _, t := range text.Calendars {
		var err error
		if r.Calendars[t.Name], err = t.calendar(); err != nil {
			return nil, err
		}
	}
	for _, p := range text.Policies {
		r.Policies = append(r.Policies, Policy{p.Name, p.Calendar, p.Targets, p.WarnAt})
	}
	return r, nil
}

func (t *calendarText) calendar() (c *Calendar, err error) {
	c = &Calendar{name: t.Name, holidays: t.Holidays}
	if c.location, err = zone(t.Timezone); err != nil {
		return nil, err
	}
	for day, windows := range t.Week {
		for _, w := range windows {
			c.week[day] = append(c.week[day], window{w[0], w[1]})
		}
	}
	return c.sealed()
}
