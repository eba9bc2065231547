package mailout

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"tierdesk/testbed"
)

// sink is a real SMTP server that keeps what it accepts. Its fields are set
// before the first connection.
type sink struct {
	address string
	// onMail, onRcpt and onData may refuse.
	onMail, onRcpt, onData func(to string) error

	mu          sync.Mutex
	got         []received
	connections int
	logins      int
}

type received struct {
	from, to, hello string
	mail            *smtp.MailOptions
	rcpt            *smtp.RcptOptions
	bytes           []byte
}

func newSink(t testing.TB, change ...func(*smtp.Server)) *sink {
	t.Helper()
	k := &sink{}
	server := smtp.NewServer(k)
	server.Domain = "relay.test"
	server.EnableDSN = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	for _, f := range change {
		f(server)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k.address = l.Addr().String()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		server.Serve(l)
	}()
	t.Cleanup(func() {
		server.Close()
		<-stopped
	})
	return k
}

// NewSession counts a connection.
func (k *sink) NewSession(c *smtp.Conn) (smtp.Session, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.connections++
	return &sinkSession{sink: k, conn: c}, nil
}

func (k *sink) mails() []received {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]received(nil), k.got...)
}

// to returns the mails for a recipient.
func (k *sink) to(address string) []received {
	var found []received
	for _, m := range k.mails() {
		if m.to == address {
			found = append(found, m)
		}
	}
	return found
}

func (k *sink) counts() (connections, logins int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.connections, k.logins
}

type sinkSession struct {
	*sink
	conn *smtp.Conn
	now  received
}

func (s *sinkSession) Mail(from string, opts *smtp.MailOptions) error {
	s.now = received{from: from, mail: opts, hello: s.conn.Hostname()}
	if s.onMail != nil {
		return s.onMail(from)
	}
	return nil
}

func (s *sinkSession) Rcpt(to string, opts *smtp.RcptOptions) error {
	s.now.to, s.now.rcpt = to, opts
	if s.onRcpt != nil {
		return s.onRcpt(to)
	}
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}
	if s.onData != nil {
		if err := s.onData(s.now.to); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.bytes = b.Bytes()
	s.got = append(s.got, s.now)
	return nil
}

func (s *sinkSession) Reset()        {}
func (s *sinkSession) Logout() error { return nil }

// AuthMechanisms and Auth take the user "desk" with the password "secret".
func (s *sinkSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *sinkSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.logins++
		if user != "desk" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// certificate returns a server's configuration with a certificate for this
// machine, and a client's that trusts it.
func certificate(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	return certificateUntil(t, "localhost", time.Now().Add(time.Hour))
}

// certificateUntil is certificate for another name and time.
func certificateUntil(t testing.TB, host string, end time.Time) (server, client *tls.Config) {
	t.Helper()
	dir := t.TempDir()
	roots := testbed.CertificateUntil(t, dir, host, end)
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, &tls.Config{RootCAs: roots}
}

// proxy passes bytes between senders and a sink until its fault strikes.
type proxy struct {
	address string
	mu      sync.Mutex
	fault   fault
	struck  int
}

// fault is what a proxy does at the end of a mail.
type fault int

const (
	noFault   fault = iota
	cutAtDot        // the final dot does not pass, the connection is cut
	cutAtOK         // the dot passes, its reply does not, the connection is cut
	blackHole       // the dot passes, its reply does not, the connection stays
)

func newProxy(t testing.TB, target string, f fault) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: l.Addr().String(), fault: f}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.pass(ctx, client, target) })
		}
	})
	t.Cleanup(func() {
		cancel()
		l.Close()
		running.Wait()
	})
	return p
}

func (p *proxy) set(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

func (p *proxy) current() fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault
}

func (p *proxy) strikes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.struck
}

func (p *proxy) strike() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.struck++
}

func (p *proxy) pass(ctx context.Context, client net.Conn, target string) {
	defer client.Close()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	stop := context.AfterFunc(ctx, func() { client.Close(); server.Close() })
	defer stop()
	dotSent := make(chan struct{})
	var back sync.WaitGroup
	back.Go(func() {
		defer client.Close()
		p.replies(client, server, dotSent)
	})
	defer back.Wait()
	defer server.Close()
	p.commands(client, server, dotSent)
}

// commands copies from the client until the fault strikes at a final dot.
func (p *proxy) commands(client, server net.Conn, dotSent chan struct{}) {
	var tail []byte
	buf := make([]byte, 32<<10)
	for {
		n, err := client.Read(buf)
		tail = append(tail, buf[:n]...)
		tail = tail[max(0, len(tail)-5):]
		if bytes.Equal(tail, []byte("\r\n.\r\n")) && p.current() != noFault {
			p.strike()
			if p.current() == cutAtDot {
				server.Write(buf[:max(0, n-5)])
				return
			}
			close(dotSent)
			server.Write(buf[:n])
			io.Copy(io.Discard, client) // until the other direction closes it
			return
		}
		if _, werr := server.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

// replies copies from the server; after the dot it swallows the reply.
func (p *proxy) replies(client, server net.Conn, dotSent chan struct{}) {
	buf := make([]byte, 32<<10)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		select {
		case <-dotSent:
			if p.current() == blackHole {
				continue
			}
			return
		default:
			client.Write(buf[:n])
		}
	}
}
