package mailout

import (
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
	text, html, err := r.Texts(o)
	if err != nil {
		return nil, err
	}
	var h header
	if err := r.writeHeader(&h, o, to, created); err != nil {
		return nil, err
	}
	body := newBody(ctx, r, o, text, html)
	if err := body.write(&h.Buffer); err != nil {
		return nil, err
	}
	return sign(h.Bytes(), r.Signatures)
}

// Texts returns both forms of what the mail says.
func (r *Renderer) Texts(o *desk.Outgoing) (text, html string, err error) {
	l := r.newLetter(o)
	text, html, err = r.Templates().Render(l.Template, l.Language, l)
	if err != nil {
		return "", "", fmt.Errorf("render %s: %w", l.Template, err)
	}
	return text, html, nil
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
