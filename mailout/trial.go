package mailout

import (
	"bytes"
	"context"
	"time"

	"github.com/emersion/go-message"

	"tierdesk/desk"
)

// Trial returns a plain mail from the desk to itself, with the header fields and
// signatures of every outgoing mail.
func (r *Renderer) Trial(o *desk.Outgoing, text string, created time.Time) ([]byte, error) {
	to, _, err := wireAddress(o.To.Address)
	if err != nil {
		return nil, err
	}
	var h header
	if err := r.writeHeader(&h, o, to, created); err != nil {
		return nil, err
	}
	var body message.Header
	body.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
	body.Set("Content-Transfer-Encoding", "quoted-printable")
	w, err := message.CreateWriter(&h.Buffer, body)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(bytes.ReplaceAll([]byte(text), []byte("\n"), []byte("\r\n"))); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sign(h.Bytes(), r.Signatures)
}

// Send hands one mail to the relay, past the outbox: when it fails nobody tries again.
func (r *Relay) Send(ctx context.Context, o *desk.Outgoing, mail []byte) error {
	e, err := newEnvelope(&desk.OutItem{Outgoing: *o}, len(mail))
	if err != nil {
		return err
	}
	s, err := r.dial(ctx)
	if err != nil {
		return err
	}
	if err = s.begin(ctx, e); err == nil {
		_, err = s.send(ctx, mail)
	}
	if err != nil {
		s.close()
		return err
	}
	s.quit()
	return nil
}
