package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tierdesk/mailin/parse"
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

// world is a folder with the configuration of a gateway, and the mail system
// around it.
type world struct {
	t        *testing.T
	dovecot  *testbed.DovecotServer
	dir      string
	settings map[string]string // what stands for the $NAMES of the configuration
	extra    string            // appended to the configuration
	written  atomic.Int64
	seen     map[string]bool // mails that were looked at, by "user uid"
}

// newWorld prepares the folder. Servers are still to be started; until then the
// configuration names some that do not answer.
func newWorld(t *testing.T, dsn string) *world {
	t.Helper()
	w := &world{t: t, seen: map[string]bool{}, dir: t.TempDir()}
	testbed.Certificate(t, w.dir)
	w.settings = map[string]string{
		"DSN": dsn, "IMAPS": "127.0.0.1:1", "IMAP_CA": "cert.pem", "SMTP": "127.0.0.1:1", "SMTP_TRUST": "plaintext_insecure = true",
		"ACK": "1h", "DIGEST": "0 8 * * *",
	}
	for name, content := range map[string]string{"secrets/mail": testbed.Password, "secrets/wrong": "wrong"} {
		w.write(name, content)
	}
	if err := os.CopyFS(filepath.Join(w.dir, "kb"), os.DirFS("sample/kb")); err != nil {
		t.Fatal(err)
	}
	artifacts := t.ArtifactDir() // asked for now: its own clean-up must come after ours
	t.Cleanup(func() { w.keep(artifacts) })
	return w
}

// keep leaves the gateway's log behind when the test has failed.
func (w *world) keep(artifacts string) {
	if !w.t.Failed() {
		return
	}
	log := w.readLog()
	w.t.Logf("the gateway's last words:\n%s", log[max(0, len(log)-4000):])
	if err := os.WriteFile(filepath.Join(artifacts, "tierdesk.log"), log, 0o644); err != nil {
		w.t.Log(err)
	}
}

// startDovecot starts the mailboxes: the desk's and the users'. They are kept when
// the test fails.
func (w *world) startDovecot(users ...string) {
	w.t.Helper()
	artifacts := w.t.ArtifactDir()
	w.dovecot = testbed.Dovecot(w.t, users...)
	w.t.Cleanup(func() {
		if !w.t.Failed() {
			return
		}
		if err := os.CopyFS(filepath.Join(artifacts, "mail"), os.DirFS(filepath.Join(w.dovecot.Dir, "mail"))); err != nil {
			w.t.Log(err)
		}
	})
	w.settings["IMAPS"], w.settings["IMAP_CA"] = w.dovecot.IMAPS, w.dovecot.Dir+"/cert.pem"
}

// startPostfix puts a Postfix in front of the Dovecot, for the gateway and
// everybody else.
func (w *world) startPostfix() *testbed.PostfixServer {
	w.t.Helper()
	p := testbed.Postfix(w.t, w.dovecot, "cust.test")
	w.settings["SMTP"] = p.SMTP
	w.settings["SMTP_TRUST"] = fmt.Sprintf("ca_file = %q", p.Dir+"/cert.pem")
	return p
}

func (w *world) log() string { return filepath.Join(w.dir, "tierdesk.log") }

func (w *world) write(name, content string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// configure writes the configuration with the present settings.
func (w *world) configure() {
	w.t.Helper()
	text, err := os.ReadFile("testdata/e2e.toml")
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("tierdesk.toml", os.Expand(string(text), func(name string) string { return w.settings[name] })+w.extra)
}

// child returns a command that runs the test binary in a role.
func (w *world) child(role string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childRole+"="+role, "TIERDESK_CONFIG="+filepath.Join(w.dir, "tierdesk.toml"))
	return cmd
}

// tierdesk runs one command of the program and returns its output and exit status.
func (w *world) tierdesk(args ...string) (out string, status int) {
	w.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := w.child("tierdesk", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	defer stdin.Close()
	err = cmd.Run()
	if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return stdout.String() + stderr.String(), cmd.ProcessState.ExitCode()
}

// must runs a command that has to exit with status 0 and returns its output.
func (w *world) must(args ...string) string {
	w.t.Helper()
	out, status := w.tierdesk(args...)
	if status != 0 {
		w.t.Fatalf("tierdesk %s: exit status %d\n%s", strings.Join(args, " "), status, out)
	}
	return out
}

// list runs a command that prints JSON lines and returns the objects.
func list[T any](w *world, args ...string) []T {
	w.t.Helper()
	var items []T
	lines := bufio.NewScanner(strings.NewReader(w.must(append(args, "--json")...)))
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var item T
		if err := json.Unmarshal(lines.Bytes(), &item); err != nil {
			w.t.Fatalf("tierdesk %s: %v in %s", strings.Join(args, " "), err, lines.Bytes())
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

// serve starts the gateway. Its log goes to the world's log.
func (w *world) serve() *server {
	w.t.Helper()
	log, err := os.OpenFile(w.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	s := &server{t: w.t, cmd: w.child("tierdesk", "serve"), ended: make(chan struct{}), log: log}
	s.cmd.Stderr = log
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		w.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		s.cmd.Wait() // its result is in ProcessState
		close(s.ended)
	}()
	w.t.Cleanup(s.kill)
	return s
}

// kill ends the gateway as a power cut does.
func (s *server) kill() {
	s.signal(syscall.SIGKILL)
	<-s.ended
	s.stdin.Close()
	s.log.Close()
}

func (s *server) signal(sig os.Signal) {
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("signal %v: %v", sig, err)
	}
}

// stop asks the gateway to stop, and expects it to do so well and in time.
func (s *server) stop() {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(stopsWithin):
		s.t.Fatalf("the gateway still runs %v after SIGTERM", stopsWithin)
	}
	if status := s.cmd.ProcessState.ExitCode(); status != 0 {
		s.t.Fatalf("the gateway ended with status %d after SIGTERM", status)
	}
}

// until waits for a condition.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("it did not come true within %v that %s", patience, what)
		}
	}
}

// logged waits until the gateway has logged a text so many times.
func (w *world) logged(text string, times int) {
	w.t.Helper()
	w.until(fmt.Sprintf("%q is logged %d times", text, times), func() bool {
		return bytes.Count(w.readLog(), []byte(text)) >= times
	})
}

func (w *world) readLog() []byte {
	w.t.Helper()
	log, err := os.ReadFile(w.log())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Fatal(err)
	}
	return log
}

// compose returns a mail of somebody's and its Message-ID.
func (w *world) compose(who person, d draft) (mail []byte, id string) {
	id = fmt.Sprintf("m%d.%d@client.example.test", w.written.Add(1), time.Now().UnixNano())
	return d.mail(who, id, time.Now()), id
}

// arrives waits for the next mail in somebody's mailbox whose subject contains a
// text.
func (w *world) arrives(who person, subject string) *letter {
	w.t.Helper()
	user, _, _ := strings.Cut(who.address, "@")
	var found *letter
	w.until(fmt.Sprintf("%s gets a mail with %q", who.address, subject), func() bool {
		for _, m := range w.dovecot.List(user, "INBOX") {
			key := fmt.Sprintf("%s %d", user, m.UID)
			if in := parse.Mail(m.Bytes, parse.Options{}); w.seen[key] || !strings.Contains(in.Subject, subject) {
				continue
			}
			w.seen[key] = true
			found = &letter{to: who.address, at: time.Now(), raw: m.Bytes}
			return true
		}
		return false
	})
	return found
}
