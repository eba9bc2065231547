package mailout

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The timeouts of RFC 5321 section 4.5.3.2 or longer. The wait after the final dot
// is the longest, since cutting it short is how mail is sent twice; only a stop
// does, after Config.Grace.
const (
	connectTimeout = 30 * time.Second
	sessionTimeout = 5 * time.Minute // connection, TLS, greeting and login together
	commandTimeout = 5 * time.Minute
	dataTimeout    = 10 * time.Minute
	dotTimeout     = 12 * time.Minute
	quitTimeout    = time.Second
	// maxDialogue bounds what is read before TLS starts, in bytes.
	maxDialogue = 64 << 10
)

// Security says how the connection to the relay is protected.
type Security int

// The securities of a connection.
const (
	StartTLS          Security = iota // required; there is no fallback
	ImplicitTLS                       // RFC 8314
	PlaintextInsecure                 // for a relay on this machine
)

// Credentials log in without a password.
type Credentials interface {
	// Client returns the SASL client of one login; offers tells which mechanisms the
	// server has.
	Client(ctx context.Context, offers func(mechanism string) bool) (sasl.Client, error)
	// Renew drops what the server has refused, so that the next Client is another one.
	Renew()
}

// Relay is the SMTP server that takes all our mail.
type Relay struct {
	Address  string // host:port
	Security Security
	TLS      *tls.Config // nil: the system's roots; the name is taken from Address
	Hello    string      // our fully qualified host name
	User     string      // "" means no login
	Password string
	// Credentials are used instead of User and Password when not nil.
	Credentials Credentials
}

// Validate reports what is missing.
func (r *Relay) Validate() error {
	_, _, err := net.SplitHostPort(r.Address)
	var problems []error
	if err != nil {
		problems = append(problems, fmt.Errorf("smtp server: %w", err))
	}
	if strings.ContainsAny(r.Hello, " \r\n") || r.Hello == "" {
		problems = append(problems, fmt.Errorf("smtp: %q is no host name to greet with", r.Hello))
	}
	if r.User != "" && r.Password == "" && r.Credentials == nil {
		problems = append(problems, errors.New("smtp: a user needs a password"))
	}
	return errors.Join(problems...)
}

// dial opens a session: connection, TLS, greeting, login. Every error means that
// the relay cannot be used now, whatever its reply code says about mail.
// Credentials that it refuses are renewed once, since they may have been withdrawn
// early.
func (r *Relay) dial(ctx context.Context) (*session, error) {
	s, err := r.connect(ctx)
	if _, refused := errors.AsType[*loginError](err); refused && r.Credentials != nil {
		r.Credentials.Renew()
		s, err = r.connect(ctx)
	}
	return s, err
}

// loginError is a login that the server did not accept.
type loginError struct{ err error }

func (e *loginError) Error() string { return "login: " + e.err.Error() }
func (e *loginError) Unwrap() error { return e.err }

func (r *Relay) connect(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	defer cancel()
	dialer := net.Dialer{Timeout: connectTimeout}
	raw, err := dialer.DialContext(ctx, "tcp", r.Address)
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()
	s, err := r.open(ctx, raw)
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("relay %s: %w", r.Address, err)
	}
	return s, nil
}

// Probe connects, greets, logs in and leaves again.
func (r *Relay) Probe(ctx context.Context) error {
	s, err := r.dial(ctx)
	if err != nil {
		return err
	}
	s.quit()
	return nil
}

func (r *Relay) open(ctx context.Context, raw net.Conn) (*session, error) {
	s := &session{raw: raw}
	conn, err := r.protect(ctx, s)
	if err != nil {
		return nil, err
	}
	c := smtp.NewClient(conn)
	c.CommandTimeout, c.SubmissionTimeout = commandTimeout, dotTimeout
	if err := c.Hello(r.Hello); err != nil {
		return nil, fmt.Errorf("greeting: %w", err)
	}
	if err := r.login(ctx, c); err != nil {
		return nil, err
	}
	s.client = c
	return s, nil
}

// protect returns the connection over which the SMTP dialogue starts.
func (r *Relay) protect(ctx context.Context, s *session) (net.Conn, error) {
	if r.Security == PlaintextInsecure {
		return s.raw, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if r.TLS != nil {
		config = r.TLS.Clone()
	}
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(r.Address)
	}
	config.VerifyConnection = func(state tls.ConnectionState) error {
		s.certificateEnds = state.PeerCertificates[0].NotAfter
		return nil
	}
	if r.Security == StartTLS {
		return startTLS(ctx, s.raw, r.Hello, config)
	}
	conn := tls.Client(s.raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return conn, nil
}

// startTLS upgrades the connection, or fails: a server that does not offer it,
// or that has sent anything ahead of the handshake, is not to be trusted (RFC
// 3207). go-smtp's own upgrade greets as "localhost", so it is done here.
func startTLS(ctx context.Context, raw net.Conn, hello string, config *tls.Config) (net.Conn, error) {
	buffered := bufio.NewReader(io.LimitReader(raw, maxDialogue))
	dialogue := textproto.NewReader(buffered)
	if _, _, err := dialogue.ReadResponse(220); err != nil {
		return nil, fmt.Errorf("greeting: %w", err)
	}
	if _, err := fmt.Fprintf(raw, "EHLO %s\r\n", hello); err != nil {
		return nil, err
	}
	_, offers, err := dialogue.ReadResponse(250)
	if err != nil {
		return nil, fmt.Errorf("EHLO: %w", err)
	}
	if !slices.ContainsFunc(strings.Split(offers, "\n"), func(s string) bool { return strings.EqualFold(s, "STARTTLS") }) {
		return nil, errors.New("the server does not offer STARTTLS, which is required")
	}
	if _, err := io.WriteString(raw, "STARTTLS\r\n"); err != nil {
		return nil, err
	}
	if _, _, err := dialogue.ReadResponse(220); err != nil {
		return nil, fmt.Errorf("STARTTLS: %w", err)
	}
	if buffered.Buffered() > 0 {
		return nil, errors.New("STARTTLS: the server sent plain text ahead of the handshake")
	}
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("STARTTLS: %w", err)
	}
	return &greeted{Conn: conn, greeting: strings.NewReader("220 TLS started\r\n")}, nil
}

// greeted is a connection whose server has greeted already; the greeting is said
// again for the client that takes over.
type greeted struct {
	net.Conn
	greeting *strings.Reader
}

func (g *greeted) Read(b []byte) (int, error) {
	if g.greeting.Len() > 0 {
		return g.greeting.Read(b)
	}
	return g.Conn.Read(b)
}

func (r *Relay) login(ctx context.Context, c *smtp.Client) error {
	client, err := r.loginClient(ctx, c)
	if err != nil {
		return fmt.Errorf("login: %w", err)
	}
	if client == nil {
		return nil
	}
	if err := c.Auth(client); err != nil {
		return &loginError{err}
	}
	return nil
}

// loginClient returns nil where no login is asked for.
func (r *Relay) loginClient(ctx context.Context, c *smtp.Client) (sasl.Client, error) {
	switch {
	case r.Credentials != nil:
		return r.Credentials.Client(ctx, c.SupportsAuth)
	case r.User == "":
		return nil, nil
	case c.SupportsAuth(sasl.Plain):
		return sasl.NewPlainClient("", r.User, r.Password), nil
	case c.SupportsAuth(sasl.Login):
		return sasl.NewLoginClient(r.User, r.Password), nil
	}
	return nil, errors.New("the server offers neither AUTH PLAIN nor AUTH LOGIN")
}
