package store

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"tierdesk/desk"
)

// Tx is a write transaction, valid until the function that got it returns. Its
// methods ignore their context: others share the transaction, so it is never
// interrupted on behalf of one.
//
// After a failed statement every further one fails too, until the transaction
// or the Try around it has been rolled back.
type Tx struct {
	reader
	conn   *conn
	ctx    context.Context
	now    time.Time
	head   head // as of now
	stored head // as it is in the database
	failed error
	depth  int
}

func (tx *Tx) each(_ context.Context, fn func(row) error, text string, args ...any) error {
	if tx.failed != nil {
		return tx.failed
	}
	rows, err := tx.conn.query(tx.ctx, text, args...)
	if err == nil {
		err = drain(rows, fn)
	}
	tx.failed = err
	return err
}

// exec returns the number of rows that the statement changed.
func (tx *Tx) exec(text string, args ...any) (int64, error) {
	if tx.failed != nil {
		return 0, tx.failed
	}
	n, err := tx.conn.exec(tx.ctx, text, args...)
	tx.failed = err
	return n, err
}

// insert writes the rows whose values are args, one after the other.
func (tx *Tx) insert(ins *insert, args []any) error {
	for text, piece := range ins.pieces(args) {
		if _, err := tx.exec(text, piece...); err != nil {
			return err
		}
	}
	return nil
}

// insertReturning is insert for a statement that returns an id of each row that
// it really wrote.
func (tx *Tx) insertReturning(ins *insert, args []any) ([]int64, error) {
	var ids []int64
	for text, piece := range ins.pieces(args) {
		got, err := all(tx.ctx, tx, single[int64], text, piece...)
		if err != nil {
			return nil, err
		}
		ids = append(ids, got...)
	}
	return ids, nil
}

// Try runs fn, and when it fails or panics undoes what it wrote and returns its
// error; the transaction goes on. Tries may be nested.
func (tx *Tx) Try(fn func() error) error {
	err, undone := tx.within(fn)
	if undone != nil {
		tx.failed = undone
	}
	return err
}

// within runs fn inside a savepoint. The second error says that its writes could
// not be undone.
func (tx *Tx) within(fn func() error) (err, undone error) {
	tx.depth++
	defer func() { tx.depth-- }()
	name := fmt.Sprintf("try%d", tx.depth)
	before := tx.head
	if _, err := tx.exec("SAVEPOINT " + name); err != nil {
		return err, err
	}
	if err = tx.guard(fn); err == nil {
		if _, err = tx.exec("RELEASE SAVEPOINT " + name); err == nil {
			return nil, nil
		}
	}
	tx.failed = nil
	tx.head = before
	_, undone = tx.exec("ROLLBACK TO SAVEPOINT " + name)
	if undone == nil {
		_, undone = tx.exec("RELEASE SAVEPOINT " + name)
	}
	return err, undone
}

// guard runs fn and turns a panic, or a failed statement that fn ignored, into
// an error.
func (tx *Tx) guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	return tx.failed
}

// head is the newest number of everything, and the end of the event chain.
type head struct {
	event    int64
	hash     string
	ticket   desk.TicketID
	raw      desk.RawID
	outgoing int64
}

const selectHead = `SELECT event, hash, ticket, raw, outgoing FROM head WHERE id = 1`

func scanHead(r row) (head, error) {
	var h head
	err := r.Scan(&h.event, &h.hash, &h.ticket, &h.raw, &h.outgoing)
	return h, err
}

func (tx *Tx) storeHead() error {
	if tx.head == tx.stored {
		return nil
	}
	h := tx.head
	_, err := tx.exec(`UPDATE head SET event = $1, hash = $2, ticket = $3, raw = $4, outgoing = $5 WHERE id = 1`,
		h.event, h.hash, h.ticket, h.raw, h.outgoing)
	return err
}

// NewTicketID returns the next ticket number. A rolled-back transaction gives
// its numbers back, so that there are no gaps.
func (tx *Tx) NewTicketID(context.Context) (desk.TicketID, error) {
	tx.head.ticket++
	return tx.head.ticket, nil
}
