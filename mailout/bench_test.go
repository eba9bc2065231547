package mailout

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tierdesk/desk"
)

// BenchmarkDelivery sends mail to an SMTP server on this machine, with the
// durable record of each; the server is part of the cost.
func BenchmarkDelivery(b *testing.B) {
	k := newSink(b)
	d := newDesktop(b, k.address)
	var mails []desk.Outgoing
	for n := range b.N {
		mails = append(mails, d.reply(desk.TicketID(n+1), fmt.Sprintf("c%d@customer.example", n)))
	}
	for part := range (len(mails) + 499) / 500 {
		d.queue(mails[part*500 : min(len(mails), part*500+500)]...)
	}
	s := d.sender()
	b.ResetTimer()
	if err := s.Once(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	if len(k.mails()) != b.N {
		b.Errorf("%d of %d mails arrived", len(k.mails()), b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}

// BenchmarkCommit is the limit that the disk sets: what one durable transaction
// costs, of which each mail needs a share of about two.
func BenchmarkCommit(b *testing.B) {
	d := newDesktop(b, "127.0.0.1:1")
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	a := desk.Attempt{Item: d.item(o).ID, At: created, State: desk.Deferred, Reply: "later", Next: created}
	for b.Loop() {
		if err := d.store.Record(context.Background(), a); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNudge is the time from the nudge until the mail is accepted.
func BenchmarkNudge(b *testing.B) {
	k := newSink(b)
	accepted := make(chan struct{}, 1)
	k.onData = func(string) error { accepted <- struct{}{}; return nil }
	d := newDesktop(b, k.address)
	s := d.sender()
	running(b, s)
	n := 0
	for b.Loop() {
		n++
		b.StopTimer()
		d.queue(d.reply(desk.TicketID(n), fmt.Sprintf("c%d@customer.example", n)))
		b.StartTimer()
		s.Nudge()
		<-accepted
	}
}

func BenchmarkRender(b *testing.B) {
	r := testRenderer(b)
	for _, kind := range []desk.OutgoingKind{desk.SendAnswer, desk.SendEscalation, desk.SendDigest} {
		b.Run(string(kind), func(b *testing.B) {
			o := outgoing(b, r, kind, "de")
			for b.Loop() {
				if _, err := r.Render(context.Background(), &o, time.Time{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
