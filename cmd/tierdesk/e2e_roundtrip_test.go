package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/mailin"
	"tierdesk/mailin/parse"
	"tierdesk/testbed"
)

// The people of the round trip. Each has a mailbox of the same name.
var (
	anna  = person{name: "Anna", address: "anna@cust.test"}
	ben   = person{name: "Ben", address: "ben@cust.test"}
	cleo  = person{name: "Cleo", address: "cleo@cust.test"}
	dan   = person{name: "Dan", address: "dan@cust.test"}
	eve   = person{name: "Eve", address: "eve@cust.test"}
	l2    = person{name: "L2", address: "l2@hd.test"}
	l3    = person{name: "L3", address: "l3@hd.test"}
	boss  = person{name: "Boss", address: "boss@hd.test"}
	users = []string{"anna", "ben", "cleo", "dan", "eve", "tess", "l2", "l3", "boss"}
)

// newcomers is in the subject of acknowledgements to people of whom nothing is
// proven, as here.
const newcomers = "ACME Support"

// proven is what our MX writes on top of a colleague's mail.
const proven = "Authentication-Results: mx.hd.test; dmarc=pass header.from=hd.test"

// TestRoundTrip plays a desk's day on a real Dovecot and Postfix, with the real
// program in processes of its own, once on each database.
func TestRoundTrip(t *testing.T) {
	for name, dsn := range databases() {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, dsn(t))
			s.startDovecot(users...)
			d := &day{site: s, postfix: s.startPostfix(), mails: map[desk.Category]int{}}
			s.configure()
			d.conversations()
			d.holdAndOnce()
			d.ladderAndDigest()
			d.addsUp()
		})
	}
}

// day is one run of the round trip.
type day struct {
	*site
	postfix *testbed.PostfixServer
	mails   map[desk.Category]int // sent to the desk so far, by what becomes of them
	sum     int                   // of mails
}

// send hands a customer's mail to Postfix and returns its Message-ID. The mail
// will be of the category.
func (d *day) send(who person, m draft, want desk.Category) string {
	d.t.Helper()
	mail, id := d.compose(who, m)
	if err := d.postfix.Send(who.address, m.to, mail); err != nil {
		d.t.Fatal(err)
	}
	d.expect(want)
	return id
}

func (d *day) expect(want desk.Category) {
	d.mails[want]++
	d.sum++
}

// allSettled waits until every mail sent so far is decided about.
func (d *day) allSettled() {
	d.t.Helper()
	d.logged("mail settled", d.sum)
}

// ask sends a question to the desk and returns its Message-ID.
func (d *day) ask(who person, subject, body string) string {
	d.t.Helper()
	return d.send(who, draft{to: "support@hd.test", subject: subject, body: body}, desk.CategoryTicket)
}

// answer returns a draft that replies to a letter.
func (d *day) answer(l *letter, body string, extra ...string) draft {
	d.t.Helper()
	to, subject, err := replyTo(l)
	if err != nil {
		d.t.Fatal(err)
	}
	return draft{to: to, subject: subject, body: body, reply: l, extra: extra}
}

// technician delivers a mail of Tess's as the MX does that has proven it hers.
func (d *day) technician(page *letter, body string) {
	d.t.Helper()
	m := d.answer(page, body, proven)
	mail, _ := d.compose(tess, m)
	if err := d.dovecot.Deliver(tess.address, m.to, mail); err != nil {
		d.t.Fatal(err)
	}
	d.expect(desk.CategoryAppend)
}

// ticket returns the only ticket with the subject.
func (d *day) ticket(subject string) ticketJSON {
	d.t.Helper()
	tickets := slices.DeleteFunc(list[ticketJSON](d.site, "ticket", "list"), func(t ticketJSON) bool { return t.Subject != subject })
	if len(tickets) != 1 {
		d.t.Fatalf("%d tickets with the subject %q", len(tickets), subject)
	}
	return tickets[0]
}

// becomes waits until the ticket with the subject is as wanted.
func (d *day) becomes(subject, what string, ok func(ticketJSON) bool) {
	d.t.Helper()
	d.until(fmt.Sprintf("%q is %s", subject, what), func() bool { return ok(d.ticket(subject)) })
}

// threaded checks that a letter answers the mail with the id, in its thread.
func (d *day) threaded(l *letter, id string) {
	d.t.Helper()
	in := parse.Mail(l.raw, parse.Options{})
	if !slices.Contains(in.InReplyTo, id) || !slices.Contains(in.References, id) {
		d.t.Errorf("%q answers %v with references %v, expected <%s> in both", in.Subject, in.InReplyTo, in.References, id)
	}
	if in.From == nil || in.From.Address != "support@hd.test" {
		d.t.Errorf("%q is from %v", in.Subject, in.From)
	}
}

func (d *day) contains(l *letter, want string) {
	d.t.Helper()
	text, err := partOf(l.raw, "text/plain")
	if err != nil {
		d.t.Fatal(err)
	}
	if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
		d.t.Errorf("the mail to %s lacks %q:\n%s", l.to, want, text)
	}
}

// hides checks that nothing of a letter shows an address, neither its bytes as
// they are nor a decoded text.
func (d *day) hides(l *letter, addresses ...string) {
	d.t.Helper()
	views := []string{string(l.raw)}
	for _, kind := range []string{"text/plain", "text/html"} {
		text, err := partOf(l.raw, kind)
		if err != nil {
			d.t.Error(err)
		}
		views = append(views, text)
	}
	for _, a := range addresses {
		if strings.Contains(strings.ToLower(strings.Join(views, "\n")), a) {
			d.t.Errorf("the mail to %s shows %s:\n%s", l.to, a, l.raw)
		}
	}
}

// conversations: L1 answers Anna, L2 answers Ben, a forger achieves nothing, and a
// document that is added later answers Cleo. The gateway runs all the time.
func (d *day) conversations() {
	t := d.t
	t.Helper()
	g := d.serve()
	d.until("health is good", func() bool {
		out, status := d.tierdesk("health")
		return status == 0 && strings.HasPrefix(out, "ok\n") // and a note: the test certificate ends soon
	})
	if out, status := d.tierdesk("serve"); status != 1 || !strings.Contains(out, "another tierdesk is running") {
		t.Errorf("a second gateway on the same folder: exit status %d, %s", status, out)
	}
	d.solvedByL1()
	d.solvedByL2()

	d.write("kb/scanner.md", "---\nid: scanner\ntitle: Scanning to mail\nlang: en\naudience: public\ntier: 1\nkeywords: [scanner, scan, copier]\n"+
		"symptoms:\n  - The scanner no longer sends scans by mail\n---\n\nPress **Renew** on the scanner's display.\n")
	g.signal(syscall.SIGHUP)
	d.logged("documents loaded", 2)
	id := d.ask(cleo, "Scanner", "The scanner no longer sends scans by mail.")
	answer := d.arrives(cleo, "Scanner")
	d.threaded(answer, id)
	d.contains(answer, "on the scanner's display")

	d.allSettled()
	g.stop()
	if out, status := d.tierdesk("health"); status != 1 {
		t.Errorf("health of a stopped gateway: exit status %d, %s", status, out)
	}
}

func (d *day) solvedByL1() {
	d.t.Helper()
	id := d.ask(anna, "Cannot log in", "Hello,\n\nI forgot my password and cannot log in any more. How do I reset it?\n\nAnna")
	answer := d.arrives(anna, "Cannot log in")
	d.threaded(answer, id)
	d.contains(answer, "You can set a new password yourself")
	yes, err := prefilledBy(answer, "body=yes")
	if err != nil {
		d.t.Fatal(err)
	}
	d.send(anna, yes, desk.CategoryAppend)
	d.becomes("Cannot log in", "solved by L1", func(t ticketJSON) bool { return t.Status == desk.StatusSolved && t.Tier == desk.L1 })
}

func (d *day) solvedByL2() {
	const subject = "Invoice shows the wrong company"
	d.t.Helper()
	id := d.ask(ben, subject, "Our invoice shows the wrong company name. Can you correct it?\n\nBen")
	ack := d.arrives(ben, newcomers)
	d.threaded(ack, id)
	page := d.arrives(l2, subject)
	d.contains(page, "Our invoice shows the wrong company name.")

	forged := d.answer(page, "#solve\n\nIt is solved.", proven) // below the Received field of our MX
	d.send(tess, forged, desk.CategoryAppend)
	d.allSettled()
	if t := d.ticket(subject); t.Status == desk.StatusSolved || t.Assignee != "" {
		d.t.Errorf("a forged mail of a technician made the ticket %s, assigned to %q", t.Status, t.Assignee)
	}

	d.technician(page, "Hello Ben,\n\nthe name is corrected; write to support@hd.test if it is not.\n\nTess Two\ntess@hd.test")
	reply := d.arrives(ben, subject)
	d.threaded(reply, id)
	d.contains(reply, "the name is corrected")
	d.technician(page, "#claim") // hers already
	d.technician(page, "#solve")
	d.becomes(subject, "solved by Tess", func(t ticketJSON) bool {
		return t.Status == desk.StatusSolved && t.Tier == desk.L2 && t.Assignee == tess.address && len(t.Breached) == 0
	})
	for _, l := range []*letter{ack, reply, d.arrives(ben, subject)} {
		d.hides(l, tess.address, l2.address)
	}
}

// holdAndOnce: with --hold Dan's mail becomes a ticket and nothing is sent; a run
// of `serve --once` sends it.
func (d *day) holdAndOnce() {
	d.t.Helper()
	d.ask(dan, "Desk lamp", "The lamp on my desk is broken.")
	d.dovecot.WaitForMail("support", "INBOX", 1, patience)
	d.must("serve", "--once", "--hold")
	if k := d.ticket("Desk lamp"); k.Tier != desk.L2 {
		d.t.Errorf("the held ticket is in %s", k.Tier)
	}
	if n := len(list[outgoingJSON](d.site, "outbox", "list", "--state", "queued")); n != 2 {
		d.t.Errorf("%d mails are held back, expected an acknowledgement and an escalation", n)
	}
	d.must("serve", "--once")
	d.arrives(dan, newcomers)
	d.arrives(l2, "Desk lamp")
}

// ladderAndDigest: nobody claims Eve's ticket, and the manager reads about it.
func (d *day) ladderAndDigest() {
	const subject = "The door stays shut"
	d.t.Helper()
	d.settings["ACK"] = "1s"
	d.configure()
	g := d.serve()
	d.ask(eve, subject, "The door of our office does not open.")
	d.arrives(l2, subject)
	d.arrives(l3, subject)
	d.becomes(subject, "in L3 and late", func(t ticketJSON) bool {
		return t.Tier == desk.L3 && slices.Contains(t.Breached, desk.FirstResponse)
	})
	g.stop()
	late := time.Now()
	d.until("the second in which it was late is over", func() bool { return time.Now().Truncate(time.Second).After(late) })
	d.settings["DIGEST"] = "@every 1s" // of the second before
	d.configure()
	d.must("serve", "--once")
	d.contains(d.arrives(boss, "daily report"), d.ticket(subject).Number)
}

// addsUp: each mail that was sent is accounted for, everything queued was sent,
// and the database is sound.
func (d *day) addsUp() {
	t := d.t
	t.Helper()
	got := map[desk.Category]int{}
	for _, m := range list[mailJSON](d.site, "mail", "list") {
		got[m.Category]++
	}
	for category, n := range d.mails {
		if got[category] != n {
			t.Errorf("%d mails are %s, expected %d", got[category], category, n)
		}
	}
	if len(got) != len(d.mails) {
		t.Errorf("mails by category are %v, expected %v", got, d.mails)
	}
	if in, done := len(d.dovecot.List("support", "INBOX")), len(d.dovecot.List("support", "Processed")); in != 0 || done != d.sum {
		t.Errorf("%d mails in INBOX and %d in Processed, expected 0 and %d", in, done, d.sum)
	}
	for _, o := range list[outgoingJSON](d.site, "outbox", "list") {
		if o.State != desk.Accepted {
			t.Errorf("the %s to %s is %s: %s", o.Kind, o.To, o.State, o.LastReply)
		}
	}
	for _, st := range list[mailin.Statement](d.site, "reconcile") {
		if st.Seen() != d.sum || st.Committed+st.Ignored != d.sum || st.Gone > 0 {
			d.t.Errorf("reconciled to %+v, expected %d mails", st, d.sum)
		}
	}
	if out := d.must("verify"); !strings.Contains(out, "everything adds up") {
		t.Errorf("verify: %s", out)
	}
	if bytes.Contains(d.readLog(), []byte("level=ERROR")) {
		t.Errorf("the log has errors")
	}
}
