package triage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"tierdesk/desk"
)

var (
	addressLike = regexp.MustCompile(`[\w.%+'-]+@[\w.-]*\w`)
	// ownIDLike finds what may be a Message-ID of ours.
	ownIDLike = regexp.MustCompile(`\bt[0-9]+\.[A-Za-z0-9.-]+@[\w.-]*\w`)
)

// scrub takes the technician's signature off the text where it shows an address of
// the desk's people, and refuses a text that shows something internal elsewhere. No
// order lets it pass: what is internal never leaves.
func (w *work) scrub() error {
	people, err := w.v.Participants(w.ctx, w.ch.Ticket.ID)
	if err != nil {
		return err
	}
	public := map[string]bool{desk.NormalAddress(w.ch.Ticket.Requester.Address): true}
	for _, p := range people {
		public[p.Address] = true
	}
	w.text = w.withoutSignature(w.text)
	n := 0
	for line := range strings.Lines(w.text) {
		n++
		if what := w.internalIn(line, public); what != "" {
			return desk.Refuse("line %d of your text shows %s, which is internal: %q", n, what, clip(strings.TrimSpace(line), 80))
		}
	}
	return w.noNote()
}

// internalIn returns what of a line only the desk may read, or "".
func (w *work) internalIn(line string, public map[string]bool) string {
	line = strings.ReplaceAll(line, "%40", "@") // in a link
	for _, id := range ownIDLike.FindAllString(line, maxAnswered) {
		tok := w.Composer.Keys.TokenOfMessageID(id)
		root := id == w.Composer.Keys.RootID(desk.ForTechnician, w.ch.Ticket.ID, w.Desk.Domain())
		if root || tok != nil && !customers(tok.Purpose) {
			return "the id of a mail to technicians"
		}
	}
	for _, found := range addressLike.FindAllString(line, -1) {
		address := desk.NormalAddress(strings.Trim(found, "'"))
		if public[address] {
			continue
		}
		tok := w.Composer.Keys.FindToken([]string{strings.ReplaceAll(address, "%2b", "+")})
		switch {
		case tok != nil && !customers(tok.Purpose):
			return "a reply address of technicians"
		case w.Desk.Technician(address) != nil:
			return "the address of " + w.Desk.Technician(address).Name
		case w.manager(address):
			return "the address of a manager"
		case w.isTierList(address):
			return "the address of a tier's list"
		}
	}
	return ""
}

// customers reports whether a reply address is for customers.
func customers(p desk.Purpose) bool { return p == desk.ForCustomer || p == desk.ForFeedback }

func (t *Triage) isTierList(address string) bool {
	return slices.ContainsFunc(t.Desk.Tiers, func(tier desk.Tier) bool {
		return tier.List != "" && desk.NormalAddress(tier.List) == address
	})
}

// withoutSignature cuts the last paragraph of a text when it is a signature with an
// address of the technician: his name on a line, his address on another, and no
// sentence.
func (w *work) withoutSignature(text string) string {
	at := strings.LastIndex(text, "\n\n")
	if at < 0 {
		return text
	}
	named, address := false, false
	for line := range strings.Lines(text[at:]) {
		line = strings.TrimSpace(line)
		named = named || w.isName(line)
		if len(line) > 60 {
			return text
		}
		for _, found := range addressLike.FindAllString(line, -1) {
			own := w.Desk.Technician(found) == w.who.technician
			address = address || own
			if own && len(lettered(addressLike.ReplaceAllString(line, " "))) > 3 {
				return text // a sentence
			}
		}
	}
	if !named || !address {
		return text
	}
	return strings.TrimSpace(text[:at])
}

// isName reports a line that holds the technician's name, whole or the first part of
// it, and at most a word or two beside.
func (w *work) isName(line string) bool {
	name := strings.ToLower(w.who.technician.Name)
	first, _, _ := strings.Cut(name, " ")
	line = strings.ToLower(line)
	return name != "" && (line == first || strings.Contains(line, name) && len(lettered(line)) <= len(lettered(name))+3)
}

// lettered are the parts of a text that hold letters.
func lettered(s string) []string {
	return slices.DeleteFunc(strings.Fields(s), func(w string) bool { return !strings.ContainsFunc(w, unicode.IsLetter) })
}

const (
	// minSecret is how long a stretch of a note must be to be looked for in a reply.
	minSecret = 25
	// maxSecrets bounds how many stretches of the newest notes are.
	maxSecrets = 2000
)

var sentenceEnd = regexp.MustCompile(`[.!?;:]\s+|\n`)

// noNote refuses a text in which a sentence or a line of an internal note stands, as
// of one that was copied, unless the customer wrote or read it before.
func (w *work) noNote() error {
	messages, err := w.v.Messages(w.ctx, w.ch.Ticket.ID)
	if err != nil {
		return err
	}
	var public strings.Builder
	for _, m := range messages {
		if !m.Kind.Internal() {
			public.WriteString(folded(m.Text) + "\n")
		}
	}
	text, n := folded(w.text), 0
	for _, m := range slices.Backward(messages) {
		if !m.Kind.Internal() || m.Kind == desk.WithdrawnReply {
			continue
		}
		for _, secret := range sentenceEnd.Split(m.Text, maxSecrets) {
			secret = folded(secret)
			if n++; n > maxSecrets {
				return nil
			}
			if len(secret) >= minSecret && strings.Contains(text, secret) && !strings.Contains(public.String(), secret) {
				return desk.Refuse("your text repeats an internal note: %q%s", clip(secret, 80), w.lineOf(secret))
			}
		}
	}
	return nil
}

// lineOf names the line in which words begin, " (line 3)", or "".
func (w *work) lineOf(secret string) string {
	n := 0
	for line := range strings.Lines(w.text) {
		n++
		if line = folded(line); strings.Contains(line, secret) || len(line) >= minSecret && strings.Contains(secret, line) {
			return fmt.Sprintf(" (line %d)", n)
		}
	}
	return ""
}

// folded returns a text in lower case with single blanks.
func folded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
