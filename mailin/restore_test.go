package mailin_test

import (
	"strings"
	"testing"

	"tierdesk/desk"
	"tierdesk/mailin"
	"tierdesk/mailin/parse"
)

// A list that puts itself into From leaves the author's signature, which is valid
// again once he is put back.
func TestAuthorsBehindAListAreRestored(t *testing.T) {
	z := zone{"_dmarc.hd.test": {"v=DMARC1; p=reject"}}
	sign, evil := signer(t, z, "hd.test"), signer(t, z, "evil.test")
	d := &desk.Desk{
		Address: "support@hd.test", Tiers: []desk.Tier{{Level: desk.L2, List: "l2@hd.test"}},
		Technicians: []desk.Technician{{Name: "Tess", Addresses: []string{"tess@hd.test"}, Tiers: []desk.Level{desk.L2}}},
	}
	const written = "From: Tess Two <tess@hd.test>\r\nTo: support@hd.test\r\nSubject: hello\r\n\r\n#claim\r\n"
	rewrite := func(signed []byte, from, more string) string {
		return more + strings.Replace(string(signed), "From: Tess Two <tess@hd.test>", "From: "+from, 1)
	}
	const byList = "Tess Two via L2 <l2@hd.test>"
	for name, c := range map[string]struct {
		mail     string
		restored bool
		claimed  bool
	}{
		"the author in X-Original-From": {rewrite(sign(written), byList, "X-Original-From: Tess Two <tess@hd.test>\r\n"), true, false},
		"the author in Reply-To":        {rewrite(sign(written), byList, "Reply-To: Tess Two <tess@hd.test>\r\n"), true, false},
		"both":                          {rewrite(sign(written), byList, "Reply-To: l2@hd.test\r\nX-Original-From: Tess Two <tess@hd.test>\r\n"), true, false},
		"folded, which simple canonicalization forbids": {rewrite(sign(written), byList, "X-Original-From:\r\n Tess Two\r\n <tess@hd.test>\r\n"), false, true},
		"by another list":            {rewrite(sign(written), "x@evil.test", "Reply-To: Tess Two <tess@hd.test>\r\n"), false, false},
		"not signed":                 {rewrite([]byte(written), byList, "Reply-To: Tess Two <tess@hd.test>\r\n"), false, true},
		"signed by somebody else":    {rewrite(evil(written), byList, "Reply-To: Tess Two <tess@hd.test>\r\n"), false, true},
		"with a changed text":        {rewrite(sign(written), byList, "Reply-To: Tess Two <tess@hd.test>\r\n") + "#solve\r\n", false, true},
		"with a changed subject":     {strings.Replace(rewrite(sign(written), byList, "Reply-To: Tess Two <tess@hd.test>\r\n"), "hello", "[L2] hello", 1), false, true},
		"two original authors":       {rewrite(sign(written), byList, "Reply-To: Tess Two <tess@hd.test>, x@evil.test\r\n"), false, false},
		"two fields of them":         {rewrite(sign(written), byList, "Reply-To: Tess Two <tess@hd.test>\r\nReply-To: x@evil.test\r\n"), false, false},
		"a stranger behind the list": {rewrite(sign(written), byList, "Reply-To: x@evil.test\r\n"), false, false},
		"a second author":            {"From: x@evil.test\r\n" + rewrite(sign(written), byList, "Reply-To: Tess Two <tess@hd.test>\r\n"), false, false},
		"the list is forged":         {"Authentication-Results: mx.hd.test; dmarc=fail header.from=hd.test\r\n" + rewrite(sign(written), byList, "Reply-To: Tess Two <tess@hd.test>\r\n"), false, false},
	} {
		a := &mailin.Authenticator{Trusted: []string{"mx.hd.test"}, Desk: d, LookupTXT: z.lookup}
		in := parse.Mail([]byte(c.mail), parse.Options{})
		in.Auth = a.Authenticate(t.Context(), []byte(c.mail), in)
		a.Restore(t.Context(), []byte(c.mail), in)
		restored := in.From.Address == "tess@hd.test" && in.List == "l2@hd.test" && in.Auth.Pass()
		if restored != c.restored || (in.Claimed != nil) != c.claimed {
			t.Errorf("%s: from %v by %q, %+v, claimed %v", name, in.From, in.List, in.Auth, in.Claimed)
		}
		if !restored && in.Auth.Pass() {
			t.Errorf("%s: passes", name)
		}
	}
}

func FuzzRestore(f *testing.F) {
	for _, seed := range []string{
		"From: l2@hd.test\r\nReply-To: tess@hd.test\r\n\r\nx", "From: l2@hd.test\nX-Original-From:\n tess@hd.test\n", "From:l2@hd.test\r\nReply-To:",
		"From: l2@hd.test\r\nreply-to : =?utf-8?q?T?= <tess@hd.test>\r\nDKIM-Signature: a=b\r\n\r\n", "\r\n", ":", " x",
	} {
		f.Add([]byte(seed))
	}
	d := &desk.Desk{
		Address: "support@hd.test", Tiers: []desk.Tier{{Level: desk.L2, List: "l2@hd.test"}},
		Technicians: []desk.Technician{{Name: "Tess", Addresses: []string{"tess@hd.test"}}},
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a := &mailin.Authenticator{Desk: d, LookupTXT: zone{}.lookup}
		in := parse.Mail(raw, parse.Options{})
		a.Restore(t.Context(), raw, in)
		if in.List != "" || in.Auth.Pass() {
			t.Errorf("proven without a key in the zone: %+v", in.Auth)
		}
	})
}
