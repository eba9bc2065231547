package store

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestOpenAgainKeepsTheKey(t *testing.T) {
	for _, dsn := range []func(testing.TB) string{newSQLite, newPostgres} {
		dsn := dsn(t)
		s := open(t, dsn)
		keys := must(s.Keys(t.Context()))
		if len(keys) != 1 || keys[0].ID != 1 || len(keys[0].Secret) != 32 {
			t.Fatalf("keys %+v", keys)
		}
		check(t, s.Close())
		again := must(open(t, dsn).Keys(t.Context()))
		if len(again) != 1 || !bytes.Equal(again[0].Secret, keys[0].Secret) {
			t.Errorf("another key after opening again")
		}
	}
}

func TestOpenRefusesANewerSchema(t *testing.T) {
	for _, dsn := range []func(testing.TB) string{newSQLite, newPostgres} {
		dsn := dsn(t)
		s := open(t, dsn)
		check(t, s.Update(t.Context(), func(tx *Tx) error {
			_, err := tx.exec(`INSERT INTO schema_version (version_id, is_applied) VALUES (9999, TRUE)`)
			return err
		}))
		check(t, s.Close())
		if _, err := Open(t.Context(), Config{DSN: dsn}); !errors.Is(err, ErrNewerSchema) {
			t.Errorf("opened: %v", err)
		}
	}
}

func TestOpenExplainsABadDSN(t *testing.T) {
	for _, dsn := range []string{"", "sqlite:", "mysql://x", "/var/lib/x.db", "postgres://user:hush@host:bad/x", "sqlite:/nowhere/x.db"} {
		_, err := Open(t.Context(), Config{DSN: dsn})
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", dsn, err)
		}
	}
}

func TestPasswordFillsIn(t *testing.T) {
	d := must(parseDSN("postgres://desk@db.test/desk", "hush"))
	if strings.Contains(d.shown, "hush") || d.shown != "postgres://desk@db.test:5432/desk" {
		t.Errorf("shown as %s", d.shown)
	}
}

func TestTheFileIsPrivateAndDurable(t *testing.T) {
	dsn := newSQLite(t)
	s := open(t, dsn)
	info, err := os.Stat(strings.TrimPrefix(dsn, "sqlite:"))
	if check(t, err); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	check(t, s.Update(t.Context(), func(tx *Tx) error {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
			if got := must(one(t.Context(), tx, single[string], "PRAGMA "+pragma)); got != want {
				t.Errorf("%s is %s, want %s", pragma, got, want)
			}
		}
		return nil
	}))
	if err := s.pool.each(t.Context(), func(row) error { return nil }, `DELETE FROM followers`); err == nil {
		t.Error("a read connection writes")
	}
}

func TestLeases(t *testing.T) {
	for _, dsn := range []func(testing.TB) string{newSQLite, newPostgres} {
		dsn := dsn(t)
		s, other := open(t, dsn), open(t, dsn)
		for i, step := range []struct {
			s      *Store
			holder string
			at     time.Duration
			epoch  int64
			ok     bool
		}{
			{s, "a", 0, 1, true}, {other, "b", 30 * time.Second, 0, false}, {s, "a", 50 * time.Second, 1, true},
			{other, "b", 109 * time.Second, 0, false}, {other, "b", 110 * time.Second, 2, true}, {s, "a", 111 * time.Second, 0, false},
		} {
			epoch, ok, err := step.s.Lease(t.Context(), "sweep", step.holder, noon.Add(step.at), time.Minute)
			if epoch != step.epoch || ok != step.ok || err != nil {
				t.Errorf("step %d: %d %v %v", i, epoch, ok, err)
			}
		}
		check(t, s.Release(t.Context(), "sweep", "a")) // lost it long ago
		if _, ok, _ := s.Lease(t.Context(), "sweep", "a", noon.Add(111*time.Second), time.Minute); ok {
			t.Error("a loser released the lease")
		}
		check(t, other.Release(t.Context(), "sweep", "b"))
		if epoch, ok, _ := s.Lease(t.Context(), "sweep", "a", noon.Add(111*time.Second), time.Minute); !ok || epoch != 3 {
			t.Errorf("after the release: %d %v", epoch, ok)
		}
	}
}
