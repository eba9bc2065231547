package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"tierdesk/mailin"
	"tierdesk/mailout"
	"tierdesk/store"
	"tierdesk/triage/kb"
)

// onlineLimit bounds the trial of one server.
const onlineLimit = time.Minute

type checkCmd struct {
	Online bool          `help:"Also log in to every mailbox and to the relay, open the database, and send a trial mail to ourselves."`
	Wait   time.Duration `help:"How long to wait for the trial mail; 0 sends none." default:"2m"`
}

// Run prints every problem and warning. It fails when there is a problem.
func (c checkCmd) Run(ctx context.Context, cli *commands, std streams) error {
	cfg, err := loadConfig(cli.Config)
	if err != nil {
		return err
	}
	for _, w := range cfg.warnings() {
		fmt.Fprintln(std.out, "warning:", w)
	}
	problems := 0
	bad := func(format string, args ...any) {
		problems++
		fmt.Fprintf(std.out, format+"\n", args...)
	}
	if _, err := mailout.LoadTemplates(cfg.path(cfg.Templates.Dir)); err != nil {
		bad("%v", err)
	}
	documents := 0
	if dir := cfg.path(cfg.KB.Dir); dir != "" {
		docs, found := kb.Load(os.DirFS(dir))
		documents = len(docs)
		for _, p := range found {
			if p.Fatal {
				bad("%s/%s", dir, p.String())
			} else {
				fmt.Fprintf(std.out, "warning: %s/%s\n", dir, p.String())
			}
		}
		if _, err := os.Stat(dir); err != nil {
			bad("kb.dir: %v", err)
		}
	}
	if c.Online {
		errs := cfg.tryServers(ctx)
		for _, err := range errs {
			bad("%v", err)
		}
		if len(errs) == 0 && c.Wait > 0 {
			for _, f := range cfg.tryRoundTrip(ctx, c.Wait) {
				f.print(std.out, bad)
			}
		}
	}
	if problems > 0 {
		return fmt.Errorf("check: %d problems", problems)
	}
	fmt.Fprintf(std.out, "ok: %d mailboxes, %d tiers, %d technicians, %d documents\n",
		len(cfg.Mailboxes), len(cfg.Tiers), len(cfg.Technicians), documents)
	return nil
}

// tryServers connects to everything the gateway needs. It changes nothing but that it
// makes the database where there is none.
func (c *config) tryServers(ctx context.Context) []error {
	var errs []error
	try := func(what string, fn func(context.Context) error) {
		ctx, cancel := context.WithTimeout(ctx, onlineLimit)
		defer cancel()
		if err := fn(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	for _, m := range c.Mailboxes {
		try("mailbox "+m.Name, func(ctx context.Context) error {
			cfg := c.fetcherConfig(m)
			var err error
			if cfg.TLS, err = c.clientTLS(m.CAFile); err != nil {
				return err
			}
			cfg.Log, cfg.Now = quiet, time.Now
			return mailin.Probe(ctx, cfg)
		})
	}
	try("relay", func(ctx context.Context) error {
		relay, err := c.relay()
		if err != nil {
			return err
		}
		return relay.Probe(ctx)
	})
	if len(c.DKIM) > 0 {
		try("dkim", c.tryKeys)
	}
	try("store", func(ctx context.Context) error {
		if err := os.MkdirAll(c.path(c.Desk.DataDir), 0o700); err != nil { // as serve does
			return err
		}
		return c.inStore(ctx, func(s *store.Store) error {
			_, err := s.Counts(ctx)
			return err
		})
	})
	return errs
}
