package mailin_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/emersion/go-msgauth/dkim"

	"tierdesk/desk"
	"tierdesk/mailin"
	"tierdesk/mailin/parse"
)

// trace returns header fields given in the short form of the tables: "R ", "A "
// and "X " stand for Received and (ARC-)Authentication-Results.
func trace(fields ...string) []desk.TraceField {
	var out []desk.TraceField
	for _, f := range fields {
		name := map[string]string{"R": "Received", "A": "Authentication-Results", "a": "authentication-RESULTS", "X": "ARC-Authentication-Results"}[f[:1]]
		out = append(out, desk.TraceField{Name: name, Value: f[2:]})
	}
	return out
}

const (
	viaLMTP = "R from mx.hd.test ([127.0.0.1])\tby store.hd.test with LMTP\tid +abc (envelope-from <x@y.test>) for <support@hd.test>; Thu, 1 Jan 2026 00:00:00 +0000"
	viaMX   = "R from out.cust.test (out.cust.test [192.0.2.1])\tby mx.hd.test (Postfix) with ESMTPS id 4F for <support@hd.test>; Thu, 1 Jan 2026 00:00:00 +0000"
)

func TestAuthenticationResultsAreBelievedOnlyFromOurServer(t *testing.T) {
	pass := desk.Auth{DMARC: "pass", Aligned: true, Source: "authentication-results"}
	none := desk.Auth{}
	unproven := desk.Auth{DMARC: "none", Source: "authentication-results"}
	tests := []struct {
		name  string
		trace []desk.TraceField
		want  desk.Auth
	}{
		{"ours on top", trace("A mx.hd.test; dmarc=pass header.from=cust.test", viaMX), pass},
		{"name in any case", trace("a MX.hd.test ; DMARC=Pass Header.From=CUST.test"), pass},
		{"below local delivery", trace(viaLMTP, "A mx.hd.test; dmarc=pass header.from=cust.test", viaMX), pass},
		{"below our MX's Received: forged", trace(viaLMTP, viaMX, "A mx.hd.test; dmarc=pass header.from=cust.test"), none},
		{"no header", trace(viaLMTP, viaMX), none},
		{"another server's", trace("A mx.evil.test; dmarc=pass header.from=cust.test"), none},
		{"another server's above ours", trace("A mx.evil.test; dmarc=pass header.from=cust.test", "A mx.hd.test; dmarc=fail header.from=cust.test"),
			desk.Auth{DMARC: "fail", Source: "authentication-results"}},
		{"only the topmost of ours", trace("A mx.hd.test; dmarc=fail header.from=cust.test", "A mx.hd.test; dmarc=pass header.from=cust.test"),
			desk.Auth{DMARC: "fail", Source: "authentication-results"}},
		{"id that only begins like ours", trace("A mx.hd.test.evil.test; dmarc=pass header.from=cust.test"), none},
		{"id in a comment", trace("A mx.evil.test (mx.hd.test); dmarc=pass header.from=cust.test"), none},
		{"ARC copy", trace("X i=1; mx.hd.test; dmarc=pass header.from=cust.test"), none},
		{"HELO that says LMTP", trace("R from x with LMTP (x [192.0.2.1]) by mx.hd.test (Postfix) with ESMTP id 1; x", "A mx.hd.test; dmarc=pass header.from=cust.test"), none},
		{"HELO that hides our MX in a comment", trace(`R from a by b with LMTP id c ( (x [192.0.2.1]) by mx.hd.test (Postfix) with ESMTP id 1 for <"support+)"@hd.test>; x`, "A mx.hd.test; dmarc=pass header.from=cust.test"), none},
		{"HELO that says LMTP before an MX without protocol", trace("R from x by y with LMTP by mx.hd.test id 1; x", "A mx.hd.test; dmarc=pass header.from=cust.test"), none},
		{"LMTP over TLS", trace("R from mx.hd.test by store.hd.test with LMTPS (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) id 1; x", "A mx.hd.test; dmarc=pass header.from=cust.test"), pass},
		{"version", trace("A mx.hd.test 1; dmarc/1=pass header.from=cust.test"), pass},
		{"spaces and comments everywhere", trace("A (c) mx.hd.test (d (e) \\) ) 1 ; dmarc (f) = (g) pass ( h) header (i) . (j) from (k) = (l) cust.test (m)"), pass},
		{"pass in a comment", trace("A mx.hd.test; dmarc=none (x; dmarc=pass header.from=cust.test) header.from=cust.test"), unproven},
		{"pass in a quoted string", trace(`A mx.hd.test; spf=none smtp.mailfrom="x; dmarc=pass header.from=cust.test"@evil.test`),
			desk.Auth{SPF: "none", Source: "authentication-results"}},
		{"pass and fail", trace("A mx.hd.test; dmarc=fail header.from=cust.test; dmarc=pass header.from=cust.test"),
			desk.Auth{DMARC: "fail", Source: "authentication-results"}},
		{"pass for another domain", trace("A mx.hd.test; dmarc=pass header.from=evil.test"), unproven},
		{"pass without a domain", trace("A mx.hd.test; dmarc=pass"), unproven},
		{"property given twice", trace("A mx.hd.test; dmarc=pass header.from=evil.test header.from=cust.test"), desk.Auth{Source: "authentication-results"}},
		{"comment without end", trace("A mx.hd.test; dmarc=pass header.from=cust.test (x"), none},
		{"quote without end", trace(`A mx.hd.test; dmarc=pass header.from="cust.test`), none},
		{"no result", trace("A mx.hd.test; none"), desk.Auth{Source: "authentication-results"}},
		{"aligned DKIM", trace("A mx.hd.test; dkim=fail header.d=cust.test; dkim=pass header.d=mail.cust.test header.b=aB/+9=="),
			desk.Auth{DKIM: "pass", Aligned: true, Source: "authentication-results"}},
		{"DKIM by identity", trace("A mx.hd.test; dkim=pass header.i=@cust.test"), desk.Auth{DKIM: "pass", Aligned: true, Source: "authentication-results"}},
		{"DKIM of somebody else", trace("A mx.hd.test; dkim=pass header.d=evil.test"), desk.Auth{DKIM: "pass", Source: "authentication-results"}},
		{"DKIM of the public suffix", trace("A mx.hd.test; dkim=pass header.d=test"), desk.Auth{DKIM: "pass", Source: "authentication-results"}},
		{"aligned DKIM, but DMARC fails", trace("A mx.hd.test; dkim=pass header.d=mail.cust.test; dmarc=fail header.from=cust.test"),
			desk.Auth{DMARC: "fail", DKIM: "pass", Source: "authentication-results"}},
		{"aligned SPF", trace("A mx.hd.test; spf=pass smtp.mailfrom=bounce@mail.cust.test"), desk.Auth{SPF: "pass", Aligned: true, Source: "authentication-results"}},
		{"SPF of the HELO name only", trace("A mx.hd.test; spf=pass smtp.helo=cust.test"), desk.Auth{SPF: "pass", Source: "authentication-results"}},
		{"SPF of somebody else", trace("A mx.hd.test; spf=pass smtp.mailfrom=x@evil.test"), desk.Auth{SPF: "pass", Source: "authentication-results"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := inbound("ann@cust.test")
			in.AuthRaw.Trace = test.trace
			a := &mailin.Authenticator{Trusted: []string{"mx.hd.test"}}
			if got := a.Authenticate(t.Context(), nil, in); got != test.want {
				t.Errorf("got %+v, expected %+v", got, test.want)
			}
			in.FromCount = 2
			if got := a.Authenticate(t.Context(), nil, in); got.Pass() {
				t.Errorf("with two authors: %+v", got)
			}
			in.FromCount = 1
			if got := (&mailin.Authenticator{}).Authenticate(t.Context(), nil, in); got != none {
				t.Errorf("without a trusted server: %+v", got)
			}
		})
	}
}

// What Microsoft's cloud writes, top to bottom, on a mail from outside.
const (
	cloudStep   = "R from AB1PR02MB0001.eurprd02.prod.outlook.com\t(2603:10a6:10:1::14) by AB1PR02MB0002.eurprd02.prod.outlook.com with HTTPS; Thu, 1 Jan 2026 00:00:00 +0000"
	cloudFront  = "R from AB1FT029.eop-EUR02.prod.protection.outlook.com (2603:10a6:10:1:cafe::4c) by AB1PR06CA0006.outlook.office365.com (2603:10a6:10:1::18) with Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.1.1 via Frontend Transport; Thu, 1 Jan 2026 00:00:00 +0000"
	cloudPass   = "A spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=cust.test; dkim=pass (signature was verified) header.d=cust.test;dmarc=pass action=none header.from=cust.test;compauth=pass reason=100"
	cloudBorder = "R from out.cust.test (192.0.2.1) by AB1FT029.mail.protection.outlook.com (10.152.0.1) with Microsoft SMTP Server (version=TLS1_3) id 15.20.1.1 via Frontend Transport; Thu, 1 Jan 2026 00:00:00 +0000"
)

func TestMicrosoft365IsBelievedWithoutAnId(t *testing.T) {
	pass := desk.Auth{DMARC: "pass", DKIM: "pass", SPF: "pass", Aligned: true, Source: "authentication-results"}
	none := desk.Auth{}
	// A stranger who calls himself one of their servers, and one who writes from the cloud.
	named := strings.Replace(cloudStep, "2603:10a6:10:1::14", "192.0.2.66", 1)
	for name, c := range map[string]struct {
		trusted string
		trace   []desk.TraceField
		want    desk.Auth
	}{
		"from outside":                      {"microsoft365", trace(cloudStep, cloudFront, cloudPass, cloudBorder), pass},
		"the name in capitals":              {"Microsoft365", trace(cloudStep, cloudPass, cloudBorder), pass},
		"forged, below the border":          {"microsoft365", trace(cloudStep, cloudFront, cloudBorder, cloudPass), none},
		"forged, below the cloud's own":     {"microsoft365", trace(cloudStep, "A dmarc=fail header.from=cust.test", cloudBorder, cloudPass), desk.Auth{DMARC: "fail", Source: "authentication-results"}},
		"forged, below a forged name":       {"microsoft365", trace(cloudStep, named, cloudPass), none},
		"forged, with the profile as an id": {"microsoft365", trace(cloudStep, "A microsoft365; dmarc=pass header.from=cust.test", cloudBorder), none},
		"taken by the border from a cloud":  {"microsoft365", trace(strings.Replace(cloudBorder, "out.cust.test (192.0.2.1)", "a.prod.outlook.com (2603:1030::1)", 1), cloudPass), none},
		"no step inside":                    {"microsoft365", trace(cloudPass, cloudBorder), none},
		"a name that only ends so":          {"microsoft365", trace(strings.ReplaceAll(cloudStep, ".prod.outlook.com", ".evil-outlook.com"), cloudPass), none},
		"for another author":                {"microsoft365", trace(cloudStep, strings.ReplaceAll(cloudPass, "cust.test", "evil.test"), cloudBorder), desk.Auth{DMARC: "none", DKIM: "pass", SPF: "pass", Source: "authentication-results"}},
		"nothing configured":                {"mx.hd.test", trace(cloudStep, cloudPass, cloudBorder), none},
		"the empty id configured":           {"", trace(cloudStep, cloudPass, cloudBorder), none},
	} {
		in := inbound("ann@cust.test")
		in.AuthRaw.Trace = c.trace
		a := &mailin.Authenticator{Trusted: []string{c.trusted}}
		if got := a.Authenticate(t.Context(), nil, in); got != c.want {
			t.Errorf("%s: got %+v, expected %+v", name, got, c.want)
		}
	}
}

func TestAuthenticationOfWholeMails(t *testing.T) {
	const ours = "Authentication-Results: mx.hd.test;\r\n\tdmarc=pass (p=reject)\r\n\theader.from=cust.test\r\n"
	const received = "Received: from out.cust.test by mx.hd.test (Postfix)\r\n\twith ESMTPS id 1; Thu, 1 Jan 2026 00:00:00 +0000\r\n"
	const end = "Subject: x\r\n\r\nbody\r\n"
	for mail, pass := range map[string]bool{
		ours + received + "From: Ann <ann@cust.test>\r\n" + end:                             true,
		received + ours + "From: Ann <ann@cust.test>\r\n" + end:                             false,
		ours + received + "From: boss@hd.test\r\nFrom: ann@cust.test\r\n" + end:             false,
		ours + received + "From: ann@cust.test, boss@hd.test\r\n" + end:                     false,
		ours + received + "From: \"ann@cust.test\" <boss@hd.test>\r\n" + end:                false,
		ours + received + "Sender: ann@cust.test\r\n" + end:                                 false,
		received + "From: ann@cust.test\r\n" + end + ours:                                   false,
		"X-" + ours + received + "From: ann@cust.test\r\n" + end:                            false,
		received + "From: ann@cust.test\r\nSubject: x\r\n\t" + ours + "\r\nbody\r\n":        false,
		received + "From: ann@cust.test\r\nReceived: x\r\n by y with LMTP\r\n" + ours + end: false,
	} {
		a := &mailin.Authenticator{Trusted: []string{"mx.hd.test"}}
		if got := a.Authenticate(t.Context(), []byte(mail), parse.Mail([]byte(mail), parse.Options{})); got.Pass() != pass {
			t.Errorf("passes: %v, expected %v, for\n%s", got.Pass(), pass, mail)
		}
	}
}

func inbound(from string) *desk.Inbound {
	return &desk.Inbound{From: &desk.Address{Address: from}, FromCount: 1}
}

// zone is a DNS zone of TXT records.
type zone map[string][]string

func (z zone) lookup(_ context.Context, name string) ([]string, error) {
	if txt, ok := z[strings.TrimSuffix(name, ".")]; ok {
		return txt, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// signer signs mail as a domain and publishes its key.
func signer(t *testing.T, z zone, domain string) func(mail string) []byte {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	selector := fmt.Sprintf("s%d", len(z))
	z[selector+"._domainkey."+domain] = []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}
	return func(mail string) []byte {
		var out bytes.Buffer
		options := &dkim.SignOptions{Domain: domain, Selector: selector, Signer: private, HeaderKeys: []string{"From", "Subject", "To"}}
		if err := dkim.Sign(&out, strings.NewReader(mail), options); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
}

func TestDKIMAndDMARCAreVerified(t *testing.T) {
	z := zone{
		"_dmarc.cust.test":   {"v=DMARC1; p=reject"},
		"_dmarc.strict.test": {"v=DMARC1; p=reject; adkim=s"},
		"_dmarc.broken.test": {"v=DMARC1; p=maybe"},
	}
	plain := func(mail string) []byte { return []byte(mail) }
	mail := func(from string) string {
		return "From: Ann <" + from + ">\r\nTo: support@hd.test\r\nSubject: hello\r\n\r\nbody\r\n"
	}
	tests := []struct {
		name string
		from string
		sign func(string) []byte
		edit func([]byte) []byte
		want desk.Auth
	}{
		{"signed by the domain", "ann@cust.test", signer(t, z, "cust.test"), nil, desk.Auth{DMARC: "pass", DKIM: "pass", Aligned: true}},
		{"signed by a subdomain", "ann@cust.test", signer(t, z, "mail.cust.test"), nil, desk.Auth{DMARC: "pass", DKIM: "pass", Aligned: true}},
		{"author in a subdomain", "ann@eu.cust.test", signer(t, z, "cust.test"), nil, desk.Auth{DMARC: "pass", DKIM: "pass", Aligned: true}},
		{"strict policy, signed by a subdomain", "ann@strict.test", signer(t, z, "mail.strict.test"), nil, desk.Auth{DKIM: "pass"}},
		{"strict policy, signed by the domain", "ann@strict.test", signer(t, z, "strict.test"), nil, desk.Auth{DMARC: "pass", DKIM: "pass", Aligned: true}},
		{"no policy", "ann@free.test", signer(t, z, "free.test"), nil, desk.Auth{DMARC: "none", DKIM: "pass", Aligned: true}},
		{"policy that cannot be read", "ann@broken.test", signer(t, z, "broken.test"), nil, desk.Auth{DMARC: "temperror", DKIM: "pass"}},
		{"signed by somebody else", "ann@cust.test", signer(t, z, "evil.test"), nil, desk.Auth{DKIM: "pass"}},
		{"changed body", "ann@cust.test", signer(t, z, "cust.test"), func(b []byte) []byte { return append(b, "more\r\n"...) }, desk.Auth{DKIM: "fail"}},
		{"second author added", "ann@cust.test", signer(t, z, "cust.test"),
			func(b []byte) []byte { return append([]byte("From: boss@cust.test\r\n"), b...) }, desk.Auth{}},
		{"not signed", "ann@cust.test", plain, nil, desk.Auth{DKIM: "none"}},
		{"no header at all", "ann@cust.test", plain, func([]byte) []byte { return []byte("x") }, desk.Auth{}},
		{"nothing published", "ann@cust.test", signer(t, zone{}, "gone.cust.test"), nil, desk.Auth{DKIM: "permerror"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			raw := test.sign(mail(test.from))
			if test.edit != nil {
				raw = test.edit(raw)
			}
			a := &mailin.Authenticator{Verify: true, LookupTXT: z.lookup}
			test.want.Source = "verified"
			if got := a.Authenticate(t.Context(), raw, inbound(test.from)); got != test.want {
				t.Errorf("got %+v, expected %+v", got, test.want)
			}
			in := inbound(test.from)
			in.FromCount = 2
			if got := a.Authenticate(t.Context(), raw, in); got != (desk.Auth{}) {
				t.Errorf("with two authors: %+v", got)
			}
		})
	}
}

func TestManySignaturesAskDNSAFewTimes(t *testing.T) {
	var forged strings.Builder
	for range 200 {
		forged.WriteString("DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=x; h=From; bh=AAAA; b=AAAA\r\n")
	}
	forged.WriteString("From: ann@cust.test\r\n\r\nbody\r\n")
	asked := make(chan string, 1000)
	a := &mailin.Authenticator{Verify: true, LookupTXT: func(_ context.Context, name string) ([]string, error) {
		asked <- name
		return nil, &net.DNSError{IsNotFound: true}
	}}
	if got := a.Authenticate(t.Context(), []byte(forged.String()), inbound("ann@cust.test")); got.Pass() {
		t.Errorf("forged signatures pass: %+v", got)
	}
	if n := len(asked); n > 5 {
		t.Errorf("%d lookups", n)
	}
}

// While DNS does not answer, mail is not kept waiting for it, but for mail that needs
// its proof.
func TestSlowDNSDoesNotHoldUpABacklog(t *testing.T) {
	signed := signer(t, zone{}, "cust.test")("From: Ann <ann@cust.test>\r\nTo: support@hd.test\r\nSubject: hello\r\n\r\nbody\r\n")
	asked, answers := 0, false
	a := &mailin.Authenticator{Verify: true,
		Needs: func(in *desk.Inbound) bool { return in.Subject == "urgent" },
		LookupTXT: func(ctx context.Context, _ string) ([]string, error) {
			asked++
			if answers {
				return nil, &net.DNSError{IsNotFound: true}
			}
			<-ctx.Done()
			return nil, ctx.Err()
		},
	}
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			a.Authenticate(t.Context(), signed, inbound("ann@cust.test"))
		}
		if asked != 3 {
			t.Errorf("asked %d times for 20 mails", asked)
		}
		in := inbound("ann@cust.test")
		in.Subject = "urgent"
		if a.Authenticate(t.Context(), signed, in); asked != 4 {
			t.Errorf("not asked about a mail that needs it")
		}
		answers = true
		for range 60 {
			a.Authenticate(t.Context(), signed, inbound("ann@cust.test"))
		}
		if asked < 20 {
			t.Errorf("DNS is back, and was asked only %d times", asked)
		}
	})
}
