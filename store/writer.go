package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// A batch takes no further Update once it has this many, or is this old.
const (
	batchUpdates = 128
	batchAge     = 20 * time.Millisecond
)

// ErrCommitUnknown says that the connection was lost while committing: the
// change is there or it is not. The caller finds out by reading again.
var ErrCommitUnknown = errors.New("outcome of the commit is unknown")

// update is one call of Store.Update on its way through the writer.
type update struct {
	fn   func(*Tx) error
	done chan error
}

// Update runs fn in a write transaction and returns when what it wrote is
// durable. Calls that wait at the same time share a transaction; when fn returns
// an error or panics, only its own writes are rolled back, and Update returns
// the error. fn runs on the writer's goroutine: it must not call Update or wait
// for anything but the Tx.
//
// Once fn has begun, cancelling ctx no longer has an effect.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	u := &update{fn: fn, done: make(chan error, 1)}
	select {
	case s.writes <- u:
		return <-u.done
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return ErrClosed
	}
}

// writer owns the writing connection.
type writer struct {
	dialect *dialect
	db      *sql.DB
	queue   chan *update
	now     func() time.Time
	log     *slog.Logger

	conn  *conn // nil when there is none
	fatal error // why nothing may be written any more
}

// run serves the queue until closing is closed.
func (w *writer) run(closing <-chan struct{}) {
	defer w.disconnect()
	for {
		select {
		case <-closing:
			return
		case u := <-w.queue:
			w.serve(u)
		}
	}
}

// serve commits the update, and those that come in meanwhile, in one
// transaction.
func (w *writer) serve(first *update) {
	if err := w.fatal; err != nil {
		first.done <- err
		return
	}
	ctx, cancel := w.deadline()
	defer cancel()
	tx, err := w.begin(ctx)
	if err != nil {
		first.done <- w.lost(fmt.Errorf("begin: %w", err))
		return
	}
	if err := tx.guard(func() error { return first.fn(tx) }); err != nil {
		first.done <- w.rollback(tx, err)
		return
	}
	batch, err := w.gather(tx, first)
	if err != nil {
		finish(batch, w.lost(err))
		return
	}
	finish(batch, w.commit(tx))
}

// gather runs the updates that wait in the transaction of the first and returns
// all that succeeded. An error says that the transaction cannot be committed.
func (w *writer) gather(tx *Tx, first *update) ([]*update, error) {
	batch := []*update{first}
	for begun := time.Now(); len(batch) < batchUpdates && time.Since(begun) < batchAge; {
		u := w.waiting()
		if u == nil {
			break
		}
		err, undone := tx.within(func() error { return u.fn(tx) })
		if err == nil {
			batch = append(batch, u)
			continue
		}
		u.done <- err
		if w.dialect.fatal(err) {
			undone = err
		}
		if undone != nil {
			return batch, fmt.Errorf("undo a neighbour in the same transaction: %w", undone)
		}
	}
	return batch, nil
}

// deadline bounds a transaction. On SQLite nothing but the lock is waited for,
// and that has its own timeout.
func (w *writer) deadline() (context.Context, context.CancelFunc) {
	if w.dialect.network {
		return context.WithTimeout(context.Background(), batchTimeout)
	}
	return context.Background(), func() {}
}

func finish(batch []*update, err error) {
	for _, u := range batch {
		u.done <- err
	}
}

// waiting returns an update that waits, or nil.
func (w *writer) waiting() *update {
	select {
	case u := <-w.queue:
		return u
	default:
		return nil
	}
}

// begin starts a transaction and takes the head row, by which the writers of
// several processes take turns. A connection that turns out to be dead is
// replaced once.
func (w *writer) begin(ctx context.Context) (*Tx, error) {
	tx, err := w.tryBegin(ctx)
	if err == nil || !w.dialect.network || w.conn == nil || ctx.Err() != nil {
		return tx, err
	}
	w.log.Warn("database connection replaced", "err", err)
	w.disconnect()
	return w.tryBegin(ctx)
}

func (w *writer) tryBegin(ctx context.Context) (*Tx, error) {
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	if _, err := w.conn.exec(ctx, w.dialect.begin); err != nil {
		return nil, err
	}
	tx := &Tx{conn: w.conn, ctx: ctx, now: w.now().Truncate(time.Microsecond)}
	tx.reader = reader{tx}
	head, err := one(ctx, tx, scanHead, w.dialect.readHead)
	if err != nil {
		return nil, fmt.Errorf("read head: %w", err)
	}
	tx.head, tx.stored = head, head
	return tx, nil
}

func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	raw, err := w.db.Conn(ctx)
	if err != nil {
		return err
	}
	c := &conn{raw: raw, rewrite: w.dialect.rewrite, prepared: map[string]*sql.Stmt{}}
	for _, text := range w.dialect.session {
		if _, err := raw.ExecContext(ctx, text); err != nil {
			return errors.Join(err, c.close())
		}
	}
	w.conn = c
	return nil
}

// disconnect drops the connection for good, so that the pool cannot hand out
// one with a half-done transaction.
func (w *writer) disconnect() {
	if w.conn == nil {
		return
	}
	// The statements first: SQLite keeps a file open for as long as one is left. Then
	// database/sql closes a connection that says it is bad. What closing says about it
	// is of no use any more.
	_ = w.conn.finish()
	_ = w.conn.raw.Raw(func(any) error { return driver.ErrBadConn })
	_ = w.conn.close()
	w.conn = nil
}

// commit writes the head row and commits.
func (w *writer) commit(tx *Tx) error {
	if err := tx.storeHead(); err != nil {
		return w.lost(err)
	}
	_, err := w.conn.exec(tx.ctx, "COMMIT")
	if err == nil {
		return nil
	}
	if w.dialect.doubtful(err) {
		return w.lost(fmt.Errorf("%w: %w", ErrCommitUnknown, err))
	}
	return w.lost(fmt.Errorf("commit: %w", err))
}

// rollback ends a transaction that failed with err, and returns err.
func (w *writer) rollback(tx *Tx, err error) error {
	_, failed := w.conn.exec(tx.ctx, "ROLLBACK")
	if failed != nil || w.dialect.fatal(err) {
		return w.lost(err)
	}
	return err
}

// lost gives up the connection after an error that leaves its transaction in
// doubt, and remembers an error that forbids writing. It returns err.
func (w *writer) lost(err error) error {
	w.disconnect()
	if w.dialect.fatal(err) {
		w.fatal = fmt.Errorf("the database refused to store; nothing is written until a restart: %w", err)
		w.log.Error("database is not written any more", "err", err)
	}
	return err
}
