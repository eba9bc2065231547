package parse

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"tierdesk/desk"
)

// bodyText is one stretch of the mail's text: the parts that hold it as plain
// text, as HTML, or both.
type bodyText struct{ plain, html []int }

// readBody fills Text, Reply, Quoted, Forwarded and Attachments.
func (m *message) readBody() {
	texts := m.walk(0)
	if len(texts) == 0 {
		texts = m.spare
	}
	if len(texts) == 0 {
		texts = m.inlineFile()
	}
	lines := m.renderAll(texts)
	m.in.Text = joinLines(lines)
	if len(texts) == 1 {
		m.borrowSignature(texts[0], lines)
	}
	a := cutReply(lines, m.hints())
	if !a.cut {
		a = m.htmlReply(texts, a)
	}
	m.in.Reply, m.in.Quoted, m.in.Forwarded, m.in.Bare = a.reply, a.quoted, a.forwarded, a.bare
	if a.why != "" {
		m.why("reply cut by %s", a.why)
	}
}

func (m *message) hints() hints {
	h := hints{delimiter: m.opt.Delimiter, answers: m.answers()}
	if m.in.From != nil {
		h.sender = strings.ToLower(m.in.From.Name + " " + m.in.From.Address)
	}
	return h
}

// answers reports a mail that answers or forwards another, by its header.
func (m *message) answers() bool {
	return len(m.in.InReplyTo)+len(m.in.References) > 0 || replied(m.in.Subject)
}

// renderAll returns the lines of all texts. HTML that says the same as the plain
// text before it is left out: some mailers write multipart/mixed for alternative.
func (m *message) renderAll(texts []bodyText) []textLine {
	var lines, last []textLine
	for i, t := range texts {
		next := m.render(t)
		if i > 0 && len(t.plain) == 0 && len(texts[i-1].html) == 0 && sameText(last, next) {
			continue
		}
		lines = append(lines, next...)
		last = next
	}
	return lines
}

// sameText reports two texts that begin with the same letters.
func sameText(a, b []textLine) bool {
	x, y := letters(a), letters(b)
	return x != "" && x == y
}

// letters returns the first letters and digits of a text.
func letters(lines []textLine) string {
	var b strings.Builder
	for i := range lines {
		for _, r := range lines[i].text {
			if b.Len() > 120 {
				return b.String()
			}
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// htmlReply looks at the HTML of a mail whose plain text shows no history: some
// clients write the plain text without any mark of what is quoted.
func (m *message) htmlReply(texts []bodyText, plain answer) answer {
	if len(texts) != 1 || len(texts[0].html) == 0 || len(texts[0].plain) == 0 {
		return plain
	}
	var lines []textLine
	for _, i := range texts[0].html {
		lines = append(lines, m.renderPart(i)...)
	}
	if a := cutReply(lines, m.hints()); a.cut {
		return a
	}
	return plain
}

// walk returns the texts of part i and of what it contains, in order, and lists
// its attachments.
func (m *message) walk(i int) []bodyText {
	p := &m.parts[i]
	if !p.multi {
		return m.walkLeaf(i)
	}
	if p.media == "multipart/encrypted" {
		m.warn("encrypted: the text cannot be read")
	}
	var out []bodyText
	var alt bodyText
	for j := i + 1; j < len(m.parts) && m.parts[j].depth > p.depth; j++ {
		if m.parts[j].parent != i {
			continue
		}
		texts := m.walk(j)
		if p.media == "multipart/alternative" {
			alt.merge(texts)
		} else {
			out = append(out, texts...)
		}
	}
	if len(alt.plain)+len(alt.html) > 0 {
		out = append(out, alt)
	}
	return out
}

// merge adds one alternative: its plain text when there is none yet, its HTML
// when it is richer than what there is.
func (t *bodyText) merge(texts []bodyText) {
	var plain, html []int
	for _, x := range texts {
		plain = append(plain, x.plain...)
		html = append(html, x.html...)
	}
	if len(t.plain) == 0 || len(html) == 0 && len(texts) == 1 {
		t.plain = append(t.plain, plain...)
	}
	if len(t.html) == 0 {
		t.html = html
	}
}

func (m *message) walkLeaf(i int) []bodyText {
	p := &m.parts[i]
	if m.isText(i) {
		if p.inner > 0 {
			m.walk(p.inner) // uuencoded files
		}
		if p.media == "text/html" {
			return []bodyText{{html: []int{i}}}
		}
		return []bodyText{{plain: []int{i}}}
	}
	a := m.attachment(i)
	m.in.Attachments = append(m.in.Attachments, a)
	m.keepText(a)
	if p.inner == 0 {
		return nil
	}
	texts := m.walk(p.inner)
	if strings.HasPrefix(p.media, "application/pkcs7") || strings.HasPrefix(p.media, "application/x-pkcs7") {
		return texts
	}
	m.spare = append(m.spare, texts...) // of TNEF: the mail's own text is better
	return nil
}

// inlineFile returns the text file that stands in place of a text, as Netscape
// sends an empty mail with a file to be shown.
func (m *message) inlineFile() []bodyText {
	for _, a := range m.in.Attachments {
		if a.Inline && a.ContentType == "text/plain" {
			return []bodyText{{plain: []int{a.Part}}}
		}
	}
	return nil
}

// isText reports whether a leaf is part of the text that a reader sees, and not
// an attachment.
func (m *message) isText(i int) bool {
	p := &m.parts[i]
	switch p.media {
	case "text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown":
	default:
		return strings.HasPrefix(p.media, "multipart/") // without parts: a text
	}
	disposition, ps := parseParams(p.head.value("Content-Disposition"))
	if strings.EqualFold(strings.TrimSpace(disposition), "attachment") {
		return i == 0 && ps.get("filename") == ""
	}
	named := ps.get("filename") != "" || p.params.get("name") != ""
	if !named {
		return true
	}
	// A text with a name is a file, but some clients name the body, too.
	return i == 0 || p.parent >= 0 && (m.parts[p.parent].media == "multipart/alternative" || i == p.parent+1 && disposition == "")
}

// render returns the lines of a text: its plain form, or the HTML where the plain
// one is empty or only says that there is HTML.
func (m *message) render(t bodyText) []textLine {
	var lines []textLine
	for _, i := range t.plain {
		lines = append(lines, m.renderPart(i)...)
	}
	if len(t.html) == 0 || !emptyText(lines) && !stubText(lines) {
		return lines
	}
	lines = nil
	for _, i := range t.html {
		lines = append(lines, m.renderPart(i)...)
	}
	return lines
}

func emptyText(lines []textLine) bool {
	for i := range lines {
		if normalLine(lines[i].text) != "" {
			return false
		}
	}
	return true
}

// stubText reports the plain text of mailers that write none: "Your mail client
// does not support HTML".
func stubText(lines []textLine) bool {
	if len(lines) > 12 {
		return false
	}
	for i := range lines {
		low := strings.ToLower(lines[i].text)
		if strings.Contains(low, "html") && (strings.Contains(low, "your e") || strings.Contains(low, "viewer") || strings.Contains(low, "your mail") || strings.Contains(low, "client")) {
			return len(lines) <= 4 && !strings.Contains(low, "http")
		}
	}
	return false
}

// renderPart returns the lines of one text part.
func (m *message) renderPart(i int) []textLine {
	p := &m.parts[i]
	text := m.decodeText(i)
	switch p.media {
	case "text/html":
		return renderHTML([]byte(text))
	case "text/enriched", "text/richtext":
		text = enrichedText(text)
	}
	if strings.EqualFold(p.params.get("format"), "flowed") {
		text = unflow(text, strings.EqualFold(p.params.get("delsp"), "yes"))
	}
	return plainLines(text)
}

// decodeText returns a text part in UTF-8, within what is left of the limit.
func (m *message) decodeText(i int) string {
	p := &m.parts[i]
	b := decodeTransfer(p.body(m.raw), p.enc, m.left)
	if m.left -= len(b); m.left <= 0 {
		m.warn("text cut at %d bytes", maxText)
	}
	if p.inner > 0 {
		b = cutUU(b)
	}
	label := p.params.get("charset")
	if label == "" && p.media == "text/html" && !utf8.Valid(b) {
		label = metaCharset(b)
	}
	return desk.Printable(decodeCharset(b, label, ""))
}

func plainLines(text string) []textLine {
	text = strings.TrimRight(text, "\n \t")
	if text == "" {
		return nil
	}
	lines := make([]textLine, 0, strings.Count(text, "\n")+1)
	for text != "" {
		var l string
		l, text, _ = strings.Cut(text, "\n")
		lines = append(lines, textLine{text: strings.TrimRight(l, " \t")})
	}
	return lines
}

func joinLines(lines []textLine) string {
	var b strings.Builder
	for i := range lines {
		b.WriteString(lines[i].text)
		b.WriteByte('\n')
	}
	return strings.Trim(b.String(), "\n")
}

// content streams the decoded content of a part.
func (m *message) content(i int) io.Reader {
	p := &m.parts[i]
	return contentReader(p.body(m.raw), p.enc)
}

// attachment describes a part, with the size and hash of its decoded content.
func (m *message) attachment(i int) desk.Attachment {
	p := &m.parts[i]
	disposition, ps := parseParams(p.head.value("Content-Disposition"))
	a := desk.Attachment{ContentType: p.media, Part: i}
	a.Filename = m.filename(ps.get("filename"))
	if a.Filename == "" {
		a.Filename = m.filename(p.params.get("name"))
	}
	if a.Filename == "" && p.media != "message/rfc822" {
		a.Filename = m.filename(p.head.value("Content-Location")) // RFC 2557
	}
	if ids := messageIDs(p.head.value("Content-ID")); len(ids) > 0 {
		a.ContentID = ids[0]
	}
	a.Inline = strings.EqualFold(strings.TrimSpace(disposition), "inline") || disposition == "" && a.ContentID != ""
	sum := sha256.New()
	a.Size, _ = io.Copy(sum, m.content(i)) // neither side can fail
	a.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return a
}

// filename returns an attachment's name as text that is safe to show: decoded,
// without a path and without control characters.
func (m *message) filename(s string) string {
	if s == "" {
		return ""
	}
	s = desk.OneLine(decodeWords(s, m.hint))
	if i := strings.LastIndexAny(s, `/\`); i >= 0 && i+1 < len(s) {
		s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	}
	if len(s) > 255 {
		s = strings.ToValidUTF8(s[:255], "")
	}
	if s == "." || s == ".." {
		return ""
	}
	return s
}
