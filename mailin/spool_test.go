package mailin_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/mailin"
)

// memSpool is a spool in memory that follows the promises of mailin.Spool.
type memSpool struct {
	mu      sync.Mutex
	cursors map[string]desk.Cursor
	mails   []desk.RawMail
	keeping func() error // called before each Keep, outside the lock
	changed chan struct{}
}

func newSpool() *memSpool {
	return &memSpool{cursors: map[string]desk.Cursor{}, changed: make(chan struct{}, 1)}
}

func (s *memSpool) Cursor(_ context.Context, mailbox string) (desk.Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cur := s.cursors[mailbox]
	cur.Mailbox = mailbox
	return cur, nil
}

func (s *memSpool) Keep(ctx context.Context, mails []desk.RawMail, cur desk.Cursor) ([]desk.RawID, error) {
	if s.keeping != nil {
		if err := s.keeping(); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []desk.RawID
	for _, m := range mails {
		known := slices.IndexFunc(s.mails, func(o desk.RawMail) bool {
			if o.Mailbox != m.Mailbox {
				return false
			}
			return o.UIDValidity == m.UIDValidity && o.UID == m.UID || o.UIDValidity != m.UIDValidity && o.SHA256 == m.SHA256 && len(m.Bytes) > 0
		})
		if known >= 0 {
			s.mails[known].UIDValidity, s.mails[known].UID = m.UIDValidity, m.UID
			continue
		}
		m.ID = desk.RawID(len(s.mails) + 1)
		s.mails = append(s.mails, m)
		ids = append(ids, m.ID)
	}
	s.cursors[cur.Mailbox] = cur
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return ids, nil
}

func (s *memSpool) ToMove(_ context.Context, mailbox string, uidvalidity uint32, limit int) ([]desk.Raw, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []desk.Raw
	for _, m := range s.mails {
		if m.Mailbox == mailbox && m.UIDValidity == uidvalidity && m.Category != "" && m.Moved == "" && len(out) < limit {
			out = append(out, m.Raw)
		}
	}
	return out, nil
}

func (s *memSpool) MarkMoved(_ context.Context, ids []desk.RawID, folder string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.mails[id-1].Moved = folder
	}
	return nil
}

// settle settles every mail, those whose number is listed as quarantined.
func (s *memSpool) settle(quarantined ...desk.RawID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.mails {
		s.mails[i].Category = desk.CategoryTicket
		if slices.Contains(quarantined, s.mails[i].ID) {
			s.mails[i].Category = desk.CategoryQuarantine
		}
	}
}

func (s *memSpool) kept() []desk.RawMail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *memSpool) cursor(mailbox string) desk.Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursors[mailbox]
}

// waitKept waits until n mails are kept.
func (s *memSpool) waitKept(t testing.TB, n int) []desk.RawMail {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		if mails := s.kept(); len(mails) >= n {
			return mails
		}
		select {
		case <-s.changed:
		case <-timeout:
			t.Fatalf("%d mails kept after 20 s, expected %d", len(s.kept()), n)
		}
	}
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// message returns a small mail with a marker in it.
func message(n int) []byte {
	return fmt.Appendf(nil, "From: customer@cust.test\r\nTo: support@hd.test\r\nSubject: mail %d\r\n\r\nbody %d\r\n", n, n)
}

func messages(from, to int) [][]byte {
	var out [][]byte
	for n := from; n <= to; n++ {
		out = append(out, message(n))
	}
	return out
}

// expectExactly checks that each of the messages is kept once and nothing else is.
func expectExactly(t testing.TB, mails []desk.RawMail, want [][]byte) {
	t.Helper()
	count := map[string]int{}
	for _, m := range mails {
		count[string(m.Bytes)]++
	}
	for _, w := range want {
		if n := count[string(w)]; n != 1 {
			t.Errorf("kept %d times: %.80q", n, w)
		}
	}
	if len(mails) != len(want) {
		t.Errorf("%d mails kept, expected %d", len(mails), len(want))
	}
}

// runFetcher runs a fetcher until the test ends or stop is called.
func runFetcher(t testing.TB, f *mailin.Fetcher) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run returned %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Run did not stop within 10 s")
		}
	})
	t.Cleanup(stop)
	return stop
}

var errDiskFull = errors.New("disk full")
