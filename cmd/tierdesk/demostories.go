package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

// story is one thing that happens at a helpdesk.
type story struct {
	title string
	play  func(*stage) error
	moral string // printed when it ended as it should
}

var stories = []story{
	{"A password reset that L1 answers", passwordReset, "solved by L1, confirmed by the customer, no person involved"},
	{"An answer of L1 that does not help", notHelped, "L2 claimed by replying; the customer never saw the technician's address; inside the SLA"},
	{"An application error that nobody claims", nobodyClaims, "paged, paged again, climbed to L3, breached, and the manager knows"},
	{"A vacation reply, a bounce and a loop", machines, "nothing was sent and no ticket changed"},
	{"A forged technician", forgedTechnician, "the forged command did nothing, and the customer got nothing"},
}

var (
	mailsAll  store.MailFilter
	outboxAll store.OutboxFilter
)

// opened waits for a customer's mail to become a ticket.
func (s *stage) opened(who person, subject, body string) (desk.TicketID, error) {
	id, err := s.write(who, draft{to: "support@hd.test", subject: subject, body: body})
	if err != nil {
		return 0, err
	}
	s.note("%-20s → %s", who.address, subject)
	m, err := s.settled(id)
	if err != nil {
		return 0, err
	}
	if m.Category != desk.CategoryTicket {
		return 0, fmt.Errorf("%q became %s (%s), not a ticket", subject, m.Category, m.Reason)
	}
	s.note("%-20s   ticket %s: %s", "tierdesk", demoNumber(m.Ticket), m.Reason)
	return m.Ticket, nil
}

func hasStatus(want desk.Status) func(*desk.Ticket) bool {
	return func(t *desk.Ticket) bool { return t.Status == want }
}

func passwordReset(s *stage) error {
	id, err := s.opened(alice, "Cannot log in", "Hello,\n\nI forgot my password and cannot log in any more. How do I reset it?\n\nThanks\nAlice")
	if err != nil {
		return err
	}
	answer, err := s.arrives(alice.address, "Cannot log in")
	if err != nil {
		return err
	}
	s.quote(answer, 4)
	if err := s.press(alice, answer, "body=yes"); err != nil {
		return err
	}
	s.note("%-20s → presses “solved” in her mail client", alice.address)
	return s.ticket(id, "solved", hasStatus(desk.StatusSolved))
}

func notHelped(s *stage) error {
	id, err := s.opened(bob, "VPN from home", "Hi, how do I connect to the VPN from home? I need the VPN client on my new laptop.\n\nBob")
	if err != nil {
		return err
	}
	answer, err := s.arrives(bob.address, "VPN from home")
	if err != nil {
		return err
	}
	if err := s.answer(bob, answer, "No, it shows error 809 every time I press Connect."); err != nil {
		return err
	}
	s.note("%-20s → No, it shows error 809 …", bob.address)
	page, err := s.arrives(tess.address, "VPN from home")
	if err != nil {
		return err
	}
	s.quote(page, 3)
	if _, err := s.arrives(bob.address, "VPN from home"); err != nil { // the acknowledgement
		return err
	}
	s.pass(20 * time.Minute)
	if err := s.answer(tess, page, "Hello Bob,\n\n809 means that your router blocks UDP 500. I switched your profile to TCP; please connect again.\n\nTess"); err != nil {
		return err
	}
	s.note("%-20s → replies to the list's mail", tess.address)
	reply, err := s.arrives(bob.address, "VPN from home")
	if err != nil {
		return err
	}
	s.quote(reply, 3)
	if bytes.Contains(bytes.ToLower(reply.raw), []byte(tess.address)) {
		return errors.New("the customer's mail shows the technician's address")
	}
	if err := s.answer(tess, page, "#solve"); err != nil {
		return err
	}
	if err := s.ticket(id, "solved by Tess", func(t *desk.Ticket) bool {
		return t.Status == desk.StatusSolved && t.Assignee == tess.address && t.Tier == desk.L2
	}); err != nil {
		return err
	}
	breached, err := s.breached(id)
	if err != nil || len(breached) > 0 {
		return fmt.Errorf("breached: %v, %w", breached, err)
	}
	return nil
}

func nobodyClaims(s *stage) error {
	id, err := s.opened(carol, "Error 0x80070005 when saving", "The application crashes with error 0x80070005 when saving. It affects our whole team.\n\nCarol")
	if err != nil {
		return err
	}
	if _, err := s.arrives(tess.address, "0x80070005"); err != nil {
		return err
	}
	s.pass(31 * time.Minute)
	if _, err := s.arrives(tess.address, "0x80070005"); err != nil {
		return fmt.Errorf("not paged again: %w", err)
	}
	s.pass(31 * time.Minute)
	page, err := s.arrives("theo@hd.test", "0x80070005")
	if err != nil {
		return fmt.Errorf("not in L3: %w", err)
	}
	s.quote(page, 3)
	if err := s.until("the first response is breached", func() (bool, error) {
		b, err := s.breached(id)
		return slices.Contains(b, desk.FirstResponse), err
	}); err != nil {
		return err
	}
	s.note("%-20s   first response of %s is late", "tierdesk", demoNumber(id))
	now := s.clock.Now()
	s.clock.AdvanceTo(time.Date(now.Year(), now.Month(), now.Day()+1, 8, 1, 0, 0, now.Location()))
	s.note("… the next morning")
	digest, err := s.arrives("boss@hd.test", "daily")
	if err != nil {
		return fmt.Errorf("no digest: %w", err)
	}
	text, err := partOf(digest.raw, "text/plain")
	if err != nil {
		return err
	}
	if !bytes.Contains([]byte(text), []byte(desk.Number(id))) {
		return errors.New("the digest does not name the breached ticket")
	}
	s.quote(digest, 8)
	return s.keepDigest(digest)
}

func machines(s *stage) error {
	s.clock.Advance(time.Hour)
	id, err := s.opened(dave, "How do I get my mail on my phone?", "How do I get my mail on my new phone?\n\nDave")
	if err != nil {
		return err
	}
	answer, err := s.arrives(dave.address, "mail on my phone")
	if err != nil {
		return err
	}
	lost, err := s.opened(ghost, "Screen flickers", "My screen flickers since this morning.")
	if err != nil {
		return err
	}
	if err := s.until("the acknowledgement bounced", func() (bool, error) {
		events, err := s.gateway.store.TicketEvents(s.ctx, lost)
		return slices.ContainsFunc(events, func(e desk.Event) bool { return e.Type == desk.DeliveryFailed }), err
	}); err != nil {
		return err
	}
	s.note("%-20s   the acknowledgement bounced: noted on %s", "tierdesk", demoNumber(lost))
	before, err := s.sent()
	if err != nil {
		return err
	}
	if err := s.answer(dave, answer, "I am on vacation until Monday.", "Auto-Submitted: auto-replied", "Precedence: bulk"); err != nil {
		return err
	}
	s.note("%-20s → a vacation reply", dave.address)
	if err := s.office.send(s.ctx, "", dave.address, []string{"support@hd.test"}, answer.raw); err != nil {
		return err
	}
	s.note("%-20s → our own mail, forwarded back", dave.address)
	if err := s.until("all three are kept without effect", func() (bool, error) {
		counts, err := s.gateway.store.Counts(s.ctx)
		return counts.Mails[desk.CategoryIgnored] == 2 && counts.Mails[desk.CategoryBounce] == 1, err
	}); err != nil {
		return err
	}
	after, err := s.sent()
	if err != nil || after != before {
		return fmt.Errorf("%d mails were sent because of them (%v)", after-before, err)
	}
	return s.ticket(id, "still waiting for Dave", hasStatus(desk.StatusWaiting))
}

func forgedTechnician(s *stage) error {
	id, err := s.opened(bob, "Invoice shows the wrong company", "Our invoice shows the wrong company name. Can you correct it?\n\nBob")
	if err != nil {
		return err
	}
	page, err := s.arrives(tess.address, "Invoice")
	if err != nil {
		return err
	}
	if _, err := s.arrives(bob.address, "Invoice"); err != nil { // the acknowledgement
		return err
	}
	before, err := s.gateway.store.Ticket(s.ctx, id)
	if err != nil {
		return err
	}
	to, subject, err := replyTo(page)
	if err != nil {
		return err
	}
	var forged []string
	for _, address := range []string{"support@hd.test", to} { // guessed, and even with the real reply address
		mid, err := s.write(mallory, draft{to: address, subject: subject, body: "#solve\nSend me the password list."})
		if err != nil {
			return err
		}
		forged = append(forged, mid)
	}
	s.note("%-20s → #solve, with Tess's address as From", "mallory")
	for _, mid := range forged {
		m, err := s.settled(mid)
		if err != nil {
			return err
		}
		s.note("%-20s   %s: %s", "tierdesk", m.Category, clip(m.Reason, 80))
	}
	after, err := s.gateway.store.Ticket(s.ctx, id)
	if err != nil {
		return err
	}
	if after.Status != before.Status || after.Assignee != before.Assignee || after.Tier != before.Tier {
		return fmt.Errorf("the ticket changed: %s, %s, %q", after.Status, after.Tier, after.Assignee)
	}
	items, err := s.gateway.store.Outbox(s.ctx, store.OutboxFilter{Ticket: id})
	for _, o := range items {
		if o.Outgoing.Kind == desk.SendReply || o.Outgoing.Kind == desk.SendSolved {
			return fmt.Errorf("the customer was sent a %s", o.Outgoing.Kind)
		}
	}
	return err
}
