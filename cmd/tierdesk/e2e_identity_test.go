package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"tierdesk/desk"
	"tierdesk/testbed"
)

// verifying is a site without a trusted server, whose gateway verifies DKIM against a
// DNS server of the test's.
func verifying(t *testing.T, users ...string) (*site, *testbed.PostfixServer, *testbed.DNSServer) {
	t.Helper()
	s := newSite(t, "sqlite:data/tierdesk.db")
	s.startDovecot(users...)
	p := s.startPostfix()
	dns := testbed.DNS(t)
	s.settings["AUTH"] = fmt.Sprintf("dns = %q", dns.Address)
	return s, p, dns
}

// signingKey makes a DKIM key and publishes it.
func signingKey(t *testing.T, dns *testbed.DNSServer, domain, selector string) ed25519.PrivateKey {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dns.Set(selector+"._domainkey."+domain, "v=DKIM1; k=ed25519; p="+base64.StdEncoding.EncodeToString(public))
	return private
}

func signedBy(t *testing.T, key ed25519.PrivateKey, domain, selector string, mail []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	err := dkim.Sign(&out, bytes.NewReader(mail), &dkim.SignOptions{
		Domain: domain, Selector: selector, Signer: key,
		HeaderKeys:             []string{"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"},
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestSignedCommandsOnARealMailSystem: a technician's command counts when his provider's
// signature is valid, and does nothing when it is broken, missing or somebody else's,
// also when a list has put itself into From.
func TestSignedCommandsOnARealMailSystem(t *testing.T) {
	s, postfix, dns := verifying(t, "anna", "l2", "tess")
	dns.Set("_dmarc.hd.test", "v=DMARC1; p=reject")
	key, evil := signingKey(t, dns, "hd.test", "mail"), signingKey(t, dns, "evil.test", "mail")
	s.configure()
	g := s.serve()
	question, _ := s.compose(anna, draft{to: "support@hd.test", subject: "Badge reader", body: "The badge reader beeps."})
	if err := postfix.Send(anna.address, "support@hd.test", question); err != nil {
		t.Fatal(err)
	}
	page := s.arrives(l2, "Badge reader")
	to, _, err := replyTo(page)
	if err != nil {
		t.Fatal(err)
	}
	settled := 1
	// order sends Tess's answer, as change leaves it, and returns the ticket after it.
	order := func(words string, change func([]byte) []byte) ticketJSON {
		t.Helper()
		mail, _ := s.compose(tess, draft{to: to, subject: "Re: Badge reader", body: words})
		if err := postfix.Send(tess.address, to, change(mail)); err != nil {
			t.Fatal(err)
		}
		settled++
		s.logged("mail settled", settled)
		return list[ticketJSON](s, "ticket", "list")[0]
	}
	sign := func(mail []byte) []byte { return signedBy(t, key, "hd.test", "mail", mail) }
	viaList := func(mail []byte) []byte {
		from, _, _ := strings.Cut(string(mail)[strings.Index(string(mail), "From: "):], "\r\n")
		munged := strings.Replace(string(mail), from+"\r\n", "From: Tess via L2 <l2@hd.test>\r\nReply-To: "+strings.TrimPrefix(from, "From: ")+"\r\n", 1)
		return []byte("List-Id: <l2.hd.test>\r\nPrecedence: list\r\n" + munged)
	}
	for name, change := range map[string]func([]byte) []byte{
		"is not signed":              func(m []byte) []byte { return m },
		"was changed on the way":     func(m []byte) []byte { return append(sign(m), "and more\r\n"...) },
		"is signed by somebody else": func(m []byte) []byte { return signedBy(t, evil, "evil.test", "mail", m) },
		"is signed with a wrong key": func(m []byte) []byte { return signedBy(t, evil, "hd.test", "mail", m) },
		"has a second author":        func(m []byte) []byte { return append([]byte("From: x@evil.test\r\n"), sign(m)...) },
		"proves itself": func(m []byte) []byte {
			return append([]byte("Authentication-Results: mx.hd.test; dmarc=pass header.from=hd.test\r\n"), m...)
		},
		"comes by a list, not signed":   viaList,
		"comes by a list, and changed":  func(m []byte) []byte { return append(viaList(sign(m)), "and more\r\n"...) },
		"comes by a list, another sign": func(m []byte) []byte { return viaList(signedBy(t, evil, "evil.test", "mail", m)) },
	} {
		if k := order("#solve\r\n", change); k.Status == desk.StatusSolved || k.Assignee != "" {
			t.Fatalf("a command that %s made the ticket %s, assigned to %q", name, k.Status, k.Assignee)
		}
	}
	if k := order("#claim\r\n", func(m []byte) []byte { return viaList(sign(m)) }); k.Assignee != tess.address {
		t.Errorf("a signed command by a list: %+v", k)
	}
	if k := order("#solve\r\n", sign); k.Status != desk.StatusSolved {
		t.Errorf("a signed command: %+v", k)
	}
	s.until("every mail was moved to Processed", func() bool {
		return len(s.dovecot.List("support", "INBOX")) == 0 && len(s.dovecot.List("support", "Processed")) == settled
	})
	g.stop()
	s.must("verify")
}

// TestCheckSendsATrialMail on a real mail system, without a gateway and beside one.
func TestCheckSendsATrialMail(t *testing.T) {
	s, _, dns := verifying(t)
	s.configure()
	out := s.must("check", "--online")
	for _, want := range []string{"there and back in", "plus-addresses: mail to them arrives", "warning: DKIM: the mail is not signed", "Authentication-Results: the server wrote none; DKIM is verified here"} {
		if !strings.Contains(out, want) {
			t.Errorf("check does not say %q:\n%s", want, out)
		}
	}
	trials := 2
	s.until("both lie in Processed", func() bool { return len(s.dovecot.List("support", "Processed")) == trials })

	der, err := x509.MarshalPKCS8PrivateKey(signingKey(t, dns, "hd.test", "desk"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("dkim.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	s.extra = "\n[[dkim]]\ndomain = \"hd.test\"\nselector = \"desk\"\nkey_file = \"dkim.pem\"\n"
	s.settings["AUTH"] += "\nreply_addresses = \"message-id\""
	s.configure()
	g := s.serve()
	out = s.must("check", "--online", "--wait", "1m")
	for _, want := range []string{"DKIM: signed by hd.test, valid, and aligned", `reply_addresses = "plus" would work`} {
		if !strings.Contains(out, want) {
			t.Errorf("check does not say %q:\n%s", want, out)
		}
	}
	trials += 2
	s.until("all lie in Processed", func() bool {
		return len(s.dovecot.List("support", "Processed")) == trials && len(s.dovecot.List("support", "INBOX")) == 0
	})
	g.stop()
	if tickets := list[ticketJSON](s, "ticket", "list"); len(tickets) != 0 {
		t.Errorf("a trial mail became a ticket: %+v", tickets)
	}
	for _, m := range list[mailJSON](s, "mail", "list") {
		if m.Category != desk.CategoryIgnored || !strings.Contains(m.Reason, "trial mail") {
			t.Errorf("a trial mail is %s: %s", m.Category, m.Reason)
		}
	}
	s.must("verify")
}
