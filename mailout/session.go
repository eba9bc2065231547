package mailout

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/emersion/go-smtp"

	"tierdesk/desk"
)

// session is an open connection to the relay, ready for a mail. Its commands end
// when the context ends, by closing the connection under them.
type session struct {
	raw    net.Conn
	client *smtp.Client
	used   bool // has carried a mail: the server may have closed it since

	certificateEnds time.Time // zero without TLS
}

// envelope is the SMTP side of a mail.
type envelope struct {
	id       int64 // of the outbox item; DSNs come back with it
	from, to string
	utf8     bool // an address needs SMTPUTF8
	size     int
}

func newEnvelope(item *desk.OutItem, size int) (envelope, error) {
	e := envelope{id: item.ID, size: size}
	var err error
	if e.to, e.utf8, err = wireAddress(item.Outgoing.To.Address); err != nil {
		return e, err
	}
	if item.Outgoing.EnvelopeFrom != "" { // else the null return path
		var utf8 bool
		if e.from, utf8, err = wireAddress(item.Outgoing.EnvelopeFrom); err != nil {
			return e, fmt.Errorf("return path: %w", err)
		}
		e.utf8 = e.utf8 || utf8
	}
	return e, nil
}

// errDotOpen says that the connection was lost after the final dot may have been
// sent: nobody knows whether the relay has the mail (RFC 1047).
var errDotOpen = errors.New("connection lost after the final dot; the mail may have arrived")

// relayError is a failure that would meet every mail: of the connection, or a
// reply that speaks of the server and not of the mail.
type relayError struct{ err error }

func (e *relayError) Error() string { return e.err.Error() }
func (e *relayError) Unwrap() error { return e.err }

// tooLargeError is a refusal of a mail for its size alone, before any of it was
// sent.
type tooLargeError struct {
	err    error
	excess int // bytes over the limit; the whole size when the limit is not known
}

func (e *tooLargeError) Error() string { return e.err.Error() }
func (e *tooLargeError) Unwrap() error { return e.err }

// begin sends the envelope. After an error that is no relayError the session can
// be reset.
func (s *session) begin(ctx context.Context, e envelope) error {
	if most, ok := s.client.MaxMessageSize(); ok && most > 0 && e.size > most {
		return &tooLargeError{refuse("the mail has %d bytes and the relay takes at most %d", e.size, most), e.size - most}
	}
	if offered, _ := s.client.Extension("SMTPUTF8"); e.utf8 && !offered {
		return refuse("the relay takes no address with other than ASCII letters before the @ (SMTPUTF8)")
	}
	defer s.guard(ctx)()
	if err := s.client.Mail(e.from, mailOptions(e)); err != nil {
		if code(err) == 552 { // RFC 1870 section 6.1
			return &tooLargeError{err, e.size}
		}
		return asRelayError(err, wholeServer(err) || code(err) == 451 || code(err) == 452)
	}
	if err := s.client.Rcpt(e.to, rcptOptions(e)); err != nil {
		return asRelayError(err, wholeServer(err))
	}
	return nil
}

func mailOptions(e envelope) *smtp.MailOptions {
	opts := &smtp.MailOptions{Size: int64(e.size), UTF8: e.utf8}
	if e.from != "" { // RFC 3461: reports go to the return path
		opts.Return = smtp.DSNReturnHeaders
		opts.EnvelopeID = strconv.FormatInt(e.id, 10)
	}
	return opts
}

func rcptOptions(e envelope) *smtp.RcptOptions {
	if e.from == "" {
		return nil
	}
	opts := &smtp.RcptOptions{
		Notify:                []smtp.DSNNotify{smtp.DSNNotifyFailure, smtp.DSNNotifyDelayed},
		OriginalRecipient:     e.to,
		OriginalRecipientType: smtp.DSNAddressTypeRFC822,
	}
	if !isASCII(e.to) {
		opts.OriginalRecipientType = smtp.DSNAddressTypeUTF8
	}
	return opts
}

// send transmits the mail after begin and returns the relay's reply. When it
// fails before the final dot nothing but the connection is closed, since go-smtp
// would finish the half mail with a dot of its own.
func (s *session) send(ctx context.Context, mail []byte) (reply string, err error) {
	s.used = true
	data, err := s.start(ctx, mail)
	if err != nil {
		return "", err
	}
	defer s.guard(ctx)()
	response, err := data.CloseWithResponse()
	if _, replied := errors.AsType[*smtp.SMTPError](err); err != nil && !replied {
		return "", errDotOpen
	}
	if err != nil {
		return "", asRelayError(err, wholeServer(err) || code(err) == 452)
	}
	return "250 " + desk.OneLine(response.StatusText), nil
}

// start sends DATA and the mail without its final dot.
func (s *session) start(ctx context.Context, mail []byte) (*smtp.DataCommand, error) {
	ctx, cancel := context.WithTimeout(ctx, dataTimeout)
	defer cancel()
	defer s.guard(ctx)()
	data, err := s.client.Data()
	if err != nil {
		return nil, asRelayError(err, wholeServer(err))
	}
	if _, err := data.Write(mail); err != nil {
		s.raw.Close()
		return nil, &relayError{err}
	}
	return data, nil
}

// reset makes the session ready for the next mail after a refusal.
func (s *session) reset(ctx context.Context) error {
	defer s.guard(ctx)()
	return s.client.Reset()
}

// quit ends a session that is between two mails.
func (s *session) quit() {
	ctx, cancel := context.WithTimeout(context.Background(), quitTimeout)
	defer cancel()
	defer s.guard(ctx)()
	if s.client.Quit() != nil {
		s.raw.Close()
	}
}

// close drops the connection, whatever its state.
func (s *session) close() { s.raw.Close() }

// guard closes the connection when ctx ends before the returned func is called.
func (s *session) guard(ctx context.Context) (stop func()) {
	cancel := context.AfterFunc(ctx, func() { s.raw.Close() })
	return func() { cancel() }
}

func asRelayError(err error, whole bool) error {
	if _, replied := errors.AsType[*smtp.SMTPError](err); !replied || whole {
		return &relayError{err}
	}
	return err
}

// wholeServer reports a reply that is about the server or our login: it closes
// (421), or wants TLS or a login that we do not give (RFC 4954 section 6).
func wholeServer(err error) bool {
	switch code(err) {
	case 421, 454, 530, 534, 535, 538:
		return true
	}
	return false
}

func code(err error) int {
	if reply, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return reply.Code
	}
	return 0
}
