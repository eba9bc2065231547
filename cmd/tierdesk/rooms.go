package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tierdesk/desk"
	"tierdesk/mailin"
	"tierdesk/mailin/parse"
	"tierdesk/mailout"
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
	newcomers, err := parseHourly(c.Desk.Newcomers)
	if err != nil {
		return nil, err
	}
	automatic, err := parseHourly(c.Desk.Automatic)
	if err != nil {
		return nil, err
	}
	tierMail, err := parseHourly(c.Desk.TierMail)
	if err != nil {
		return nil, err
	}
	d := &desk.Desk{
		Admin: c.Desk.Admin, Newcomers: newcomers, Automatic: automatic, TierMail: tierMail,
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
			Ack: time.Duration(t.Ack), Hold: time.Duration(t.Hold), Lease: time.Duration(t.Lease),
			CostPerHour: t.CostPerHour, Needs: t.Needs, Repeat: t.Repeat,
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
			Inform: desk.Level(rc.Set.Inform),
			NoL1:   rc.Set.L1 == "never",
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

// fetcherConfig describes a mailbox to its fetcher; the wiring adds the rest.
func (c *config) fetcherConfig(m mailboxConfig) mailin.Config {
	f := mailin.Config{
		Name: m.Name, Server: m.IMAP, Password: c.secret(m.secretConfig),
		PlaintextInsecure: m.PlaintextInsecure, Folder: m.Folder, Processed: *m.Processed, Failed: *m.Failed,
		Start: m.Start, Poll: time.Duration(m.Poll), ContentKey: parse.ContentKey,
	}
	if u, err := url.Parse(m.IMAP); err == nil && m.OAuth2 != nil {
		f.Credentials = c.bearer(*m.OAuth2, u.User.Username())
	}
	return f
}

// tierRules returns what clocks and the ladder depend on.
func (c *config) tierRules(d *desk.Desk) (*tiers.Rules, error) {
	r := &tiers.Rules{Desk: d, Calendars: map[string]*tiers.Calendar{}, CloseAfter: time.Duration(*c.Desk.CloseAfter)}
	for _, cc := range c.Calendars {
		cal, err := c.calendar(cc)
		if err != nil {
			return nil, err
		}
		r.Calendars[cc.Name] = cal
	}
	target := func(t targetConfig) tiers.Target {
		return tiers.Target{
			FirstResponse: time.Duration(t.FirstResponse), NextResponse: time.Duration(t.NextResponse),
			Resolution: time.Duration(t.Resolution),
		}
	}
	for _, s := range c.SLAs {
		p := tiers.Policy{Name: s.Name, Calendar: s.Calendar, WarnAt: s.WarnAt, Targets: map[desk.Priority]tiers.Target{}}
		for priority, t := range map[desk.Priority]targetConfig{desk.P1: s.P1, desk.P2: s.P2, desk.P3: s.P3, desk.P4: s.P4} {
			if t != (targetConfig{}) {
				p.Targets[priority] = target(t)
			}
		}
		r.Policies = append(r.Policies, p)
	}
	return r, r.Validate()
}

func (c *config) schedule() tiers.Schedule {
	return tiers.Schedule{SLACheck: c.Cron.SLACheck, DigestDaily: c.Cron.DigestDaily, DigestWeekly: c.Cron.DigestWeekly, DigestMonthly: c.Cron.DigestMonthly}
}

// authenticator judges senders: by the headers of trusted servers. Where no server
// is trusted, DKIM is verified. Mail that claims to be a technician's or names a ticket
// in its subject gains most by it: it is verified beside trusted servers, too, when it
// has no field of theirs, and waits for a slow DNS.
func (c *config) authenticator(d *desk.Desk) *mailin.Authenticator {
	a := &mailin.Authenticator{Trusted: d.TrustedAuthserv, Desk: d, Verify: len(d.TrustedAuthserv) == 0}
	a.Needs = func(in *desk.Inbound) bool {
		_, tagged := desk.FindTag(in.Subject, d.Tag)
		return tagged || d.Technician(in.From.Address) != nil
	}
	if c.Desk.DNS != "" {
		a.LookupTXT = c.lookupTXT()
	}
	return a
}

// lookupTXT returns how to ask the configured resolver, or the system's.
func (c *config) lookupTXT() func(ctx context.Context, name string) ([]string, error) {
	if c.Desk.DNS == "" {
		return net.DefaultResolver.LookupTXT
	}
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, withPort(c.Desk.DNS, "53"))
	}}
	return resolver.LookupTXT
}

// withPort adds a port to a host that has none.
func withPort(host, port string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(host, port)
}

// relay returns the server that takes our mail.
func (c *config) relay() (mailout.Relay, error) {
	r, err := parseRelay(c.SMTP.Server, c.SMTP.PlaintextInsecure)
	if err != nil {
		return r, err
	}
	_, r.Hello, _ = strings.Cut(c.Desk.Address, "@")
	if r.TLS, err = c.clientTLS(c.SMTP.CAFile); err != nil {
		return r, err
	}
	if c.SMTP.OAuth2 != nil {
		r.Credentials = c.bearer(*c.SMTP.OAuth2, r.User)
		return r, nil
	}
	if r.Password, err = c.secret(c.SMTP.secretConfig)(); err != nil {
		return r, fmt.Errorf("smtp: %w", err)
	}
	return r, nil
}

// parseRelay reads smtps://user@host:465 (implicit TLS) and smtp://user@host:587
// (STARTTLS required). The port may be left out.
func parseRelay(server string, plaintext bool) (mailout.Relay, error) {
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" {
		return mailout.Relay{}, fmt.Errorf("%q is not a URL such as smtp://host:587", withoutPassword(server))
	}
	r := mailout.Relay{User: u.User.Username()}
	port := "587"
	switch {
	case u.Scheme == "smtps" && plaintext:
		return r, errors.New("plaintext_insecure contradicts an smtps:// server")
	case u.Scheme == "smtps":
		r.Security, port = mailout.ImplicitTLS, "465"
	case u.Scheme == "smtp" && plaintext:
		r.Security, port = mailout.PlaintextInsecure, "25"
	case u.Scheme == "smtp":
		r.Security = mailout.StartTLS
	default:
		return r, fmt.Errorf("the scheme of %q is neither smtps:// (TLS) nor smtp:// (STARTTLS required)", withoutPassword(server))
	}
	if _, inline := u.User.Password(); inline {
		return r, errors.New("the password stands in the configuration; use password_file")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	r.Address = net.JoinHostPort(u.Hostname(), port)
	return r, nil
}

var hourlyForm = regexp.MustCompile(`^([0-9]{1,6})/h$`)

// parseHourly reads "600/h"; "0/h" means none.
func parseHourly(s string) (int, error) {
	m := hourlyForm.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is not a number an hour such as 600/h", s)
	}
	return strconv.Atoi(m[1])
}

var rateForm = regexp.MustCompile(`^([0-9]{1,6})/(s|min|h|d)$`)

// pace returns how fast the relay may get mail, and over how many connections; 0 is
// the usual number. Microsoft's cloud takes 30 mails a minute, 10,000 a day and three
// connections of an account; past them it refuses.
func (c *config) pace() (rates []mailout.Rate, connections int, err error) {
	if o := c.SMTP.OAuth2; o != nil && o.Provider == "microsoft" {
		rates, connections = []mailout.Rate{{N: 30, Per: time.Minute}, {N: 10_000, Per: 24 * time.Hour}}, 3
	}
	if c.SMTP.Rate != "" {
		rate, err := parseRate(c.SMTP.Rate)
		return append(rates, rate), connections, err
	}
	return rates, connections, nil
}

// parseRate reads "30/min".
func parseRate(s string) (mailout.Rate, error) {
	m := rateForm.FindStringSubmatch(s)
	if m == nil || strings.Trim(m[1], "0") == "" {
		return mailout.Rate{}, fmt.Errorf("%q is not a rate such as 30/min", s)
	}
	n, err := strconv.Atoi(m[1])
	per := map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
	return mailout.Rate{N: n, Per: per[m[2]]}, err
}
