package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"tierdesk/desk"
)

//go:embed company/tierdesk.toml
var companyConfig string

//go:embed sample/kb
var companyDocuments embed.FS

// demoLimit bounds the whole demo in real time.
const demoLimit = 60 * time.Second

type demoCmd struct {
	Dir         string `help:"Folder to leave everything in; it must be new or empty." default:"demo-out" type:"path"`
	KeepRunning bool   `help:"Keep the mail system and the gateway running after the stories, until interrupted."`
}

// Run plays the demo's stories: a small company on one machine, whose customers
// and technicians write real mail to the real gateway over IMAP and SMTP, while a
// clock runs fast. It fails when a story does not end as it should.
func (c demoCmd) Run(ctx context.Context, std streams) (err error) {
	clock := &demoClock{base: time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CET", 3600)), started: time.Now()}
	office, err := openPostOffice(clock.Now,
		[]string{"support@hd.test", "tess@hd.test", "theo@hd.test", "boss@hd.test", "alice@customer.test", "bob@customer.test", "carol@customer.test", "dave@customer.test"},
		map[string][]string{"l2@hd.test": {"tess@hd.test"}, "l3@hd.test": {"theo@hd.test"}})
	if err != nil {
		return fmt.Errorf("demo: mail system: %w", err)
	}
	defer func() { err = errors.Join(err, office.Close()) }()
	cfg, err := c.prepare(office)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	log, err := os.Create(filepath.Join(c.Dir, "tierdesk.log"))
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer log.Close()
	g, err := openGateway(ctx, cfg, gatewayOptions{Now: clock.Now, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, g.Close()) }()

	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- g.Run(running) }()
	err = c.play(ctx, std, clock, office, g)
	if err == nil && c.KeepRunning {
		fmt.Fprintf(std.out, "\nStill running; ask it with --config %s, end it with Ctrl-C.\n", filepath.Join(c.Dir, "tierdesk.toml"))
		<-ctx.Done()
	}
	stop()
	return errors.Join(err, <-done, saveMail(filepath.Join(c.Dir, "mail"), office))
}

// prepare writes the company's configuration and documents.
func (c demoCmd) prepare(office *postOffice) (*config, error) {
	if entries, err := os.ReadDir(c.Dir); err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(c.Dir, "tierdesk.log")); err != nil {
			return nil, fmt.Errorf("%s is not empty", c.Dir)
		}
		if err := os.RemoveAll(c.Dir); err != nil { // what an earlier demo left
			return nil, err
		}
	}
	documents, err := fs.Sub(companyDocuments, "sample/kb")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(c.Dir, "secrets"), 0o700); err != nil {
		return nil, err
	}
	if err := os.CopyFS(filepath.Join(c.Dir, "kb"), documents); err != nil {
		return nil, err
	}
	text := strings.NewReplacer("@IMAP", "@"+office.imapAddr, "@SMTP", "@"+office.smtpAddr).Replace(companyConfig)
	for name, content := range map[string]string{"tierdesk.toml": text, "ca.pem": string(office.caPEM), "secrets/mail": officePassword} {
		if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return loadConfig(filepath.Join(c.Dir, "tierdesk.toml"))
}

// play runs the stories one after the other.
func (c demoCmd) play(ctx context.Context, std streams, clock *demoClock, office *postOffice, g *gateway) error {
	ctx, cancel := context.WithTimeout(ctx, demoLimit)
	defer cancel()
	fmt.Fprintf(std.out, "A small company, its mail system and tierdesk, in one process. Monday 2 March 2026, Berlin.\n")
	s := &stage{ctx: ctx, out: std.out, clock: clock, office: office, gateway: g, dir: c.Dir, seen: map[int]bool{}}
	failed := 0
	for _, story := range stories {
		fmt.Fprintf(std.out, "\n── %s\n", story.title)
		if err := story.play(s); err != nil {
			failed++
			fmt.Fprintf(std.out, "   ✗ %v\n", err)
			continue
		}
		fmt.Fprintf(std.out, "   ✓ %s\n", story.moral)
	}
	s.finish(failed)
	if failed > 0 {
		return fmt.Errorf("demo: %d of %d stories did not end as they should; see %s", failed, len(stories), filepath.Join(c.Dir, "tierdesk.log"))
	}
	return nil
}

// saveMail writes every delivered mail to a file of its own.
func saveMail(dir string, office *postOffice) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	letters, _ := office.letters()
	for i, l := range letters {
		local, _, _ := strings.Cut(l.to, "@")
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d-to-%s.eml", i+1, local)), l.raw, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// demoClock runs sixty times as fast as the world, and can be put forward.
type demoClock struct {
	mu      sync.Mutex
	base    time.Time
	started time.Time
}

// demoSpeed is how much faster the demo's time runs.
const demoSpeed = 60

// Now returns the demo's time.
func (c *demoClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base.Add(time.Since(c.started) * demoSpeed)
}

// Advance puts the clock forward by d.
func (c *demoClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base = c.base.Add(d)
}

// AdvanceTo puts the clock forward to t; it never goes back.
func (c *demoClock) AdvanceTo(t time.Time) {
	if d := t.Sub(c.Now()); d > 0 {
		c.Advance(d)
	}
}

// demoNumber is a ticket as the demo's timeline names it.
func demoNumber(id desk.TicketID) string { return "#" + desk.Number(id) }
