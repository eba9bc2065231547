package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// server is the PostgreSQL that the tests of this package share, or why there
// is none.
var server struct {
	port    int
	missing string
	bases   atomic.Int64
}

func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_CHILD"); path != "" {
		writeForEver(path)
	}
	stop, err := startPostgres()
	if err != nil {
		server.missing = err.Error()
	}
	code := m.Run()
	if stop != nil {
		stop()
	}
	os.Exit(code)
}

// startPostgres starts a server on a free port of the loopback interface, in a
// folder of its own.
func startPostgres() (stop func(), err error) {
	if os.Getenv("TESTBED") == "off" {
		return nil, errors.New("TESTBED=off")
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return nil, errors.New("PostgreSQL is not installed")
	}
	slices.Sort(found)
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "store-postgres-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	if server.port, err = freePort(); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	run := func(name string, args ...string) error {
		cmd := asPostgres(filepath.Join(bin, name), args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, out)
		}
		return nil
	}
	if os.Geteuid() == 0 {
		if out, err := exec.Command("chown", "postgres", dir).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("chown: %w\n%s", err, out)
		}
	}
	if err := run("initdb", "-D", data, "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"); err != nil {
		return nil, err
	}
	options := fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s -c fsync=off", server.port, dir)
	if err := run("pg_ctl", "-D", data, "-l", filepath.Join(dir, "log"), "-w", "-o", options, "start"); err != nil {
		return nil, err
	}
	return func() {
		if err := run("pg_ctl", "-D", data, "-m", "immediate", "stop"); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.RemoveAll(dir)
	}, nil
}

// asPostgres runs a program as a user that PostgreSQL agrees to run as. Its
// output must not keep pipes open: the server would inherit them.
func asPostgres(path string, args ...string) *exec.Cmd {
	if os.Geteuid() == 0 {
		args = append([]string{"--reuid=postgres", "--regid=postgres", "--clear-groups", path}, args...)
		path = "setpriv"
	}
	cmd := exec.Command(path, args...)
	cmd.WaitDelay = 10 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// newPostgres returns the DSN of an empty database.
func newPostgres(t testing.TB) string {
	if server.missing != "" {
		if os.Getenv("TESTBED") == "required" {
			t.Fatal(server.missing)
		}
		t.Skip(server.missing)
	}
	dsn := fmt.Sprintf("postgres://desk@127.0.0.1:%d/%%s?sslmode=disable", server.port)
	name := fmt.Sprintf("t%d", server.bases.Add(1))
	d, err := parseDSN(fmt.Sprintf(dsn, "postgres"), "")
	if err != nil {
		t.Fatal(err)
	}
	db, err := d.openWriter()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(dsn, name)
}

func newSQLite(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "odd name?#%.db")
}

// onBoth runs a test on an empty database of each kind.
func onBoth(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Helper()
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": newSQLite, "postgres": newPostgres} {
		t.Run(name, func(t *testing.T) { test(t, open(t, dsn(t))) })
	}
}

// open opens a database that is closed, and verified, at the end of the test.
func open(t testing.TB, dsn string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{DSN: dsn, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// noon is when the tests happen.
var noon = time.Date(2026, 3, 29, 12, 0, 0, 123456000, time.UTC)

// sound fails the test when Verify finds anything.
func sound(t *testing.T, s *Store) {
	t.Helper()
	problems, err := s.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(problems) > 0 {
		t.Errorf("problems:\n%s", strings.Join(problems, "\n"))
	}
}
