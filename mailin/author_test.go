package mailin

import (
	"strings"
	"testing"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
)

func TestNameAuthor(t *testing.T) {
	d := &desk.Desk{
		Address: "support@hd.test", OtherAddresses: []string{"form@hd.test"},
		Tiers:       []desk.Tier{{Level: desk.L2, List: "l2@hd.test"}},
		Technicians: []desk.Technician{{Name: "Tess", Addresses: []string{"tess@hd.test"}}},
	}
	pass, fail := desk.Auth{DMARC: "pass", Source: fromHeader}, desk.Auth{DMARC: "fail", Source: fromHeader}
	for name, c := range map[string]struct {
		head string
		auth desk.Auth
		from string // "" for: as it was
	}{
		"a form's no-reply address":      {"From: Shop <no-reply@forms.test>\nReply-To: Ann <ann@x.test>", pass, "ann@x.test"},
		"our own form":                   {"From: Website <form@hd.test>\nReply-To: ann@x.test", pass, "ann@x.test"},
		"our own form, not proven":       {"From: Website <form@hd.test>\nReply-To: ann@x.test", desk.Auth{}, ""},
		"a list":                         {"From: Ann via Users <users@lists.test>\nReply-To: ann@x.test", pass, "ann@x.test"},
		"a list of Google's":             {"From: 'Ann' via Users <users@lists.test>\nX-Original-From: Ann <ann@x.test>\nReply-To: users@lists.test", pass, "ann@x.test"},
		"a person with another Reply-To": {"From: Ann <ann@x.test>\nReply-To: bob@y.test", pass, ""},
		"no Reply-To":                    {"From: no-reply@forms.test", pass, ""},
		"two in Reply-To":                {"From: no-reply@forms.test\nReply-To: ann@x.test, bob@y.test", pass, ""},
		"two Reply-To":                   {"From: no-reply@forms.test\nReply-To: ann@x.test\nReply-To: bob@y.test", pass, ""},
		"a technician in Reply-To":       {"From: no-reply@forms.test\nReply-To: tess@hd.test", pass, ""},
		"the desk in Reply-To":           {"From: no-reply@forms.test\nReply-To: support+abc@hd.test", pass, ""},
		"a tier's list in Reply-To":      {"From: no-reply@forms.test\nReply-To: l2@hd.test", pass, ""},
		"a tier's list in From":          {"From: Ann via L2 <l2@hd.test>\nReply-To: ann@x.test", pass, ""},
		"a robot in both":                {"From: no-reply@forms.test\nReply-To: noreply@x.test", pass, ""},
		"a forged form":                  {"From: no-reply@forms.test\nReply-To: ann@x.test", fail, ""},
		"a machine's answer":             {"From: no-reply@forms.test\nReply-To: ann@x.test\nAuto-Submitted: auto-replied", pass, ""},
	} {
		raw := []byte(c.head + "\nSubject: x\n\nIt burns.\n")
		in := parse.Mail(raw, parse.Options{})
		in.Auth = c.auth
		before := in.From.Address
		NameAuthor(d, raw, in)
		switch {
		case c.from == "" && (in.From.Address != before || in.Via != "" || in.Auth != c.auth):
			t.Errorf("%s: %s by %s", name, in.From.Address, in.Via)
		case c.from != "" && (in.From.Address != c.from || in.Via != before || in.Auth.Pass()):
			t.Errorf("%s: %s by %s, proven: %v", name, in.From.Address, in.Via, in.Auth.Pass())
		}
	}
}

func FuzzNameAuthor(f *testing.F) {
	f.Add("From: no-reply@forms.test\nReply-To: Ann <ann@x.test>\n\n")
	f.Add("From: Ann via L <l@x.test>\nX-Original-From: \"a\" <a@b.test>\n\n")
	d := &desk.Desk{Address: "support@hd.test"}
	f.Fuzz(func(t *testing.T, raw string) {
		in := parse.Mail([]byte(raw), parse.Options{})
		NameAuthor(d, []byte(raw), in)
		if in.Via != "" && (in.Auth.Pass() || d.Own(in.From.Address) || strings.ContainsAny(in.From.Address, "\r\n")) {
			t.Errorf("%+v", in.From)
		}
	})
}
