package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
	"tierdesk/store"
	"tierdesk/testbed"
)

// childRole is the environment variable that makes the test binary be something
// else, in a process of its own that can be killed.
const childRole = "TIERDESK_TEST_ROLE"

func TestMain(m *testing.M) {
	role := os.Getenv(childRole)
	if role != "" {
		go func() { // a child does not outlive the test, however that ends
			io.Copy(io.Discard, os.Stdin)
			os.Exit(3)
		}()
	}
	switch role {
	case "tierdesk":
		main()
	case "poison":
		poisonChild()
	default:
		os.Exit(m.Run())
	}
}

const (
	// patience is how long a test waits for one thing: much longer than it takes,
	// since the machine may be busy.
	patience = 30 * time.Second
	// stopsWithin is how long the gateway may take to stop, which is promised.
	stopsWithin = 10 * time.Second
)

// site is a folder with the configuration of a gateway, and the mail system
// around it.
type site struct {
	t        *testing.T
	dovecot  *testbed.DovecotServer
	dir      string
	settings map[string]string // what stands for the $NAMES of the configuration
	extra    string            // appended to the configuration
	written  atomic.Int64
	seen     map[string]bool // mails that were looked at, by "user uid"
}

// databases are the kinds of database, each with a func that returns the DSN of an
// empty one.
func databases() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"sqlite":   func(testing.TB) string { return "sqlite:data/tierdesk.db" },
		"postgres": testbed.Postgres,
	}
}

// newSite prepares the folder. Servers are still to be started; until then the
// configuration names some that do not answer.
func newSite(t *testing.T, dsn string) *site {
	t.Helper()
	s := &site{t: t, seen: map[string]bool{}, dir: t.TempDir()}
	testbed.Certificate(t, s.dir)
	s.settings = map[string]string{
		"DSN": dsn, "IMAPS": "127.0.0.1:1", "IMAP_CA": "cert.pem", "SMTP": "127.0.0.1:1", "SMTP_TRUST": "plaintext_insecure = true",
		"L2": "l2@hd.test", "ACK": "1h", "DIGEST": "0 0 1 1 *", "AUTH": `trusted_authserv_ids = ["mx.hd.test"]`,
	}
	for name, content := range map[string]string{"secrets/mail": testbed.Password, "secrets/wrong": "wrong"} {
		s.write(name, content)
	}
	if err := os.CopyFS(filepath.Join(s.dir, "kb"), os.DirFS("sample/kb")); err != nil {
		t.Fatal(err)
	}
	artifacts := t.ArtifactDir() // asked for now: its own clean-up must come after ours
	t.Cleanup(func() { s.keep(artifacts) })
	t.Cleanup(func() {
		for _, fault := range []string{"WARNING: DATA RACE", "fatal error: "} {
			if bytes.Contains(s.readLog(), []byte(fault)) {
				t.Errorf("the gateway's log has a %q", fault)
			}
		}
	})
	return s
}

// keep leaves the folder, with log and database, behind when the test has failed.
func (s *site) keep(artifacts string) {
	if !s.t.Failed() {
		return
	}
	log := s.readLog()
	s.t.Logf("the gateway's last words:\n%s", log[max(0, len(log)-4000):])
	if err := os.CopyFS(artifacts, os.DirFS(s.dir)); err != nil {
		s.t.Log(err)
	}
}

// startDovecot starts the mailboxes: the desk's and the users'. They are kept when
// the test fails.
func (s *site) startDovecot(users ...string) {
	s.t.Helper()
	artifacts := s.t.ArtifactDir()
	s.dovecot = testbed.Dovecot(s.t, users...)
	s.t.Cleanup(func() {
		if !s.t.Failed() {
			return
		}
		if err := os.CopyFS(filepath.Join(artifacts, "mail"), os.DirFS(filepath.Join(s.dovecot.Dir, "mail"))); err != nil {
			s.t.Log(err)
		}
	})
	s.settings["IMAPS"], s.settings["IMAP_CA"] = s.dovecot.IMAPS, s.dovecot.Dir+"/cert.pem"
}

// startPostfix puts a Postfix in front of the Dovecot, for the gateway and
// everybody else.
func (s *site) startPostfix() *testbed.PostfixServer {
	s.t.Helper()
	p := testbed.Postfix(s.t, s.dovecot, "cust.test")
	s.settings["SMTP"] = p.SMTP
	s.settings["SMTP_TRUST"] = fmt.Sprintf("ca_file = %q", p.Dir+"/cert.pem")
	return p
}

func (s *site) log() string { return filepath.Join(s.dir, "tierdesk.log") }

func (s *site) write(name, content string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// configure writes the configuration with the present settings.
func (s *site) configure() {
	s.t.Helper()
	text, err := os.ReadFile("testdata/e2e.toml")
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("tierdesk.toml", os.Expand(string(text), func(name string) string { return s.settings[name] })+s.extra)
}

// child returns a command that runs the test binary in a role.
func (s *site) child(role string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childRole+"="+role, "TIERDESK_CONFIG="+filepath.Join(s.dir, "tierdesk.toml"))
	return cmd
}

// tierdesk runs one command of the program and returns its output and exit status.
func (s *site) tierdesk(args ...string) (out string, status int) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := s.child("tierdesk", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer stdin.Close()
	err = cmd.Run()
	if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return stdout.String() + stderr.String(), cmd.ProcessState.ExitCode()
}

// must runs a command that has to exit with status 0 and returns its output.
func (s *site) must(args ...string) string {
	s.t.Helper()
	out, status := s.tierdesk(args...)
	if status != 0 {
		s.t.Fatalf("tierdesk %s: exit status %d\n%s", strings.Join(args, " "), status, out)
	}
	return out
}

// list runs a command that prints JSON lines and returns the objects.
func list[T any](s *site, args ...string) []T {
	s.t.Helper()
	var items []T
	lines := bufio.NewScanner(strings.NewReader(s.must(append(args, "--json")...)))
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var item T
		if err := json.Unmarshal(lines.Bytes(), &item); err != nil {
			s.t.Fatalf("tierdesk %s: %v in %s", strings.Join(args, " "), err, lines.Bytes())
		}
		items = append(items, item)
	}
	return items
}

// server is a running `tierdesk serve`.
type server struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{}
	log   *os.File
}

// serve starts the gateway. Its log goes to the site's log.
func (s *site) serve() *server {
	s.t.Helper()
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	g := &server{t: s.t, cmd: s.child("tierdesk", "serve"), ended: make(chan struct{}), log: log}
	g.cmd.Stderr = log
	if g.stdin, err = g.cmd.StdinPipe(); err != nil {
		s.t.Fatal(err)
	}
	if err := g.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		g.cmd.Wait() // its result is in ProcessState
		close(g.ended)
	}()
	s.t.Cleanup(g.kill)
	return g
}

// kill ends the gateway with SIGKILL; it may have ended already.
func (g *server) kill() {
	g.signal(syscall.SIGKILL)
	<-g.ended
	g.stdin.Close()
	g.log.Close()
}

func (g *server) signal(sig os.Signal) {
	if err := g.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		g.t.Errorf("signal %v: %v", sig, err)
	}
}

// stop asks the gateway to stop, and expects it to do so well and in time.
func (g *server) stop() {
	g.t.Helper()
	g.signal(syscall.SIGTERM)
	select {
	case <-g.ended:
	case <-time.After(stopsWithin):
		g.t.Fatalf("the gateway still runs %v after SIGTERM", stopsWithin)
	}
	if status := g.cmd.ProcessState.ExitCode(); status != 0 {
		g.t.Fatalf("the gateway ended with status %d after SIGTERM", status)
	}
}

// until waits for a condition.
func (s *site) until(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("it did not come true within %v that %s", patience, what)
		}
	}
}

// logged waits until the gateway has logged a text so many times.
func (s *site) logged(text string, times int) {
	s.t.Helper()
	s.until(fmt.Sprintf("%q is logged %d times", text, times), func() bool {
		return bytes.Count(s.readLog(), []byte(text)) >= times
	})
}

func (s *site) readLog() []byte {
	s.t.Helper()
	log, err := os.ReadFile(s.log())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.t.Fatal(err)
	}
	return log
}

// compose returns a mail of somebody's and its Message-ID.
func (s *site) compose(who person, d draft) (mail []byte, id string) {
	id = fmt.Sprintf("m%d.%d@client.example.test", s.written.Add(1), time.Now().UnixNano())
	return d.mail(who, id, time.Now()), id
}

// arrives waits for the next mail in somebody's mailbox whose subject contains a
// text.
func (s *site) arrives(who person, subject string) *letter {
	s.t.Helper()
	user, _, _ := strings.Cut(who.address, "@")
	var found *letter
	s.until(fmt.Sprintf("%s gets a mail with %q", who.address, subject), func() bool {
		for _, m := range s.dovecot.List(user, "INBOX") {
			key := fmt.Sprintf("%s %d", user, m.UID)
			if in := parse.Mail(m.Bytes, parse.Options{}); s.seen[key] || !strings.Contains(in.Subject, subject) {
				continue
			}
			s.seen[key] = true
			found = &letter{to: who.address, at: time.Now(), raw: m.Bytes}
			return true
		}
		return false
	})
	return found
}

// withStore opens the gateway's database beside the gateway.
func (s *site) withStore(fn func(*store.Store) error) {
	s.t.Helper()
	c, err := loadConfig(filepath.Join(s.dir, "tierdesk.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	db, err := c.openStore(s.t.Context(), time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := errors.Join(fn(db), db.Close()); err != nil {
		s.t.Fatal(err)
	}
}

// retry makes every unsent mail due now and returns how many there are.
func (s *site) retry() (unsent int) {
	s.t.Helper()
	s.withStore(func(db *store.Store) error {
		items, err := db.Outbox(s.t.Context(), store.OutboxFilter{})
		for _, o := range items {
			if o.State == desk.Accepted {
				continue
			}
			unsent++
			err = errors.Join(err, db.RetryOutgoing(s.t.Context(), o.ID, time.Now()))
		}
		return err
	})
	return unsent
}
