package kb

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOnlyPublicAndValidDocumentsAreAnswered(t *testing.T) {
	q := Question{Text: "I forgot my password, how do I reset it?", Now: today}
	for _, test := range []struct {
		name   string
		change func(d *Document)
		answer bool
		why    string
	}{
		{"public", func(*Document) {}, true, "sure enough"},
		{"internal", func(d *Document) { d.Audience = Internal }, false, "not for customers"},
		{"not said", func(d *Document) { d.Audience = "" }, false, "not for customers"},
		{"valid", func(d *Document) { d.ValidUntil = today.Add(time.Hour) }, true, "sure enough"},
		{"expired", func(d *Document) { d.ValidUntil = today.Add(-time.Hour) }, false, "was valid until"},
	} {
		docs := smallDesk(t)
		at := slices.IndexFunc(docs, func(d Document) bool { return d.ID == "password" })
		test.change(&docs[at])
		r := New(docs, nil, Options{}).Match(q)
		last := r.Why[len(r.Why)-1]
		if r.Answer != test.answer || !strings.Contains(last, test.why) || r.Matches[0].Doc != "password" {
			t.Errorf("%s: answer %v, %v, %q", test.name, r.Answer, r.Matches, last)
		}
	}
}

// solved are tickets of a desk: several of a kind that no document names in the
// customers' words, and some that no document answered.
func solved() []Example {
	var out []Example
	for i := range 12 {
		out = append(out,
			Example{Doc: "vpn", Text: fmt.Sprintf("the blue globe in my tray went grey at %d o'clock", i)},
			Example{Doc: "printer", Text: fmt.Sprintf("the big machine in room %d makes streaks", i)},
			Example{Doc: "password", Text: fmt.Sprintf("windows says the credentials of user u%d are wrong", i)},
			Example{Doc: "", Text: fmt.Sprintf("please order %d chairs for the meeting room", i)},
		)
	}
	return out
}

func TestSolvedTicketsTeach(t *testing.T) {
	q := Question{Text: "My globe in the tray is grey again", Now: today}
	if r := New(smallDesk(t), nil, Options{}).Match(q); r.Answer {
		t.Fatalf("answered before it was taught: %v", r.Why)
	}
	r := New(smallDesk(t), solved(), Options{}).Match(q)
	if len(r.Matches) == 0 || r.Matches[0].Doc != "vpn" {
		t.Fatalf("matches %v\n%v", r.Matches, r.Why)
	}
	if !slices.ContainsFunc(r.Why, func(w string) bool { return strings.Contains(w, "was solved with vpn") }) {
		t.Errorf("the reasons do not name the solved question: %v", r.Why)
	}
}

func TestOneSolvedTicketCountsForTheSameQuestion(t *testing.T) {
	text := "the blue globe in my tray went grey"
	r := New(smallDesk(t), []Example{{Doc: "vpn", Text: text}}, Options{}).Match(Question{Text: text, Now: today})
	if len(r.Matches) == 0 || r.Matches[0].Doc != "vpn" {
		t.Errorf("matches %v\n%v", r.Matches, r.Why)
	}
}

func TestQuestionsWithoutADocumentTeachSilence(t *testing.T) {
	r := New(smallDesk(t), solved(), Options{}).Match(Question{Text: "please order 7 chairs for the meeting room", Now: today})
	if r.Answer {
		t.Errorf("answered with %v\n%v", r.Matches, r.Why)
	}
}

func TestSameStateSameAnswer(t *testing.T) {
	questions := []string{"my vpn is grey", "password of user u7", "paper jam and no vpn", "chairs", "Rechnung für den Drucker"}
	var first string
	for range 4 {
		m := New(smallDesk(t), solved(), Options{})
		got := ""
		for _, q := range questions {
			got += fmt.Sprintf("%+v\n", m.Match(Question{Text: q, Now: today}))
		}
		if first == "" {
			first = got
		}
		if got != first {
			t.Fatalf("first\n%s\nthen\n%s", first, got)
		}
	}
}

func TestWrappingChangesNothing(t *testing.T) {
	const q = "I forgot my password, how do I reset it?"
	for _, text := range []string{
		"Hello,\n\n" + q + "\n\nKind regards\nJo Miller\nVPN and Printer Department",
		"Hi team, " + q + "\nThanks in advance!\n-- \nJo\nACME printers",
		q + "\n\nOn Mon, 3 Nov 2026 at 10:22, Desk <desk@hd.test> wrote:\n> your invoice and the vpn",
		"Guten Tag,\n" + q + "\nMit freundlichen Grüßen\nJ. Maier\n\nDiese E-Mail enthält vertrauliche Informationen über Drucker.",
		"Bonjour,\n\n" + q + "\n\nCordialement,\nJeanne\n\nDe : Support\nEnvoyé : lundi\nObjet : imprimante\n\nvpn",
		"> printer\n\n" + q + "\n\nSent from my phone",
	} {
		if got := newText("", text); got != q {
			t.Errorf("%q\nis read as %q", text, got)
		}
	}
	for _, text := range []string{"Thanks", "Hello", "> all quoted", ""} {
		if got := newText("", text); got != text {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

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
