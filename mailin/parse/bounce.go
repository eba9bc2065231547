package parse

import (
	"cmp"
	"strings"

	"tierdesk/desk"
)

const maxRecipients = 500

// readBounce reports a delivery status notification, and fills Inbound.Bounce:
// from its delivery-status parts (RFC 3464), else from what the servers that
// write none say in words.
func (m *message) readBounce() bool {
	b := &bounceReader{m: m}
	if b.statusParts() || b.words() {
		m.in.Bounce = b.bounce()
		return true
	}
	return false
}

type bounceReader struct {
	m    *message
	list []desk.BounceRecipient
	sent string // the envelope id of the mail that came back
	why  string
}

// bounce returns what was found, each recipient once.
func (b *bounceReader) bounce() *desk.Bounce {
	out := &desk.Bounce{Recipients: []desk.BounceRecipient{}}
	at := map[string]int{}
	for _, r := range b.list {
		r.Address, r.Action, r.Status = short(r.Address, 320), short(r.Action, 20), short(r.Status, 20)
		r.Diagnostic = short(r.Diagnostic, 1000)
		r.Final = short(r.Final, 320)
		key := desk.NormalAddress(r.Address)
		r.Status = statusOf(r)
		if r.Action == "" {
			r.Action = actionOf(r.Status)
		}
		if i, known := at[key]; known {
			if out.Recipients[i].Diagnostic == "" {
				out.Recipients[i].Diagnostic = r.Diagnostic
			}
			continue
		}
		at[key] = len(out.Recipients)
		out.Recipients = append(out.Recipients, r)
	}
	out.OriginalMessageID, out.EnvelopeID = b.m.originalID(), short(b.sent, 100)
	b.m.why("%s", b.why)
	return out
}

// short makes a stranger's text one line of valid UTF-8 of at most n bytes.
func short(s string, n int) string {
	s = oneLine(strings.ToValidUTF8(s, "?"))
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}

func actionOf(status string) string {
	if strings.HasPrefix(status, "4") {
		return "delayed"
	}
	if strings.HasPrefix(status, "2") {
		return "delivered"
	}
	return "failed"
}

// statusParts reads every delivery-status part.
func (b *bounceReader) statusParts() bool {
	found := false
	for i := range b.m.parts {
		p := &b.m.parts[i]
		if p.media != "message/delivery-status" && p.media != "message/global-delivery-status" {
			continue
		}
		found = true
		text := string(decodeTransfer(p.body(b.m.raw), p.enc, maxHeaderSize))
		list, sent := readStatus(text)
		b.list, b.sent = append(b.list, list...), cmp.Or(b.sent, sent)
	}
	if found {
		b.why = "delivery-status part"
	}
	return found && len(b.list) > 0
}

// readStatus reads the blocks of a delivery-status part: one for the message,
// then one for each recipient. Servers are careless about which is which, so
// that every block that names a recipient counts. It also returns the envelope id.
func readStatus(text string) (out []desk.BounceRecipient, envelopeID string) {
	s := splitter{raw: []byte(strings.TrimLeft(text, "\r\n \t"))}
	for pos := 0; pos < len(s.raw) && len(out) < maxRecipients; {
		h, next := s.header(pos, false)
		if next <= pos {
			_, next = nextLine(s.raw, pos)
		}
		pos = next
		envelopeID = cmp.Or(envelopeID, strings.TrimSpace(h.value("Original-Envelope-Id")))
		for _, group := range recipientGroups(h) {
			if r, ok := statusRecipient(group); ok {
				out = append(out, r)
			}
		}
	}
	return out, envelopeID
}

// recipientGroups cuts a block where a recipient field comes again: AOL leaves
// out the blank line between recipients.
func recipientGroups(h header) []header {
	var groups []header
	start := 0
	for i, f := range h {
		name := strings.ToLower(string(f.name))
		if (name == "final-recipient" || name == "original-recipient") && h[start:i].has(name) {
			groups = append(groups, h[start:i])
			start = i
		}
	}
	return append(groups, h[start:])
}

func statusRecipient(h header) (r desk.BounceRecipient, ok bool) {
	for _, name := range []string{"Original-Recipient", "Final-Recipient", "X-Actual-Recipient"} {
		if r.Address = typedAddress(h.value(name)); strings.Contains(r.Address, "@") {
			break
		}
	}
	r.Final = typedAddress(h.value("Final-Recipient"))
	if r.Address == "" {
		r.Address = r.Final
	}
	if r.Address == "" {
		return r, false
	}
	r.Action = keyword(h.value("Action"))
	r.Status, _, _ = strings.Cut(strings.TrimSpace(h.value("Status")), " ")
	r.Diagnostic = afterSemicolon(h.value("Diagnostic-Code"))
	return r, true
}

// typedAddress returns the address of "rfc822; ann@example.com".
func typedAddress(v string) string {
	v = strings.TrimSpace(afterSemicolon(v))
	if v == "" {
		return ""
	}
	if strings.Contains(v, "=?") {
		return strings.Trim(v, "<>") // an address is never encoded: it is meant so
	}
	return strings.Trim(cleanSpec(v, ""), "<>")
}

func afterSemicolon(v string) string {
	typ, rest, ok := strings.Cut(v, ";")
	if ok && len(typ) < 30 {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(v)
}

// failedRecipients reads the field that Exim and Google write.
func (b *bounceReader) failedRecipients() bool {
	v := b.m.parts[0].head.all("X-Failed-Recipients")
	if len(v) == 0 {
		return false
	}
	for i, a := range parseAddresses(strings.Join(v, ","), "") {
		if i == maxRecipients {
			break
		}
		b.list = append(b.list, desk.BounceRecipient{Address: a.Address})
	}
	b.why = "X-Failed-Recipients"
	return len(b.list) > 0
}

// original returns the header of the mail that came back, as far as a part holds
// it.
func (m *message) original() header {
	i := m.hasPart("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822")
	if i <= 0 {
		return nil
	}
	p := &m.parts[i]
	s := splitter{raw: decodeTransfer(p.body(m.raw), p.enc, maxHeaderSize)}
	h, _ := s.header(s.top(), false)
	return h
}

// originalID returns the Message-ID of the mail that came back: from its header,
// from its copy in the text, or from what the report answers.
func (m *message) originalID() string {
	if ids := messageIDs(m.original().value("Message-ID")); len(ids) > 0 {
		return ids[0]
	}
	for _, l := range strings.Split(m.in.Text, "\n") {
		if l = strings.TrimSpace(l); len(l) > 11 && strings.EqualFold(l[:11], "message-id:") {
			if ids := messageIDs(l[11:]); len(ids) > 0 {
				return ids[0]
			}
		}
	}
	if n := len(m.in.References); n > 0 {
		return m.in.References[n-1]
	}
	if len(m.in.InReplyTo) > 0 {
		return m.in.InReplyTo[0]
	}
	return ""
}
