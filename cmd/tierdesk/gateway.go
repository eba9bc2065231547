package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tierdesk/desk"
	"tierdesk/docs"
	"tierdesk/mailin"
	"tierdesk/mailin/parse"
	"tierdesk/mailout"
	"tierdesk/store"
	"tierdesk/templates"
	"tierdesk/tiers"
	"tierdesk/triage"
	"tierdesk/triage/embed"
	"tierdesk/triage/precedent"
)

// gateway is the whole program: the rooms, built and joined. Read openGateway to
// see how; a mail walks from fetchers to intake, and what it caused from engine
// to sender. Between any two of them stands a row of the store; the nudges only
// save waiting for the next look.
type gateway struct {
	config   *config
	log      *slog.Logger
	now      func() time.Time
	lock     *dataLock
	store    *store.Store
	keys     desk.Keyring
	shelf    *shelf
	texts    atomic.Pointer[templates.Set]
	fetchers []*mailin.Fetcher
	intake   *mailin.Intake
	learner  *triage.Learner
	engine   *tiers.Engine
	sender   *mailout.Sender
	alarm    *alarm
	leading  atomic.Int64 // since when, Unix seconds; 0 while it stands by
}

// gatewayOptions are what a gateway is given beside its configuration.
type gatewayOptions struct {
	Now  func() time.Time
	Log  *slog.Logger
	Hold bool // decide, and send nothing
}

// openGateway takes the data folder, opens the database and builds every room.
func openGateway(ctx context.Context, c *config, opt gatewayOptions) (_ *gateway, err error) {
	g := &gateway{config: c, log: opt.Log, now: opt.Now}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()
	if g.lock, err = lockData(c.path(c.Desk.DataDir)); err != nil {
		return nil, err
	}
	if g.store, err = c.openStore(ctx, opt.Now, opt.Log); err != nil {
		return nil, err
	}
	if err = g.buildShelf(ctx, opt); err != nil {
		return nil, err
	}
	if err := g.loadTexts(); err != nil {
		return nil, err
	}
	d, err := c.deskValue()
	if err != nil {
		return nil, err
	}
	if g.keys, err = loadKeys(ctx, g.store, opt.Now()); err != nil {
		return nil, err
	}
	composer := desk.Composer{Desk: d, Keys: g.keys, Commands: triage.OftenUsed()}
	if err := g.buildSender(d, g.keys, opt); err != nil {
		return nil, err
	}
	if err := g.buildEngine(composer, opt); err != nil {
		return nil, err
	}
	if err := g.buildIntake(composer, opt); err != nil {
		return nil, err
	}
	g.buildAlarm(composer)
	return g, g.buildFetchers(opt)
}

func (g *gateway) buildSender(d *desk.Desk, keys desk.Keyring, opt gatewayOptions) error {
	c := g.config
	relay, err := c.relay()
	if err != nil {
		return err
	}
	rates, connections, err := c.pace()
	if err != nil {
		return err
	}
	signatures, err := c.signatures()
	if err != nil {
		return err
	}
	g.sender, err = mailout.New(mailout.Config{
		Relay: relay, Rates: rates, Connections: connections, Hold: opt.Hold, Outbox: g.store, Holder: g.lock.holder,
		Renderer: &mailout.Renderer{
			Desk: d, Keys: keys, Templates: g.texts.Load, Attachments: g.attachment, Signatures: signatures,
		},
		Now: opt.Now, Log: opt.Log,
	})
	return err
}

func (g *gateway) buildEngine(composer desk.Composer, opt gatewayOptions) error {
	rules, err := g.config.tierRules(composer.Desk)
	if err != nil {
		return err
	}
	g.engine, err = tiers.New(tiers.Config{
		Rules: *rules, Composer: composer, Schedule: g.config.schedule(),
		Store: tierStore{g.store}, Holder: g.lock.holder, Queued: g.sender.Nudge, Now: opt.Now, Log: opt.Log,
		Memory: recall{precedent.New(g.store), g.shelf.Offhand, opt.Now},
	})
	return err
}

func (g *gateway) buildIntake(composer desk.Composer, opt gatewayOptions) error {
	rules, err := g.config.rules()
	if err != nil {
		return err
	}
	manual, err := docs.Pages.ReadFile("by-mail.md")
	if err != nil {
		return err
	}
	handler := &triage.Triage{
		Desk: composer.Desk, Composer: composer, Rules: rules, MaxSize: mailin.DefaultMaxSize,
		Undo: time.Duration(*g.config.Desk.Undo), Formatted: parse.Formatted,
		Manual: string(manual), Ledger: g.ledger, Library: g.shelf.Library, Suggest: *g.config.KB.Suggest,
	}
	g.intake = mailin.NewIntake(mailin.Intake{
		Store:     g.store,
		Settle:    g.settle,
		Threader:  mailin.Threader{Desk: composer.Desk, Keys: composer.Keys},
		Auth:      g.config.authenticator(composer.Desk),
		Handler:   handler,
		Delimiter: templates.Delimiter,
		Log:       opt.Log,
		Now:       opt.Now,
		Settled:   g.settled,
	})
	return nil
}

// buildShelf loads what L1 knows, and builds the learner that adds to it.
func (g *gateway) buildShelf(ctx context.Context, opt gatewayOptions) (err error) {
	kb := &g.config.KB
	s := &shelf{
		dir: g.config.path(kb.Dir), target: kb.Precision, start: desk.Mode(kb.NewDocuments),
		lessons: g.store.Lessons, now: opt.Now, log: opt.Log,
	}
	if kb.Embeddings.URL != "" {
		s.asker = &embed.Asker{Client: g.config.embeddings(), Store: g.store, Log: opt.Log, Now: opt.Now}
	}
	g.shelf, err = openShelf(ctx, s)
	g.learner = triage.NewLearner(triage.Learner{
		Store: tierStore{g.store}, Pupil: g.shelf,
		Gate: triage.Gate{Start: desk.Mode(kb.NewDocuments), Precision: kb.GatePrecision},
		Log:  opt.Log, Now: opt.Now,
	})
	return err
}

// ledger accounts for a ticket's time as tierdesk sla does, and names mails by their
// numbers.
func (g *gateway) ledger(events []desk.Event, now time.Time) string {
	unnamed := func(desk.RawID) string { return "" }
	return fmt.Sprint(g.engine.InForce().Statement(events, unnamed, now))
}

func (g *gateway) buildFetchers(opt gatewayOptions) error {
	budget := mailin.NewBudget(mailin.DefaultBudget)
	for _, m := range g.config.Mailboxes {
		cfg := g.config.fetcherConfig(m)
		var err error
		if cfg.TLS, err = g.config.clientTLS(m.CAFile); err != nil {
			return err
		}
		cfg.Spool, cfg.Budget, cfg.Kept, cfg.Log, cfg.Now = g.store, budget, g.intake.Nudge, opt.Log, opt.Now
		f, err := mailin.New(cfg)
		if err != nil {
			return err
		}
		g.fetchers = append(g.fetchers, f)
	}
	return nil
}

// tierStore commits several Changes at once for those that follow the log.
type tierStore struct{ *store.Store }

// Commit makes all of the changes true in one transaction, or none.
func (s tierStore) Commit(ctx context.Context, changes []desk.Change) error {
	return s.Update(ctx, func(tx *store.Tx) error {
		for i := range changes {
			if err := tx.Apply(ctx, changes[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// settle runs decisions in one transaction, see mailin.Settle.
func (g *gateway) settle(ctx context.Context, n int, decide func(context.Context, desk.View, int) (desk.Change, error)) ([]error, error) {
	errs := make([]error, n)
	err := g.store.Update(ctx, func(tx *store.Tx) error {
		for i := range n {
			errs[i] = tx.Try(func() error {
				ch, err := decide(ctx, tx, i)
				if err != nil {
					return err
				}
				return tx.Apply(ctx, ch)
			})
		}
		return nil
	})
	return errs, err
}

// settled wakes everybody who may have work now.
func (g *gateway) settled() {
	g.sender.Nudge()
	g.engine.Nudge()
	g.learner.Nudge()
	for _, f := range g.fetchers {
		f.Nudge()
	}
}

// attachment opens a part of a stored mail, to be carried along.
func (g *gateway) attachment(ctx context.Context, ref desk.AttachmentRef) (io.ReadCloser, error) {
	raw, err := g.store.RawBytes(ctx, ref.Raw)
	if err != nil {
		return nil, err
	}
	content, _, err := parse.Part(raw, ref.Part)
	if err != nil {
		return nil, fmt.Errorf("part %d of mail %d: %w", ref.Part, ref.Raw, err)
	}
	return io.NopCloser(content), nil
}

func (g *gateway) loadTexts() error {
	set, err := mailout.LoadTemplates(g.config.path(g.config.Templates.Dir))
	if err != nil {
		return err
	}
	g.texts.Store(set)
	return nil
}

// Reload reads documents and templates again. What cannot be read leaves the old
// in place.
func (g *gateway) Reload(ctx context.Context) error {
	return errors.Join(g.shelf.Reload(ctx), g.loadTexts())
}

// Run works until the context ends; every room finishes what it has in hand. While
// another gateway works on the same database, or the database does not answer, it
// stands by.
func (g *gateway) Run(ctx context.Context) error {
	for g.awaitLead(ctx) {
		err := g.work(ctx)
		if !errors.Is(err, errLostLead) {
			return err
		}
		g.log.Error("everything stopped for now", "err", err)
	}
	return nil
}

// work runs the rooms until the context ends or the lead is lost.
func (g *gateway) work(ctx context.Context) (err error) {
	g.leading.Store(g.now().Unix())
	defer g.leading.Store(0)
	defer func() { err = errors.Join(err, g.dropLead()) }()
	if err := g.checkKeys(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.keepLead(ctx) })
	for _, f := range g.fetchers {
		group.Go(func() error { return f.Run(ctx) })
	}
	group.Go(func() error { return g.alarm.Run(ctx) })
	group.Go(func() error { return g.intake.Run(ctx) })
	group.Go(func() error { return g.learner.Run(ctx) })
	group.Go(func() error { return g.shelf.Run(ctx) })
	group.Go(func() error { return g.shelf.Embed(ctx) })
	group.Go(func() error { return g.engine.Run(ctx) })
	group.Go(func() error { return g.sender.Run(ctx) })
	return group.Wait()
}

// Once fetches all mail, settles it, moves it, sweeps the clocks and delivers
// what is due. A mailbox that cannot be read does not keep the rest from it.
func (g *gateway) Once(ctx context.Context) (err error) {
	switch ok, err := g.lead(ctx); {
	case err != nil:
		return err
	case !ok:
		return errLostLead
	}
	defer func() { err = errors.Join(err, g.dropLead()) }()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() { stop(g.keepLead(ctx)) }()
	var errs []error
	var reached []*mailin.Fetcher
	for _, f := range g.fetchers {
		if err := f.Once(ctx); err != nil {
			errs = append(errs, err)
			continue
		}
		reached = append(reached, f)
	}
	_, err = g.intake.Once(ctx)
	errs = append(errs, err)
	for _, f := range reached {
		errs = append(errs, f.Move(ctx))
	}
	errs = append(errs, g.learner.Once(ctx), g.shelf.Refit(ctx), g.engine.Once(ctx), g.sender.Once(ctx))
	return errors.Join(errs...)
}

// Close closes the database and gives up the data folder.
func (g *gateway) Close() error {
	var errs []error
	if g.store != nil {
		errs = append(errs, g.store.Close())
	}
	if g.lock != nil {
		errs = append(errs, g.lock.Close())
	}
	return errors.Join(errs...)
}
