package mailout

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message"

	"tierdesk/desk"
	"tierdesk/templates"
)

// maxMail bounds the mails that are built, in bytes.
const maxMail = 64 << 20

// Renderer turns an Outgoing into the bytes of a mail. The same Outgoing always
// becomes the same bytes, as long as the templates are the same and but for the time
// in its signatures. It is safe for concurrent use.
type Renderer struct {
	Desk *desk.Desk
	Keys desk.Keyring
	// Templates returns the set to use; it is asked for each mail, so that a
	// reload takes effect with the next one.
	Templates func() *templates.Set
	// Attachments opens the content of a stored part.
	Attachments func(context.Context, desk.AttachmentRef) (io.ReadCloser, error)
	Signatures  []Signature // on every mail
}

// Render returns the mail with CRLF line ends, in ASCII unless an address has a
// non-ASCII local part, no line longer than 998 octets. created is its Date. The
// error is a RefusedError when the mail must never go out.
func (r *Renderer) Render(ctx context.Context, o *desk.Outgoing, created time.Time) ([]byte, error) {
	to, _, err := wireAddress(o.To.Address)
	if err != nil {
		return nil, err
	}
	if err := r.checkRecipient(o, to); err != nil {
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
	b := &h.Buffer
	body := body{Renderer: r, ctx: ctx, mail: o, text: text, html: html}
	body.sort()
	if len(body.files) == 0 {
		err = body.alternative(createIn(b))
	} else {
		err = body.mixed(b)
	}
	if b.Len() > maxMail && err == nil {
		err = refuse("the mail with its attachments is larger than %d MiB", maxMail>>20)
	}
	if err != nil {
		return nil, err
	}
	return sign(b.Bytes(), r.Signatures)
}

// body is the text of a mail in both forms, with its files.
type body struct {
	*Renderer
	ctx        context.Context
	mail       *desk.Outgoing
	text, html string
	pictures   []desk.AttachmentRef // that the HTML shows
	files      []desk.AttachmentRef
}

func (m *body) sort() {
	shown := pictures(m.mail)
	for _, ref := range m.mail.Attachments {
		if shown[ref.ContentID] {
			m.pictures = append(m.pictures, ref)
		} else {
			m.files = append(m.files, ref)
		}
	}
}

// create starts a MIME entity: the whole body, or a part of a multipart.
type create func(message.Header) (*message.Writer, error)

// createIn starts an entity at the end of b.
func createIn(b *bytes.Buffer) create {
	return func(h message.Header) (*message.Writer, error) { return message.CreateWriter(b, h) }
}

// alternative writes both forms of the text, the plainest first (RFC 2046 section
// 5.1.4).
func (m *body) alternative(start create) error {
	w, err := start(multipartHeader("alternative", m.mail.MessageID))
	if err != nil {
		return err
	}
	if err := writeText(w, "text/plain", strings.TrimSpace(m.text)+"\n"); err != nil {
		return err
	}
	if len(m.pictures) == 0 {
		err = writeText(w, "text/html", m.html)
	} else {
		err = m.related(w.CreatePart)
	}
	if err != nil {
		return err
	}
	return w.Close()
}

// related writes the HTML with the pictures that it shows (RFC 2387).
func (m *body) related(start create) error {
	h := multipartHeader("related", m.mail.MessageID)
	_, params, err := h.ContentType()
	if err != nil {
		return err
	}
	params["type"] = "text/html"
	h.SetContentType("multipart/related", params)
	w, err := start(h)
	if err != nil {
		return err
	}
	if err := writeText(w, "text/html", m.html); err != nil {
		return err
	}
	return m.attach(w, m.pictures)
}

func (m *body) mixed(b *bytes.Buffer) error {
	w, err := message.CreateWriter(b, multipartHeader("mixed", m.mail.MessageID))
	if err != nil {
		return err
	}
	if err := m.alternative(w.CreatePart); err != nil {
		return err
	}
	return m.attach(w, m.files)
}

// attach writes files, which end their multipart.
func (m *body) attach(w *message.Writer, files []desk.AttachmentRef) error {
	size := int64(0)
	for _, ref := range files {
		n, err := m.attachment(w, ref)
		if err != nil {
			return fmt.Errorf("attach part %d of mail %d: %w", ref.Part, ref.Raw, err)
		}
		if size += n; size > maxMail {
			return refuse("the mail with its attachments is larger than %d MiB", maxMail>>20)
		}
	}
	return w.Close()
}

// attachment writes one file and returns its size.
func (m *body) attachment(w *message.Writer, ref desk.AttachmentRef) (int64, error) {
	src, err := m.Attachments(m.ctx, ref)
	if err != nil {
		return 0, err
	}
	defer src.Close()
	disposition := "attachment"
	if ref.Inline {
		disposition = "inline"
	}
	var h message.Header
	h.SetContentType(attachmentType(ref.ContentType), nil)
	h.SetContentDisposition(disposition, map[string]string{"filename": desk.FileName(m.words(m.mail, ref.Filename))})
	if id := idList(ref.ContentID); id != "" {
		h.Set("Content-Id", id)
	}
	h.Set("Content-Transfer-Encoding", "base64")
	part, err := w.CreatePart(h)
	if err != nil {
		return 0, err
	}
	content := io.Reader(src)
	if !toCustomer(m.mail.Kind) {
		if content, err = withoutSecrets(ref, src); err != nil {
			return 0, err
		}
	}
	n, err := io.Copy(part, io.LimitReader(content, maxMail+1))
	switch {
	case err != nil:
		return n, err
	case n > maxMail:
		return n, refuse("%s is larger than %d MiB", desk.FileName(ref.Filename), maxMail>>20)
	}
	return n, part.Close()
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

// multipartHeader starts a MIME multipart whose boundary follows from the Message-ID, so
// that every rendering is the same. It starts with "=_", which neither base64 nor
// quoted-printable can produce.
func multipartHeader(subtype, messageID string) message.Header {
	sum := sha256.Sum256([]byte(subtype + messageID))
	var h message.Header
	h.SetContentType("multipart/"+subtype, map[string]string{"boundary": "=_" + hex.EncodeToString(sum[:12])})
	return h
}

// writeText adds a text in the shorter and more readable of the two encodings.
func writeText(w *message.Writer, contentType, text string) error {
	text = desk.Printable(strings.ToValidUTF8(text, "\uFFFD"))
	encoding := "quoted-printable"
	if foreign := len(text) - utf8.RuneCountInString(text); foreign*4 > len(text) { // continuation bytes
		encoding = "base64"
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	var h message.Header
	h.SetContentType(contentType, map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", encoding)
	part, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(part, text); err != nil {
		return err
	}
	return part.Close()
}
