package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// dataLock is the exclusive use of a data folder by one gateway. Its holder is a name
// that the folder got when it was new: the same after a restart, on whatever host,
// and never that of another folder.
type dataLock struct {
	f      *os.File
	holder string
}

// lockData takes the data folder, creating it when it is missing. The kernel gives
// the lock up when the process ends, however it ends.
func lockData(dir string) (*dataLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("another tierdesk is running on %s", dir)
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	holder, err := holderName(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return &dataLock{f, holder}, nil
}

// holderName reads the name that stands in the lock file, or writes a new one.
func holderName(f *os.File) (string, error) {
	b, err := io.ReadAll(io.LimitReader(f, 100))
	if err != nil || len(b) > 0 {
		return strings.TrimSpace(string(b)), err
	}
	name := rand.Text()
	if _, err := f.WriteString(name + "\n"); err != nil {
		return "", err
	}
	return name, f.Sync()
}

// Close gives the folder up.
func (l *dataLock) Close() error { return l.f.Close() }
