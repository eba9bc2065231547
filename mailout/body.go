package mailout

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-message"

	"tierdesk/desk"
)

// body is what a mail says in both forms, with its files.
type body struct {
	*Renderer
	ctx        context.Context
	mail       *desk.Outgoing
	text, html string
	pictures   []desk.AttachmentRef // that the HTML shows
	files      []desk.AttachmentRef
}

func newBody(ctx context.Context, r *Renderer, o *desk.Outgoing, text, html string) *body {
	m := &body{Renderer: r, ctx: ctx, mail: o, text: text, html: html}
	shown := pictures(o)
	for _, ref := range o.Attachments {
		if shown[ref.ContentID] {
			m.pictures = append(m.pictures, ref)
		} else {
			m.files = append(m.files, ref)
		}
	}
	return m
}

// create starts a MIME entity: the whole body, or a part of a multipart.
type create func(message.Header) (*message.Writer, error)

// write adds the body to a header.
func (m *body) write(b *bytes.Buffer) error {
	start := func(h message.Header) (*message.Writer, error) { return message.CreateWriter(b, h) }
	write := m.mixed
	if len(m.files) == 0 {
		write = m.related
	}
	if err := write(start); err != nil {
		return err
	}
	if b.Len() > maxMail {
		return tooLarge()
	}
	return nil
}

func tooLarge() error {
	return refuse("the mail with its attachments is larger than %d MiB", maxMail>>20)
}

// mixed writes the text and the files below it.
func (m *body) mixed(start create) error {
	w, err := start(multipartHeader("mixed", m.mail.MessageID))
	if err != nil {
		return err
	}
	if err := m.related(w.CreatePart); err != nil {
		return err
	}
	if err := m.attach(w, m.files); err != nil {
		return err
	}
	return w.Close()
}

// related writes the text, together with the pictures that it shows (RFC 2387).
func (m *body) related(start create) error {
	if len(m.mail.Parts)+len(m.pictures) == 0 {
		return m.alternative(start)
	}
	h := multipartHeader("related", m.mail.MessageID)
	_, params, err := h.ContentType()
	if err != nil {
		return err
	}
	params["type"] = "multipart/alternative"
	h.SetContentType("multipart/related", params)
	w, err := start(h)
	if err != nil {
		return err
	}
	if err := m.alternative(w.CreatePart); err != nil {
		return err
	}
	for i := range m.mail.Parts {
		if err := generated(w, &m.mail.Parts[i]); err != nil {
			return err
		}
	}
	if err := m.attach(w, m.pictures); err != nil {
		return err
	}
	return w.Close()
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
	if err := writeText(w, "text/html", m.html); err != nil {
		return err
	}
	return w.Close()
}

func generated(w *message.Writer, p *desk.GeneratedPart) error {
	var h message.Header
	h.SetContentType(attachmentType(p.ContentType), nil)
	h.SetContentDisposition("inline", map[string]string{"filename": desk.FileName(p.Filename)})
	h.Set("Content-Id", idList(p.ContentID))
	h.Set("Content-Transfer-Encoding", "base64")
	part, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	if _, err := part.Write(p.Content); err != nil {
		return err
	}
	return part.Close()
}

func (m *body) attach(w *message.Writer, files []desk.AttachmentRef) error {
	size := int64(0)
	for _, ref := range files {
		n, err := m.attachment(w, ref)
		if err != nil {
			return fmt.Errorf("attach part %d of mail %d: %w", ref.Part, ref.Raw, err)
		}
		if size += n; size > maxMail {
			return tooLarge()
		}
	}
	return nil
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
