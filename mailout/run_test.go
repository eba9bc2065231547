package mailout

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tierdesk/desk"
)

// running starts the sender and returns a func that stops it and waits.
func running(t testing.TB, s *Sender) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within 10 s", what)
		}
	}
}

func TestNudgeSendsAtOnce(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	s := d.sender()
	running(t, s)
	var took []time.Duration
	for n := range 20 {
		o := d.reply(desk.TicketID(n+1), "ann@customer.example")
		d.queue(o)
		start := time.Now()
		s.Nudge()
		eventually(t, "accepted", func() bool { return len(k.mails()) == n+1 })
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	t.Logf("nudge to accepted: median %v, slowest %v", took[10], took[19])
	if took[10] > 500*time.Millisecond {
		t.Errorf("median %v", took[10])
	}
}

func TestStopFinishesTheDeliveryInHandAndTakesNoNewOne(t *testing.T) {
	k := newSink(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	k.onData = func(string) error {
		entered <- struct{}{}
		<-leave
		return nil
	}
	d := newDesktop(t, k.address)
	d.config.Connections = 1
	first, second := d.reply(1, "ann@customer.example"), d.reply(2, "bob@customer.example")
	d.queue(first, second)
	stop := running(t, d.sender())
	<-entered
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Fatal("stopped with a delivery in hand")
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	<-stopped
	d.expect(first, desk.Accepted)
	if i := d.item(second); i.State != desk.Deferred && i.State != desk.Queued || i.Next.After(d.clock.now()) {
		t.Errorf("the second mail is %s, next %s", i.State, i.Next)
	}
}

func TestStopDoesNotWaitForASilentRelayLongerThanTheGracePeriod(t *testing.T) {
	k := newSink(t)
	p := newProxy(t, k.address, blackHole)
	d := newDesktop(t, p.address)
	d.config.Grace = 50 * time.Millisecond
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	stop := running(t, d.sender())
	eventually(t, "dot sent", func() bool { return p.strikes() > 0 })
	start := time.Now()
	stop()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
	d.expect(o, desk.Unknown)
}

// A process that dies between the dot and the record leaves a mail whose outcome
// nobody knows; one that dies before leaves a mail that is due.
func TestRestartAfterACrash(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	before, after := d.reply(1, "before@customer.example"), d.reply(2, "after@customer.example")
	d.queue(before, after)
	ctx := context.Background()
	items, err := d.store.ClaimDue(ctx, "test", d.clock.now(), lease, 10)
	if err != nil || len(items) != 2 {
		t.Fatalf("%d claimed, %v", len(items), err)
	}
	for _, i := range items {
		if i.Outgoing.Key == after.Key {
			if err := d.store.OpenDot(ctx, []int64{i.ID}); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.store.Close()
	d.open()
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(before, desk.Accepted)
	d.expect(after, desk.Unknown)
	d.clock.advance(unknownAfter)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(after, desk.Accepted)
}

func TestMailsToOneRecipientKeepTheirOrder(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	var mails []desk.Outgoing
	for n := range 12 {
		o := d.reply(1, "ann@customer.example")
		o.Key += fmt.Sprint(n)
		o.Subject = fmt.Sprintf("number %02d", n)
		mails = append(mails, o)
	}
	d.queue(mails...)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for _, m := range k.mails() {
		subjects = append(subjects, field(t, m.bytes, "Subject"))
	}
	if len(subjects) != 12 || !slices.IsSorted(subjects) {
		t.Errorf("order %v", subjects)
	}
}

func TestMailThatIsStuckHoldsUpOnlyItself(t *testing.T) {
	k := newSink(t)
	leave := make(chan struct{})
	k.onData = func(to string) error {
		if to == "stuck@customer.example" {
			<-leave
		}
		return nil
	}
	d := newDesktop(t, k.address)
	stuck := d.reply(1, "stuck@customer.example")
	d.queue(stuck)
	for n := range 40 {
		d.queue(d.reply(desk.TicketID(n+2), "ann@customer.example"))
	}
	stop := running(t, d.sender())
	eventually(t, "the others sent", func() bool { return len(k.mails()) == 40 })
	close(leave)
	stop()
	d.expect(stuck, desk.Accepted)
}

// Whatever happens when, no span of the rate's length sees more mails than N.
func TestRateHoldsInEverySpan(t *testing.T) {
	now := created
	w := window{rate: Rate{N: 5, Per: time.Minute}}
	var sent, inHand []time.Time
	for step := range 4000 {
		now = now.Add(time.Duration(step*step%7000) * time.Millisecond)
		if room := w.room(now, len(inHand)); room > 0 {
			for range 1 + step%room {
				inHand = append(inHand, now)
			}
		}
		if len(inHand) > 0 && step%3 > 0 {
			inHand = inHand[1:]
			w.sent(now)
			sent = append(sent, now)
		}
	}
	if len(sent) < 500 {
		t.Fatalf("only %d sent", len(sent))
	}
	for i := range sent[:len(sent)-5] {
		if sent[i+5].Sub(sent[i]) < time.Minute {
			t.Fatalf("6 mails within %v", sent[i+5].Sub(sent[i]))
		}
	}
}

func TestRateIsObservedAndMailFollowsWhenThereIsRoom(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	var at []time.Time
	k.onData = func(string) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		at = append(at, d.clock.now())
		return nil
	}
	d.config.Rates = []Rate{{N: 3, Per: time.Minute}, {N: 6, Per: 10 * time.Minute}}
	for n := range 8 {
		d.queue(d.reply(desk.TicketID(n+1), "ann@customer.example"))
	}
	s := d.sender()
	stop := running(t, s)
	eventually(t, "all sent", func() bool {
		d.clock.advance(5 * time.Second)
		s.Nudge()
		return len(k.mails()) == 8
	})
	stop()
	for i := range at[:len(at)-3] {
		if span := at[i+3].Sub(at[i]); span < time.Minute {
			t.Errorf("4 mails within %v", span)
		}
	}
	for i := range at[:len(at)-6] {
		if span := at[i+6].Sub(at[i]); span < 10*time.Minute {
			t.Errorf("7 mails within %v", span)
		}
	}
}

func TestBackoffGrowsWithinItsBounds(t *testing.T) {
	last := time.Duration(0)
	for n := 1; n < 8; n++ {
		low, high := backoff(n, 0), backoff(n, 0.999)
		if low < time.Minute || low <= last && n <= 7 || high > low*5/4 {
			t.Errorf("attempt %d waits %v to %v after %v", n, low, high, last)
		}
		last = high
	}
	if backoff(1000, 0) != time.Hour {
		t.Errorf("attempt 1000 waits %v", backoff(1000, 0))
	}
}
