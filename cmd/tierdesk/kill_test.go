package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

const (
	kills = 12
	// shortestLife and longestLife are how long the gateway runs before it is
	// killed; it begins to take mail in after about 0.1 s.
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
			k := &killing{site: newSite(t, dsn(t)), relay: startMoodyRelay(t), sent: map[string]string{}}
			k.startDovecot()
			k.settings["SMTP"] = k.relay.address
			k.configure()
			began := time.Now()
			k.load()
			took := time.Since(began).Round(time.Second)
			k.drain()
			in, out, twice := k.check()
			t.Logf("%d kills in %v under load: %d mails in, each one message; %d mails out, each accepted once, but %d twice alike",
				k.kills, took, in, out, twice)
		})
	}
}

// killing is one run of the test.
type killing struct {
	*site
	relay *moodyRelay
	kills int               // how often the gateway was killed
	asked int               // new questions among the mails sent
	sent  map[string]string // the mails written to the desk: a word of theirs by Message-ID
}

// soak is how long the gateway is killed again and again: the environment's SOAK, or no
// longer than it takes to kill it some times.
func (k *killing) soak() time.Duration {
	k.t.Helper()
	text := os.Getenv("SOAK")
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		k.t.Fatal(err)
	}
	return d
}

// load writes mail to the desk for as long as it takes to kill the gateway so many
// times, and once to stop it well.
func (k *killing) load() {
	k.t.Helper()
	ctx, cancel := context.WithCancel(k.t.Context())
	written := make(chan error)
	go func() { written <- k.write(ctx) }()
	for end := time.Now().Add(k.soak()); k.kills < kills || time.Now().Before(end); k.kills++ {
		g := k.serve()
		<-time.After(shortestLife + rand.N(longestLife-shortestLife))
		g.kill()
	}
	g := k.serve()
	<-time.After(longestLife)
	g.stop()
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
		case l := <-k.relay.letters:
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
	k.asked++
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
	if !strings.HasSuffix(l.to, "@cust.test") { // a tier above, where a ticket climbed
		return nil
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
	k.relay.behave()
	for range 5 { // mails wait for earlier ones to the same person
		k.must("serve", "--once")
		if k.retry() == 0 {
			return
		}
	}
}

// check compares what was written and accepted with what the gateway has.
func (k *killing) check() (in, out, twice int) {
	k.t.Helper()
	k.checkMails()
	items := list[outgoingJSON](k.site, "outbox", "list")
	accepted := k.relay.mails()
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
	times, opened := map[string]int{}, 0
	for _, m := range list[mailJSON](k.site, "mail", "list") {
		times[m.MessageID]++
		messages, word := said[m.ID], k.sent[m.MessageID]
		if m.Category == desk.CategoryTicket {
			opened++
		}
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
	if opened != k.asked {
		k.t.Errorf("%d tickets for %d questions", opened, k.asked)
	}
	if len(times) != len(k.sent) {
		k.t.Errorf("%d mails in mail list, %d were written", len(times), len(k.sent))
	}
}
