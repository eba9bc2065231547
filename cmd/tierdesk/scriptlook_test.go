package main

import (
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
	"tierdesk/store"
)

// This file has the commands that look at what happened. Patterns are regular
// expressions; line ends count as blanks. Those of the second group can be negated
// by an exclamation mark.
//
//	expect WHO [SUBJECT]            WHO opens the oldest new letter with such a subject
//	nomail WHO ...                  WHO has no new letter
//	skip-mail WHO ...               WHO opens all new letters without a look
//
//	body PATTERN                    the text of the letter opened last
//	header NAME [PATTERN]           a header field of it
//	attachment NAME                 a file of it
//	ticket N [KEY=VALUE ...]        the ticket is there, and so
//	event N TYPE [BECAUSE]          it has such an event
//	events N TYPE COUNT             it has so many
//	said N KIND PATTERN             its conversation has such a message
//	category CATEGORY [REASON]      what became of the newest mail
//	mails CATEGORY COUNT [REASON]   so many mails became that
//	clock N KIND STATE              running, paused, met, breached, stopped
//	outbox STATE COUNT              so many outgoing mails are in a state

// expect WHO [SUBJECT]
func (w *world) expect(_ *testscript.TestScript, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: expect WHO [SUBJECT]")
	}
	want, err := pattern(args, 1)
	if err != nil {
		return err
	}
	fresh, err := w.fresh(args[0])
	if err != nil {
		return err
	}
	for _, n := range fresh {
		if want.MatchString(n.subject) {
			w.seen[n.index] = true
			w.hand[args[0]], w.current = n.letter, n.letter
			return nil
		}
	}
	return fmt.Errorf("%s has new: %s", args[0], subjects(fresh))
}

// nomail WHO ...
func (w *world) noMail(_ *testscript.TestScript, args []string) error {
	for _, who := range args {
		fresh, err := w.fresh(who)
		if err != nil {
			return err
		}
		if len(fresh) > 0 {
			return fmt.Errorf("%s has new: %s", who, subjects(fresh))
		}
	}
	return nil
}

// skip-mail WHO ...
func (w *world) skipMail(_ *testscript.TestScript, args []string) error {
	for _, who := range args {
		fresh, err := w.fresh(who)
		if err != nil {
			return err
		}
		for _, n := range fresh {
			w.seen[n.index] = true
			w.hand[who] = n.letter
		}
	}
	return nil
}

// freshLetter is a letter that nobody looked at.
type freshLetter struct {
	*letter
	index   int
	subject string
}

// fresh returns somebody's new letters, oldest first.
func (w *world) fresh(who string) ([]freshLetter, error) {
	address, err := w.address(who)
	if err != nil {
		return nil, err
	}
	letters, _ := w.office.letters()
	var fresh []freshLetter
	for i := range letters {
		if l := &letters[i]; l.to == address && !w.seen[i] {
			fresh = append(fresh, freshLetter{l, i, parse.Mail(l.raw, parse.Options{}).Subject})
		}
	}
	return fresh, nil
}

func subjects(fresh []freshLetter) string {
	if len(fresh) == 0 {
		return "nothing"
	}
	var s []string
	for _, n := range fresh {
		text, _ := partOf(n.raw, "text/plain") // a stranger's mail may have none
		s = append(s, fmt.Sprintf("%q (%s)", n.subject, clip(unfold(text), 150)))
	}
	return strings.Join(s, ", ")
}

// body PATTERN
func (w *world) body(args []string) (bool, string, error) {
	want, err := pattern(args, 0)
	if err != nil {
		return false, "", err
	}
	text, err := partOf(w.current.raw, "text/plain")
	return want.MatchString(unfold(text)), text, err
}

// header NAME [PATTERN]
func (w *world) header(args []string) (bool, string, error) {
	want, err := pattern(args, 1)
	if err != nil {
		return false, "", err
	}
	m, err := mail.ReadMessage(strings.NewReader(string(w.current.raw)))
	if err != nil {
		return false, "", err
	}
	value, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(args[0]))
	return value != "" && want.MatchString(value), value, err
}

// attachment NAME
func (w *world) attachment(args []string) (bool, string, error) {
	var names []string
	for _, a := range parse.Mail(w.current.raw, parse.Options{}).Attachments {
		names = append(names, a.Filename)
	}
	return slices.Equal(names, args), strings.Join(names, ", "), nil
}

// ticket N [KEY=VALUE ...]
func (w *world) ticket(args []string) (bool, string, error) {
	id, err := ticketID(args[0])
	if err != nil {
		return false, "", err
	}
	t, err := w.store().Ticket(w.ctx, id)
	if errors.Is(err, desk.ErrNotFound) {
		return false, "no such ticket", nil
	}
	if err != nil {
		return false, "", err
	}
	messages, err := w.store().Messages(w.ctx, id)
	is := map[string]string{
		"status": string(t.Status), "tier": strconv.Itoa(int(t.Tier)), "assignee": t.Assignee, "priority": string(t.Priority),
		"category": t.Category, "requester": t.Requester.Address, "answered": t.Answered, "subject": t.Subject,
		"messages": strconv.Itoa(len(messages)),
	}
	for _, a := range args[1:] {
		key, want, _ := strings.Cut(a, "=")
		got, known := is[key]
		if !known {
			return false, "", fmt.Errorf("a ticket has no %s", key)
		}
		if got != want {
			return false, fmt.Sprint(is), err
		}
	}
	return true, fmt.Sprint(is), err
}

// event N TYPE [BECAUSE]
func (w *world) event(args []string) (bool, string, error) {
	want, err := pattern(args, 2)
	if err != nil {
		return false, "", err
	}
	matching, found, err := w.eventsOf(args[0], func(e *desk.Event) bool {
		return string(e.Type) == args[1] && want.MatchString(e.Because)
	})
	return matching > 0, found, err
}

// events N TYPE COUNT
func (w *world) events(args []string) (bool, string, error) {
	if len(args) != 3 {
		return false, "", errors.New("usage: events N TYPE COUNT")
	}
	matching, found, err := w.eventsOf(args[0], func(e *desk.Event) bool { return string(e.Type) == args[1] })
	return strconv.Itoa(matching) == args[2], found, err
}

func (w *world) eventsOf(ticket string, match func(*desk.Event) bool) (matching int, found string, err error) {
	id, err := ticketID(ticket)
	if err != nil {
		return 0, "", err
	}
	events, err := w.store().TicketEvents(w.ctx, id)
	for i := range events {
		if match(&events[i]) {
			matching++
		}
		found += fmt.Sprintf("\n%s by %s: %s", events[i].Type, events[i].Actor, events[i].Because)
	}
	return matching, found, err
}

// said N KIND PATTERN
func (w *world) said(args []string) (bool, string, error) {
	want, err := pattern(args, 2)
	if err != nil {
		return false, "", err
	}
	id, err := ticketID(args[0])
	if err != nil {
		return false, "", err
	}
	messages, err := w.store().Messages(w.ctx, id)
	ok, found := false, ""
	for _, m := range messages {
		ok = ok || string(m.Kind) == args[1] && want.MatchString(unfold(m.Text))
		found += fmt.Sprintf("\n%s of %s: %s", m.Kind, m.Author.Address, clip(unfold(m.Text), 200))
	}
	return ok, found, err
}

// category CATEGORY [REASON]
func (w *world) category(args []string) (bool, string, error) {
	want, err := pattern(args, 1)
	if err != nil {
		return false, "", err
	}
	mails, err := w.store().Mails(w.ctx, mailsAll)
	if err != nil || len(mails) == 0 {
		return false, "no mail", err
	}
	m := slices.MaxFunc(mails, func(a, b desk.Raw) int { return int(a.ID - b.ID) })
	return string(m.Category) == args[0] && want.MatchString(m.Reason), fmt.Sprintf("%s: %s", m.Category, m.Reason), nil
}

// mails CATEGORY COUNT [REASON]
func (w *world) mails(args []string) (bool, string, error) {
	want, err := pattern(args, 2)
	if err != nil {
		return false, "", err
	}
	mails, err := w.store().Mails(w.ctx, mailsAll)
	n, found := 0, ""
	for _, m := range mails {
		if string(m.Category) == args[0] && want.MatchString(m.Reason) {
			n++
		}
		found += fmt.Sprintf("\n%s: %s", m.Category, m.Reason)
	}
	return strconv.Itoa(n) == args[1], found, err
}

// clock N KIND STATE
func (w *world) clock(args []string) (bool, string, error) {
	if len(args) != 3 {
		return false, "", errors.New("usage: clock N KIND STATE")
	}
	id, err := ticketID(args[0])
	if err != nil {
		return false, "", err
	}
	clocks, err := w.store().Clocks(w.ctx, id)
	ok, found := false, ""
	for _, c := range clocks {
		ok = ok || string(c.Kind) == args[1] && string(c.State) == args[2]
		found += fmt.Sprintf("\n%s %s, due %s", c.Kind, c.State, c.Due.In(berlin).Format("Mon 2 Jan 15:04"))
	}
	return ok, found, err
}

// outbox STATE COUNT
func (w *world) outbox(args []string) (bool, string, error) {
	if len(args) != 2 {
		return false, "", errors.New("usage: outbox STATE COUNT")
	}
	items, err := w.store().Outbox(w.ctx, store.OutboxFilter{})
	n, found := 0, ""
	for _, o := range items {
		if string(o.State) == args[0] {
			n++
		}
		found += fmt.Sprintf("\n%s %s to %s", o.State, o.Outgoing.Kind, o.Outgoing.To.Address)
	}
	return strconv.Itoa(n) == args[1], found, err
}
