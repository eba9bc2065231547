// Package mailin takes mail in. A Fetcher for each mailbox keeps raw mail in the
// spool before anything tries to understand it; the Intake takes kept mail
// through reading, authentication and threading, and hands it to a Handler.
//
// It does not know what a mail means for a ticket, sends nothing and writes no
// SQL. Package parse reads the bytes of a mail.
package mailin

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"tierdesk/desk"
)

const (
	// maxIdle ends an IDLE that nothing happens in: routers forget silent
	// connections, and a dead server looks like a silent one.
	maxIdle = 9 * time.Minute
	// moveDelay lets settled mails gather, so that they move in one command.
	moveDelay = 300 * time.Millisecond

	firstRetry = time.Second
	lastRetry  = 2 * time.Minute
	// loginRetry spaces logins after maxLogins refused ones, so that the server
	// does not lock the account.
	loginRetry = 5 * time.Minute
	maxLogins  = 3

	firstMoveRetry = time.Minute
	lastMoveRetry  = time.Hour
)

// Fetcher keeps the mail of one mailbox: it fetches everything above the stored
// cursor into the spool, in order of UID, and moves away what was settled. It
// never looks at flags. It deletes mail only where the server cannot move: there
// the original, by its UID, once its copy is in the other folder.
type Fetcher struct {
	cfg    Config
	server server
	start  start
	nudge  chan struct{}
	health healthRecord

	// What follows belongs to the goroutine of Run, Once or Move.
	cursor  desk.Cursor
	rescan  bool   // reading a folder anew whose UIDVALIDITY changed
	careful uint32 // mails up to this UID are fetched one by one, after a failure
	stuck   stuck
	moves   moveRetry
}

// New returns a Fetcher, or every problem of its configuration.
func New(cfg Config) (*Fetcher, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.Folder = orDefault(cfg.Folder, "INBOX")
	cfg.Poll = orDefault(cfg.Poll, defaultPoll)
	cfg.MaxSize = orDefault(cfg.MaxSize, DefaultMaxSize)
	if cfg.Budget == nil {
		cfg.Budget = NewBudget(DefaultBudget)
	}
	f := &Fetcher{cfg: cfg, nudge: make(chan struct{}, 1)}
	f.health.h.Mailbox = cfg.Name
	var err error
	if f.server, err = parseServer(&cfg); err != nil {
		return nil, err
	}
	if f.start, err = parseStart(cfg.Start); err != nil {
		return nil, err
	}
	return f, nil
}

// Health returns what is known about the mailbox now. It is safe for concurrent
// use.
func (f *Fetcher) Health() Health { return f.health.snapshot() }

// Nudge tells the fetcher that mail was settled and may be moved. It never
// blocks and is safe for concurrent use.
func (f *Fetcher) Nudge() {
	select {
	case f.nudge <- struct{}{}:
	default:
	}
}

// Run fetches until the context ends, and connects again after every failure.
// It returns nil.
func (f *Fetcher) Run(ctx context.Context) error {
	logins := 0 // refused in a row
	for {
		err := f.connected(ctx, f.serve)
		if ctx.Err() != nil {
			return nil
		}
		var refusal *authError
		if errors.As(err, &refusal) {
			logins++
		} else {
			logins = 0
		}
		failures := f.health.failure(err)
		delay := retryDelay(failures, logins)
		f.cfg.Log.Warn("mailbox not read", "mailbox", f.cfg.Name, "err", err, "attempt", failures, "retry_in", delay.Round(time.Second))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(delay):
		}
	}
}

// retryDelay returns how long to wait after so many failures in a row, of which
// the last ones were refused logins. It differs by up to a quarter each time, so
// that mailboxes of one server do not return together.
func retryDelay(failures, logins int) time.Duration {
	delay := lastRetry
	if n := max(failures, 1) - 1; n < 16 {
		delay = min(firstRetry<<n, lastRetry)
	}
	if logins >= maxLogins {
		delay = loginRetry
	}
	return delay + rand.N(delay/4)
}

// Once keeps everything that is in the mailbox now.
func (f *Fetcher) Once(ctx context.Context) error {
	return f.connected(ctx, f.pass)
}

// Move moves away everything that is settled now.
func (f *Fetcher) Move(ctx context.Context) error {
	return f.connected(ctx, f.moveSettled)
}

// connected runs work on a connection of its own.
func (f *Fetcher) connected(ctx context.Context, work func(context.Context, *session) error) error {
	s, err := open(ctx, f.server, &f.cfg)
	if err != nil {
		return fmt.Errorf("mailbox %s: %w", f.cfg.Name, err)
	}
	f.health.connected(s.certificateEnds)
	defer f.health.disconnected()
	defer s.close(ctx)
	if err = f.locate(ctx, s); err == nil {
		err = work(ctx, s)
	}
	if err != nil {
		return fmt.Errorf("mailbox %s: %w", f.cfg.Name, err)
	}
	return nil
}

// serve fetches and moves until the connection or the context ends.
func (f *Fetcher) serve(ctx context.Context, s *session) error {
	f.cfg.Log.Info("mailbox connected", "mailbox", f.cfg.Name, "server", f.server.address, "uid", f.cursor.UID)
	for {
		if err := f.pass(ctx, s); err != nil {
			return err
		}
		if err := f.moveUnlessRefused(ctx, s); err != nil {
			return err
		}
		if err := f.wait(ctx, s); err != nil {
			return err
		}
	}
}

// locate reads the cursor and decides where the mailbox is read from: on the
// first connection, where Start says; after a change of UIDVALIDITY, from the
// beginning, since none of the known UIDs means anything any more.
func (f *Fetcher) locate(ctx context.Context, s *session) error {
	cur, err := f.cfg.Spool.Cursor(ctx, f.cfg.Name)
	if err != nil {
		return fmt.Errorf("cursor: %w", err)
	}
	f.rescan = false
	switch {
	case cur.Started.IsZero():
		cur = desk.Cursor{Mailbox: f.cfg.Name, UIDValidity: s.uidValidity, Started: f.cfg.Now()}
		if cur.UID, err = f.firstUID(ctx, s); err != nil {
			return err
		}
		if _, err := f.cfg.Spool.Keep(ctx, nil, cur); err != nil {
			return fmt.Errorf("keep cursor: %w", err)
		}
		f.cfg.Log.Info("mailbox connected for the first time", "mailbox", f.cfg.Name, "start", orDefault(f.cfg.Start, "now"), "uid", cur.UID)
	case cur.UIDValidity != s.uidValidity:
		f.cfg.Log.Warn("UIDVALIDITY changed, reading the folder anew", "mailbox", f.cfg.Name, "old", cur.UIDValidity, "new", s.uidValidity)
		f.rescan, f.careful, f.stuck = true, 0, stuck{}
	}
	f.cursor = cur
	return nil
}

// firstUID returns the UID after which the first connection reads.
func (f *Fetcher) firstUID(ctx context.Context, s *session) (uint32, error) {
	if f.start.all {
		return 0, nil
	}
	if !f.start.since.IsZero() {
		uids, err := s.since(ctx, f.start.since)
		if err != nil {
			return 0, err
		}
		if len(uids) > 0 {
			return uids[0] - 1, nil
		}
	}
	if s.uidNext > 0 {
		return s.uidNext - 1, nil
	}
	uids, err := s.above(ctx, 0)
	if err != nil || len(uids) == 0 {
		return 0, err
	}
	return uids[len(uids)-1], nil
}

// wait returns when there may be new mail, when settled mail has gathered, or
// after the poll interval, which also finds out whether the server still lives.
func (f *Fetcher) wait(ctx context.Context, s *session) error {
	timer := time.NewTimer(min(f.cfg.Poll, maxIdle))
	defer timer.Stop()
	return s.idle(ctx, func() {
		nudge := f.nudge
		for {
			select {
			case <-nudge:
				nudge = nil
				timer.Reset(moveDelay)
				continue
			case <-ctx.Done():
			case <-s.exists:
			case <-s.client.Closed():
			case <-timer.C:
			}
			return
		}
	})
}

// Probe connects, logs in and opens the folder, and changes nothing.
func Probe(ctx context.Context, cfg Config) error {
	f, err := New(cfg)
	if err != nil {
		return err
	}
	s, err := open(ctx, f.server, &f.cfg)
	if err != nil {
		return err
	}
	s.close(ctx)
	return nil
}
