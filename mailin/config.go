package mailin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/emersion/go-sasl"

	"tierdesk/desk"
)

// Spool is where a Fetcher keeps mail, and learns what may be moved away.
type Spool interface {
	// Cursor returns how far the mailbox was read; zero but for Mailbox when it
	// was never connected.
	Cursor(ctx context.Context, mailbox string) (desk.Cursor, error)
	// Keep stores the mails and the cursor durably in one transaction. It skips
	// mails that it has, and recognises by content those whose UIDs have changed;
	// not a mail of which no byte came.
	Keep(ctx context.Context, mails []desk.RawMail, cur desk.Cursor) ([]desk.RawID, error)
	// ToMove returns settled mails that still lie in the mailbox's folder.
	ToMove(ctx context.Context, mailbox string, uidvalidity uint32, limit int) ([]desk.Raw, error)
	// MarkMoved records the folder that mails went to; "-" when they stay.
	MarkMoved(ctx context.Context, ids []desk.RawID, folder string) error
}

// Credentials log in without a password of the mailbox.
type Credentials interface {
	// Client returns the SASL client of one login; offers tells which mechanisms the
	// server has.
	Client(ctx context.Context, offers func(mechanism string) bool) (sasl.Client, error)
	// Renew drops what the server has refused, so that the next Client is another one.
	Renew()
}

// Config describes one mailbox to fetch from, and what its Fetcher works with.
type Config struct {
	Name string // of the mailbox in the spool, logs and metrics
	// Server is imaps://user@host:port for implicit TLS (RFC 8314), or imap:// for
	// STARTTLS, without which no password is sent. The port may be left out.
	Server string
	// Password is asked before each login, so that a changed one is used at once.
	Password    func() (string, error)
	Credentials Credentials // used instead of Password when not nil
	TLS         *tls.Config // root CAs; the server's name is always verified
	// PlaintextInsecure sends the password and all mail unencrypted over imap://.
	PlaintextInsecure bool

	Folder    string // to read; "" is INBOX
	Processed string // settled mail is moved there; "" leaves it
	Failed    string // quarantined mail is moved there; "" leaves it
	// Start says what the first connection takes: "now" or "" nothing that is
	// there, "all", or everything from the first mail of a date (2026-01-31) on.
	Start   string
	Poll    time.Duration // how often to look without being told; 0 is 30 s
	MaxSize int64         // bytes; of larger mail the header is kept; 0 is DefaultMaxSize

	Spool  Spool
	Budget *Budget // shared by mailboxes; nil is one of its own
	// ContentKey computes desk.Raw.Content.
	ContentKey func(raw []byte) string
	Kept       func() // called after mail was kept; must not block; may be nil
	Log        *slog.Logger
	Now        func() time.Time
}

const (
	defaultPoll = 30 * time.Second
	// DefaultMaxSize is the size above which only a mail's header is kept.
	DefaultMaxSize = 25 << 20
)

// Validate returns every problem of the configuration, joined.
func (c *Config) Validate() error {
	var errs []error
	problem := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("mailbox %q: "+format, append([]any{c.Name}, args...)...))
	}
	if c.Name == "" {
		problem("it has no name")
	}
	srv, err := parseServer(c)
	if err != nil {
		problem("%w", err)
	} else if srv.user == "" {
		problem("no user is given in the server's URL")
	}
	if c.Password == nil && c.Credentials == nil {
		problem("no password is given")
	}
	if _, err := parseStart(c.Start); err != nil {
		problem("%w", err)
	}
	folder := orDefault(c.Folder, "INBOX")
	if c.Processed == folder || c.Failed == folder {
		problem("mail cannot be moved from %s to itself", folder)
	}
	if c.Poll < 0 || c.MaxSize < 0 {
		problem("poll interval and size limit cannot be negative")
	}
	return errors.Join(errs...)
}

// security is how a connection is protected.
type security int

const (
	implicitTLS security = iota
	startTLS
	plaintext
)

// server is a parsed Config.Server.
type server struct {
	host     string
	address  string // host:port
	user     string
	security security
}

func parseServer(c *Config) (server, error) {
	u, err := url.Parse(c.Server)
	if err != nil { // which repeats the URL, password and all
		return server{}, errors.New("the server is no URL such as imaps://user@host")
	}
	if _, inline := u.User.Password(); inline {
		return server{}, errors.New("the password stands in the configuration; use password_file")
	}
	s := server{host: u.Hostname(), user: u.User.Username()}
	port := "143"
	switch {
	case u.Scheme == "imaps" && c.PlaintextInsecure:
		return server{}, errors.New("plaintext_insecure contradicts an imaps:// server")
	case u.Scheme == "imaps":
		port = "993"
	case u.Scheme == "imap" && c.PlaintextInsecure:
		s.security = plaintext
	case u.Scheme == "imap":
		s.security = startTLS
	default:
		return server{}, fmt.Errorf("server %q is not an imaps:// or imap:// URL", u.Redacted())
	}
	if s.host == "" {
		return server{}, fmt.Errorf("server %q names no host", u.Redacted())
	}
	s.address = net.JoinHostPort(s.host, orDefault(u.Port(), port))
	return s, nil
}

// start is a parsed Config.Start.
type start struct {
	all   bool
	since time.Time // zero unless it is a date
}

func (s start) now() bool { return !s.all && s.since.IsZero() }

func parseStart(text string) (start, error) {
	switch text {
	case "", "now":
		return start{}, nil
	case "all":
		return start{all: true}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return start{}, fmt.Errorf("start %q is not now, all, or a date like 2026-01-31", text)
	}
	return start{since: day}, nil
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
