package main

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
	"tierdesk/store"
)

// This file has the commands that look at what happened. Patterns are regular
// expressions; line ends count as blanks. All but the first three can be negated
// by an exclamation mark.

func (w *world) expect(args []string) {
	want, fresh := w.pattern(args, 1), w.fresh(args[0])
	i := slices.IndexFunc(fresh, func(l freshLetter) bool { return want.MatchString(l.subject) })
	if i < 0 {
		w.fail("%s has new: %s", args[0], subjects(fresh))
	}
	w.open(args[0], fresh[i])
}

func (w *world) noMail(args []string) {
	for _, who := range args {
		if fresh := w.fresh(who); len(fresh) > 0 {
			w.fail("%s has new: %s", who, subjects(fresh))
		}
	}
}

func (w *world) skipMail(args []string) {
	for _, who := range args {
		for _, l := range w.fresh(who) {
			w.open(who, l)
		}
	}
}

func (w *world) open(who string, l freshLetter) {
	w.opened[l.index] = true
	w.hand[who], w.current = l.letter, l.letter
}

// freshLetter is a letter that was not opened yet.
type freshLetter struct {
	*letter
	index   int
	subject string
}

// fresh returns somebody's new letters, oldest first.
func (w *world) fresh(who string) []freshLetter {
	address := w.address(who)
	letters, _ := w.office.letters()
	var fresh []freshLetter
	for i := range letters {
		if l := &letters[i]; l.to == address && !w.opened[i] && !tellsClaim(l.raw) {
			fresh = append(fresh, freshLetter{l, i, parse.Mail(l.raw, parse.Options{}).Subject})
		}
	}
	return fresh
}

// told opens the oldest letter in which WHO learns who has a ticket.
func (w *world) told(args []string) (bool, string) {
	want, address := w.pattern(args, 1), w.address(args[0])
	letters, _ := w.office.letters()
	var found facts
	for i := range letters {
		l := &letters[i]
		if l.to != address || w.opened[i] || !tellsClaim(l.raw) {
			continue
		}
		text, err := partOf(l.raw, "text/plain")
		w.check(err)
		if want.MatchString(unfold(text)) {
			w.open(args[0], freshLetter{letter: l, index: i})
			return true, unfold(text)
		}
		found.add("%s", unfold(text))
	}
	return false, found.String()
}

// tellsClaim reports a mail to a list that says who has a ticket. There are so many
// that scripts look at them only when they ask for them.
func tellsClaim(raw []byte) bool {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	return err == nil && strings.Contains(m.Header.Get("Feedback-ID"), ":"+string(desk.SendClaim)+":")
}

func subjects(fresh []freshLetter) string {
	var found facts
	for _, l := range fresh {
		text, _ := partOf(l.raw, "text/plain") // a stranger's mail may have none
		found.add("%q (%s)", l.subject, clip(unfold(text), 150))
	}
	return found.String()
}

func (w *world) body(args []string) (bool, string) {
	text, err := partOf(w.current.raw, "text/plain")
	w.check(err)
	return w.pattern(args, 0).MatchString(unfold(text)), text
}

func (w *world) html(args []string) (bool, string) {
	source, err := partOf(w.current.raw, "text/html")
	w.check(err)
	return w.pattern(args, 0).MatchString(unfold(source)), source
}

func (w *world) header(args []string) (bool, string) {
	m, err := mail.ReadMessage(bytes.NewReader(w.current.raw))
	w.check(err)
	value, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(args[0]))
	w.check(err)
	return value != "" && w.pattern(args, 1).MatchString(value), value
}

func (w *world) attachment(args []string) (bool, string) {
	var names []string
	for _, a := range parse.Mail(w.current.raw, parse.Options{}).Attachments {
		names = append(names, a.Filename)
	}
	return slices.Equal(names, args), strings.Join(names, ", ")
}

func (w *world) sameFile(args []string) (bool, string) {
	sum := func(raw []byte) string {
		for _, a := range parse.Mail(raw, parse.Options{}).Attachments {
			if a.Filename == args[0] {
				return fmt.Sprintf("%d bytes, SHA-256 %s", a.Size, a.SHA256)
			}
		}
		return "no such file"
	}
	wrote, got := sum(w.sent.raw), sum(w.current.raw)
	return wrote == got, fmt.Sprintf("written: %s; in the letter: %s", wrote, got)
}

func (w *world) ticket(args []string) (bool, string) {
	t, err := w.store().Ticket(w.ctx, w.ticketID(args[0]))
	if errors.Is(err, desk.ErrNotFound) {
		return false, "no such ticket"
	}
	w.check(err)
	messages, err := w.store().Messages(w.ctx, t.ID)
	w.check(err)
	until := ""
	if !t.WaitUntil.IsZero() {
		until = t.WaitUntil.In(berlin()).Format("2006-01-02T15:04")
	}
	is := map[string]string{
		"status": string(t.Status), "tier": strconv.Itoa(int(t.Tier)), "assignee": t.Assignee, "priority": string(t.Priority),
		"merged": strconv.FormatInt(int64(t.MergedInto), 10), "parent": strconv.FormatInt(int64(t.Parent), 10), "until": until,
		"category": t.Category, "requester": t.Requester.Address, "answered": t.Answered, "messages": strconv.Itoa(len(messages)),
	}
	for _, a := range args[1:] {
		key, want, _ := strings.Cut(a, "=")
		if got, known := is[key]; !known {
			w.fail("a ticket has no %s", key)
		} else if got != want {
			return false, fmt.Sprint(is)
		}
	}
	return true, fmt.Sprint(is)
}

func (w *world) document(args []string) (ok bool, _ string) {
	want := w.pattern(args, 2)
	standings, err := w.store().Standings(w.ctx)
	w.check(err)
	var all facts
	for _, s := range standings {
		ok = ok || s.Doc == args[0] && string(s.Mode) == args[1] && want.MatchString(s.Because)
		all.add("%s is %s: %s", s.Doc, s.Mode, s.Because)
	}
	return ok, all.String()
}

func (w *world) report(args []string) (bool, string) {
	g := w.gateways[0].gateway
	r, err := readKBReport(w.ctx, g.config, g.store, w.Now().AddDate(0, 0, -90), w.Now().Add(time.Second))
	w.check(err)
	var b strings.Builder
	w.check(r.print(&b))
	return w.pattern(args, 0).MatchString(unfold(b.String())), b.String()
}

func (w *world) draft(args []string) (bool, string) {
	n, err := strconv.Atoi(args[0])
	w.check(err)
	gaps, err := readGaps(w.ctx, w.store(), w.Now().AddDate(0, 0, -90))
	w.check(err)
	_, page, err := draftDocument(w.ctx, w.store(), &gaps[n-1])
	w.check(err)
	return w.pattern(args, 1).MatchString(unfold(page)), page
}

func (w *world) event(args []string) (bool, string) {
	want := w.pattern(args, 2)
	n, found := w.countEvents(args[0], func(e *desk.Event) bool {
		return string(e.Type) == args[1] && want.MatchString(e.Because)
	})
	return n > 0, found
}

func (w *world) events(args []string) (bool, string) {
	n, found := w.countEvents(args[0], func(e *desk.Event) bool { return string(e.Type) == args[1] })
	return strconv.Itoa(n) == args[2], found
}

func (w *world) countEvents(ticket string, match func(*desk.Event) bool) (n int, found string) {
	events, err := w.store().TicketEvents(w.ctx, w.ticketID(ticket))
	w.check(err)
	var all facts
	for i := range events {
		if match(&events[i]) {
			n++
		}
		all.add("%s by %s: %s", events[i].Type, events[i].Actor, events[i].Because)
	}
	return n, all.String()
}

func (w *world) said(args []string) (ok bool, _ string) {
	want := w.pattern(args, 2)
	messages, err := w.store().Messages(w.ctx, w.ticketID(args[0]))
	w.check(err)
	var all facts
	for _, m := range messages {
		ok = ok || string(m.Kind) == args[1] && want.MatchString(unfold(m.Text))
		all.add("%s of %s: %s", m.Kind, m.Author.Address, clip(unfold(m.Text), 200))
	}
	return ok, all.String()
}

func (w *world) clock(args []string) (ok bool, _ string) {
	clocks, err := w.store().Clocks(w.ctx, w.ticketID(args[0]))
	w.check(err)
	var all facts
	for _, c := range clocks {
		ok = ok || string(c.Kind) == args[1] && string(c.State) == args[2]
		all.add("%s %s, due %s", c.Kind, c.State, c.Due.In(berlin()).Format("Mon 2 Jan 15:04"))
	}
	return ok, all.String()
}

func (w *world) category(args []string) (bool, string) {
	want := w.pattern(args, 1)
	mails, err := w.store().Mails(w.ctx, mailsAll)
	w.check(err)
	if len(mails) == 0 {
		return false, "no mail"
	}
	m := slices.MaxFunc(mails, func(a, b desk.Raw) int { return int(a.ID - b.ID) })
	return string(m.Category) == args[0] && want.MatchString(m.Reason), fmt.Sprintf("%s: %s", m.Category, m.Reason)
}

func (w *world) sla(args []string) (bool, string) {
	id := w.ticketID(args[0])
	events, err := w.store().TicketEvents(w.ctx, id)
	w.check(err)
	account, err := statement(w.ctx, w.store(), w.gateways[0].engine.InForce(), events, w.Now())
	w.check(err)
	text := account.String()
	re, err := regexp.Compile("(?m)" + args[1])
	w.check(err)
	return re.MatchString(text), text
}

func (w *world) mails(args []string) (bool, string) {
	want := w.pattern(args, 2)
	mails, err := w.store().Mails(w.ctx, mailsAll)
	w.check(err)
	var all facts
	n := 0
	for _, m := range mails {
		if string(m.Category) == args[0] && want.MatchString(m.Reason) {
			n++
		}
		all.add("%s: %s", m.Category, m.Reason)
	}
	return strconv.Itoa(n) == args[1], all.String()
}

func (w *world) outbox(args []string) (bool, string) {
	items, err := w.store().Outbox(w.ctx, store.OutboxFilter{})
	w.check(err)
	var all facts
	n := 0
	for _, o := range items {
		if string(o.State) == args[0] {
			n++
		}
		all.add("%s %s to %s", o.State, o.Outgoing.Kind, o.Outgoing.To.Address)
	}
	return strconv.Itoa(n) == args[1], all.String()
}

func (w *world) folder(args []string) (bool, string) {
	s, err := w.office.users["support@hd.test"].Status(args[0], &imap.StatusOptions{NumMessages: true})
	if err != nil { // no such folder yet
		return args[1] == "0", err.Error()
	}
	return fmt.Sprint(*s.NumMessages) == args[1], fmt.Sprintf("%d mails", *s.NumMessages)
}

func (w *world) mailed(args []string) (bool, string) {
	items, err := w.store().Outbox(w.ctx, store.OutboxFilter{})
	w.check(err)
	var all facts
	n := 0
	for _, o := range items {
		if desk.NormalAddress(o.Outgoing.To.Address) == desk.NormalAddress(w.address(args[0])) {
			n++
			all.add("%s %q", o.Outgoing.Kind, o.Outgoing.Subject)
		}
	}
	return strconv.Itoa(n) == args[1], all.String()
}
