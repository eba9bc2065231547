package main

import (
	"crypto/sha256"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"tierdesk/mailin/parse"
)

// moodyRelay is a relay that accepts mail and notes it down. Until it is told to behave
// it takes its time now and then, or asks to be tried again.
type moodyRelay struct {
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

func startMoodyRelay(t *testing.T) *moodyRelay {
	t.Helper()
	r := &moodyRelay{letters: make(chan *letter, 10_000), accepted: map[string][]acceptance{}}
	server := smtp.NewServer(r)
	server.Domain = "relay.test"
	server.ErrorLog = log.New(io.Discard, "", 0) // connections break all the time
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.address = l.Addr().String()
	stopped := make(chan struct{})
	go func() {
		server.Serve(l) // until it is closed
		close(stopped)
	}()
	t.Cleanup(func() {
		server.Close()
		<-stopped
	})
	return r
}

// NewSession begins an SMTP session.
func (r *moodyRelay) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &moodySession{moodyRelay: r}, nil
}

// behave makes the relay accept everything at once.
func (r *moodyRelay) behave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.good = true
}

// mood returns what the relay does with the next mail.
func (r *moodyRelay) mood() (before, after time.Duration, refuse bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.good {
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

func (r *moodyRelay) accept(to string, mail []byte) {
	id := parse.Mail(mail, parse.Options{}).MessageID
	r.mu.Lock()
	defer r.mu.Unlock()
	r.accepted[id] = append(r.accepted[id], acceptance{to, sha256.Sum256(mail)})
	if len(r.accepted[id]) > 1 {
		return
	}
	select {
	case r.letters <- &letter{to: to, at: time.Now(), raw: mail}:
	default: // nobody answers any more
	}
}

// mails returns all that was accepted, by Message-ID.
func (r *moodyRelay) mails() map[string][]acceptance {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.accepted
}

// moodySession takes mail for one recipient at a time.
type moodySession struct {
	*moodyRelay
	to string
}

// Mail begins a mail.
func (s *moodySession) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt names the recipient.
func (s *moodySession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

// Data takes a mail. What was noted down counts as accepted, although the sender
// may be killed before it reads the answer.
func (s *moodySession) Data(content io.Reader) error {
	mail, err := io.ReadAll(content)
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
func (s *moodySession) Reset() {}

// Logout ends the session.
func (s *moodySession) Logout() error { return nil }
