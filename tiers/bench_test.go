package tiers

import (
	"fmt"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
	"tierdesk/testbed"
)

// openMany commits tickets in batches, without following them.
func (b *rig) openMany(n int, p desk.Priority) {
	b.t.Helper()
	const batch = 1000
	for n > 0 {
		err := b.store.Update(b.t.Context(), func(tx *store.Tx) error {
			for range min(n, batch) {
				id, err := tx.NewTicketID(b.t.Context())
				if err != nil {
					return err
				}
				ch := newTicket(id, p, b.now)
				ch.Ticket.Requester.Address = fmt.Sprintf("carl%d@customer%d.test", id%500, id%100)
				if err := tx.Apply(b.t.Context(), ch); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.t.Fatal(err)
		}
		n -= batch
	}
}

func (b *rig) follow() {
	b.t.Helper()
	if err := b.engine.Follow(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// onEach runs a benchmark on an empty database of each kind.
func onEach(b *testing.B, bench func(b *testing.B, fresh func(testing.TB) *rig)) {
	b.Run("sqlite", func(b *testing.B) {
		bench(b, func(t testing.TB) *rig { return newRig(t, "2026-11-23 09:00") })
	})
	b.Run("postgres", func(b *testing.B) {
		bench(b, func(t testing.TB) *rig { return newRigOn(t, testbed.Postgres(t), "2026-11-23 09:00") })
	})
}

// openClocks commits tickets as a sweep sees them: the row, and four clocks that
// are not due.
func (b *rig) openClocks(n int) {
	b.t.Helper()
	kinds := []desk.ClockKind{desk.FirstResponse, desk.Resolution, desk.ClaimClock, desk.HoldClock}
	const batch = 2000
	for ; n > 0; n -= batch {
		err := b.store.Update(b.t.Context(), func(tx *store.Tx) error {
			for range min(n, batch) {
				id, err := tx.NewTicketID(b.t.Context())
				if err != nil {
					return err
				}
				ch := desk.Change{Ticket: &desk.Ticket{ID: id, Status: desk.StatusOpen, Tier: desk.L2, Priority: desk.P3}, SetClocks: true}
				for i, kind := range kinds {
					due := b.now.Add(time.Duration(i+1)*time.Hour + time.Duration(id)*time.Millisecond)
					ch.Clocks = append(ch.Clocks, desk.Clock{Kind: kind, Start: b.now, Due: due, Next: due, State: desk.ClockRunning})
				}
				if err := tx.Apply(b.t.Context(), ch); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

// A sweep costs what is due, not what is open.
func BenchmarkSweepNothingDueOfAMillion(b *testing.B) {
	onEach(b, func(b *testing.B, fresh func(testing.TB) *rig) {
		d := fresh(b)
		d.openClocks(1_000_000)
		now := d.now.Add(time.Minute)
		for b.Loop() {
			if n, err := d.engine.Sweep(b.Context(), now); err != nil || n != 0 {
				b.Fatal(n, err)
			}
		}
	})
}

// A thousand tickets climb at once, and their tiers get a mail each.
func BenchmarkSweep1000Due(b *testing.B) {
	onEach(b, func(b *testing.B, fresh func(testing.TB) *rig) {
		for b.Loop() {
			b.StopTimer()
			d := fresh(b)
			d.openMany(1000, desk.P3)
			d.follow()
			d.at("2026-11-23 09:30")
			d.now = d.now.Add(30 * time.Minute)
			b.StartTimer()
			n, err := d.engine.Sweep(b.Context(), d.now)
			if err != nil || n != 1000 {
				b.Fatal(n, err)
			}
			d.follow()
		}
	})
}

func BenchmarkFollow(b *testing.B) {
	d := newRig(b, "2026-11-23 09:00")
	for b.Loop() {
		b.StopTimer()
		d.openMany(1000, desk.P3)
		b.StartTimer()
		d.follow()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/ticket")
}

func BenchmarkAccount(b *testing.B) {
	r := testRules(b)
	h := opened(b, "2026-11-23 09:00", desk.P3)
	for range 20 {
		h.add("2026-11-23 10:00", desk.MailReceived).add("2026-11-23 11:00", desk.ReplySent)
	}
	for b.Loop() {
		r.Account(h.events).Clocks()
	}
}
