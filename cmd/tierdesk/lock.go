package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// dataLock is the exclusive use of a data folder by one gateway.
type dataLock struct{ f *os.File }

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
	return &dataLock{f}, nil
}

// Close gives the folder up.
func (l *dataLock) Close() error { return l.f.Close() }
