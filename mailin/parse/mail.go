// Package parse understands incoming mail: raw bytes become a desk.Inbound.
//
// It reads headers, parts, charsets, HTML, the new text of a reply, delivery
// reports and the signals of automatic mail, in any language, from mail that
// keeps the standards and from mail that does not. It never fails a mail, is
// linear in its size and bounded in memory, and knows nothing of tickets: what a
// mail means, and whether its sender may be believed, is decided by others.
package parse

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tierdesk/desk"
)

// Options is what the reading of a mail depends on beside its bytes. The zero
// value works.
type Options struct {
	// Delimiter is how the line begins above which our own mail asks to reply; ""
	// for none.
	Delimiter string
	// Received is when the mail came; years that a vacation reply leaves out are
	// counted from it. Zero: from the mail's own Date.
	Received time.Time
}

// Mail understands a stored mail. It never fails: what is wrong with the mail
// goes to Inbound.Warnings. It fills all that the bytes tell: not Raw, Mailbox,
// Received, Content, Thread and Matches, and Auth only as unknown.
func Mail(raw []byte, opt Options) *desk.Inbound { return read(raw, opt, false) }

// read is Mail, also for a mail inside another one.
func read(raw []byte, opt Options, inner bool) *desk.Inbound {
	raw = lineFeeds(raw)
	m := message{raw: raw, opt: opt, inner: inner, left: maxText, fileText: maxTextFiles}
	m.parts, m.in.Warnings = readParts(raw)
	m.in.Kind = desk.KindMessage
	m.in.Answerable = true
	m.readHeader()
	m.readBody()
	m.readKind()
	m.complete()
	m.readAbsence()
	m.readOriginal()
	return &m.in
}

// message is a mail being read.
type message struct {
	raw      []byte
	inner    bool // it stands inside another mail
	opt      Options
	parts    []part
	hint     string     // charset of the first text, for headers without one
	left     int        // how many bytes of text may still be decoded
	fileText int        // how many bytes of text files may still be kept
	spare    []bodyText // texts inside TNEF, for mail that has none beside it
	in       desk.Inbound
}

// lineFeeds returns mail whose lines end in bare carriage returns (old Mac
// programs) with line feeds.
func lineFeeds(raw []byte) []byte {
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0 {
		return bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	}
	return raw
}

// complete replaces nil lists, so that JSON shows [].
func (m *message) complete() {
	in := &m.in
	in.To, in.Cc, in.ReplyTo = orEmpty(in.To), orEmpty(in.Cc), orEmpty(in.ReplyTo)
	in.References, in.Warnings, in.Why = orEmpty(in.References), orEmpty(in.Warnings), orEmpty(in.Why)
	in.Attachments = orEmpty(in.Attachments)
	in.Language = language(in.Reply)
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func (m *message) warn(format string, args ...any) {
	if len(m.in.Warnings) < 50 {
		m.in.Warnings = appendOnce(m.in.Warnings, fmt.Sprintf(format, args...))
	}
}

// why notes a signal that decided. It may quote the mail, so it is cut and made
// safe to print.
func (m *message) why(format string, args ...any) {
	m.in.Why = appendOnce(m.in.Why, short(fmt.Sprintf(format, args...), 200))
}

// readHeader fills what the header tells.
func (m *message) readHeader() {
	h, in := m.parts[0].head, &m.in
	m.hint = m.bodyCharset()
	in.Subject = oneLine(decodeWords(h.value("Subject"), m.hint))
	m.readFrom(h)
	in.To = m.addresses(h, "To")
	in.Cc = m.addresses(h, "Cc")
	in.ReplyTo = m.addresses(h, "Reply-To")
	if a := m.addresses(h, "Sender"); len(a) > 0 {
		in.Sender = &a[0]
	}
	if v, ok := h.get("Return-Path"); ok {
		path := strings.Trim(cleanSpec(v, ""), "<> ")
		in.ReturnPath = &path
	}
	if ids := messageIDs(h.value("Message-ID")); len(ids) > 0 {
		in.MessageID = ids[0]
	}
	in.InReplyTo = messageIDs(strings.Join(h.all("In-Reply-To"), " "))
	in.References = messageIDs(strings.Join(h.all("References"), " "))
	if v, ok := h.get("Date"); ok {
		if t, ok := parseDate(v); ok {
			in.Date = &t
		} else {
			m.warn("date not understood")
		}
	}
	m.readTrace(h)
}

// readFrom takes the author. Several From fields or mailboxes are counted: such
// mail gets no privileges.
func (m *message) readFrom(h header) {
	var from []desk.Address
	for _, v := range h.all("From") {
		from = append(from, parseAddresses(v, m.hint)...)
	}
	m.in.FromCount = len(from)
	if len(from) > 0 {
		m.in.From = &from[0]
	}
	switch {
	case len(from) == 0:
		m.warn("no From address")
	case len(from) > 1:
		m.warn("several From addresses")
	}
}

func (m *message) addresses(h header, name string) []desk.Address {
	var out []desk.Address
	for _, v := range h.all(name) {
		out = append(out, parseAddresses(v, m.hint)...)
		if len(out) > maxAddresses {
			m.warn("too many addresses in %s", name)
			return out[:maxAddresses]
		}
	}
	return out
}

// readTrace collects what the way of the mail left in its header.
func (m *message) readTrace(h header) {
	in := &m.in
	for i := range h {
		f := &h[i]
		switch {
		case f.is("Received"):
			in.AuthRaw.Trace = append(in.AuthRaw.Trace, desk.TraceField{Name: "Received", Value: unfold(f.value)})
		case f.is("Authentication-Results"):
			in.AuthRaw.Trace = append(in.AuthRaw.Trace, desk.TraceField{Name: "Authentication-Results", Value: unfold(f.value)})
		case f.is("X-Tierdesk-Loop"):
			in.Loop = unfold(f.value)
		case f.is("Delivered-To"), f.is("X-Original-To"), f.is("Envelope-To"), f.is("X-Envelope-To"), f.is("Resent-To"):
			for _, a := range parseAddresses(unfold(f.value), "") {
				if len(in.Delivered) < 100 {
					in.Delivered = appendOnce(in.Delivered, a.Address)
				}
			}
		}
	}
}

// bodyCharset returns the charset of the first text part that names one, as a
// clean label, or else what its first bytes look like.
func (m *message) bodyCharset() string {
	first := -1
	for i := range m.parts {
		if strings.HasPrefix(m.parts[i].media, "text/") {
			if cs := m.parts[i].params.get("charset"); cs != "" {
				return cleanLabel(cs)
			}
			if first < 0 {
				first = i
			}
		}
	}
	if first < 0 {
		return ""
	}
	sample := decodeTransfer(m.parts[first].body(m.raw), m.parts[first].enc, charsetSample)
	if plainASCII(sample) || mostlyUTF8(sample) {
		return ""
	}
	return detect(sample)
}

// messageIDs returns the ids of a field, without <>. Ids without brackets count
// when they have an "@"; white space inside an id is dropped.
func messageIDs(v string) []string {
	var out []string
	rest := v
	for len(out) < maxFields {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			break
		}
		j := strings.IndexByte(rest[i:], '>')
		if j < 0 {
			if id := cleanID(rest[i+1:]); strings.Contains(id, "@") {
				out = append(out, id) // cut off
			}
			rest = ""
			break
		}
		if id := cleanID(rest[i+1 : i+j]); id != "" {
			out = append(out, id)
		}
		rest = rest[i+j+1:]
	}
	if len(out) > 0 {
		return out
	}
	for _, f := range strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' }) {
		if strings.Contains(f, "@") {
			out = append(out, cleanID(f))
		}
	}
	if len(out) == 0 && v != "" && !strings.ContainsAny(v, " \t<>") {
		out = append(out, cleanID(v))
	}
	return out
}

func cleanID(id string) string {
	return oneLine(withoutBlanks(strings.Trim(id, "<> \t")))
}

// ErrNoPart is returned for a part that a mail does not have.
var ErrNoPart = errors.New("no such part")

// Part returns the decoded content of a part, streamed, and its description;
// index is Attachment.Part. It reads from raw, which must not change meanwhile.
// Errors: ErrNoPart.
func Part(raw []byte, index int) (io.Reader, desk.Attachment, error) {
	raw = lineFeeds(raw)
	parts, _ := readParts(raw)
	m := message{raw: raw, parts: parts}
	if index < 0 || index >= len(parts) {
		return nil, desk.Attachment{}, fmt.Errorf("part %d: %w", index, ErrNoPart)
	}
	m.hint = m.bodyCharset()
	return m.content(index), m.attachment(index), nil
}

// ContentKey returns the SHA-256, in hex, of a mail without the header fields
// that each delivery writes anew, so that two copies of one mail have one key.
// Signatures (DKIM-Signature, ARC-*) are left out too: a forwarder adds its own.
func ContentKey(raw []byte) string {
	s := splitter{raw: raw}
	pos := s.top()
	head, body := s.header(pos, false)
	sum := sha256.New()
	for _, f := range head {
		name := strings.ToLower(string(f.name))
		if deliveryField(name) {
			continue
		}
		io.WriteString(sum, name)
		io.WriteString(sum, ":")
		io.WriteString(sum, unfold(f.value))
		io.WriteString(sum, "\n")
	}
	io.WriteString(sum, "\n")
	sum.Write(bytes.TrimRight(raw[body:], "\r\n"))
	return hex.EncodeToString(sum.Sum(nil))
}

// deliveryField reports header fields that are written by the way of a mail and
// not by its author.
func deliveryField(name string) bool {
	switch name {
	case "received", "return-path", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to",
		"authentication-results", "received-spf", "dkim-signature", "x-google-dkim-signature", "domainkey-signature",
		"x-received", "x-forwarded-to", "x-forwarded-for", "x-gm-message-state", "x-google-smtp-source", "status", "x-status", "x-uid", "x-mozilla-status",
		"lines", "content-length", "x-envelope-from", "x-spam-status", "x-spam-score", "x-spam-level", "x-spam-flag", "x-spam-checker-version", "x-virus-scanned":
		return true
	}
	return strings.HasPrefix(name, "arc-") || strings.HasPrefix(name, "x-ms-exchange-") || strings.HasPrefix(name, "resent-")
}
