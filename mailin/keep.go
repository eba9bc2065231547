package mailin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"tierdesk/desk"
)

// keepTimeout bounds how long a batch in hand may take to be stored.
const keepTimeout = time.Minute

// batch is mail on its way into the spool.
type batch struct {
	mails  []desk.RawMail
	cursor desk.Cursor // after the batch
	lease  lease
}

// keeper stores one batch while the next one is fetched.
type keeper struct {
	f      *Fetcher
	cursor desk.Cursor // after the batch being kept
	done   chan error  // of the batch being kept, or nil
}

// keep waits for the batch before, and begins to store b. It gives b's lease back.
func (k *keeper) keep(ctx context.Context, b batch) error {
	if err := k.wait(); err != nil {
		b.lease.end()
		return err
	}
	k.done, k.cursor = make(chan error, 1), b.cursor
	go func() {
		defer b.lease.end()
		k.done <- k.f.keep(ctx, b)
	}()
	return nil
}

// wait returns when nothing is being kept, and moves the fetcher's cursor.
func (k *keeper) wait() error {
	if k.done == nil {
		return nil
	}
	err := <-k.done
	k.done = nil
	if err == nil {
		k.f.cursor = k.cursor
	}
	return err
}

// keep stores a batch and its cursor in one transaction.
func (f *Fetcher) keep(ctx context.Context, b batch) error {
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	now := f.cfg.Now()
	for i := range b.mails {
		m := &b.mails[i]
		sum := sha256.Sum256(m.Bytes)
		m.SHA256, m.Kept = hex.EncodeToString(sum[:]), now
		if !m.Incomplete { // a part of a mail says nothing about the rest
			m.Content = f.contentKey(m)
		}
		if m.Received.IsZero() {
			m.Received = now
		}
	}
	if _, err := f.cfg.Spool.Keep(ctx, b.mails, b.cursor); err != nil {
		return fmt.Errorf("keep %d mails: %w", len(b.mails), err)
	}
	for i := range b.mails {
		m := &b.mails[i]
		f.cfg.Log.Info("mail kept", "mailbox", m.Mailbox, "uid", m.UID, "size", m.Size)
	}
	if f.cfg.Kept != nil && len(b.mails) > 0 {
		f.cfg.Kept()
	}
	return nil
}

// contentKey computes a mail's content key. It reads a stranger's bytes before
// they are kept, so a bug there must not stop the mailbox.
func (f *Fetcher) contentKey(m *desk.RawMail) (key string) {
	defer func() {
		if p := recover(); p != nil {
			f.cfg.Log.Error("no content key", "mailbox", m.Mailbox, "uid", m.UID, "err", p)
			key = m.SHA256
		}
	}()
	return f.cfg.ContentKey(m.Bytes)
}
