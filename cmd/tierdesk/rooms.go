package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"time"

	"tierdesk/desk"
	"tierdesk/tiers"
	"tierdesk/triage"
)

// This file turns the configuration into the values that the rooms are built of.

// deskValue returns the desk as every room sees it.
func (c *config) deskValue() (*desk.Desk, error) {
	location, err := time.LoadLocation(c.Desk.Timezone)
	if err != nil {
		return nil, err
	}
	d := &desk.Desk{
		Name: c.Desk.Name, Address: c.Desk.Address, Tag: c.Desk.Tag, Language: c.Desk.Language,
		Location: location, PlusAddresses: c.Desk.ReplyAddresses == "plus",
		TrustedAuthserv: c.Desk.TrustedAuthservIDs,
	}
	for _, m := range c.Mailboxes {
		d.OtherAddresses = append(d.OtherAddresses, m.Address)
	}
	for _, t := range c.Tiers {
		d.Tiers = append(d.Tiers, desk.Tier{
			Level: desk.Level(t.Level), Name: t.Name, List: t.List, Calendar: t.Calendar,
			Ack: time.Duration(t.Ack), Hold: time.Duration(t.Hold), CostPerHour: t.CostPerHour,
		})
	}
	slices.SortFunc(d.Tiers, func(a, b desk.Tier) int { return int(a.Level - b.Level) })
	for _, t := range c.Technicians {
		tech := desk.Technician{Name: t.Name, Addresses: t.Addresses}
		for _, l := range t.Tiers {
			tech.Tiers = append(tech.Tiers, desk.Level(l))
		}
		d.Technicians = append(d.Technicians, tech)
	}
	for _, m := range c.Managers {
		d.Managers = append(d.Managers, desk.Manager{Address: m.Address, Digests: m.Digests})
	}
	return d, nil
}

func (c *config) calendar(cc calendarConfig) (*tiers.Calendar, error) {
	timezone := cc.Timezone
	if timezone == "" {
		timezone = c.Desk.Timezone
	}
	return tiers.NewCalendar(tiers.CalendarConfig{
		Name: cc.Name, Timezone: timezone, Hours: cc.Hours, Holidays: cc.Holidays, Dir: c.dir,
	})
}

// rules returns the triage rules. The patterns were checked when the
// configuration was read.
func (c *config) rules() ([]triage.Rule, error) {
	var rules []triage.Rule
	for _, rc := range c.Rules {
		r := triage.Rule{Name: rc.Name, Set: triage.Properties{
			Category: rc.Set.Category, Tier: desk.Level(rc.Set.Tier), Priority: desk.Priority(rc.Set.Priority),
		}}
		for _, field := range slices.Sorted(maps.Keys(rc.When)) {
			pattern, err := regexp.Compile(rc.When[field])
			if err != nil {
				return nil, fmt.Errorf("rule %q: %w", rc.Name, err)
			}
			r.When = append(r.When, triage.Condition{Field: triage.Field(field), Pattern: pattern})
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// clientTLS returns the TLS settings of a client; the server's name is verified
// against the system's roots, or against those of a file.
func (c *config) clientTLS(caFile string) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return t, nil
	}
	var err error
	t.RootCAs, err = loadCA(c.path(caFile))
	return t, err
}

func loadCA(file string) (*x509.CertPool, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("certificates: %s holds none in PEM form", file)
	}
	return pool, nil
}
