package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

// openStore opens the configured database.
func (c *config) openStore(ctx context.Context, now func() time.Time, log *slog.Logger) (*store.Store, error) {
	password, err := c.secret(c.Store.secretConfig)()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	dsn := c.Store.DSN
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok && !filepath.IsAbs(path) {
		dsn = "sqlite:" + filepath.Join(c.dir, path)
	}
	return store.Open(ctx, store.Config{DSN: dsn, Password: password, Now: now, Log: log})
}

// withStore loads the configuration, opens its database and runs fn.
func withStore(ctx context.Context, cli *commands, fn func(*config, *store.Store) error) (err error) {
	c, err := readConfig(cli.Config, false)
	if err != nil {
		return err
	}
	s, err := c.openStore(ctx, time.Now, slog.New(slog.DiscardHandler))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database yet, tierdesk serve makes it: %w", err)
	}
	if err != nil {
		return err
	}
	defer func() {
		if cerr := s.Close(); err == nil {
			err = cerr
		}
	}()
	return fn(c, s)
}

// table writes aligned columns. Every cell is put on one line without control
// characters, since most of it is strangers' text.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, head ...string) table {
	t := table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	fmt.Fprintln(t.w, strings.Join(head, "\t"))
	return t
}

func (t table) row(cells ...any) {
	line := make([]string, len(cells))
	for i, c := range cells {
		line[i] = clip(desk.OneLine(fmt.Sprint(c)), 60)
	}
	fmt.Fprintln(t.w, strings.Join(line, "\t"))
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// jsonLines writes one object per line.
func jsonLines[T any](w io.Writer, items []T) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range items {
		if err := enc.Encode(items[i]); err != nil {
			return err
		}
	}
	return nil
}

// stamp is a time as JSON output has it: RFC 3339 in UTC, null when there is none.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}

// clock is a time as a person reads it.
func clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// ticketArg is a ticket number on the command line: 1234 or 1234-K.
type ticketArg desk.TicketID

// UnmarshalText reads the number and checks its check character.
func (a *ticketArg) UnmarshalText(b []byte) error {
	id, ok := desk.ParseNumber(string(b))
	if !ok {
		return fmt.Errorf("%q is not a ticket number such as 1234 or 1234-K", b)
	}
	*a = ticketArg(id)
	return nil
}

// isTerminal reports whether a person may be reading the stream.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
