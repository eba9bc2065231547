package parse

import (
	"io"
	"regexp"
	"strings"

	"tierdesk/desk"
)

const (
	maxOriginalIntro = 30        // lines of a forward above the header block of what it forwards
	maxOriginal      = 256 << 10 // bytes of an attached mail that are looked at
)

// forwardSubject is how programs mark the subject of a forward, perhaps behind what a
// server put in front.
var forwardSubject = regexp.MustCompile(`(?i)^\s*(?:\[[^\]]{0,40}\]\s*)?(?:fwd?|wg|tr|rv|enc|i|pd|doorst|vb|vl|vid|转发|轉寄|転送)\s*[:：]`)

// readOriginal finds the mail that this one forwards: in its text, below a header
// block, or attached as a mail of its own.
func (m *message) readOriginal() {
	in := &m.in
	forwards := forwardSubject.MatchString(in.Subject) || in.Forwarded != nil && !m.answers()
	if in.Kind != desk.KindMessage || !forwards && strings.TrimSpace(in.Text) != "" {
		return
	}
	if forwards {
		text := in.Quoted
		if in.Bare {
			text = in.Reply
		}
		in.Original = originalIn(text)
	}
	if in.Original == nil && !m.inner {
		in.Original = m.attachedMail()
	}
}

// originalIn reads the first header block of a text and what stands below it, or
// returns nil.
func originalIn(text string) *desk.Original {
	lines := prepare(plainLines(text))
	c := cutter{lines: lines}
	for i := 0; i < len(lines) && i < maxOriginalIntro; i++ {
		if lines[i].blank {
			continue
		}
		b, ok := c.headerBlock(i)
		if !ok || b.from == "" {
			continue
		}
		o := desk.Original{From: headerAuthor(b.from), Date: oneLine(b.date), Subject: oneLine(b.subject), Text: below(lines[i:], b.end-i)}
		o.Language = language(o.Text)
		return &o
	}
	return nil
}

// below returns the lines from n on, without the mark of quotation where the lines
// above carry it as well.
func below(lines []replyLine, n int) string {
	quoted := lines[0].quote
	var b strings.Builder
	for _, l := range lines[n:] {
		text := l.text
		if quoted {
			text = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(text), ">"), " ")
		}
		b.WriteString(text + "\n")
	}
	return tidy(b.String())
}

var (
	addressInText = regexp.MustCompile(`[^\s<>\[\]()"',;:*]{1,64}@[^\s<>\[\]()"',;:*@]{1,190}\.[^\s<>\[\]()"',;:*@.]{2,63}`)
	nameMarks     = strings.NewReplacer("*", "", `"`, "", "'", "", "<", "", "[", "", "mailto:", "", ">", "")
)

// headerAuthor reads the sender in the header block of a forward, as programs write
// him: "Ann <ann@x.example>", "Ann [mailto:ann@x.example]" or a name alone.
func headerAuthor(s string) desk.Address {
	at := addressInText.FindStringIndex(s)
	if at == nil {
		return desk.Address{Name: oneLine(strings.TrimSpace(nameMarks.Replace(s)))}
	}
	a := desk.Address{Name: oneLine(strings.TrimSpace(nameMarks.Replace(s[:at[0]]))), Address: s[at[0]:at[1]]}
	if strings.Contains(a.Name, "@") {
		a.Name = ""
	}
	return a
}

// attachedMail reads the only mail that is attached, or returns nil.
func (m *message) attachedMail() *desk.Original {
	at := -1
	for _, a := range m.in.Attachments {
		if a.ContentType != "message/rfc822" {
			continue
		}
		if at >= 0 {
			return nil
		}
		at = a.Part
	}
	if at < 0 {
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(m.content(at), maxOriginal))
	if err != nil {
		return nil
	}
	in := read(raw, Options{Received: m.opt.Received}, true)
	if in.From == nil || in.From.Address == "" {
		return nil
	}
	o := desk.Original{From: *in.From, Subject: in.Subject, MessageID: in.MessageID, Text: in.Text, Language: in.Language}
	if in.Date != nil {
		o.Date = in.Date.UTC().Format("2 Jan 2006 15:04 MST")
	}
	return &o
}
