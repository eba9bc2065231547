package mailout

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"tierdesk/desk"
)

func TestDueMailIsDeliveredOverFewConnections(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	var mails []desk.Outgoing
	for i := range 60 {
		mails = append(mails, d.reply(desk.TicketID(i+1), fmt.Sprintf("c%d@customer.example", i)))
	}
	later := d.reply(99, "later@customer.example")
	later.NotBefore = d.clock.now().Add(time.Minute)
	d.queue(append(mails, later)...)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	for _, o := range mails {
		i := d.expect(o, desk.Accepted)
		got := k.to(o.To.Address)
		if len(got) != 1 || !bytes.Equal(got[0].bytes, d.rendered(i)) {
			t.Errorf("%s: %d copies, or not the bytes", o.To.Address, len(got))
		}
	}
	d.expect(later, desk.Queued)
	if n, _ := k.counts(); n > 4 {
		t.Errorf("%d connections for %d mails, want at most 4", n, len(mails))
	}
}

func TestEnvelopeAsksForReports(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	got := k.mails()[0]
	if got.from != o.EnvelopeFrom || got.hello != "desk.hd.test" {
		t.Errorf("MAIL FROM %s, EHLO %s", got.from, got.hello)
	}
	if got.mail.Return != smtp.DSNReturnHeaders || got.mail.EnvelopeID == "" || len(got.rcpt.Notify) != 2 || got.rcpt.OriginalRecipient != "ann@customer.example" {
		t.Errorf("delivery reports are not asked for: %+v %+v", got.mail, got.rcpt)
	}
}

func TestTemporaryRefusalIsRetriedLaterAndLaterWithTheSameBytes(t *testing.T) {
	k := newSink(t)
	refuse := true
	k.onData = func(string) error {
		if refuse {
			return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
		}
		return nil
	}
	d := newDesktop(t, k.address)
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	s := d.sender()
	var waits []time.Duration
	for range 4 {
		if err := d.once(s); err != nil {
			t.Fatal(err)
		}
		i := d.expect(o, desk.Deferred)
		if i.Reply != "450 4.7.1 greylisted" {
			t.Errorf("reply %q", i.Reply)
		}
		waits = append(waits, i.Next.Sub(d.clock.now()))
		d.clock.advance(waits[len(waits)-1] - time.Second)
		if err := d.once(s); err != nil { // not due yet
			t.Fatal(err)
		}
		d.clock.advance(time.Second)
	}
	for n, w := range waits {
		if w < time.Minute || n > 0 && w <= waits[n-1] {
			t.Errorf("waits %v do not grow from a minute", waits)
		}
	}
	frozen, err := d.store.Rendered(t.Context(), d.item(o).ID)
	if err != nil || frozen == nil {
		t.Fatalf("nothing is frozen: %v", err)
	}
	refuse = false
	if err := d.once(s); err != nil {
		t.Fatal(err)
	}
	i := d.expect(o, desk.Accepted)
	if i.Attempts != 5 || !bytes.Equal(k.mails()[0].bytes, frozen) {
		t.Errorf("%d attempts, or other bytes than at first", i.Attempts)
	}
}

func TestRefusedRecipientIsShownOnItsTicketAndHoldsUpNobody(t *testing.T) {
	k := newSink(t)
	k.onRcpt = func(to string) error {
		if strings.HasPrefix(to, "gone@") {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		}
		return nil
	}
	d := newDesktop(t, k.address)
	gone, there := d.reply(7, "gone@customer.example"), d.reply(7, "there@customer.example")
	d.queue(gone, there)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(gone, desk.Refused)
	d.expect(there, desk.Accepted)
	events := d.failures()
	if len(events) != 1 || events[0].Ticket != 7 || events[0].Data.Recipient != "gone@customer.example" || events[0].Data.Reply != "550 5.1.1 no such user" {
		t.Errorf("events %+v", events)
	}
}

func TestRecipientsThatCanNeverTakeMailAreRefusedUnsent(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	for n, to := range []string{"x@nowhere.invalid", "billing+x@hd.test", "Support@HD.test", "l2@hd.test", "no address", "x@a b.example"} {
		o := d.reply(desk.TicketID(n+1), to)
		d.queue(o)
		if err := d.once(d.sender()); err != nil {
			t.Fatal(err)
		}
		if i := d.expect(o, desk.Refused); i.Reply == "" {
			t.Errorf("%s is refused without a reason", to)
		}
	}
	if n, _ := k.counts(); n > 0 {
		t.Errorf("%d connections to the relay", n)
	}
}

func TestConnectionCutBeforeTheDotIsSentAgainOnce(t *testing.T) {
	k := newSink(t)
	p := newProxy(t, k.address, cutAtDot)
	d := newDesktop(t, p.address)
	o := d.reply(1, "ann@customer.example")
	o.Letter.Text = strings.Repeat("a long text that does not fit into one write. ", 2000)
	d.queue(o)
	s := d.sender()
	d.once(s)
	i := d.item(o)
	if i.State != desk.Deferred && i.State != desk.Unknown || len(k.mails()) != 0 {
		t.Fatalf("%s, %d copies", i.State, len(k.mails()))
	}
	p.set(noFault)
	d.clock.advance(unknownAfter)
	if err := d.once(s); err != nil {
		t.Fatal(err)
	}
	d.expect(o, desk.Accepted)
	if len(k.mails()) != 1 {
		t.Errorf("%d copies", len(k.mails()))
	}
}

func TestLostReplyToTheDotIsUnknownAndSentAgainLateWithTheSameBytes(t *testing.T) {
	k := newSink(t)
	p := newProxy(t, k.address, cutAtOK)
	d := newDesktop(t, p.address)
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	s := d.sender()
	if err := d.once(s); err != nil {
		t.Fatal(err)
	}
	if i := d.expect(o, desk.Unknown); i.Next != d.clock.now().Add(unknownAfter) {
		t.Errorf("next attempt at %s", i.Next)
	}
	p.set(noFault)
	d.clock.advance(unknownAfter - time.Second)
	if err := d.once(s); err != nil || len(k.mails()) != 1 {
		t.Fatalf("sent again too early, or %v", err)
	}
	d.clock.advance(time.Second)
	if err := d.once(s); err != nil {
		t.Fatal(err)
	}
	d.expect(o, desk.Accepted)
	if m := k.mails(); len(m) != 2 || !bytes.Equal(m[0].bytes, m[1].bytes) {
		t.Errorf("%d copies, or they differ", len(m))
	}
}

func TestUnknownOutcomeIsGivenUpAfterFiveAttempts(t *testing.T) {
	k := newSink(t)
	p := newProxy(t, k.address, cutAtOK)
	d := newDesktop(t, p.address)
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	s := d.sender()
	for range 6 {
		if err := d.once(s); err != nil {
			t.Fatal(err)
		}
		d.clock.advance(unknownAfter)
	}
	if i := d.expect(o, desk.Refused); i.Attempts != maxUnknown || len(k.mails()) != maxUnknown {
		t.Errorf("%d attempts, %d copies", i.Attempts, len(k.mails()))
	}
}

func TestTroubleWithTheRelayPausesAllMailAndThenTriesOne(t *testing.T) {
	k := newSink(t)
	calls := 0
	closing := true
	k.onMail = func(string) error {
		calls++
		if closing {
			return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "shutting down"}
		}
		return nil
	}
	d := newDesktop(t, k.address)
	d.config.Connections = 1
	var mails []desk.Outgoing
	for i := range 20 {
		mails = append(mails, d.reply(desk.TicketID(i+1), fmt.Sprintf("c%d@customer.example", i)))
	}
	d.queue(mails...)
	s := d.sender()
	for n := 1; n <= 3; n++ {
		if err := d.once(s); err == nil {
			t.Error("trouble with the relay is not reported")
		}
		if calls != n {
			t.Fatalf("%d attempts in round %d", calls, n)
		}
		if s.Health() == nil {
			t.Error("healthy")
		}
		if err := d.once(s); err == nil || calls != n { // at once: still paused
			t.Fatalf("%d attempts, error %v", calls, err)
		}
		d.clock.advance(relayCap * 2)
	}
	closing = false
	if err := d.once(s); err != nil {
		t.Fatal(err)
	}
	d.clock.advance(time.Hour)
	if err := d.once(s); err != nil {
		t.Fatal(err)
	}
	for _, o := range mails {
		d.expect(o, desk.Accepted)
	}
}

func TestMailThatBreaksTheConnectionDoesNotStopTheOthers(t *testing.T) {
	k := newSink(t)
	k.onRcpt = func(to string) error {
		if to == "poison@customer.example" {
			return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "crashed"}
		}
		return nil
	}
	d := newDesktop(t, k.address)
	poison, fine := d.reply(1, "poison@customer.example"), d.reply(2, "fine@customer.example")
	d.config.Connections = 1
	d.queue(poison, fine)
	s := d.sender()
	for range 8 {
		d.once(s)
		d.clock.advance(relayCap)
	}
	d.expect(fine, desk.Accepted)
}

// A mail at which the program breaks is deferred, and the next one goes out.
func TestPanicInOneDeliveryStopsNoOther(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	d.config.Connections = 1
	d.render.Attachments = func(context.Context, desk.AttachmentRef) (io.ReadCloser, error) { panic("odd file") }
	odd, fine := d.reply(1, "ann@customer.example"), d.reply(2, "bob@customer.example")
	odd.Attachments = []desk.AttachmentRef{{Raw: 1, Filename: "odd"}}
	d.queue(odd, fine)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(fine, desk.Accepted)
	if i := d.expect(odd, desk.Deferred); !strings.Contains(i.Reply, "odd file") || !i.Next.After(d.clock.now()) {
		t.Errorf("reply %q, next %v", i.Reply, i.Next)
	}
}

func TestMailIsGivenUpWhenItIsStale(t *testing.T) {
	k := newSink(t)
	k.onRcpt = func(string) error { return &smtp.SMTPError{Code: 451, Message: "later"} }
	d := newDesktop(t, k.address)
	ack, reply := d.ack(1, "ann@customer.example"), d.reply(2, "bob@customer.example")
	d.queue(ack, reply)
	s := d.sender()
	pass := func(span time.Duration) {
		for end := d.clock.now().Add(span); d.clock.now().Before(end); d.clock.advance(10 * time.Minute) {
			if err := d.once(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	pass(time.Hour)
	d.expect(ack, desk.Deferred)
	pass(12 * time.Hour)
	d.expect(ack, desk.Refused)
	d.expect(reply, desk.Deferred)
	pass(5 * 24 * time.Hour)
	if i := d.expect(reply, desk.Refused); !strings.Contains(i.Reply, "gave up after") || !strings.Contains(i.Reply, "later") {
		t.Errorf("reply %q", i.Reply)
	}
	if n := len(d.failures()); n != 2 {
		t.Errorf("%d failures on tickets, want 2", n)
	}
}

func TestMailIsTriedOnceHoweverLongWeWereAway(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	o := d.ack(1, "ann@customer.example")
	d.queue(o)
	d.clock.advance(30 * time.Hour)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(o, desk.Accepted)
}

func TestHeldOutboxStaysClosed(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	d.config.Hold = true
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := d.sender().Run(ctx); err != nil {
		t.Fatal(err)
	}
	d.expect(o, desk.Queued)
}

func TestMailTooLargeForTheRelayIsRefusedUnsent(t *testing.T) {
	k := newSink(t, func(s *smtp.Server) { s.MaxMessageBytes = 2000 })
	d := newDesktop(t, k.address)
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	if i := d.expect(o, desk.Refused); !strings.Contains(i.Reply, "at most 2000") {
		t.Errorf("reply %q", i.Reply)
	}
}

// A file that is too large must not keep a tier from hearing of a ticket.
func TestMailTooLargeForTheRelayGoesWithoutItsLastFiles(t *testing.T) {
	for name, c := range map[string]struct {
		limit    int // that the relay tells
		attached map[string]string
	}{
		"that tells its limit":     {30_000, map[string]string{"new.png": "image/png"}},
		"that only refuses a mail": {0, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newSink(t, func(s *smtp.Server) { s.MaxMessageBytes = int64(c.limit) })
			var tries atomic.Int32
			k.onMail = func(string) error {
				if c.limit == 0 && tries.Add(1) == 1 {
					return &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "too large"}
				}
				return nil
			}
			d := newDesktop(t, k.address)
			d.config.Renderer.Attachments = func(context.Context, desk.AttachmentRef) (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(strings.Repeat("x", 9000))), nil
			}
			o := outgoing(t, d.config.Renderer, desk.SendEscalation, "en")
			o.Attachments = []desk.AttachmentRef{
				{Raw: 2, Filename: "new.png", ContentType: "image/png", Size: 9000},
				{Raw: 1, Filename: "old.png", ContentType: "image/png", Size: 9000},
			}
			o.Letter.Files = []desk.LetterFile{
				{Name: "new.png", Size: 9000}, {Name: "setup.exe", Note: desk.FileActive}, {Name: "old.png", Size: 9000},
			}
			d.queue(o)
			if err := d.once(d.sender()); err != nil {
				t.Fatal(err)
			}
			d.expect(o, desk.Accepted)
			text, files := readBack(t, k.mails()[0].bytes)
			if !maps.Equal(files, c.attached) || !strings.Contains(text, "old.png (not attached: too large)") {
				t.Errorf("carries %v, want %v, and says:\n%s", files, c.attached, text)
			}
		})
	}
}

func TestConnectionThatTheServerClosedMeanwhileCostsNothing(t *testing.T) {
	k := newSink(t)
	drop := make(chan struct{}, 1)
	k.onData = func(string) error { drop <- struct{}{}; return nil }
	d := newDesktop(t, k.address)
	d.config.Connections = 1
	w := worker{Sender: d.sender()}
	ctx := context.Background()
	for n := range 3 {
		o := d.reply(desk.TicketID(n+1), "ann@customer.example")
		d.queue(o)
		items, err := d.store.ClaimDue(ctx, "test", d.clock.now(), time.Hour, 1)
		if err != nil || len(items) != 1 {
			t.Fatal(err)
		}
		if _, err := w.deliver(ctx, &items[0]); err != nil {
			t.Fatalf("mail %d: %v", n, err)
		}
		<-drop
		w.sess.raw.(*net.TCPConn).CloseWrite() // the server sees the end and hangs up
	}
	if n, _ := k.counts(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}
