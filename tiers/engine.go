package tiers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"tierdesk/desk"
)

const (
	// Follower is the name under which the place in the log, and the lease of the
	// one process that works, are stored.
	Follower = "tiers"
	leaseTTL = time.Minute
	// passTimeout bounds the database work of one wake.
	passTimeout = 5 * time.Minute
)

// Store is what the engine needs of the store. The reads see what is committed.
type Store interface {
	Followed(ctx context.Context, name string) (int64, error)
	Events(ctx context.Context, after int64, limit int) ([]desk.Event, error)
	TicketEvents(ctx context.Context, id desk.TicketID) ([]desk.Event, error)
	EventsBetween(ctx context.Context, from, to time.Time, types ...desk.EventType) ([]desk.Event, error)
	Ticket(ctx context.Context, id desk.TicketID) (desk.Ticket, error)
	Messages(ctx context.Context, id desk.TicketID) ([]desk.Message, error)
	// TicketsOf returns the newest tickets of a requester.
	TicketsOf(ctx context.Context, requester string, limit int) ([]desk.Ticket, error)
	// TicketsFrom returns the newest tickets of the requesters of a domain but one.
	TicketsFrom(ctx context.Context, domain, except string, limit int) ([]desk.Ticket, error)
	Head(ctx context.Context) (seq int64, hash string, err error)
	OpenTickets(ctx context.Context) ([]desk.Ticket, error)
	OutgoingByKey(ctx context.Context, key string) (desk.OutItem, error)
	EachHistory(ctx context.Context, follower string, since time.Time, fn func(h desk.History, followed int64) error) error
	// HeldBack returns held mail to tiers, oldest first.
	HeldBack(ctx context.Context, limit int) ([]desk.OutItem, error)
	DueTickets(ctx context.Context, now time.Time, limit int) ([]desk.TicketID, error)
	RulesVersions(ctx context.Context) ([]desk.RulesVersion, error)
	// Incident returns the incident of a parent ticket, or desk.ErrNotFound.
	Incident(ctx context.Context, parent desk.TicketID) (desk.Incident, error)
	// Children returns the tickets that belong to an incident.
	Children(ctx context.Context, parent desk.TicketID) ([]desk.Ticket, error)
	// Reported returns what the newest tickets report since a time, up to a place in the log.
	Reported(ctx context.Context, since time.Time, upto int64, limit int) ([]desk.Report, error)
	// CountAutomatic counts the automatic mails queued to an address since a time.
	CountAutomatic(ctx context.Context, to string, since time.Time) (int, error)
	// Commit applies all of the changes in one transaction, or none. The error is
	// desk.ErrConflict when one was decided on what is no longer so.
	Commit(ctx context.Context, changes []desk.Change) error
	Lease(ctx context.Context, name, holder string, now time.Time, ttl time.Duration) (epoch int64, ok bool, err error)
	Release(ctx context.Context, name, holder string) error
}

// Config is what an Engine is made of.
type Config struct {
	Rules    Rules
	Composer desk.Composer
	Schedule Schedule
	Store    Store
	Memory   Memory // may be nil
	Holder   string // names this process in the lease
	Queued   func() // called when mail was queued; may be nil
	Log      *slog.Logger
	Now      func() time.Time
}

// Engine follows the event log and sweeps due clocks. Its methods other than
// Nudge must not be called at the same time as Run or one another.
type Engine struct {
	Config
	schedules schedules
	nudge     chan struct{}
	tick      chan struct{}
	renew     time.Time             // when the lease must be renewed
	reported  map[string]time.Time  // end of the period that each digest was last queued for
	reports   *clusters             // what tickets reported up to compared, or nil
	compared  int64                 // place in the log
	trouble   atomic.Pointer[error] // of the last piece of work
	book      atomic.Pointer[Rules] // the rules with all versions before them, once they are in force
}

// New checks the configuration; the error names every problem.
func New(cfg Config) (*Engine, error) {
	s, err := cfg.Schedule.parse(cfg.Rules.Desk.Location)
	if err := errors.Join(err, cfg.Rules.Validate()); err != nil {
		return nil, err
	}
	return &Engine{
		Config: cfg, schedules: s,
		nudge: make(chan struct{}, 1), tick: make(chan struct{}, 1),
		reported: map[string]time.Time{},
	}, nil
}

// Nudge says that there are new events. They are followed within milliseconds. It
// never blocks and may be called from any goroutine.
func (e *Engine) Nudge() { poke(e.nudge) }

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // a wake is waiting already
	}
}

// Run works until ctx ends, and returns nil then. Cron only wakes it: what is due
// is read from the store, so a missed tick is made up by the next. The first
// sweep waits for the first tick, so that mail which came during an outage can be
// taken in before anybody is called late.
func (e *Engine) Run(ctx context.Context) error {
	c := e.startCron()
	defer func() { <-c.Stop().Done() }()
	defer e.release()
	e.wake(ctx, e.followNow)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-e.nudge:
			e.wake(ctx, e.followNow)
		case <-e.tick:
			e.wake(ctx, e.Once)
		}
	}
}

// startCron starts the alarm clock. Its guard against panics stands inside the
// one against overlaps: the other way round a job never runs again after a panic.
func (e *Engine) startCron() *cron.Cron {
	c := cron.New(cron.WithLocation(e.Rules.Desk.Location),
		cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger), cron.Recover(cron.DiscardLogger)))
	for _, s := range e.schedules.all() {
		c.Schedule(s, cron.FuncJob(func() { poke(e.tick) }))
	}
	c.Start()
	return c
}

// wake does one piece of work and logs what went wrong; the next wake tries again.
func (e *Engine) wake(ctx context.Context, work func(context.Context) error) {
	bounded, cancel := context.WithTimeout(ctx, passTimeout)
	defer cancel()
	err := work(bounded)
	e.trouble.Store(&err)
	if err != nil && ctx.Err() == nil {
		e.Log.Error("tiers", "err", err)
	}
}

// Health returns why the last piece of work failed, or nil. It is safe for
// concurrent use.
func (e *Engine) Health() error {
	if err := e.trouble.Load(); err != nil {
		return *err
	}
	return nil
}

// Once follows all new events, sweeps what is due, queues the mail for it and the
// digests whose time has come. It does nothing while another process has the lease.
func (e *Engine) Once(ctx context.Context) error {
	now := e.Now()
	if ok, err := e.lease(ctx, now); err != nil || !ok {
		return err
	}
	if err := e.follow(ctx); err != nil {
		return err
	}
	swept, err := e.Sweep(ctx, now)
	if err != nil {
		return err
	}
	if swept > 0 {
		e.Log.Info("swept due clocks", "tickets", swept)
		if err := e.follow(ctx); err != nil {
			return err
		}
	}
	if err := e.sumUp(ctx, now); err != nil {
		return err
	}
	return e.digests(ctx, now)
}

func (e *Engine) followNow(ctx context.Context) error {
	if ok, err := e.lease(ctx, e.Now()); err != nil || !ok {
		return err
	}
	return e.follow(ctx)
}

// follow follows all new events, and those that they cause for incidents.
func (e *Engine) follow(ctx context.Context) error {
	if err := e.Follow(ctx); err != nil {
		return err
	}
	if caused, err := e.incidents(ctx); err != nil || !caused {
		return err
	}
	return e.Follow(ctx)
}

// lease makes sure that this process is the one that works. The lease is only a
// courtesy: two that work at once disturb each other, but repeat nothing.
func (e *Engine) lease(ctx context.Context, now time.Time) (bool, error) {
	if now.Before(e.renew) && e.renew.Sub(now) <= leaseTTL/2 {
		return true, nil
	}
	_, ok, err := e.Store.Lease(ctx, Follower, e.Holder, now, leaseTTL)
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", Follower, err)
	}
	e.renew = time.Time{}
	if !ok {
		e.book.Store(nil) // somebody else may put other rules into force
		return false, nil
	}
	if err := e.putInForce(ctx, now); err != nil {
		return false, err
	}
	e.renew = now.Add(leaseTTL / 2)
	return true, nil
}

// putInForce makes the configured rules the newest kept version, unless they are.
func (e *Engine) putInForce(ctx context.Context, now time.Time) error {
	if e.book.Load() != nil {
		return nil
	}
	kept, err := e.Store.RulesVersions(ctx)
	if err != nil {
		return err
	}
	v, err := e.Rules.Text(now)
	if err != nil {
		return err
	}
	if n := len(kept); n == 0 || kept[n-1].Hash != v.Hash {
		if n > 0 && !v.Since.After(kept[n-1].Since) { // the clock was put back
			v.Since = kept[n-1].Since.Add(time.Second)
		}
		changed := desk.NewEvent(0, desk.RulesChanged, "operator", "the gateway started with these tiers, calendars and policies", now)
		changed.Data.Version = shortHash(v.Hash)
		if err := e.Store.Commit(ctx, []desk.Change{{Rules: &v, Events: []desk.Event{changed}}}); err != nil {
			return fmt.Errorf("put the rules into force: %w", err)
		}
		kept = append(kept, v)
	}
	rules, err := InForce(&e.Rules, kept)
	if err != nil {
		return err
	}
	e.book.Store(rules)
	return nil
}

// InForce returns the rules that count, with those before them. It is safe for
// concurrent use.
func (e *Engine) InForce() *Rules {
	if rules := e.book.Load(); rules != nil {
		return rules
	}
	return &e.Rules
}

func (e *Engine) release() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := e.Store.Release(ctx, Follower, e.Holder); err != nil {
		e.Log.Error("release lease", "err", err)
	}
}

func (e *Engine) queued() {
	if e.Queued != nil {
		e.Queued()
	}
}
