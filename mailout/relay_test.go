package mailout

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"tierdesk/desk"
)

func TestLoginOverTLS(t *testing.T) {
	server, client := certificate(t)
	k := newSink(t, func(s *smtp.Server) { s.TLSConfig = server })
	d := newDesktop(t, k.address)
	d.config.Relay = Relay{Address: k.address, TLS: client, Hello: "desk.hd.test", User: "desk", Password: "secret"}
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(o, desk.Accepted)
	if _, logins := k.counts(); logins != 1 || k.mails()[0].hello != "desk.hd.test" {
		t.Errorf("%d logins, EHLO %q", logins, k.mails()[0].hello)
	}
}

func TestWrongPasswordIsTroubleWithTheRelayAndNoRefusal(t *testing.T) {
	server, client := certificate(t)
	k := newSink(t, func(s *smtp.Server) { s.TLSConfig = server })
	d := newDesktop(t, k.address)
	d.config.Relay = Relay{Address: k.address, TLS: client, Hello: "desk.hd.test", User: "desk", Password: "wrong"}
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	if err := d.once(d.sender()); err == nil || !strings.Contains(err.Error(), "login") {
		t.Errorf("error %v", err)
	}
	d.expect(o, desk.Deferred)
}

func TestImplicitTLS(t *testing.T) {
	server, client := certificate(t)
	k := newSink(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go forward(l, k.address)
	d := newDesktop(t, "")
	d.config.Relay = Relay{Address: l.Addr().String(), Security: ImplicitTLS, TLS: client, Hello: "desk.hd.test"}
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(o, desk.Accepted)
}

// forward takes connections and copies them to an address.
func forward(l net.Listener, to string) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", to)
		if err != nil {
			client.Close()
			return
		}
		go func() { io.Copy(server, client); server.Close() }()
		go func() { io.Copy(client, server); client.Close() }()
	}
}

func TestUntrustedCertificateGetsNoMail(t *testing.T) {
	server, _ := certificate(t)
	_, otherClient := certificate(t)
	k := newSink(t, func(s *smtp.Server) { s.TLSConfig = server })
	d := newDesktop(t, k.address)
	d.config.Relay = Relay{Address: k.address, TLS: otherClient, Hello: "desk.hd.test", User: "desk", Password: "secret"}
	o := d.reply(1, "ann@customer.example")
	d.queue(o)
	if err := d.once(d.sender()); err == nil {
		t.Error("no error")
	}
	d.expect(o, desk.Deferred)
	if _, logins := k.counts(); logins > 0 {
		t.Error("the password was sent")
	}
}

func TestBadCertificateGetsNeitherMailNorPassword(t *testing.T) {
	for name, c := range map[string]struct {
		host string
		end  time.Time
		want string
	}{
		"expired":    {"localhost", time.Now().Add(-time.Hour), "certificate has expired"},
		"wrong name": {"other.test", time.Now().Add(time.Hour), "certificate"},
	} {
		server, client := certificateUntil(t, c.host, c.end)
		k := newSink(t, func(s *smtp.Server) { s.TLSConfig = server })
		l, err := tls.Listen("tcp", "127.0.0.1:0", server)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go forward(l, k.address)
		for security, address := range map[Security]string{StartTLS: k.address, ImplicitTLS: l.Addr().String()} {
			d := newDesktop(t, "")
			d.config.Relay = Relay{Address: address, Security: security, TLS: client, Hello: "desk.hd.test", User: "desk", Password: "secret"}
			o := d.reply(1, "ann@customer.example")
			d.queue(o)
			if err := d.once(d.sender()); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v", name, err)
			}
			d.expect(o, desk.Deferred)
		}
		if _, logins := k.counts(); logins > 0 || len(k.mails()) > 0 {
			t.Errorf("%s: %d logins, %d mails", name, logins, len(k.mails()))
		}
	}
}

func TestEndOfTheCertificateIsKnown(t *testing.T) {
	end := time.Now().Add(72 * time.Hour).Truncate(time.Second)
	server, client := certificateUntil(t, "localhost", end)
	k := newSink(t, func(s *smtp.Server) { s.TLSConfig = server })
	d := newDesktop(t, k.address)
	d.config.Relay = Relay{Address: k.address, TLS: client, Hello: "desk.hd.test"}
	d.queue(d.reply(1, "ann@customer.example"))
	s := d.sender()
	if !s.CertificateEnds().IsZero() {
		t.Error("known before the first connection")
	}
	if err := d.once(s); err != nil || !s.CertificateEnds().Equal(end) {
		t.Errorf("%v, want %v; error %v", s.CertificateEnds(), end, err)
	}
}

// A man in the middle takes STARTTLS out of the offer, refuses it, or slips a
// reply in ahead of the handshake; nothing but EHLO and STARTTLS may be said.
func TestStrippedStartTLSGetsNeitherMailNorPassword(t *testing.T) {
	for name, script := range map[string][]string{
		"not offered": {"250-relay.test\r\n250-AUTH PLAIN\r\n250 SIZE 1000000\r\n"},
		"refused":     {"250-relay.test\r\n250 STARTTLS\r\n", "454 4.7.0 not now\r\n"},
		"injected":    {"250-relay.test\r\n250 STARTTLS\r\n", "220 go\r\n250-relay.test\r\n250 AUTH PLAIN\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			heard := make(chan string, 1)
			go func() { heard <- recite(l, script) }()
			d := newDesktop(t, l.Addr().String())
			d.config.Connections = 1
			d.config.Relay = Relay{Address: l.Addr().String(), Hello: "desk.hd.test", User: "desk", Password: "secret"}
			o := d.reply(1, "ann@customer.example")
			d.queue(o)
			if err := d.once(d.sender()); err == nil || !strings.Contains(err.Error(), "STARTTLS") {
				t.Errorf("error %v", err)
			}
			d.expect(o, desk.Deferred)
			if said := <-heard; strings.Contains(said, "AUTH") || strings.Contains(said, "MAIL") {
				t.Errorf("the client said %q", said)
			}
		})
	}
}

// recite greets, answers one line after the other with the script, and returns
// all that the client said.
func recite(l net.Listener, script []string) string {
	c, err := l.Accept()
	if err != nil {
		return ""
	}
	defer c.Close()
	fmt.Fprint(c, "220 relay.test\r\n")
	var said strings.Builder
	r := bufio.NewReader(c)
	for _, answer := range script {
		line, _ := r.ReadString('\n')
		said.WriteString(line)
		io.WriteString(c, answer)
	}
	rest, _ := io.ReadAll(io.LimitReader(r, 1000))
	said.Write(rest)
	return said.String()
}

func TestRelayWithoutSMTPUTF8RefusesForeignLocalParts(t *testing.T) {
	k := newSink(t)
	d := newDesktop(t, k.address)
	local, domain := d.reply(1, "jürgen@customer.example"), d.reply(2, "info@bücher.example")
	d.queue(local, domain)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(local, desk.Refused)
	d.expect(domain, desk.Accepted)
	if len(k.to("info@xn--bcher-kva.example")) != 1 {
		t.Error("the domain was not put into ASCII")
	}
}

func TestSMTPUTF8IsUsedWhereItIsNeeded(t *testing.T) {
	k := newSink(t, func(s *smtp.Server) { s.EnableSMTPUTF8 = true })
	d := newDesktop(t, k.address)
	local, plain := d.reply(1, "jürgen@customer.example"), d.reply(2, "ann@customer.example")
	d.queue(local, plain)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(local, desk.Accepted)
	if got := k.to("jürgen@customer.example"); len(got) != 1 || !got[0].mail.UTF8 {
		t.Errorf("%d copies, or without SMTPUTF8", len(got))
	}
	if got := k.to("ann@customer.example"); len(got) != 1 || got[0].mail.UTF8 {
		t.Errorf("%d copies, or with SMTPUTF8", len(got))
	}
}

func TestRelayIsChecked(t *testing.T) {
	good := Relay{Address: "relay.test:587", Hello: "desk.hd.test"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string]Relay{
		"no port":     {Address: "relay.test", Hello: "desk.hd.test"},
		"no name":     {Address: "relay.test:587"},
		"two lines":   {Address: "relay.test:587", Hello: "a\r\nMAIL"},
		"no password": {Address: "relay.test:587", Hello: "desk.hd.test", User: "desk"},
	} {
		if bad.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
