package mailin_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/mailin"
	"tierdesk/store"
)

// faultyStore is a real store that does not give out some mails.
type faultyStore struct {
	*store.Store
	fault func(ctx context.Context, id desk.RawID) error
}

func (s faultyStore) RawBytes(ctx context.Context, id desk.RawID) ([]byte, error) {
	if err := s.fault(ctx, id); err != nil {
		return nil, err
	}
	return s.Store.RawBytes(ctx, id)
}

// handler settles every mail as ignored.
type handler struct{}

func (handler) Advise(*desk.Inbound, time.Time) {}
func (handler) Diagnose(*desk.Inbound)          {}

func (handler) Decide(_ context.Context, _ desk.View, in *desk.Inbound, _ time.Time) (desk.Change, error) {
	return desk.Change{Settles: &desk.Settlement{Raw: in.Raw, Category: desk.CategoryIgnored}}, nil
}

// newIntake returns an intake that has looked once, over a store that has got n
// mails since and fails as told.
func newIntake(t *testing.T, n int, fault func(ctx context.Context, id desk.RawID) error) (*mailin.Intake, *store.Store) {
	t.Helper()
	s := newStore(t)
	in := intakeOf(t, s, fault)
	if _, err := in.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	keepMails(t, s, n)
	return in, s
}

func newStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{DSN: "sqlite:" + t.TempDir() + "/desk.db", Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func intakeOf(t *testing.T, s *store.Store, fault func(ctx context.Context, id desk.RawID) error) *mailin.Intake {
	return mailin.NewIntake(mailin.Intake{
		Store: faultyStore{s, fault}, Threader: mailin.Threader{Desk: &desk.Desk{}}, Auth: &mailin.Authenticator{},
		Handler: handler{}, Log: testLog(t), Now: time.Now,
		Settle: func(ctx context.Context, n int, decide func(context.Context, desk.View, int) (desk.Change, error)) ([]error, error) {
			errs := make([]error, n)
			return errs, s.Update(ctx, func(tx *store.Tx) error {
				for i := range n {
					errs[i] = tx.Try(func() error {
						ch, err := decide(ctx, tx, i)
						if err != nil {
							return err
						}
						return tx.Apply(ctx, ch)
					})
				}
				return nil
			})
		},
	})
}

func keepMails(t *testing.T, s *store.Store, n int) {
	t.Helper()
	var mails []desk.RawMail
	for i := range n {
		mails = append(mails, desk.RawMail{
			Raw:   desk.Raw{Mailbox: "support", UIDValidity: 1, UID: uint32(i + 1), Received: time.Now()},
			Bytes: message(i + 1),
		})
	}
	if _, err := s.Keep(t.Context(), mails, desk.Cursor{Mailbox: "support", UIDValidity: 1, UID: uint32(n), Started: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

func storedMail(t *testing.T, s *store.Store, id desk.RawID) desk.Raw {
	t.Helper()
	m, err := s.Raw(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var errMalformed = errors.New("disk image is malformed")

// One mail that the database does not give out is put aside with the reason, and
// the mails around it are settled, also when it is the first one or lies alone.
func TestMailThatCannotBeReadFromTheStoreStopsNoOther(t *testing.T) {
	for _, bad := range []desk.RawID{1, 70, 200} {
		in, s := newIntake(t, 200, func(_ context.Context, id desk.RawID) error {
			if id == bad {
				return errMalformed
			}
			return nil
		})
		if _, err := in.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		for id := desk.RawID(1); id <= 200; id++ {
			m, want := storedMail(t, s, id), desk.CategoryIgnored
			if id == bad {
				want = desk.CategoryQuarantine
			}
			if m.Category != want || id == bad && (!strings.Contains(m.Reason, "malformed") || m.Attempts != 3) {
				t.Errorf("mail %d is %q after %d attempts: %s", id, m.Category, m.Attempts, m.Reason)
			}
		}
	}
}

// A store that gives out no mail at all is to blame, and no mail is.
func TestStoreThatGivesOutNoMailBlamesNone(t *testing.T) {
	broken := true
	in, s := newIntake(t, 100, func(context.Context, desk.RawID) error {
		if broken {
			return errMalformed
		}
		return nil
	})
	for range 5 {
		if _, err := in.Once(t.Context()); !errors.Is(err, errMalformed) {
			t.Fatalf("error %v", err)
		}
	}
	broken = false
	if _, err := in.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id := desk.RawID(1); id <= 100; id++ {
		if m := storedMail(t, s, id); m.Category != desk.CategoryIgnored || m.Attempts != 1 {
			t.Errorf("mail %d is %q after %d attempts", id, m.Category, m.Attempts)
		}
	}
}

// A stop does not wait for a reader that hangs, and counts nothing against the mail
// that was being read.
func TestStopEndsReading(t *testing.T) {
	for _, suspected := range []bool{false, true} {
		hangs := make(chan struct{})
		never := make(chan struct{})
		t.Cleanup(func() { close(never) })
		fault := func(context.Context, desk.RawID) error {
			close(hangs)
			<-never
			return nil
		}
		in, s := newIntake(t, 1, fault)
		if suspected { // as after a restart
			in = intakeOf(t, s, fault)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- in.Run(ctx) }()
		<-hangs
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Second):
			t.Fatal("still reading a second after the stop")
		}
		if m := storedMail(t, s, 1); m.Category != "" || m.Attempts != 1 {
			t.Errorf("the mail is %q after %d attempts", m.Category, m.Attempts)
		}
	}
}
