// Package store keeps everything that must survive: raw mail, tickets, the
// event log, clocks, outgoing mail, cursors and leases. It is the only package
// with SQL, and serves SQLite and PostgreSQL from one code base.
//
// Every write goes through one goroutine that owns the only writing connection
// and commits calls that wait at the same time together (writer.go). Reads use
// a pool of connections of their own.
//
// The package decides nothing: it makes a desk.Change true in one transaction,
// or not at all, and leaves it to the stages what a Change holds.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Deadlines of database calls.
const (
	openTimeout  = 2 * time.Minute // migrations included
	batchTimeout = time.Minute     // one transaction of the writer, waiting for its lock included
	readTimeout  = time.Minute
)

// Config says where the database is.
type Config struct {
	// DSN is "sqlite:PATH" or "postgres://user@host/database?…".
	DSN string
	// Password fills in for a PostgreSQL DSN that has none.
	Password string
	// Now is the clock that stamps stored rows; nil means time.Now.
	Now func() time.Time
	// Log gets what happens to the connection; nil discards it.
	Log *slog.Logger
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	reader
	dialect  *dialect
	instance string // names this process's claims in the outbox
	pool     *pool
	writerDB *sql.DB
	writes   chan *update
	closing  chan struct{}
	stopped  chan struct{}
	once     sync.Once
}

// ErrNewerSchema says that a newer release has already migrated the database.
var ErrNewerSchema = errors.New("the database belongs to a newer release of tierdesk")

// ErrClosed says that the Store was closed.
var ErrClosed = errors.New("store is closed")

// Open opens the database, creates or migrates its tables, and makes sure there
// is a signing key. An SQLite file is created when absent, its folder is not.
// The error is ErrNewerSchema when this release is too old for the database.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	d, err := parseDSN(cfg.DSN, cfg.Password)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	writerDB, err := d.openWriter()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.shown, err)
	}
	if err := migrate(ctx, d, writerDB); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate %s: %w", d.shown, err), writerDB.Close())
	}
	readerDB, err := d.openReaders()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", d.shown, err), writerDB.Close())
	}
	s := &Store{
		dialect: d, instance: rand.Text(), writerDB: writerDB,
		pool:    &pool{db: readerDB, rewrite: d.rewrite},
		writes:  make(chan *update),
		closing: make(chan struct{}),
		stopped: make(chan struct{}),
	}
	s.reader = reader{s.pool}
	w := &writer{dialect: d, db: writerDB, queue: s.writes, now: cfg.Now, log: cfg.Log}
	go func() {
		defer close(s.stopped)
		w.run(s.closing)
	}()
	if err := s.ensureKey(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", d.shown, err), s.Close())
	}
	return s, nil
}

// Close waits for the transaction in hand and closes the connections. Updates
// that have not begun get ErrClosed.
func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closing)
		<-s.stopped
		err = errors.Join(s.pool.close(), s.writerDB.Close())
	})
	return err
}
