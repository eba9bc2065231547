package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"sync"
)

// conn is the writing connection with its prepared statements. One goroutine
// uses it.
type conn struct {
	raw      *sql.Conn
	rewrite  func(string) string
	prepared map[string]*sql.Stmt // by text before rewriting
}

func (c *conn) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := c.prepared[text]; ok {
		return stmt, nil
	}
	stmt, err := c.raw.PrepareContext(ctx, c.rewrite(text))
	if err != nil {
		return nil, err
	}
	c.prepared[text] = stmt
	return stmt, nil
}

func (c *conn) exec(ctx context.Context, text string, args ...any) (int64, error) {
	stmt, err := c.prepare(ctx, text)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (c *conn) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	stmt, err := c.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (c *conn) close() error { return errors.Join(c.finish(), c.raw.Close()) }

// finish closes the prepared statements.
func (c *conn) finish() error {
	var errs []error
	for _, stmt := range c.prepared {
		errs = append(errs, stmt.Close())
	}
	clear(c.prepared)
	return errors.Join(errs...)
}

// pool is the read connections with their prepared statements.
type pool struct {
	db       *sql.DB
	rewrite  func(string) string
	prepared sync.Map // text before rewriting → *sql.Stmt
}

func (p *pool) each(ctx context.Context, fn func(row) error, text string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	stmt, err := p.prepare(ctx, text)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	return drain(rows, fn)
}

func (p *pool) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := p.prepared.Load(text); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := p.db.PrepareContext(ctx, p.rewrite(text))
	if err != nil {
		return nil, err
	}
	other, loaded := p.prepared.LoadOrStore(text, stmt)
	if !loaded {
		return stmt, nil
	}
	return other.(*sql.Stmt), stmt.Close()
}

func (p *pool) close() error {
	var errs []error
	p.prepared.Range(func(_, stmt any) bool {
		errs = append(errs, stmt.(*sql.Stmt).Close())
		return true
	})
	return errors.Join(append(errs, p.db.Close())...)
}

// maxRows bounds the rows of one INSERT, so that there are few texts to
// prepare.
const maxRows = 16

// insert is an INSERT of one or more rows. Its texts are made once.
type insert struct {
	columns int
	texts   [maxRows + 1]string // by number of rows
}

// newInsert returns the INSERT with the given words before VALUES and after it.
func newInsert(into string, columns int, after string) *insert {
	ins := &insert{columns: columns}
	for rows := 1; rows <= maxRows; rows++ {
		var b strings.Builder
		b.WriteString(into + " VALUES ")
		for i := range rows * columns {
			switch {
			case i == 0:
				b.WriteString("(")
			case i%columns == 0:
				b.WriteString("), (")
			default:
				b.WriteString(", ")
			}
			b.WriteString("$" + strconv.Itoa(i+1))
		}
		b.WriteString(") " + after)
		ins.texts[rows] = b.String()
	}
	return ins
}

// pieces cuts the arguments of many rows into statements: their text and their
// share of the arguments.
func (ins *insert) pieces(args []any) func(yield func(string, []any) bool) {
	return func(yield func(string, []any) bool) {
		for len(args) > 0 {
			n := min(len(args), maxRows*ins.columns)
			if !yield(ins.texts[n/ins.columns], args[:n]) {
				return
			}
			args = args[n:]
		}
	}
}
