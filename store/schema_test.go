package store

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
)

var rewrite = flag.Bool("update", false, "rewrite schema.sql")

func TestSchemaFileIsWhatTheMigrationsMake(t *testing.T) {
	s := open(t, newSQLite(t))
	tables := must(all(t.Context(), s.pool, single[string], `SELECT sql || ';' FROM sqlite_master
		WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name`))
	text := "-- What the migrations make of an empty SQLite database. Written by\n-- go test ./store -run Schema -update\n\n" +
		strings.Join(tables, "\n") + "\n"
	if *rewrite {
		check(t, os.WriteFile("schema.sql", []byte(text), 0o644))
	}
	if diff := cmp.Diff(string(must(os.ReadFile("schema.sql"))), text); diff != "" {
		t.Error(diff)
	}
}

func TestBothDatabasesHaveTheSameColumnsAndIndices(t *testing.T) {
	lite, post := open(t, newSQLite(t)), open(t, newPostgres(t))
	columns := must(all(t.Context(), lite.pool, single[string], `SELECT m.name || '.' || c.name FROM sqlite_master m
		JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT IN ('sqlite_sequence', 'schema_version')`))
	others := must(all(t.Context(), post.pool, single[string], `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'schema_version'`))
	indices := must(all(t.Context(), lite.pool, single[string], `SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`))
	otherIndices := must(all(t.Context(), post.pool, single[string], `SELECT indexname FROM pg_indexes
		WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'`))
	for _, pair := range [][2][]string{{columns, others}, {indices, otherIndices}} {
		slices.Sort(pair[0])
		slices.Sort(pair[1])
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestParametersAreBoundByNumber(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		got := must(one(t.Context(), s.pool, single[string], `SELECT CAST($2 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT)`, "1", "2"))
		if got != "212" {
			t.Errorf("bound as %s", got)
		}
	})
}

// planner reports queries that read a whole table on the way.
type planner struct {
	*pool
	t *testing.T
}

func (p planner) each(ctx context.Context, fn func(row) error, text string, args ...any) error {
	err := p.pool.each(ctx, func(r row) error {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		table := strings.HasPrefix(detail, "SCAN") && detail != "SCAN n" // n is what a subquery has found
		if table && !strings.Contains(detail, "INDEX") || strings.Contains(detail, "TEMP B-TREE") {
			p.t.Errorf("%s\n\t%s", detail, text)
		}
		return err
	}, "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		return err
	}
	return p.pool.each(ctx, fn, text, args...)
}

func TestFrequentReadsUseAnIndex(t *testing.T) {
	s := open(t, newSQLite(t))
	openTicket(t, s)
	ctx, q := t.Context(), reader{planner{s.pool, t}}
	_, err := q.Unsettled(ctx, 0, 10)
	check(t, err)
	_, err = q.ToMove(ctx, "support", 7, 10)
	check(t, err)
	_, err = q.RawBytes(ctx, 1)
	check(t, err)
	_, err = q.DuplicateOf(ctx, "x", 1)
	check(t, err)
	_, _, err = q.TicketByMessageIDs(ctx, []string{"x"})
	check(t, err)
	_, err = q.Participants(ctx, 1)
	check(t, err)
	_, err = q.TicketsOf(ctx, "x", 5)
	check(t, err)
	_, err = q.TicketsFrom(ctx, "x", "y", 5)
	check(t, err)
	_, err = q.Messages(ctx, 1)
	check(t, err)
	_, err = q.TicketsWithFile(ctx, "x", "y")
	check(t, err)
	_, err = q.TicketEvents(ctx, 1)
	check(t, err)
	_, err = q.Clocks(ctx, 1)
	check(t, err)
	_, err = q.DueTickets(ctx, noon, 10)
	check(t, err)
	_, err = q.SentAs(ctx, "t1.ack@hd.test")
	check(t, err)
	_, err = q.CountAutomatic(ctx, "x@y.test", noon)
	check(t, err)
	for _, domain := range []string{"", "y.test"} {
		_, err = q.CountAnswers(ctx, domain, noon, 5)
		check(t, err)
	}
	_, err = q.CountAbout(ctx, 1, "x@y.test", noon)
	check(t, err)
	_, err = q.HeldBack(ctx, 5)
	check(t, err)
	_, err = q.NextOutgoing(ctx)
	check(t, err)
	_, err = q.OpenTickets(ctx)
	check(t, err)
}

func TestBackupIsAWholeDatabase(t *testing.T) {
	s := open(t, newSQLite(t))
	openTicket(t, s)
	path := filepath.Join(t.TempDir(), "copy.db")
	check(t, s.Backup(t.Context(), path))
	var refusal *desk.Refusal
	if err := s.Backup(t.Context(), path); !errors.As(err, &refusal) {
		t.Errorf("written over a file: %v", err)
	}
	openTicket(t, s)
	backup := open(t, "sqlite:"+path)
	sound(t, backup)
	if got := must(backup.Tickets(t.Context(), TicketFilter{})); len(got) != 1 {
		t.Errorf("%d tickets", len(got))
	}
	if info := must(os.Stat(path)); info.Mode().Perm() != 0o600 || info.ModTime().Before(time.Now().Add(-time.Hour)) {
		t.Errorf("mode %v", info.Mode())
	}
}
