package main

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"tierdesk/desk"
)

// What the trial mail shows, where the test's mail systems cannot be made to show it.
func TestFindingsOfATrial(t *testing.T) {
	keys := desk.Keyring{{ID: 1, Secret: []byte("thirty-two bytes that nobody knows")}}
	at := func(plus bool, trusted ...string) *trial {
		return &trial{keys: keys, desk: &desk.Desk{Address: "support@hd.test", PlusAddresses: plus, TrustedAuthserv: trusted}}
	}
	ours := keys.TrialID("support@hd.test", "x")
	mail := func(id, returnPath string, trace ...string) *desk.Inbound {
		in := &desk.Inbound{MessageID: id, ReturnPath: &returnPath}
		for i := 0; i < len(trace); i += 2 {
			in.AuthRaw.Trace = append(in.AuthRaw.Trace, desk.TraceField{Name: trace[i], Value: trace[i+1]})
		}
		return in
	}
	const field = "Authentication-Results"
	for name, c := range map[string]struct {
		found []finding
		want  string // beginning with the grade
	}{
		"plus-addresses do not arrive":     {[]finding{at(true).plusAddresses(false, nil)}, `failing plus.*reply_addresses = "message-id"`},
		"the relay refuses them":           {[]finding{at(true).plusAddresses(false, errors.New("553 no"))}, `failing plus.*553 no.*reply_addresses = "message-id"`},
		"they are not wanted":              {[]finding{at(false).plusAddresses(false, nil)}, "plus.*needs none"},
		"ids survive":                      {at(false).messageID(mail(ours, "")), ""},
		"ids are replaced":                 {at(true).messageID(mail("x@relay.test", "")), "warning: Message-ID"},
		"ids are replaced and needed":      {at(false).messageID(mail("x@relay.test", "")), "failing Message-ID"},
		"the return path is ours":          {at(true).returnPath(mail(ours, "support@mail.hd.test")), ""},
		"the return path is not":           {at(true).returnPath(mail(ours, "srs0@relay.test")), "warning: return path.*srs0@relay.test"},
		"the server is trusted":            {[]finding{at(true, "mx.hd.test").results(mail(ours, "", field, "MX.hd.test; none"))}, "Authentication-Results.*trusted"},
		"the server is not trusted yet":    {[]finding{at(true).results(mail(ours, "", field, "mx.hd.test; none"))}, `warning: .*trusted_authserv_ids = \["mx.hd.test"\]`},
		"the server is Microsoft's":        {[]finding{at(true).results(mail(ours, "", "Received", "from a.prod.outlook.com (2603:10a6::1) by b.prod.outlook.com with HTTPS; x", field, "dkim=none; dmarc=none"))}, `warning: .*\["microsoft365"\]`},
		"a stranger's field":               {[]finding{at(true).results(mail(ours, "", "Received", "from a by b with ESMTP; x", field, "mx.hd.test; none"))}, "Authentication-Results.*wrote none; DKIM"},
		"a trusted server wrote none here": {[]finding{at(true, "mx.hd.test").results(mail(ours, ""))}, "warning: .*wrote none on a mail from inside"},
	} {
		var texts []string
		for _, f := range c.found {
			g := string(f.grade)
			if f.grade == failing {
				g += " "
			}
			texts = append(texts, g+f.text)
		}
		got := strings.Join(texts, "\n")
		if c.want == "" && got != "" || !regexp.MustCompile("^(?s)"+c.want).MatchString(got) {
			t.Errorf("%s: %q, expected %q", name, got, c.want)
		}
	}
}
