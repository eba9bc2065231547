package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"tierdesk/desk"
)

// postOffice is a small company's mail system in this process, for the demo: an
// SMTP server that delivers into mailboxes and expands lists, and an IMAP server
// that shows them. Both speak TLS. As a border server should, it writes what it
// knows of the sender into an Authentication-Results field.
type postOffice struct {
	Now func() time.Time

	imapAddr, smtpAddr string
	caPEM              []byte
	roots              *x509.CertPool

	smtp  *smtp.Server
	imap  *imapserver.Server
	users map[string]*imapmemserver.User // by address
	lists map[string][]string

	mu        sync.Mutex
	delivered []letter
	arrived   chan struct{} // closed and replaced at each delivery
}

// letter is one mail as it lies in somebody's mailbox.
type letter struct {
	to   string // the mailbox
	from string // envelope sender
	at   time.Time
	raw  []byte
}

const (
	officeAuthserv = "mx.hd.test"
	officePassword = "demo"
)

// openPostOffice starts the servers on loopback for the given mailboxes and
// lists. Close stops them.
func openPostOffice(now func() time.Time, mailboxes []string, lists map[string][]string) (*postOffice, error) {
	p := &postOffice{Now: now, users: map[string]*imapmemserver.User{}, lists: lists, arrived: make(chan struct{})}
	store := imapmemserver.New()
	for _, a := range mailboxes {
		u := imapmemserver.NewUser(a, officePassword)
		if err := u.Create("INBOX", nil); err != nil {
			return nil, err
		}
		p.users[a] = u
		store.AddUser(u)
	}
	cert, err := p.certificate()
	if err != nil {
		return nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	imapListener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		return nil, err
	}
	smtpListener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		imapListener.Close()
		return nil, err
	}
	p.imapAddr, p.smtpAddr = imapListener.Addr().String(), smtpListener.Addr().String()
	p.serve(store, imapListener, smtpListener)
	return p, nil
}

func (p *postOffice) serve(store *imapmemserver.Server, imapListener, smtpListener net.Listener) {
	base := uint32(time.Now().Unix()) // UIDVALIDITY of the memory server starts at 1 in each process
	p.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			inner, ok := store.NewSession().(imapserver.SessionIMAP4rev2)
			if !ok {
				return nil, nil, errors.New("memory server without MOVE")
			}
			return &officeSession{inner, base}, nil, nil
		},
		Caps:   imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}},
		Logger: log.New(io.Discard, "", 0),
	})
	p.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &officeSubmission{office: p}, nil
	}))
	p.smtp.Domain = officeAuthserv
	p.smtp.MaxMessageBytes = 30 << 20
	p.smtp.ReadTimeout, p.smtp.WriteTimeout = time.Minute, time.Minute
	p.smtp.ErrorLog = log.New(io.Discard, "", 0)
	// Serve returns when Close closes the listener; there is nobody to tell.
	go func() { _ = p.imap.Serve(imapListener) }()
	go func() { _ = p.smtp.Serve(smtpListener) }()
}

// Close stops both servers.
func (p *postOffice) Close() error {
	return errors.Join(p.imap.Close(), p.smtp.Close())
}

// certificate makes a certificate for loopback that clients can verify.
func (p *postOffice) certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "demo mail system"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	p.roots = x509.NewCertPool()
	p.roots.AddCert(leaf)
	p.caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// officeSession shifts UIDVALIDITY by a base that differs from run to run.
type officeSession struct {
	imapserver.SessionIMAP4rev2
	base uint32
}

func (s *officeSession) Select(name string, o *imap.SelectOptions) (*imap.SelectData, error) {
	d, err := s.SessionIMAP4rev2.Select(name, o)
	if d != nil {
		d.UIDValidity += s.base
	}
	return d, err
}

func (s *officeSession) Status(name string, o *imap.StatusOptions) (*imap.StatusData, error) {
	d, err := s.SessionIMAP4rev2.Status(name, o)
	if d != nil && o.UIDValidity {
		d.UIDValidity += s.base
	}
	return d, err
}

func (s *officeSession) Append(name string, r imap.LiteralReader, o *imap.AppendOptions) (*imap.AppendData, error) {
	d, err := s.SessionIMAP4rev2.Append(name, r, o)
	if d != nil {
		d.UIDValidity += s.base
	}
	return d, err
}

// officeSubmission is one SMTP session.
type officeSubmission struct {
	office *postOffice
	user   string // authenticated as; "" for the outside world
	from   string
	to     []string
}

// AuthMechanisms offers PLAIN; the connection is TLS.
func (s *officeSubmission) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth checks a password of the office.
func (s *officeSubmission) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if s.office.users[username] == nil || password != officePassword {
			return smtp.ErrAuthFailed
		}
		s.user = username
		return nil
	}), nil
}

// Reset forgets the mail in hand.
func (s *officeSubmission) Reset() { s.from, s.to = "", nil }

// Logout ends the session.
func (s *officeSubmission) Logout() error { return nil }

// Mail takes the envelope sender.
func (s *officeSubmission) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }

// Rcpt takes a recipient. Unknown ones are taken too, and bounce later, as many
// servers do.
func (s *officeSubmission) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data delivers the mail to every recipient.
func (s *officeSubmission) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"}
	}
	for _, to := range s.to {
		if err := s.office.deliver(s.user, s.from, to, raw); err != nil {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"}
		}
	}
	return nil
}

// deliver puts a mail into the mailbox of an address, expands a list, or bounces.
func (p *postOffice) deliver(user, from, to string, raw []byte) error {
	n := desk.NormalAddress(to)
	if members, ok := p.lists[n]; ok {
		for _, m := range members {
			if err := p.deliver(user, from, m, raw); err != nil {
				return err
			}
		}
		return nil
	}
	local, domain, _ := strings.Cut(n, "@")
	base, _, _ := strings.Cut(local, "+")
	box := base + "@" + domain
	u := p.users[box]
	if u == nil {
		return p.bounce(from, to, raw)
	}
	at := p.Now()
	stamped := append(p.trace(user, from, to, at, raw), raw...)
	if _, err := u.Append("INBOX", literal{bytes.NewReader(stamped)}, &imap.AppendOptions{Time: at}); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delivered = append(p.delivered, letter{to: box, from: from, at: at, raw: stamped})
	close(p.arrived)
	p.arrived = make(chan struct{})
	return nil
}

// trace returns the header fields that the border server puts on top.
func (p *postOffice) trace(user, from, to string, at time.Time, raw []byte) []byte {
	header := func(name string) string {
		for line := range strings.Lines(string(raw)) {
			if line = strings.TrimRight(line, "\r\n"); line == "" {
				break
			}
			if v, ok := strings.CutPrefix(line, name+": "); ok {
				return v
			}
		}
		return ""
	}
	author := header("From")
	if i := strings.LastIndexByte(author, '<'); i >= 0 {
		author = strings.TrimSuffix(author[i+1:], ">")
	}
	_, domain, _ := strings.Cut(author, "@")
	result := "none"
	switch domain = desk.NormalAddress(domain); {
	case user != "" && strings.HasSuffix(desk.NormalAddress(user), "@"+domain):
		result = "pass"
	case p.hosts(domain):
		result = "fail"
	}
	return fmt.Appendf(nil, "Return-Path: <%s>\r\nDelivered-To: %s\r\nAuthentication-Results: %s; dmarc=%s header.from=%s\r\nReceived: from client by %s with ESMTPS; %s\r\n",
		from, to, officeAuthserv, result, domain, officeAuthserv, at.Format(time.RFC1123Z))
}

// hosts reports whether mailboxes of a domain are here, so that only authenticated
// users may write in its name.
func (p *postOffice) hosts(domain string) bool {
	for a := range p.users {
		if strings.HasSuffix(a, "@"+domain) {
			return true
		}
	}
	return false
}

// literal is a reader that knows its size, as APPEND wants it.
type literal struct{ *bytes.Reader }

// bounce returns a mail for an unknown address to its envelope sender (RFC 3464).
func (p *postOffice) bounce(from, to string, raw []byte) error {
	if from == "" {
		return nil
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	at := p.Now()
	dsn := fmt.Sprintf("From: Mail Delivery System <mailer-daemon@%[1]s>\r\nTo: <%[2]s>\r\nSubject: Undelivered Mail Returned to Sender\r\n"+
		"Date: %[4]s\r\nMessage-ID: <dsn.%[5]d@%[1]s>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=dsn\r\n\r\n"+
		"--dsn\r\nContent-Type: text/plain\r\n\r\n<%[3]s>: user unknown\r\n"+
		"--dsn\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; %[1]s\r\n\r\nFinal-Recipient: rfc822; %[3]s\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\r\n"+
		"--dsn\r\nContent-Type: text/rfc822-headers\r\n\r\n%[6]s\r\n\r\n--dsn--\r\n",
		officeAuthserv, from, to, at.Format(time.RFC1123Z), at.UnixNano(), head)
	return p.deliver("", "", from, []byte(dsn))
}

// send submits a mail as one of the office's users, or as a stranger from the
// outside when user is "".
func (p *postOffice) send(ctx context.Context, user, from string, to []string, raw []byte) error {
	d := tls.Dialer{Config: &tls.Config{RootCAs: p.roots, MinVersion: tls.VersionTLS12}}
	conn, err := d.DialContext(ctx, "tcp", p.smtpAddr)
	if err != nil {
		return err
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	if err := c.Hello("client.example.test"); err != nil {
		return err
	}
	if user != "" {
		if err := c.Auth(sasl.NewPlainClient("", user, officePassword)); err != nil {
			return err
		}
	}
	if err := c.SendMail(from, to, bytes.NewReader(raw)); err != nil {
		return err
	}
	return c.Quit()
}

// letters returns what was delivered so far, and a channel that is closed at the
// next delivery.
func (p *postOffice) letters() ([]letter, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delivered[:len(p.delivered):len(p.delivered)], p.arrived
}
