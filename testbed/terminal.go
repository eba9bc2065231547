package testbed

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	// answerTimeout is how long a program in a terminal may take for one thing.
	answerTimeout = 30 * time.Second
	// lastLook is how often a terminal is looked at.
	lastLook = 30 * time.Millisecond
)

// Terminal is a program on a screen of 120 by 40, driven by keys as a person would.
type Terminal struct {
	t      testing.TB
	tmux   string
	socket string
}

// Programs ends the test when one of them is not installed.
func Programs(t testing.TB, programs ...string) {
	t.Helper()
	need(t, programs...)
}

// NewTerminal starts a command in a terminal, with settings such as "HOME=/x" added
// to a small environment. The test's end closes it.
func NewTerminal(t testing.TB, settings []string, command ...string) *Terminal {
	t.Helper()
	x := &Terminal{t: t, tmux: need(t, "tmux")[0], socket: filepath.Join(tempDir(t, "terminal"), "tmux")}
	start := []string{"-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40",
		"env", "-i", "PATH=/usr/bin:/bin", "TERM=screen", "LC_ALL=C.UTF-8", "TZ=UTC"}
	x.control(append(append(start, settings...), command...)...)
	t.Cleanup(func() {
		if x.Running() {
			if t.Failed() {
				t.Logf("the terminal of %s shows:\n%s", command[0], x.Screen())
			}
			x.control("kill-server")
		}
	})
	return x
}

func (x *Terminal) command(args ...string) *exec.Cmd {
	return exec.Command(x.tmux, append([]string{"-u", "-S", x.socket}, args...)...)
}

func (x *Terminal) control(args ...string) string {
	x.t.Helper()
	out, err := x.command(args...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("testbed: tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Running reports whether the program has not ended.
func (x *Terminal) Running() bool { return x.command("has-session").Run() == nil }

// Screen returns what the terminal shows.
func (x *Terminal) Screen() string {
	x.t.Helper()
	return x.control("capture-pane", "-p")
}

// Type types a text.
func (x *Terminal) Type(text string) {
	x.t.Helper()
	x.control("send-keys", "-l", text)
}

// Press presses keys by their names in tmux: "Enter", "C-x", "y".
func (x *Terminal) Press(keys ...string) {
	x.t.Helper()
	x.control(append([]string{"send-keys"}, keys...)...)
}

// Shows waits until the screen shows a text.
func (x *Terminal) Shows(text string) {
	x.t.Helper()
	last := ""
	for deadline := time.Now().Add(answerTimeout); time.Now().Before(deadline); time.Sleep(lastLook) {
		if !x.Running() {
			x.t.Fatalf("testbed: the program ended before it showed %q; last it showed:\n%s", text, last)
		}
		if last = x.Screen(); strings.Contains(last, text) {
			return
		}
	}
	x.t.Fatalf("testbed: the terminal does not show %q within %v, but:\n%s", text, answerTimeout, last)
}

// Ends waits until the program has ended.
func (x *Terminal) Ends() {
	x.t.Helper()
	for deadline := time.Now().Add(answerTimeout); x.Running(); time.Sleep(lastLook) {
		if time.Now().After(deadline) {
			x.t.Fatalf("testbed: the program did not end within %v; it shows:\n%s", answerTimeout, x.Screen())
		}
	}
}
