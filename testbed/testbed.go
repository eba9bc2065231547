// Package testbed starts servers for tests: real ones of Dovecot, Postfix and
// PostgreSQL, each in a directory of its own, on loopback, on free ports, and a small
// DNS server in the test's process. It stops them when the test ends.
//
// It is imported by tests only. A server that is not installed skips the test;
// with TESTBED=required in the environment it fails it. It knows nothing of the
// program under test.
package testbed

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const startTimeout = 30 * time.Second

// missing ends the test because a server cannot run here.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("TESTBED") == "required" {
		t.Fatalf("testbed: "+format, args...)
	}
	t.Skipf("testbed: "+format, args...)
}

// need finds programs, also those that only root has in its PATH, or ends the
// test.
func need(t testing.TB, programs ...string) []string {
	t.Helper()
	var paths []string
	for _, p := range programs {
		path, err := exec.LookPath(p)
		if err != nil {
			path, err = exec.LookPath("/usr/sbin/" + p)
		}
		if err != nil {
			missing(t, "%s is not installed", p)
		}
		paths = append(paths, path)
	}
	return paths
}

// tempDir returns a new directory that servers running as other users can
// enter, unlike t.TempDir. Logs in it are kept when the test fails.
func tempDir(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "testbed-"+name+"-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	artifacts := t.ArtifactDir() // asked for now: its own clean-up must come after ours
	t.Cleanup(func() {
		if t.Failed() {
			keepLogs(t, dir, filepath.Join(artifacts, name))
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Logf("testbed: %v", err)
		}
	})
	return dir
}

// keepLogs copies the logs of a directory to files whose path starts with prefix.
func keepLogs(t testing.TB, dir, prefix string) {
	logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		t.Logf("testbed: %v", err)
	}
	for _, log := range logs {
		b, err := os.ReadFile(log)
		if err == nil {
			err = os.WriteFile(prefix+"-"+filepath.Base(log), b, 0o644)
		}
		if err != nil {
			t.Logf("testbed: %v", err)
		}
	}
}

// freePorts returns n ports of 127.0.0.1 that nothing listens on.
func freePorts(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// supervise runs the shell commands start, then waits until the test ends and
// runs stop. The shell stops the server also when the test process is killed,
// because its standard input ends then.
func supervise(t testing.TB, dir, start, stop string) {
	t.Helper()
	script := start + "\nread _\n" + stop + "\nwait\n"
	cmd := exec.Command("/bin/sh", "-c", script)
	cmd.Dir = dir
	out, err := os.Create(filepath.Join(dir, "supervise.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Logf("testbed: stop %s: %v", filepath.Base(dir), err)
		}
		out.Close()
	})
}

// waitFor waits until every address accepts connections.
func waitFor(t testing.TB, dir string, addresses ...string) {
	t.Helper()
	for _, a := range addresses {
		waitUntil(t, dir, a, func() error {
			c, err := net.DialTimeout("tcp", a, time.Second)
			if err == nil {
				err = c.Close()
			}
			return err
		})
	}
}

// waitUntil waits until a server works, and shows its logs when that does not
// happen.
func waitUntil(t testing.TB, dir, what string, works func() error) {
	t.Helper()
	deadline := time.Now().Add(startTimeout)
	for {
		err := works()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("testbed: %s did not start: %v\n%s", what, err, allLogs(dir))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func allLogs(dir string) string {
	var b bytes.Buffer
	logs, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	for _, log := range logs {
		text, _ := os.ReadFile(log)
		fmt.Fprintf(&b, "--- %s\n%s", filepath.Base(log), text)
	}
	return b.String()
}

func write(t testing.TB, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// run executes a command to its end or fails the test with its output.
func run(t testing.TB, dir string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("testbed: %s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
}
