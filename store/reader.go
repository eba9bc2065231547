package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"tierdesk/desk"
)

// reader holds the read methods. A Tx has them on its own connection, so that
// they see what the transaction wrote; a Store has them on the read pool.
type reader struct{ db querier }

// querier runs queries: the read pool, a Tx, or a snapshot.
type querier interface {
	// each calls fn for every row of the result.
	each(ctx context.Context, fn func(row) error, text string, args ...any) error
}

// row is the present row of a result.
type row interface{ Scan(dest ...any) error }

// drain calls fn for every row and closes the rows.
func drain(rows *sql.Rows, fn func(row) error) (err error) {
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// all returns every row of the result as scan reads it.
func all[T any](ctx context.Context, db querier, scan func(row) (T, error), text string, args ...any) ([]T, error) {
	var list []T
	err := db.each(ctx, func(r row) error {
		v, err := scan(r)
		list = append(list, v)
		return err
	}, text, args...)
	return list, err
}

// one returns the only row of the result; without a row the error is
// desk.ErrNotFound.
func one[T any](ctx context.Context, db querier, scan func(row) (T, error), text string, args ...any) (T, error) {
	list, err := all(ctx, db, scan, text, args...)
	if err == nil && len(list) == 0 {
		err = desk.ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return list[0], nil
}

// single scans a row of one column.
func single[T any](r row) (T, error) {
	var v T
	err := r.Scan(&v)
	return v, err
}

// micros is how a time is stored: microseconds since 1970 UTC, NULL for the
// zero time.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// instant scans what micros stored.
type instant struct{ t *time.Time }

func (i instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i.t = time.Time{}
	case int64:
		*i.t = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", v)
	}
	return nil
}

func singleTime(r row) (time.Time, error) {
	var t time.Time
	err := r.Scan(instant{&t})
	return t, err
}

// clean makes a stranger's text storable: PostgreSQL takes neither NUL nor
// invalid UTF-8.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "")
}
