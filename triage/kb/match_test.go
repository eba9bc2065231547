package kb

import "testing"

func FuzzMatch(f *testing.F) {
	docs, _ := Load(files("reset.md", "---\naudience: public\nkeywords: [login]\n---\n# Resetting your password\n\nOpen the portal. Choose a new one.\n",
		"vpn.md", "---\naudience: public\n---\n# VPN\n\nStart the client.\n"))
	m := New(docs, nil, Options{})
	f.Add("Hi", "I forgot my password")
	f.Add("", "> quoted\n-- \nsig")
	f.Add("\xff", "L'e\u0308cran ne marche pas’ ’’")
	f.Fuzz(func(t *testing.T, subject, text string) {
		r := m.Match(Question{Subject: subject, Text: text})
		if len(r.Why) == 0 {
			t.Error("no reason")
		}
		last := 1.0
		for _, d := range r.Matches {
			if !(d.Confidence >= 0 && d.Confidence <= last) {
				t.Errorf("confidences %v", r.Matches)
			}
			last = d.Confidence
		}
		if r.Answer && len(r.Matches) == 0 {
			t.Error("an answer without a document")
		}
	})
}
