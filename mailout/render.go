package mailout

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"tierdesk/desk"
	"tierdesk/templates"
)

// maxMail bounds the mails that are built, in bytes.
const maxMail = 64 << 20

// Renderer turns an Outgoing into the bytes of a mail. The same Outgoing always
// becomes the same bytes, as long as the templates are the same. It is safe for
// concurrent use.
type Renderer struct {
	Desk *desk.Desk
	Keys desk.Keyring
	// Templates returns the set to use; it is asked for each mail, so that a
	// reload takes effect with the next one.
	Templates func() *templates.Set
	// Attachments opens the content of a stored part.
	Attachments func(context.Context, desk.AttachmentRef) (io.ReadCloser, error)
	// LookupMX finds the mail exchangers of a domain, to refuse mail to those that
	// say they take none; nil leaves that to the relay.
	LookupMX func(ctx context.Context, domain string) ([]*net.MX, error)
}

// Render returns the mail with CRLF line ends, in ASCII unless an address has a
// non-ASCII local part, no line longer than 998 octets. created is its Date. The
// error is a RefusedError when the mail must never go out.
func (r *Renderer) Render(ctx context.Context, o *desk.Outgoing, created time.Time) ([]byte, error) {
	to, _, err := wireAddress(o.To.Address)
	if err != nil {
		return nil, err
	}
	if err := r.checkRecipient(ctx, o, to); err != nil {
		return nil, err
	}
	l := r.newLetter(o)
	text, html, err := r.Templates().Render(l.Template, l.Language, l)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", l.Template, err)
	}
	var h header
	if err := r.writeHeader(&h, o, to, created); err != nil {
		return nil, err
	}
	h.add("MIME-Version", "1.0")
	body := r.alternative(o, strings.TrimSpace(text)+"\n", html)
	if len(o.Attachments) > 0 {
		if body, err = r.withAttachments(ctx, o, body); err != nil {
			return nil, err
		}
	}
	return append(h.Bytes(), body...), nil
}

// alternative returns both forms of the text as a MIME entity, the plainest
// first (RFC 2046 section 5.1.4).
func (r *Renderer) alternative(o *desk.Outgoing, text, html string) []byte {
	m := newMultipart("alternative", o.MessageID)
	m.part(textPart("text/plain", text))
	m.part(textPart("text/html", html))
	return m.close()
}

func (r *Renderer) withAttachments(ctx context.Context, o *desk.Outgoing, body []byte) ([]byte, error) {
	m := newMultipart("mixed", o.MessageID)
	m.part(body)
	for _, ref := range o.Attachments {
		part, err := r.attachment(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("attach part %d of mail %d: %w", ref.Part, ref.Raw, err)
		}
		m.part(part)
		if m.Len() > maxMail {
			return nil, refuse("the mail with its attachments is larger than %d MiB", maxMail>>20)
		}
	}
	return m.close(), nil
}

func (r *Renderer) attachment(ctx context.Context, ref desk.AttachmentRef) ([]byte, error) {
	src, err := r.Attachments(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	content, err := io.ReadAll(io.LimitReader(src, maxMail+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxMail {
		return nil, refuse("%s is larger than %d MiB", fileName(ref.Filename), maxMail>>20)
	}
	disposition := "attachment"
	if ref.Inline {
		disposition = "inline"
	}
	var h header
	h.add("Content-Type", attachmentType(ref.ContentType))
	h.add("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": fileName(ref.Filename)}))
	h.add("Content-ID", idList(ref.ContentID))
	h.add("Content-Transfer-Encoding", "base64")
	h.WriteString("\r\n")
	writeBase64(&h.Buffer, content)
	return h.Bytes(), nil
}

// attachmentType returns a type that may be base64 encoded (RFC 2046 section
// 5.2 forbids it for messages), without parameters of a stranger's making.
func attachmentType(s string) string {
	t, _, err := mime.ParseMediaType(s)
	kind, _, ok := strings.Cut(t, "/")
	if err != nil || !ok || kind == "multipart" || kind == "message" || !isASCII(t) {
		return "application/octet-stream"
	}
	return t
}

// fileName makes a stranger's file name fit for a parameter: the base name, one
// line, short enough for the line limit when percent-encoded.
func fileName(s string) string {
	s = desk.OneLine(path.Base(strings.ReplaceAll(s, `\`, "/")))
	if s == "" || s == "." || s == "/" {
		return "attachment"
	}
	const most = 60
	if runes := []rune(s); len(runes) > most {
		ext := []rune(path.Ext(s))
		if len(ext) > 10 {
			ext = nil
		}
		s = string(runes[:most-len(ext)]) + string(ext)
	}
	return s
}

// multipartWriter writes a MIME multipart whose boundary follows from the Message-ID.
// It starts with "=_", which neither base64 nor quoted-printable can produce.
type multipartWriter struct {
	header
	boundary string
}

func newMultipart(subtype, messageID string) *multipartWriter {
	sum := sha256.Sum256([]byte(subtype + messageID))
	m := &multipartWriter{boundary: "=_" + hex.EncodeToString(sum[:12])}
	m.add("Content-Type", "multipart/"+subtype+`; boundary="`+m.boundary+`"`)
	m.WriteString("\r\n")
	return m
}

func (m *multipartWriter) part(entity []byte) {
	m.WriteString("--" + m.boundary + "\r\n")
	m.Write(entity)
	m.WriteString("\r\n")
}

func (m *multipartWriter) close() []byte {
	m.WriteString("--" + m.boundary + "--\r\n")
	return m.Bytes()
}

// textPart encodes a text in the shorter and more readable of the two encodings.
func textPart(contentType, text string) []byte {
	text = desk.Printable(strings.ToValidUTF8(text, "\uFFFD"))
	var h header
	h.add("Content-Type", contentType+"; charset=utf-8")
	foreign := len(text) - utf8.RuneCountInString(text) // continuation bytes
	if foreign*4 > len(text) {
		h.add("Content-Transfer-Encoding", "base64")
		h.WriteString("\r\n")
		writeBase64(&h.Buffer, []byte(strings.ReplaceAll(text, "\n", "\r\n")))
		return h.Bytes()
	}
	h.add("Content-Transfer-Encoding", "quoted-printable")
	h.WriteString("\r\n")
	w := quotedprintable.NewWriter(&h)
	io.WriteString(w, text) // a buffer takes everything
	w.Close()
	return h.Bytes()
}

func writeBase64(b *bytes.Buffer, content []byte) {
	const line = 57 // bytes that make 76 characters
	b.Grow(len(content)*78/line + 80)
	for len(content) > 0 {
		n := min(line, len(content))
		b.Write(base64.StdEncoding.AppendEncode(b.AvailableBuffer(), content[:n]))
		b.WriteString("\r\n")
		content = content[n:]
	}
}
