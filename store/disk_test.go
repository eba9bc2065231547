package store

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"tierdesk/desk"
)

// mounted makes a file system of a kind below the test's folder and returns where; it
// skips where that is not allowed.
func mounted(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", append(args, dir)...).CombinedOutput(); err != nil || runtime.GOOS != "linux" {
		t.Skipf("no mount: %v %s", err, out)
	}
	t.Cleanup(func() { check(t, exec.Command("umount", dir).Run()) })
	return dir
}

func TestFullFileSystemRefusesAndThenResumes(t *testing.T) {
	dir := mounted(t, "-t", "tmpfs", "-o", "size=8m", "none")
	s := must(Open(t.Context(), Config{DSN: "sqlite:" + filepath.Join(dir, "desk.db")}))
	defer s.Close()
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	ctx := t.Context()
	if _, err := s.Keep(ctx, []desk.RawMail{rawMail(1, "one"), bigMail(2)}, cursorAt(7, 2)); err == nil {
		t.Fatal("kept a mail without room")
	}
	if got := must(s.Cursor(ctx, "support")); got.UID != 0 {
		t.Errorf("cursor %+v", got)
	}
	check(t, os.Remove(ballast))
	if ids := keepMails(t, s, rawMail(1, "one"), bigMail(2)); len(ids) != 2 {
		t.Errorf("kept %v", ids)
	}
	sound(t, s)
}

// fill writes a file until there is no more room.
func fill(t *testing.T, path string) {
	t.Helper()
	f := must(os.Create(path))
	for block := make([]byte, 64<<10); ; {
		if _, err := f.Write(block); err != nil {
			break
		}
	}
	check(t, f.Close())
}

// A database that is closed, or whose writer was given another connection, leaves no
// file open.
func TestCloseLeavesNoFileOpen(t *testing.T) {
	dir := t.TempDir()
	s := must(Open(t.Context(), Config{DSN: "sqlite:" + filepath.Join(dir, "desk.db")}))
	keepMails(t, s, rawMail(1, "one"))
	check(t, s.Close())
	links, err := filepath.Glob("/proc/self/fd/*")
	check(t, err)
	for _, link := range links {
		if file, err := os.Readlink(link); err == nil && filepath.Dir(file) == dir {
			t.Errorf("%s is open", file)
		}
	}
}

func TestReadOnlyFileSystemRefusesAndThenResumes(t *testing.T) {
	dir := mounted(t, "-t", "tmpfs", "-o", "size=8m", "none")
	dsn := "sqlite:" + filepath.Join(dir, "desk.db")
	s := must(Open(t.Context(), Config{DSN: dsn}))
	keepMails(t, s, rawMail(1, "one"))
	check(t, s.Close())
	check(t, exec.Command("mount", "-o", "remount,ro", dir).Run())
	if s, err := Open(t.Context(), Config{DSN: dsn}); err == nil {
		if _, err := s.Keep(t.Context(), []desk.RawMail{rawMail(2, "two")}, cursorAt(7, 2)); err == nil {
			t.Error("kept a mail on a file system that is read-only")
		}
		check(t, s.Close())
	}
	check(t, exec.Command("mount", "-o", "remount,rw", dir).Run())
	s = must(Open(t.Context(), Config{DSN: dsn}))
	defer s.Close()
	if ids := keepMails(t, s, rawMail(2, "two")); len(ids) != 1 {
		t.Errorf("kept %v", ids)
	}
	sound(t, s)
}

// The medium of a machine that loses power has what was flushed to it, and maybe more:
// here the file under a file system that a child process writes to, copied while the
// child stands still. Everything that the child was told to be durable is there.
func TestPowerLossLosesNothingAcknowledged(t *testing.T) {
	folder := t.TempDir()
	medium := filepath.Join(folder, "medium")
	check(t, os.WriteFile(medium, nil, 0o600))
	check(t, os.Truncate(medium, 64<<20))
	if out, err := exec.Command("mkfs.ext4", "-q", medium).CombinedOutput(); err != nil {
		t.Skipf("no file system: %v %s", err, out)
	}
	dir := mounted(t, "-o", "loop", medium)
	for round := range 3 {
		lost := fmt.Sprintf("%s%d", medium, round)
		ids := killDuring(t, "sqlite:"+filepath.Join(dir, "desk.db"), 40+37*round, func(child *os.Process) {
			check(t, child.Signal(syscall.SIGSTOP))
			check(t, exec.Command("cp", "--sparse=always", medium, lost).Run())
			check(t, child.Kill())
		})
		after := mounted(t, "-o", "loop", lost)
		s := must(Open(t.Context(), Config{DSN: "sqlite:" + filepath.Join(after, "desk.db")}))
		for _, id := range ids[:40+37*round] {
			if _, err := s.Ticket(context.Background(), id); err != nil {
				t.Error(err)
			}
		}
		sound(t, s)
		check(t, s.Close())
	}
}
