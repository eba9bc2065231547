package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tierdesk/desk"
)

const (
	statusEvery = 5 * time.Second
	// statusStale is the age at which a status says that the gateway hangs.
	statusStale = 30 * time.Second
	// mailboxStale is how long a mailbox may go without a successful look.
	mailboxStale = 10 * time.Minute
	// certificateNotice is how long before its end a server's certificate is spoken of.
	certificateNotice = 14 * 24 * time.Hour
)

// status is what a running gateway writes down about itself, for `health`.
type status struct {
	At        time.Time       `json:"at"`
	PID       int             `json:"pid"`
	Started   time.Time       `json:"started"`
	Standby   bool            `json:"standby"` // another gateway works on the database
	Mailboxes []mailboxStatus `json:"mailboxes"`
	Intake    string          `json:"intake"` // why mail is not settled, or ""
	Tiers     string          `json:"tiers"`  // why clocks are not swept, or ""
	Relay     string          `json:"relay"`  // why the relay takes no mail, or ""
	Store     string          `json:"store"`  // why the database does not answer, or ""
	// RelayCertificateEnds is zero before the first mail, and without TLS.
	RelayCertificateEnds time.Time `json:"relay_certificate_ends,omitzero"`
}

type mailboxStatus struct {
	Name        string    `json:"name"`
	Connected   bool      `json:"connected"`
	LastSuccess time.Time `json:"last_success"`
	LastError   string    `json:"last_error"`
	Unmoved     string    `json:"unmoved"` // why settled mail cannot be moved away, or ""

	CertificateEnds time.Time `json:"certificate_ends,omitzero"`
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func statusFile(dataDir string) string { return filepath.Join(dataDir, "status.json") }

// keepStatus writes the gateway's status until the context ends.
func keepStatus(ctx context.Context, g *gateway) error {
	started := time.Now()
	path := statusFile(g.config.path(g.config.Desk.DataDir))
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	defer os.Remove(path)
	warned := map[string]bool{}
	for {
		s := g.status(ctx, started)
		if err := writeStatus(path, s); err != nil {
			g.log.Error("status not written", "err", err)
		}
		for _, note := range s.certificates(s.At) {
			if !warned[note] {
				warned[note] = true
				g.log.Warn("certificate", "note", note)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (g *gateway) status(ctx context.Context, started time.Time) status {
	s := status{At: time.Now(), PID: os.Getpid(), Started: started}
	if since := g.leading.Load(); since != 0 {
		s.Started = time.Unix(since, 0)
	} else {
		s.Standby = true
	}
	s.Intake, s.Tiers = words(g.intake.Health()), words(g.engine.Health())
	for _, f := range g.fetchers {
		h := f.Health()
		s.Mailboxes = append(s.Mailboxes, mailboxStatus{h.Mailbox, h.Connected, h.LastSuccess, h.LastError, h.Unmoved, h.CertificateEnds})
	}
	s.Relay, s.RelayCertificateEnds = words(g.sender.Health()), g.sender.CertificateEnds()
	if _, err := g.store.NextOutgoing(ctx); err != nil && ctx.Err() == nil {
		s.Store = err.Error()
	}
	return s
}

func writeStatus(path string, s status) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// problems returns what is wrong, in words.
func (s *status) problems(now time.Time) []string {
	if age := now.Sub(s.At); age > statusStale {
		return []string{fmt.Sprintf("the gateway has written no status for %v", age.Round(time.Second))}
	}
	var p []string
	if s.Store != "" {
		p = append(p, "database: "+s.Store)
	}
	if s.Intake != "" {
		p = append(p, "intake: "+s.Intake)
	}
	if s.Tiers != "" {
		p = append(p, "tiers: "+s.Tiers)
	}
	if s.Relay != "" {
		p = append(p, "relay: "+s.Relay)
	}
	if s.Standby { // its mailboxes are the other one's business
		return p
	}
	for _, m := range s.Mailboxes {
		since := m.LastSuccess
		if since.IsZero() {
			since = s.Started
		}
		if age := now.Sub(since); age > mailboxStale {
			p = append(p, fmt.Sprintf("mailbox %s: IMAP stale, no successful look for %v: %s", m.Name, age.Round(time.Second), m.LastError))
		}
	}
	return p
}

// notes returns what is in trouble and not yet a problem: servers are away for
// minutes, and restarting the gateway brings none of them back.
func (s *status) notes() []string {
	var n []string
	if s.Standby {
		n = append(n, "standing by: another gateway works on the database")
	}
	for _, m := range s.Mailboxes {
		if m.LastError != "" {
			n = append(n, fmt.Sprintf("mailbox %s is not read: %s", m.Name, m.LastError))
		}
		if m.Unmoved != "" {
			n = append(n, fmt.Sprintf("mailbox %s keeps settled mail: %s", m.Name, m.Unmoved))
		}
	}
	return append(n, s.certificates(s.At)...)
}

// certificates names the servers whose certificates end soon, after which nothing is
// read from them or sent by them.
func (s *status) certificates(now time.Time) []string {
	var n []string
	soon := func(server string, end time.Time) {
		if !end.IsZero() && end.Sub(now) < certificateNotice {
			n = append(n, fmt.Sprintf("the certificate of %s ends on %s", server, end.UTC().Format(time.RFC1123)))
		}
	}
	for _, m := range s.Mailboxes {
		soon("mailbox "+m.Name, m.CertificateEnds)
	}
	soon("the relay", s.RelayCertificateEnds)
	return n
}

type healthCmd struct {
	JSON bool `name:"json" help:"The status as one JSON object."`
}

// Run asks the running gateway's status file: exit status 0 when all is well, 1
// with the reasons when not.
func (c healthCmd) Run(cli *commands, std streams) error {
	cfg, err := readConfig(cli.Config, false)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(statusFile(cfg.path(cfg.Desk.DataDir)))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("health: no gateway is running on %s", cfg.Desk.DataDir)
	}
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	var s status
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("health: %w", err)
	}
	problems := s.problems(time.Now())
	if c.JSON {
		line := struct {
			status
			OK       bool     `json:"ok"`
			Problems []string `json:"problems"`
		}{s, len(problems) == 0, append([]string{}, problems...)}
		if err := jsonLines(std.out, []any{line}); err != nil {
			return err
		}
	}
	for _, p := range problems {
		if !c.JSON {
			fmt.Fprintln(std.out, p)
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("health: %d problems", len(problems))
	}
	if !c.JSON {
		fmt.Fprintln(std.out, "ok")
		for _, n := range s.notes() {
			fmt.Fprintln(std.out, "note:", desk.OneLine(n))
		}
	}
	return nil
}
