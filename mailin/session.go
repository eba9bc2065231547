package mailin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

const (
	dialTimeout   = 30 * time.Second
	loginTimeout  = time.Minute
	cmdTimeout    = 2 * time.Minute
	logoutTimeout = 3 * time.Second
	// slowest is the transfer rate below which a fetch is given up.
	slowest = 32 << 10 // bytes a second
	// chatter is what a server may send in answer to a command without data, and
	// while it has nothing to say.
	chatter = 4 << 20
	// listing is what a list of UIDs or sizes may take.
	listing = 256 << 20
)

var (
	errSilent   = errors.New("the server did not answer in time")
	errTooMuch  = errors.New("the server sent far more than was asked for")
	errNoUIDs   = errors.New("the server gives the folder no UIDVALIDITY")
	errNoCaps   = errors.New("the server did not tell its capabilities")
	errNoLogin  = errors.New("the server refuses logins on this connection")
	errNotGiven = errors.New("the server lists the mail and does not give it out")
)

// authError is a login that the server refused, or that there is nothing for to log
// in with.
type authError struct {
	err   error
	asked bool // the server was
}

func (e *authError) Error() string { return "login: " + e.err.Error() }
func (e *authError) Unwrap() error { return e.err }

// meteredConn closes itself when the peer sends more than its allowance, since
// the IMAP library puts no bound on what it buffers.
type meteredConn struct {
	net.Conn
	allowance atomic.Int64
}

// Read reads and takes the bytes off the allowance.
func (c *meteredConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.allowance.Add(-int64(n)) < 0 {
		c.Conn.Close()
		return 0, errTooMuch
	}
	return n, err
}

// session is one logged-in connection with a folder selected. Its methods are the
// only code that talks to the IMAP library, and say which of its traps shaped
// them. A session is not safe for concurrent use.
type session struct {
	raw    *meteredConn
	client *imapclient.Client
	caps   imap.CapSet
	exists chan struct{} // the number of mails changed; never blocks the sender

	uidValidity uint32
	uidNext     uint32 // 0 when the server does not tell
	gave        bool   // it has given out a mail on this connection

	certificateEnds time.Time // zero without TLS
}

// do runs one exchange under a guard. The library's commands never time out and
// know no context, so the guard closes the connection under them. It also sets
// how many bytes the server may send.
func (s *session) do(ctx context.Context, limit time.Duration, bytes int64, exchange func() error) error {
	s.raw.allowance.Store(bytes)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errSilent)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { s.raw.Close() })
	defer stop()
	err := exchange()
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && s.raw.allowance.Load() < 0:
		return errTooMuch
	}
	return err
}

// command is do for a short command.
func (s *session) command(ctx context.Context, exchange func() error) error {
	return s.do(ctx, cmdTimeout, chatter, exchange)
}

// refused reports whether err is a NO or BAD of the server's, after which the
// connection lives on. After any other error it is dead.
func refused(err error) bool {
	var status *imap.Error
	return errors.As(err, &status)
}

// open connects, secures the connection, logs in and selects the folder. Credentials
// that the server refuses are renewed once, since they may have been withdrawn early.
func open(ctx context.Context, srv server, cfg *Config) (*session, error) {
	s, err := connect(ctx, srv, cfg)
	var refusal *authError
	if cfg.Credentials != nil && errors.As(err, &refusal) && refusal.asked {
		cfg.Credentials.Renew()
		s, err = connect(ctx, srv, cfg)
	}
	return s, err
}

func connect(ctx context.Context, srv server, cfg *Config) (*session, error) {
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", srv.address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	s := &session{raw: &meteredConn{Conn: conn}, exists: make(chan struct{}, 1)}
	err = s.do(ctx, loginTimeout, chatter, func() error { return s.greet(ctx, srv, cfg.TLS) })
	if err != nil {
		s.raw.Close()
		return nil, fmt.Errorf("connect to %s: %w", srv.address, err)
	}
	err = s.do(ctx, loginTimeout, chatter, func() error { return s.login(ctx, srv, cfg) })
	if err == nil {
		err = s.command(ctx, func() error { return s.selectFolder(orDefault(cfg.Folder, "INBOX")) })
	}
	if err != nil {
		s.abort()
		return nil, err
	}
	return s, nil
}

// greet secures the connection and waits for the server's greeting.
func (s *session) greet(ctx context.Context, srv server, base *tls.Config) (err error) {
	options := &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		// A client method called in here would deadlock.
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages == nil {
				return
			}
			select {
			case s.exists <- struct{}{}:
			default:
			}
		},
	}}
	config := &tls.Config{}
	if base != nil {
		config = base.Clone()
	}
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	config.ServerName = orDefault(config.ServerName, srv.host)
	config.VerifyConnection = func(state tls.ConnectionState) error {
		s.certificateEnds = state.PeerCertificates[0].NotAfter
		return nil
	}
	switch srv.security {
	case implicitTLS:
		conn := tls.Client(s.raw, config)
		if err := conn.HandshakeContext(ctx); err != nil {
			return err
		}
		s.client = imapclient.New(conn, options)
	case startTLS: // fails when the server lacks STARTTLS or greets with PREAUTH
		options.TLSConfig = config
		if s.client, err = imapclient.NewStartTLS(s.raw, options); err != nil {
			return fmt.Errorf("starttls: %w", err)
		}
	case plaintext:
		s.client = imapclient.New(s.raw, options)
	}
	if err := s.client.WaitGreeting(); err != nil {
		s.abort()
		return err
	}
	return nil
}

// login authenticates. After a refusal the connection cannot be used any more.
func (s *session) login(ctx context.Context, srv server, cfg *Config) error {
	caps := s.client.Caps()
	if caps == nil {
		return errNoCaps
	}
	var err error
	if cfg.Credentials != nil {
		err = s.loginWith(ctx, cfg.Credentials, caps)
	} else {
		err = s.loginByPassword(srv, cfg, caps)
	}
	if err != nil {
		return err
	}
	if s.caps = s.client.Caps(); s.caps == nil {
		return errNoCaps
	}
	return nil
}

func (s *session) loginWith(ctx context.Context, c Credentials, caps imap.CapSet) error {
	client, err := c.Client(ctx, func(mechanism string) bool { return caps.Has(imap.AuthCap(mechanism)) })
	if err != nil {
		return &authError{err: err}
	}
	return loginResult(s.client.Authenticate(client))
}

func (s *session) loginByPassword(srv server, cfg *Config, caps imap.CapSet) error {
	password, err := cfg.Password()
	switch {
	case err != nil:
		return fmt.Errorf("password of %s: %w", srv.user, err)
	case caps.Has("AUTH=PLAIN"):
		return loginResult(s.client.Authenticate(sasl.NewPlainClient("", srv.user, password)))
	case caps.Has(imap.CapLoginDisabled):
		return errNoLogin
	}
	return loginResult(s.client.Login(srv.user, password).Wait())
}

// loginResult tells a refusal from a server that has no time or is gone. A SASL
// client says with LoginRefused that the server explained its refusal.
func loginResult(err error) error {
	var status *imap.Error
	var explained interface{ LoginRefused() }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &explained), errors.As(err, &status) && status.Code != imap.ResponseCodeUnavailable:
		return &authError{err: err, asked: true}
	}
	return fmt.Errorf("login: %w", err)
}

func (s *session) selectFolder(folder string) error {
	data, err := s.client.Select(folder, nil).Wait()
	if err != nil {
		return fmt.Errorf("select %s: %w", folder, err)
	}
	if data.UIDValidity == 0 {
		return errNoUIDs
	}
	s.uidValidity, s.uidNext = data.UIDValidity, uint32(data.UIDNext)
	return nil
}

// close says goodbye if the connection still works, and ends it.
func (s *session) close(ctx context.Context) {
	select {
	case <-s.client.Closed():
	default:
		// The answer does not matter: the connection ends either way.
		_ = s.do(context.WithoutCancel(ctx), logoutTimeout, chatter, func() error { return s.client.Logout().Wait() })
	}
	s.abort()
}

// abort ends the connection and waits until the library has noticed, without
// which closing a command that is under way is a data race.
func (s *session) abort() {
	s.raw.Close()
	<-s.client.Closed()
}
