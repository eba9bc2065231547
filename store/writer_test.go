package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tierdesk/desk"
)

// follower writes a row by which a test sees what was committed.
func follower(ctx context.Context, tx *Tx, name string) error {
	return tx.Apply(ctx, desk.Change{Follows: &desk.Follow{Name: name, Seq: 1}})
}

// together runs the updates in one batch: all of them wait while the writer is
// held up. It returns their errors.
func together(t *testing.T, s *Store, fns ...func(*Tx) error) []error {
	t.Helper()
	begun, release := make(chan struct{}), make(chan struct{})
	var held sync.WaitGroup
	held.Go(func() {
		check(t, s.Update(context.Background(), func(*Tx) error { close(begun); <-release; return nil }))
	})
	<-begun
	errs := make([]error, len(fns))
	var started, done sync.WaitGroup
	for i, fn := range fns {
		started.Add(1)
		done.Go(func() {
			started.Done()
			errs[i] = s.Update(context.Background(), fn)
		})
	}
	started.Wait()
	close(release)
	held.Wait()
	done.Wait()
	return errs
}

func TestAFailingUpdateDoesNotHurtItsNeighbours(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		failure := errors.New("changed my mind")
		var fns []func(*Tx) error
		for i := range 30 {
			name := strconv.Itoa(i)
			fns = append(fns, func(tx *Tx) error {
				id, _ := tx.NewTicketID(ctx)
				if err := tx.Apply(ctx, newTicket(id, 0)); err != nil {
					return err
				}
				if err := follower(ctx, tx, name); err != nil {
					return err
				}
				switch i % 5 {
				case 1:
					return failure
				case 2:
					panic("bug")
				case 3: // a failed statement that is ignored
					_, _ = tx.exec(`INSERT INTO followers (name, seq) VALUES ($1, 1)`, name)
				}
				return nil
			})
		}
		kept := 0
		for i, err := range together(t, s, fns...) {
			good := i%5 == 0 || i%5 == 4
			if (err == nil) != good || (i%5 == 1) != errors.Is(err, failure) {
				t.Errorf("update %d: %v", i, err)
			}
			if seq := must(s.Followed(ctx, strconv.Itoa(i))); (seq == 1) != good {
				t.Errorf("update %d left %d", i, seq)
			}
			if good {
				kept++
			}
		}
		if tickets := must(s.Tickets(ctx, TicketFilter{})); len(tickets) != kept || int(tickets[0].ID) != kept {
			t.Errorf("%d tickets without a gap, want %d", len(tickets), kept)
		}
		sound(t, s)
	})
}

func TestTryUndoesOnlyItsOwnWrites(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		check(t, s.Update(ctx, func(tx *Tx) error {
			if err := follower(ctx, tx, "before"); err != nil {
				return err
			}
			inner := tx.Try(func() error {
				if err := follower(ctx, tx, "outer"); err != nil {
					return err
				}
				if err := tx.Try(func() error { return follower(ctx, tx, "outer") }); !errors.Is(err, desk.ErrConflict) {
					t.Errorf("inner try: %v", err)
				}
				return tx.Try(func() error { return follower(ctx, tx, "inner") })
			})
			if inner != nil {
				return inner
			}
			if err := tx.Try(func() error { follower(ctx, tx, "bad"); panic("bug") }); err == nil {
				t.Error("a panic was lost")
			}
			return follower(ctx, tx, "after")
		}))
		for name, want := range map[string]int64{"before": 1, "outer": 1, "inner": 1, "bad": 0, "after": 1} {
			if got := must(s.Followed(ctx, name)); got != want {
				t.Errorf("%s: %d, want %d", name, got, want)
			}
		}
	})
}

func TestATxSeesItsOwnWritesAndOthersDoNot(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		check(t, s.Update(ctx, func(tx *Tx) error {
			if err := follower(ctx, tx, "x"); err != nil {
				return err
			}
			if inside, outside := must(tx.Followed(ctx, "x")), must(s.Followed(ctx, "x")); inside != 1 || outside != 0 {
				t.Errorf("inside %d, outside %d", inside, outside)
			}
			return nil
		}))
	})
}

func TestUpdateAfterCloseAndAfterCancel(t *testing.T) {
	s := must(Open(t.Context(), Config{DSN: newSQLite(t)}))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	begun, release := make(chan struct{}), make(chan struct{})
	var held sync.WaitGroup
	held.Go(func() {
		check(t, s.Update(context.Background(), func(*Tx) error { close(begun); <-release; return nil }))
	})
	<-begun
	if err := s.Update(cancelled, func(*Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	close(release)
	held.Wait()
	check(t, s.Close())
	check(t, s.Close())
	if err := s.Update(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestTheWriterGetsANewConnection(t *testing.T) {
	s := open(t, newPostgres(t))
	ctx := t.Context()
	check(t, s.Update(ctx, func(tx *Tx) error { return follower(ctx, tx, "before") }))
	kill := `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()`
	check(t, s.pool.each(ctx, func(row) error { return nil }, kill))
	check(t, s.Update(ctx, func(tx *Tx) error { return follower(ctx, tx, "after") }))

	// In the middle of a transaction it is lost, and that is an error.
	err := s.Update(ctx, func(tx *Tx) error {
		if err := follower(ctx, tx, "lost"); err != nil {
			return err
		}
		return s.pool.each(ctx, func(row) error { return nil }, kill)
	})
	if !errors.Is(err, ErrCommitUnknown) {
		t.Errorf("commit on a dead connection: %v", err)
	}
	check(t, s.Update(ctx, func(tx *Tx) error { return follower(ctx, tx, "end") }))
	for name, want := range map[string]int64{"before": 1, "after": 1, "lost": 0, "end": 1} {
		if got := must(s.Followed(ctx, name)); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

func TestTwoProcessesShareOneChainAndOneCount(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": newSQLite, "postgres": newPostgres} {
		t.Run(name, func(t *testing.T) {
			dsn := dsn(t)
			const share = 25
			stores := []*Store{open(t, dsn), open(t, dsn)}
			var done sync.WaitGroup
			for _, s := range stores {
				done.Go(func() {
					for range share {
						apply(t, s, func(tx *Tx) desk.Change {
							id, _ := tx.NewTicketID(context.Background())
							return newTicket(id, 0)
						})
					}
				})
			}
			done.Wait()
			sound(t, stores[0])
			if list := must(stores[1].Tickets(t.Context(), TicketFilter{})); len(list) != 2*share || list[0].ID != 2*share {
				t.Errorf("%d tickets", len(list))
			}
		})
	}
}

func TestAFullDiskRefusesAndThenResumes(t *testing.T) {
	s := open(t, newSQLite(t))
	ctx := t.Context()
	check(t, s.Update(ctx, func(tx *Tx) error {
		pages := must(one(ctx, tx, single[int], "PRAGMA page_count"))
		must(one(ctx, tx, single[int], fmt.Sprintf("PRAGMA max_page_count = %d", pages+10)))
		return nil
	}))
	if _, err := s.Keep(ctx, []desk.RawMail{rawMail(1, "one"), bigMail(2)}, cursorAt(7, 2)); err == nil {
		t.Fatal("kept a mail without room")
	}
	if got := must(s.Cursor(ctx, "support")); got.UID != 0 {
		t.Errorf("cursor %+v", got)
	}
	check(t, s.Update(ctx, func(tx *Tx) error {
		must(one(ctx, tx, single[int], "PRAGMA max_page_count = 1000000"))
		return nil
	}))
	if ids := keepMails(t, s, rawMail(1, "one"), bigMail(2)); len(ids) != 2 {
		t.Errorf("kept %v", ids)
	}
	sound(t, s)
}

func TestNothingIsWrittenAfterAFailedFlush(t *testing.T) {
	broken := errors.New("flush failed")
	w := &writer{dialect: &dialect{fatal: func(err error) bool { return errors.Is(err, broken) }}, log: slog.New(slog.DiscardHandler)}
	if err := w.lost(broken); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	u := &update{done: make(chan error, 1), fn: func(*Tx) error { t.Error("ran"); return nil }}
	w.serve(u)
	if err := <-u.done; !errors.Is(err, broken) {
		t.Errorf("next update: %v", err)
	}
}

// writeForEver is the child process of the test below: it prints each ticket
// number when it is durable.
func writeForEver(dsn string) {
	ctx := context.Background()
	s := must(Open(ctx, Config{DSN: dsn}))
	for range 4 {
		go func() {
			for {
				var id desk.TicketID
				err := s.Update(ctx, func(tx *Tx) error {
					id, _ = tx.NewTicketID(ctx)
					return tx.Apply(ctx, newTicket(id, 0))
				})
				if err != nil {
					fmt.Println(err)
					os.Exit(1)
				}
				fmt.Println(id)
			}
		}()
	}
	select {}
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": newSQLite, "postgres": newPostgres} {
		t.Run(name, func(t *testing.T) {
			dsn := dsn(t)
			for round := range 3 {
				acknowledged := killDuringUpdates(t, dsn, 40+37*round)
				s := open(t, dsn)
				for _, id := range acknowledged {
					if _, err := s.Ticket(t.Context(), id); err != nil {
						t.Error(err)
					}
				}
				sound(t, s)
				check(t, s.Close())
			}
		})
	}
}

// killDuringUpdates returns the numbers that the child printed before it was
// killed.
func killDuringUpdates(t *testing.T, dsn string, after int) []desk.TicketID {
	return killDuring(t, dsn, after, func(child *os.Process) { check(t, child.Kill()) })
}

// killDuring is killDuringUpdates with another way to end the child, once it has
// printed so many numbers.
func killDuring(t *testing.T, dsn string, after int, end func(child *os.Process)) []desk.TicketID {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+dsn)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	var ids []desk.TicketID
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, err := strconv.ParseInt(strings.TrimSpace(lines.Text()), 10, 64)
		check(t, err)
		ids = append(ids, desk.TicketID(id))
		if len(ids) == after {
			end(cmd.Process)
		}
	}
	if err := cmd.Wait(); err == nil || len(ids) < after {
		t.Fatalf("child ended by itself: %v, %d tickets", err, len(ids))
	}
	return ids
}
