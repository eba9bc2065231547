package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"

	"github.com/emersion/go-message"

	"tierdesk/desk"
	"tierdesk/store"
)

// nothingLeaks fails the script when a letter of the desk to a customer holds
// something internal: an address of a technician, a list or a manager, a reply
// address or Message-ID that was issued to technicians, or the text of a note.
// Every script is searched, whatever else it is about.
func (w *world) nothingLeaks() {
	letters, _ := w.office.letters()
	for ; w.searched < len(letters); w.searched++ {
		l := &letters[w.searched]
		if w.inside(l.to) || !strings.HasPrefix(l.from, "support") { // not the desk's
			continue
		}
		said := w.everythingIn(l.raw)
		for what, where := range w.forbidden(l.to) {
			if standsIn(what, said) {
				w.fail("the letter to %s leaks %s (%q):\n%s", l.to, where, what, l.raw)
			}
		}
		for _, id := range tokenLike.FindAllString(said, -1) {
			if w.isTechnicians(id) {
				w.fail("the letter to %s leaks an address or id of technicians (%s):\n%s", l.to, id, l.raw)
			}
		}
	}
}

// standsIn reports whether words stand in a text by themselves: the end of a signed
// reply address may look like a list.
func standsIn(words, text string) bool {
	for {
		i := strings.Index(text, words)
		if i < 0 {
			return false
		}
		if i == 0 || !strings.ContainsRune("+.-abcdefghijklmnopqrstuvwxyz0123456789", rune(text[i-1])) {
			return true
		}
		text = text[i+len(words):]
	}
}

// inside reports whether an address is of the company that runs the desk.
func (w *world) inside(address string) bool { return strings.HasSuffix(address, "@hd.test") }

// forbidden returns what no customer may read, with what it is, as words in lower
// case with single blanks.
func (w *world) forbidden(reader string) map[string]string {
	words := map[string]string{"technician:": "an actor"}
	for name, address := range w.people {
		if w.inside(address) && name != "support" {
			words[address] = "an internal address"
		}
	}
	for list := range w.office.lists {
		words[list] = "a list's address"
	}
	tickets, err := w.store().Tickets(w.ctx, store.TicketFilter{})
	w.check(err)
	for _, t := range tickets {
		messages, err := w.store().Messages(w.ctx, t.ID)
		w.check(err)
		for _, m := range messages {
			text := strings.ToLower(unfold(m.Text))
			if m.Kind.Internal() && len(text) >= 12 && m.Author.Address != reader && !saidToAll(messages, text) {
				words[text] = "a " + string(m.Kind)
			}
		}
	}
	return words
}

// saidToAll reports whether a text stands in what the customer wrote or read anyway.
func saidToAll(messages []desk.Message, text string) bool {
	for _, m := range messages {
		if !m.Kind.Internal() && strings.Contains(strings.ToLower(unfold(m.Text)), text) {
			return true
		}
	}
	return false
}

// everythingIn returns the header of a mail and all of its parts, decoded.
func (w *world) everythingIn(raw []byte) string {
	var b strings.Builder
	e, err := message.Read(bytes.NewReader(raw))
	w.check(err)
	w.check(e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		for fields := part.Header.Fields(); fields.Next(); {
			text, err := fields.Text()
			if err != nil {
				text = fields.Value()
			}
			b.WriteString(fields.Key() + ": " + text + "\n")
		}
		if !strings.HasPrefix(part.Header.Get("Content-Type"), "multipart/") {
			_, err = io.Copy(&b, part.Body)
		}
		return err
	}))
	return strings.ToLower(unfold(b.String()))
}

// tokenLike finds what may be a reply address or a Message-ID of ours.
var tokenLike = regexp.MustCompile(`(?:t[0-9]+\.[a-z0-9.-]+|support(?:\+|%2b)[a-z0-9]+)@hd\.test`)

// isTechnicians reports whether a reply address or Message-ID is for technicians.
func (w *world) isTechnicians(id string) bool {
	keys, err := w.store().Keys(w.ctx)
	w.check(err)
	tok := keys.TokenOfMessageID(id)
	if tok == nil {
		tok = keys.FindToken([]string{strings.ReplaceAll(id, "%2b", "+")})
	}
	root := regexp.MustCompile(`^t[0-9]+\.root-` + string(rune(desk.ForTechnician)) + `\.`)
	return tok != nil && (tok.Purpose == desk.ForTechnician || tok.Purpose == desk.ForNote) || root.MatchString(id)
}
