package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"mime"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-message"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
)

// stepLimit bounds how long the stage waits for one thing to happen.
const stepLimit = 10 * time.Second

// stage is where the stories play: people write mail, mail arrives, time passes.
type stage struct {
	ctx     context.Context
	out     io.Writer
	clock   *demoClock
	office  *postOffice
	gateway *gateway
	dir     string
	seen    map[int]bool // letters that were looked at
	written int          // mails that people wrote
	digest  string
}

// person is somebody who writes mail.
type person struct {
	name, address string
	outside       bool // writes from elsewhere, so that the border server proves nothing
}

var (
	alice   = person{name: "Alice", address: "alice@customer.test"}
	bob     = person{name: "Bob", address: "bob@customer.test"}
	carol   = person{name: "Carol", address: "carol@customer.test"}
	dave    = person{name: "Dave", address: "dave@customer.test"}
	tess    = person{name: "Tess Two", address: "tess@hd.test"}
	ghost   = person{name: "Ghost", address: "ghost@nowhere.test", outside: true}
	mallory = person{name: "Tess Two", address: "tess@hd.test", outside: true} // says she is Tess
)

// note prints a line of the timeline.
func (s *stage) note(format string, args ...any) {
	fmt.Fprintf(s.out, "   %s  %s\n", s.clock.Now().Format("Mon 15:04"), fmt.Sprintf(format, args...))
}

// draft is a mail that a person writes.
type draft struct {
	to      string
	subject string
	body    string
	reply   *letter  // what it answers
	extra   []string // further header lines
}

// write sends a mail and returns its Message-ID.
func (s *stage) write(who person, d draft) (string, error) {
	s.written++
	now := s.clock.Now()
	id := fmt.Sprintf("demo%d.%d@client.example.test", s.written, now.UnixNano())
	user := who.address
	if who.outside {
		user = ""
	}
	return id, s.office.send(s.ctx, user, who.address, []string{d.to}, d.mail(who, id, now))
}

// mail returns the draft as a mail client writes it.
func (d draft) mail(who person, id string, now time.Time) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("From: %s <%s>", who.name, who.address)
	line("To: <%s>", d.to)
	line("Subject: %s", mime.QEncoding.Encode("utf-8", d.subject))
	line("Date: %s", now.Format(time.RFC1123Z))
	line("Message-ID: <%s>", id)
	if d.reply != nil {
		parent := parse.Mail(d.reply.raw, parse.Options{})
		line("In-Reply-To: <%s>", parent.MessageID)
		line("References: <%s>", strings.Join(append(parent.References, parent.MessageID), "> <"))
		d.body += "\n\nOn " + d.reply.at.Format("2 January 2006 15:04") + ", ACME Support wrote:\n> " +
			strings.ReplaceAll(strings.TrimSpace(parent.Text), "\n", "\n> ")
	}
	for _, h := range d.extra {
		line("%s", h)
	}
	line("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
	b.WriteString(strings.ReplaceAll(d.body, "\n", "\r\n") + "\r\n")
	return b.Bytes()
}

// replyTo returns where an answer to the letter goes, and under which subject.
func replyTo(l *letter) (to, subject string, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(l.raw))
	if err != nil {
		return "", "", err
	}
	field := m.Header.Get("Reply-To")
	if field == "" {
		field = m.Header.Get("From")
	}
	a, err := mail.ParseAddress(field)
	if err != nil {
		return "", "", err
	}
	subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	return a.Address, "Re: " + strings.TrimPrefix(subject, "Re: "), err
}

// answer replies to a letter as a mail client does.
func (s *stage) answer(who person, l *letter, body string, extra ...string) error {
	to, subject, err := replyTo(l)
	if err != nil {
		return err
	}
	_, err = s.write(who, draft{to: to, subject: subject, body: body, reply: l, extra: extra})
	return err
}

var hrefPattern = regexp.MustCompile(`href="(mailto:[^"]*)"`)

// press opens the mailto: button of a letter whose link contains a text, and sends
// what it prefills.
func (s *stage) press(who person, l *letter, contains string) error {
	d, err := prefilledBy(l, contains)
	if err != nil {
		return err
	}
	_, err = s.write(who, d)
	return err
}

// prefilledBy returns the mail that a mailto: button of a letter prefills: the one
// whose link contains a text.
func prefilledBy(l *letter, contains string) (draft, error) {
	page, err := partOf(l.raw, "text/html")
	if err != nil {
		return draft{}, err
	}
	for _, m := range hrefPattern.FindAllStringSubmatch(page, -1) {
		link := html.UnescapeString(m[1])
		u, err := url.Parse(link)
		if err != nil || !strings.Contains(link, contains) {
			continue
		}
		to, err := url.PathUnescape(u.Opaque)
		return draft{to: to, subject: u.Query().Get("subject"), body: u.Query().Get("body")}, err
	}
	return draft{}, fmt.Errorf("no button with %q in the mail to %s", contains, l.to)
}

// arrives waits for the next mail in somebody's mailbox whose subject contains a
// text, and prints it.
func (s *stage) arrives(who, subject string) (*letter, error) {
	deadline := time.After(stepLimit)
	for {
		letters, more := s.office.letters()
		for i := range letters {
			l := &letters[i]
			if s.seen[i] || l.to != who {
				continue
			}
			if in := parse.Mail(l.raw, parse.Options{}); strings.Contains(in.Subject, subject) {
				s.seen[i] = true
				s.note("%-20s ← %s", who, in.Subject)
				return l, nil
			}
		}
		select {
		case <-more:
		case <-s.ctx.Done():
			return nil, s.ctx.Err()
		case <-deadline:
			return nil, fmt.Errorf("no mail with %q arrived at %s", subject, who)
		}
	}
}

// quote prints the first lines of a letter's text.
func (s *stage) quote(l *letter, lines int) {
	text, err := partOf(l.raw, "text/plain")
	if err != nil {
		return
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "##") {
			continue
		}
		if lines--; lines < 0 {
			return
		}
		fmt.Fprintf(s.out, "              │ %s\n", clip(line, 90))
	}
}

// partOf returns the decoded part of the wanted type of a mail that we wrote.
func partOf(raw []byte, want string) (string, error) {
	m, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return "", err
	}
	found := ""
	err = m.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil || found != "" {
			return err
		}
		if kind, _, err := part.Header.ContentType(); err != nil || kind != want {
			return err
		}
		b, err := io.ReadAll(part.Body)
		found = string(b)
		return err
	})
	if err == nil && found == "" {
		err = fmt.Errorf("no %s", want)
	}
	return found, err
}

// ticket waits until a ticket is as wanted.
func (s *stage) ticket(id desk.TicketID, want string, ok func(*desk.Ticket) bool) error {
	return s.until(fmt.Sprintf("ticket %s is %s", demoNumber(id), want), func() (bool, error) {
		t, err := s.gateway.store.Ticket(s.ctx, id)
		return err == nil && ok(&t), err
	})
}

// until waits for a condition.
func (s *stage) until(what string, ok func() (bool, error)) error {
	deadline := time.Now().Add(stepLimit)
	for {
		done, err := ok()
		if done {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("it did not come true that %s (%v)", what, err)
		}
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// settled waits until the gateway has decided about the mail with the Message-ID,
// and returns what became of it.
func (s *stage) settled(messageID string) (desk.Raw, error) {
	var found desk.Raw
	err := s.until("the gateway decided about the mail", func() (bool, error) {
		mails, err := s.gateway.store.Mails(s.ctx, mailsAll)
		for _, m := range mails {
			if m.MessageID == messageID && m.Category != "" {
				found = m
				return true, nil
			}
		}
		return false, err
	})
	return found, err
}

// breached returns the clocks that a ticket has broken.
func (s *stage) breached(id desk.TicketID) ([]desk.ClockKind, error) {
	clocks, err := s.gateway.store.Clocks(s.ctx, id)
	return breached(clocks), err
}

// pass lets time pass and the gateway notice it.
func (s *stage) pass(d time.Duration) {
	s.clock.Advance(d)
	s.note("… %v later", d)
}

// sent counts the mails that the gateway has queued so far, once everything that
// happened was followed up.
func (s *stage) sent() (int, error) {
	err := s.until("every event was followed", func() (bool, error) {
		head, _, err := s.gateway.store.Head(s.ctx)
		if err != nil {
			return false, err
		}
		seq, err := s.gateway.store.Followed(s.ctx, "tiers")
		return seq == head, err
	})
	if err != nil {
		return 0, err
	}
	items, err := s.gateway.store.Outbox(s.ctx, outboxAll)
	return len(items), err
}

// finish says where everything lies.
func (s *stage) finish(failed int) {
	fmt.Fprintf(s.out, "\n%d stories, %d failed. Left in %s:\n", len(stories), failed, s.dir)
	fmt.Fprintf(s.out, "  mail/*.eml     every mail that was delivered\n")
	if s.digest != "" {
		fmt.Fprintf(s.out, "  digest.html    the manager's digest, to open in a browser\n")
	}
	fmt.Fprintf(s.out, "  tierdesk.toml  the configuration: tierdesk ticket list --config %s\n", filepath.Join(s.dir, "tierdesk.toml"))
	fmt.Fprintf(s.out, "  tierdesk.log   what the gateway logged\n")
}

var pictureLink = regexp.MustCompile(`"cid:[^"]*"`)

// keepDigest saves the HTML of the manager's digest, with its picture inside.
func (s *stage) keepDigest(l *letter) error {
	page, err := partOf(l.raw, "text/html")
	if err != nil {
		return err
	}
	if picture, err := partOf(l.raw, "image/png"); err == nil {
		page = pictureLink.ReplaceAllLiteralString(page, `"data:image/png;base64,`+base64.StdEncoding.EncodeToString([]byte(picture))+`"`)
	}
	s.digest = filepath.Join(s.dir, "digest.html")
	return os.WriteFile(s.digest, []byte(page), 0o644)
}
