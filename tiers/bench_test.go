package tiers

import (
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
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
				if err := tx.Apply(b.t.Context(), newTicket(id, p, b.now)); err != nil {
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

// A sweep costs what is due, not what is open.
func BenchmarkSweepNothingDue(b *testing.B) {
	d := newRig(b, "2026-11-23 09:00")
	d.openMany(100_000, desk.P3)
	d.follow()
	now := d.now.Add(time.Minute)
	for b.Loop() {
		if n, err := d.engine.Sweep(b.Context(), now); err != nil || n != 0 {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkSweep1000Due(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		d := newRig(b, "2026-11-23 09:00")
		d.openMany(1000, desk.P3)
		d.follow()
		d.now = d.now.Add(30 * time.Minute)
		b.StartTimer()
		n, err := d.engine.Sweep(b.Context(), d.now)
		if err != nil || n != 1000 {
			b.Fatal(n, err)
		}
		d.follow()
	}
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
