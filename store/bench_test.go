package store

import (
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"tierdesk/desk"
)

// onEach runs a benchmark on an empty database of each kind.
func onEach(b *testing.B, bench func(b *testing.B, s *Store)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, open(b, newSQLite(b))) })
	b.Run("postgres", func(b *testing.B) { bench(b, open(b, newPostgres(b))) })
}

// BenchmarkKeep stores mails of 27 kB in batches of 64; an operation is a mail.
func BenchmarkKeep(b *testing.B) {
	onEach(b, func(b *testing.B, s *Store) {
		body := make([]byte, 27_000)
		rand.Read(body)
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for n := 0; n < b.N; {
			var batch []desk.RawMail
			for ; len(batch) < 64 && n < b.N; n++ {
				m := rawMail(uint32(n+1), "")
				m.Bytes = append([]byte(nil), body...)
				copy(m.Bytes, fmt.Sprintf("Subject: mail %d", n))
				m.Content = rand.Text() + rand.Text()
				batch = append(batch, m)
			}
			keepMails(b, s, batch...)
		}
	})
}

// BenchmarkNewTicket commits what a first mail causes, 64 mails in one Update;
// an operation is a ticket.
func BenchmarkNewTicket(b *testing.B) {
	onEach(b, func(b *testing.B, s *Store) {
		b.ReportAllocs()
		for n := 0; n < b.N; {
			check(b, s.Update(b.Context(), func(tx *Tx) error {
				for range min(64, b.N-n) {
					err := tx.Try(func() error {
						id, err := tx.NewTicketID(b.Context())
						if err != nil {
							return err
						}
						return tx.Apply(b.Context(), newTicket(id, 0))
					})
					if err != nil {
						return err
					}
					n++
				}
				return nil
			}))
		}
	})
}

// BenchmarkCommit makes the smallest durable change.
func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 16} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			onEach(b, func(b *testing.B, s *Store) {
				for w := range writers {
					keepMails(b, s, rawMail(uint32(w+1), "mail"))
				}
				var done sync.WaitGroup
				for w := range writers {
					done.Go(func() {
						for range b.N/writers + 1 {
							check(b, s.CountAttempt(b.Context(), []desk.RawID{desk.RawID(w + 1)}))
						}
					})
				}
				done.Wait()
			})
		})
	}
}

// BenchmarkNothingDue asks a desk with 100,000 open tickets what is due.
func BenchmarkNothingDue(b *testing.B) {
	onEach(b, func(b *testing.B, s *Store) {
		ctx := b.Context()
		for range 100 {
			check(b, s.Update(ctx, func(tx *Tx) error {
				for range 1000 {
					id, err := tx.NewTicketID(ctx)
					if err != nil {
						return err
					}
					c := newTicket(id, 0)
					c.Events, c.Messages, c.MessageIDs = nil, nil, nil
					for i := range c.Outgoing {
						c.Outgoing[i].NotBefore = noon.Add(time.Hour)
					}
					if err := tx.Apply(ctx, c); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		for name, ask := range map[string]func() (int, error){
			"tickets": func() (int, error) { due, err := s.DueTickets(ctx, noon, 100); return len(due), err },
			"outbox":  func() (int, error) { due, err := s.ClaimDue(ctx, "a", noon, time.Minute, 100); return len(due), err },
			"next":    func() (int, error) { _, err := s.NextOutgoing(ctx); return 0, err },
		} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if n, err := ask(); n != 0 || err != nil {
						b.Fatal(n, err)
					}
				}
			})
		}
	})
}
