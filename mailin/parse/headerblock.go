package parse

import (
	"strings"

	"tierdesk/desk"
)

// label says which field a line of a header block shows.
type label byte

const (
	noLabel label = iota
	fromLabel
	sentLabel
	toLabel
	ccLabel
	subjectLabel
)

// readLabel reads "*From:* Ann" or "Von : Ann"; bold marks are those that
// clients write when they turn HTML into text.
func readLabel(line string) (l label, value string) {
	line = strings.TrimLeft(line, "*_>| ")
	i := strings.IndexByte(line, ':')
	if w := strings.Index(line, "："); w >= 0 && (i < 0 || w < i) {
		name := line[:w]
		return labelOf(name), strings.Trim(line[w+len("："):], "* _")
	}
	if i <= 0 || i > 40 {
		return noLabel, ""
	}
	return labelOf(line[:i]), strings.Trim(line[i+1:], "* _")
}

func labelOf(name string) label {
	name = strings.ToLower(strings.Trim(name, "*_ "))
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case fromLabels.set[name]:
		return fromLabel
	case sentLabels.set[name]:
		return sentLabel
	case subjectLabels.set[name]:
		return subjectLabel
	case toLabels.set[name]:
		return toLabel
	case ccLabels.set[name]:
		return ccLabel
	}
	return noLabel
}

// block is a header block of an answered or forwarded mail.
type block struct {
	end                 int // the line after it
	from, date, subject string
}

const maxBlockLines = 14

// headerBlock reads the header block that starts at line i. It needs a sender and
// two more fields, or something that only mail has: an address, or a ruler above.
func (c *cutter) headerBlock(i int) (b block, ok bool) {
	first, _ := readLabel(c.lines[i].trim)
	if first == noLabel || first == ccLabel {
		return b, false
	}
	if l := strings.TrimLeft(c.lines[i].trim, "*_>| ")[0]; l >= 'a' && l <= 'z' {
		return b, false // programs write capitals; this is a configuration or a log
	}
	seen := map[label]bool{}
	address := false
	blanks := 0
	for j := i; j < len(c.lines) && j < i+maxBlockLines; j++ {
		l := &c.lines[j]
		if l.blank {
			if blanks++; blanks > 1 {
				break
			}
			continue
		}
		name, value := readLabel(l.trim)
		if name == noLabel {
			if blanks > 0 || j > i+1 && !wrapped(c.lines[j].trim) {
				break // the text begins
			}
			continue
		}
		if seen[name] && name != ccLabel && name != sentLabel && name != subjectLabel {
			break
		}
		blanks = 0
		b.end = j + 1
		address = address || strings.Contains(value, "@")
		b.note(name, value, seen)
		seen[name] = true
	}
	delete(seen, ccLabel)
	if !seen[fromLabel] { // Zendesk and others leave it out
		return b, seen[sentLabel] && seen[toLabel] && address && hasDate(b.date) && len(b.date) > 10
	}
	mail := address || seen[subjectLabel] && seen[sentLabel]
	ruled := i > 0 && (ruleLine(c.lines[i-1].trim) || i > 1 && c.lines[i-1].blank && ruleLine(c.lines[i-2].trim))
	switch n := len(seen); {
	case n >= 3 && (mail || ruled):
		return b, true
	case n == 2 && (address || ruled) && (seen[sentLabel] || seen[subjectLabel]):
		return b, true
	}
	return b, false
}

// lotusBlock reports the header block of Lotus Notes that begins at line i: a name,
// a date, and then the bare labels "To", "cc" and "Subject" on lines of their own.
func (c *cutter) lotusBlock(i int) bool {
	date := c.nextText(i + 1)
	if date >= len(c.lines) || date > i+2 || len(c.lines[date].trim) > 60 || !hasDate(c.lines[date].trim) {
		return false
	}
	var to, subject bool
	for j := date + 1; j < len(c.lines) && j < date+maxBlockLines; j++ {
		switch l := labelOf(c.lines[j].trim); l {
		case toLabel:
			to = true
		case subjectLabel:
			subject = to
		}
	}
	return subject
}

func (b *block) note(name label, value string, seen map[label]bool) {
	if seen[name] {
		return
	}
	switch name {
	case fromLabel:
		b.from = value
	case sentLabel:
		b.date = value
	case subjectLabel:
		b.subject = value
	}
}

// wrapped reports a line that goes on an address list of the line above.
func wrapped(s string) bool {
	return strings.ContainsAny(s, "@<>;") && len(s) < 300
}

// separator reports a line such as "-----Original Message-----" in any language.
// For one above a forwarded mail it notes what is forwarded.
func (c *cutter) separator(i int) bool {
	s := c.lines[i].trim
	if len(s) > 200 {
		return false
	}
	core := strings.ToLower(strings.Trim(s, "-–—_=*#<>: ~\u2500.|[]"))
	if core == "" {
		return false
	}
	marked := len(core)+4 <= len(s) && strings.ContainsAny(s[:1], "-_=*<#[~") || strings.HasPrefix(s, "—") || strings.HasPrefix(s, "–")
	asks := marked || strings.HasPrefix(core, "please ") || strings.HasPrefix(core, "reply ")
	switch {
	case groupWise(s):
		return true
	case asks && len(s) < 120 && hasAny(core, replyAbove):
		return true
	case forwardedWords.set[core] && (marked || strings.HasSuffix(s, ":")), marked && forwardedWords.begins(core):
		c.forward = &desk.Forwarded{}
		c.noteForward(i + 1)
		return true
	case marked:
		dashes := strings.HasPrefix(s, "----") && strings.HasSuffix(s, "----")
		return originalWords.set[core] || originalWords.begins(core) && len(core) < 80 || dashes && (messageWord(core) || core == "original")
	case originalWords.set[core]:
		_, ok := c.blockBelow(i + 1)
		return ok
	}
	return false
}

// groupWise reports the line that GroupWise writes above the answered mail, ">>> Ann
// Doe <ann@x.example> 01/01/24 4:18 PM >>>".
func groupWise(s string) bool {
	return strings.HasPrefix(s, ">>> ") && (strings.HasSuffix(s, " >>>") || strings.HasSuffix(s, ":")) && numbers(s) > 4 && hasDate(s)
}

// replyAbove is what other desks write above their mail, and what comes back when
// two desks write to each other.
var replyAbove = []string{
	"above this line", "oberhalb dieser zeile", "über dieser zeile", "au-dessus de cette ligne", "encima de esta línea", "acima desta linha",
	"sopra questa riga", "boven deze regel", "ovanför denna rad", "over denne linje", "powyżej tej linii", "выше этой строки",
}

// noteForward notes the mail whose header block stands below line i, which may be
// quoted.
func (c *cutter) noteForward(i int) {
	if b, ok := c.blockBelow(i); ok {
		c.forward = b.forwarded()
	}
}

// messageWords name a mail; "-----Your Message-----" between dashes is a
// separator whatever stands with them.
var messageWords = []string{
	"message", "mail", "nachricht", "mensaje", "mensagem", "messaggio", "bericht", "wiadomość", "сообщение", "письмо", "повідомлення", "meddeland",
	"meddelelse", "melding", "besked", "zpráva", "správa", "poruka", "sporočilo", "viesti", "üzenet", "mesaj", "ileti", "μήνυμα", "邮件", "郵件", "メッセージ",
	"메시지", "الرسالة", "pesan",
}

func messageWord(core string) bool {
	return len(strings.Fields(core)) <= 4 && hasAny(core, messageWords)
}

// begins reports that the lower-case s begins with a phrase long enough to be no
// chance.
func (p *phrases) begins(s string) bool { return len(p.prefixOf(s)) > 4 }

// blockBelow reads a header block below line i, also a quoted one.
func (c *cutter) blockBelow(i int) (block, bool) {
	i = c.nextText(i)
	if i >= len(c.lines) {
		return block{}, false
	}
	return c.headerBlock(i)
}

// forwardedBlock handles a header block at line i that stands where the mail
// begins: the mail is a forward without a word of its own.
func (c *cutter) forwardedBlock(i int, b block) bool {
	if c.textAbove(i) {
		return false
	}
	c.forward = b.forwarded()
	c.bare = true
	return true
}

func (b block) forwarded() *desk.Forwarded {
	return &desk.Forwarded{From: b.from, Date: b.date, Subject: b.subject}
}

// ruleLine reports a line of dashes, underscores or the like.
func ruleLine(s string) bool {
	if len(s) < 2 {
		return false
	}
	return strings.Trim(s, "-_=*~#+ \u2500\u2014\u2013\u2501") == ""
}
