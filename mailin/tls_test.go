package mailin_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tierdesk/mailin"
	"tierdesk/testbed"
)

func TestStrippedStartTLSSendsNoPassword(t *testing.T) {
	for name, greeting := range map[string]string{"no STARTTLS": "* OK ready", "PREAUTH": "* PREAUTH welcome"} {
		t.Run(name, func(t *testing.T) {
			s := startFake(t)
			s.set(func(s *fakeServer) { s.greeting = greeting })
			s.script(func(c *fakeConn, tag, command string) bool {
				if command == "STARTTLS" {
					c.say("%s BAD unknown command", tag)
					return true
				}
				return false
			})
			cfg := fakeConfig(t, s, newSpool())
			cfg.PlaintextInsecure = false
			cfg.Password = func() (string, error) { t.Error("asked for the password"); return "", nil }
			if err := newFetcher(t, cfg).Once(context.Background()); err == nil {
				t.Error("no error")
			}
			if n := s.count("LOGIN") + s.count("AUTHENTICATE"); n != 0 {
				t.Errorf("%d logins", n)
			}
		})
	}
}

// What stands in plain text behind the go-ahead for TLS is no answer of the server's:
// it can only break the handshake.
func TestPlainTextAheadOfTheHandshakeIsNotBelieved(t *testing.T) {
	s := startFake(t, []byte("Subject: hello\r\n\r\nhello\r\n"))
	s.script(func(c *fakeConn, tag, command string) bool {
		if command == "STARTTLS" {
			c.say("%s OK begin TLS\r\n* PREAUTH welcome\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* 1 EXISTS", tag)
			return true
		}
		return false
	})
	cfg := secureConfig(t, s.addr, "imap", nil)
	if err := newFetcher(t, cfg).Once(context.Background()); err == nil || !strings.Contains(err.Error(), "starttls") {
		t.Errorf("error %v", err)
	}
	if n := s.count("LOGIN") + s.count("AUTHENTICATE"); n != 0 {
		t.Errorf("%d logins", n)
	}
}

func TestBadCertificateGetsNoPassword(t *testing.T) {
	for name, c := range map[string]struct {
		host string
		end  time.Time
		want string
	}{
		"expired":    {"localhost", time.Now().Add(-time.Hour), "certificate has expired"},
		"wrong name": {"other.test", time.Now().Add(time.Hour), "certificate"},
	} {
		dir := t.TempDir()
		roots := testbed.CertificateUntil(t, dir, c.host, c.end)
		pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
		if err != nil {
			t.Fatal(err)
		}
		config := &tls.Config{Certificates: []tls.Certificate{pair}}
		s := startFake(t)
		s.script(func(c *fakeConn, tag, command string) bool {
			if command != "STARTTLS" {
				return false
			}
			c.say("%s OK begin TLS", tag)
			_ = tls.Server(c.Conn, config).Handshake() // the client ends it
			return true
		})
		l, err := tls.Listen("tcp", "127.0.0.1:0", config)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			if conn, err := l.Accept(); err == nil {
				_ = conn.(*tls.Conn).Handshake()
				conn.Close()
			}
		}()
		for scheme, address := range map[string]string{"imap": s.addr, "imaps": l.Addr().String()} {
			err := newFetcher(t, secureConfig(t, address, scheme, &tls.Config{RootCAs: roots})).Once(context.Background())
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s over %s: %v", name, scheme, err)
			}
		}
	}
}

// secureConfig is that of a mailbox with TLS whose password is not to be asked for.
func secureConfig(t *testing.T, address, scheme string, trust *tls.Config) mailin.Config {
	t.Helper()
	return mailin.Config{
		Name: "support", Server: scheme + "://support@" + address, TLS: trust, Spool: newSpool(),
		Password: func() (string, error) { t.Error("asked for the password"); return "", nil },
		Log:      slog.New(slog.DiscardHandler), Now: time.Now,
	}
}
