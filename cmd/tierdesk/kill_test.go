package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
	"tierdesk/store"
)

const (
	kills = 12
	// shortestLife and longestLife are how long the gateway runs before it is
	// killed. It takes mail in after about 0.1 s.
	shortestLife = 50 * time.Millisecond
	longestLife  = 1500 * time.Millisecond
)

// TestKill ends the gateway with SIGKILL at random instants, while mail comes in
// and goes out, and starts it again each time. In the end every mail that came in
// is one message of one ticket, and every mail that was queued was accepted once;
// or twice, byte for byte the same, where the relay's answer was lost.
func TestKill(t *testing.T) {
	for name, dsn := range databases() {
		t.Run(name, func(t *testing.T) {
			k := &killing{site: newSite(t, dsn(t)), sink: newSink(t), sent: map[string]string{}}
			k.startDovecot()
			k.settings["SMTP"] = k.sink.address
			k.configure()
			began := time.Now()
			k.load()
			took := time.Since(began).Round(time.Second)
			k.drain()
			in, out, twice := k.check()
			t.Logf("%d kills in %v under load: %d mails in, each one message; %d mails out, each accepted once, but %d twice alike",
				kills, took, in, out, twice)
		})
	}
}

// killing is one run of the test.
type killing struct {
	*site
	sink *sink
	sent map[string]string // the mails written to the desk: a word of theirs by Message-ID
}

// load writes mail to the desk for as long as it takes to kill the gateway.
func (k *killing) load() {
	k.t.Helper()
	ctx, cancel := context.WithCancel(k.t.Context())
	written := make(chan error)
	go func() { written <- k.write(ctx) }()
	for range kills {
		g := k.serve()
		<-time.After(shortestLife + rand.N(longestLife-shortestLife))
		g.kill()
	}
	cancel()
	if err := <-written; err != nil {
		k.t.Fatal(err)
	}
}

// write writes mail until the context ends: questions, and answers to what the
// gateway sent.
func (k *killing) write(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			for range rand.N(5) {
				err = errors.Join(err, k.ask())
			}
		case l := <-k.sink.letters:
			err = k.answer(l)
		}
		if err != nil {
			return err
		}
	}
}

// ask delivers the question of a new customer.
func (k *killing) ask() error {
	who := person{name: "Customer", address: fmt.Sprintf("c%d@cust.test", len(k.sent))}
	body := "The shutters of our shop rattle."
	if rand.N(2) == 0 { // L1 knows the answer
		body = "I forgot my password and cannot log in any more. How do I reset it?"
	}
	return k.deliver(who, draft{to: "support@hd.test", subject: "A question", body: body})
}

// answer delivers the answer to a letter of the gateway's, to one in three.
func (k *killing) answer(l *letter) error {
	if rand.N(3) > 0 {
		return nil
	}
	to, subject, err := replyTo(l)
	if err != nil {
		return err
	}
	if l.to == l2.address {
		return k.deliver(tess, draft{to: to, subject: subject, body: "Please try it again now.", reply: l, extra: []string{proven}})
	}
	who := person{name: "Customer", address: l.to}
	return k.deliver(who, draft{to: to, subject: subject, body: "No, it is still the same.", reply: l})
}

func (k *killing) deliver(who person, d draft) error {
	word := fmt.Sprintf("word%d", len(k.sent))
	d.body = word + "\n" + d.body
	mail, id := k.compose(who, d)
	k.sent[id] = word
	return k.dovecot.Deliver(who.address, d.to, mail)
}

// drain lets the gateway take in what is left, and send what waits for its next
// attempt.
func (k *killing) drain() {
	k.t.Helper()
	g := k.serve()
	k.until("every mail is settled", func() bool {
		var counts store.Counts
		k.withStore(func(s *store.Store) (err error) {
			counts, err = s.Counts(k.t.Context())
			return err
		})
		total := int64(0)
		for _, n := range counts.Mails {
			total += n
		}
		return total == int64(len(k.sent)) && counts.Mails[desk.CategoryPending] == 0
	})
	g.stop()
	k.sink.behave()
	for range 5 { // mails wait for earlier ones to the same person
		k.must("serve", "--once")
		if k.retry() == 0 {
			return
		}
	}
}

// retry makes every unsent mail due now and returns how many there are.
func (k *killing) retry() (unsent int) {
	k.t.Helper()
	k.withStore(func(s *store.Store) error {
		items, err := s.Outbox(k.t.Context(), store.OutboxFilter{})
		for _, o := range items {
			if o.State == desk.Accepted {
				continue
			}
			unsent++
			err = errors.Join(err, s.RetryOutgoing(k.t.Context(), o.ID, time.Now()))
		}
		return err
	})
	return unsent
}

// check compares what was written and accepted with what the gateway has.
func (k *killing) check() (in, out, twice int) {
	k.t.Helper()
	k.checkMails()
	items := list[outgoingJSON](k.site, "outbox", "list")
	accepted := k.sink.mails()
	for _, o := range items {
		copies := accepted[o.MessageID]
		delete(accepted, o.MessageID)
		alike := len(copies) == 2 && copies[0] == copies[1]
		if alike {
			twice++
		}
		if o.State != desk.Accepted || !(len(copies) == 1 || alike) || copies[0].to != o.To {
			k.t.Errorf("outgoing mail %d, %s to %s, is %s after %d attempts, and was accepted: %+v", o.ID, o.Kind, o.To, o.State, o.Attempts, copies)
		}
	}
	if len(accepted) > 0 {
		k.t.Errorf("%d mails were sent that are not in the outbox", len(accepted))
	}
	if out := k.must("verify"); !strings.Contains(out, "everything adds up") {
		k.t.Errorf("verify: %s", out)
	}
	return len(k.sent), len(items), twice
}

// checkMails compares the mails written with mail list, and those with the
// conversations of all tickets.
func (k *killing) checkMails() {
	k.t.Helper()
	said := map[desk.RawID][]desk.Message{}
	k.withStore(func(s *store.Store) error {
		tickets, err := s.Tickets(k.t.Context(), store.TicketFilter{})
		for _, t := range tickets {
			messages, merr := s.Messages(k.t.Context(), t.ID)
			err = errors.Join(err, merr)
			for _, m := range messages {
				said[m.Raw] = append(said[m.Raw], m)
			}
		}
		return err
	})
	times := map[string]int{}
	for _, m := range list[mailJSON](k.site, "mail", "list") {
		times[m.MessageID]++
		messages, word := said[m.ID], k.sent[m.MessageID]
		if m.Category != desk.CategoryTicket && m.Category != desk.CategoryAppend {
			k.t.Errorf("mail %d is %s: %s", m.ID, m.Category, m.Reason)
		} else if len(messages) != 1 || word == "" || !strings.HasPrefix(messages[0].Text, word+"\n") {
			k.t.Errorf("mail %d with %q is %d messages: %+v", m.ID, word, len(messages), messages)
		}
	}
	for id := range k.sent {
		if times[id] != 1 {
			k.t.Errorf("<%s> is %d times in mail list", id, times[id])
		}
	}
	if len(times) != len(k.sent) {
		k.t.Errorf("%d mails in mail list, %d were written", len(times), len(k.sent))
	}
}

// sink is a relay that accepts mail and notes it down. Until it is told to behave
// it takes its time now and then, or asks to be tried again.
type sink struct {
	address string
	letters chan *letter // accepted for the first time

	mu       sync.Mutex
	good     bool
	accepted map[string][]acceptance // by Message-ID
}

type acceptance struct {
	to   string
	hash [sha256.Size]byte
}

func newSink(t *testing.T) *sink {
	t.Helper()
	k := &sink{letters: make(chan *letter, 10_000), accepted: map[string][]acceptance{}}
	server := smtp.NewServer(k)
	server.Domain = "relay.test"
	server.ErrorLog = log.New(io.Discard, "", 0) // connections break all the time
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k.address = l.Addr().String()
	stopped := make(chan struct{})
	go func() {
		server.Serve(l) // until it is closed
		close(stopped)
	}()
	t.Cleanup(func() {
		server.Close()
		<-stopped
	})
	return k
}

// NewSession begins an SMTP session.
func (k *sink) NewSession(*smtp.Conn) (smtp.Session, error) { return &sinkSession{sink: k}, nil }

// behave makes the sink accept everything at once.
func (k *sink) behave() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.good = true
}

// mood returns what the sink does with the next mail.
func (k *sink) mood() (before, after time.Duration, refuse bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.good {
		return 0, 0, false
	}
	switch rand.N(20) {
	case 0:
		refuse = true
	case 1:
		before = rand.N(300 * time.Millisecond)
	case 2:
		after = rand.N(300 * time.Millisecond)
	}
	return before, after, refuse
}

func (k *sink) accept(to string, mail []byte) {
	id := parse.Mail(mail, parse.Options{}).MessageID
	k.mu.Lock()
	defer k.mu.Unlock()
	k.accepted[id] = append(k.accepted[id], acceptance{to, sha256.Sum256(mail)})
	if len(k.accepted[id]) > 1 {
		return
	}
	select {
	case k.letters <- &letter{to: to, at: time.Now(), raw: mail}:
	default: // nobody answers any more
	}
}

// mails returns all that was accepted, by Message-ID.
func (k *sink) mails() map[string][]acceptance {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.accepted
}

// sinkSession takes mail for one recipient at a time.
type sinkSession struct {
	*sink
	to string
}

// Mail begins a mail.
func (s *sinkSession) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt names the recipient.
func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

// Data takes a mail. What was noted down counts as accepted, although the sender
// may be killed before it reads the answer.
func (s *sinkSession) Data(r io.Reader) error {
	mail, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	before, after, refuse := s.mood()
	<-time.After(before)
	if refuse {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	}
	s.accept(s.to, mail)
	<-time.After(after)
	return nil
}

// Reset forgets the envelope.
func (s *sinkSession) Reset() {}

// Logout ends the session.
func (s *sinkSession) Logout() error { return nil }
