package triage

import (
	"errors"
	"strings"
	"testing"

	"tierdesk/desk"
)

func TestSplitCommands(t *testing.T) {
	for _, c := range []struct {
		text  string
		names string
		rest  string
	}{
		{"#claim", "claim", ""},
		{"#CLAIM\n#note\nlooks like the proxy", "claim note", "looks like the proxy"},
		{"#escalate L3 needs a specialist\r\n\r\nSee the log.", "escalate", "See the log."},
		{"Hello,\n#solve is what I would do", "", "Hello,\n#solve is what I would do"},
		{"#solve\n\n#claim", "solve", "#claim"},
		{"# heading", "", "# heading"},
		{"#1234 is the ticket", "", "#1234 is the ticket"},
		// what only looks different is a command: a note must not reach the customer
		{"#note: a secret", "note", ""},
		{"#note.\na secret", "note", "a secret"},
		{"# note\na secret", "note", "a secret"},
		{"*#Note*\na secret", "note", "a secret"},
		{"\u200b#note\u00a0\na secret", "note", "a secret"},
		{"＃note\na secret", "note", "a secret"},
		{"\"#note\"\na secret", "note", "a secret"},
		{"#internal: a secret", "internal", ""},
		{"# Steps: reboot", "", "# Steps: reboot"},
		{"", "", ""},
	} {
		cmds, rest := splitCommands(c.text)
		var names []string
		for _, cmd := range cmds {
			names = append(names, cmd.name)
		}
		if got := strings.Join(names, " "); got != c.names || rest != c.rest {
			t.Errorf("splitCommands(%q) = %q, %q", c.text, got, rest)
		}
	}
}

func TestStrayCommands(t *testing.T) {
	for _, c := range []struct{ text, names, rest string }{
		{"Fixed.\n#solve", "solve", "Fixed."},
		{"Fixed.\n\n  #SOLVE now\n#note\nBye", "solve note", "Fixed.\n\nBye"},
		{"We are at #12, C#, #1 and #hashtag.\n#hashtag\nDo #solve it.", "", "We are at #12, C#, #1 and #hashtag.\n#hashtag\nDo #solve it."},
		{"", "", ""},
	} {
		names, rest := strayCommands(c.text)
		if got := strings.Join(names, " "); got != c.names || rest != c.rest {
			t.Errorf("strayCommands(%q) = %q, %q", c.text, got, rest)
		}
	}
}

func TestReadOrders(t *testing.T) {
	read := func(text string) (orders, error) {
		cmds, _ := splitCommands(text)
		return readOrders(cmds)
	}
	o, err := read("#escalate L3 the database is slow for everybody")
	if err != nil || !o.escalate || o.level != desk.L3 || o.reason != "the database is slow for everybody" {
		t.Errorf("escalate: %+v, %v", o, err)
	}
	o, err = read("#escalate needs logs")
	if err != nil || o.level != 0 || o.reason != "needs logs" {
		t.Errorf("escalate without level: %+v, %v", o, err)
	}
	if o, err = read("#note: call her\n#note at noon"); err != nil || !o.note || o.words != "call her\nat noon" {
		t.Errorf("note with words: %+v, %v", o, err)
	}
	for text, want := range map[string]string{
		"#claim #note":        "stands alone",
		"#solve: it was DNS":  "stands alone",
		"#slove":              "did you mean #solve?",
		"#claim\n#escalte":    "did you mean #escalate?",
		"#escalate L7":        "L1 to L4",
		"#solve\n#escalate":   "contradict",
		"#claim\n#escalate x": "contradict",
	} {
		_, err := read(text)
		var refusal *desk.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want a refusal with %q", text, err, want)
		}
	}
}

func FuzzSplitCommands(f *testing.F) {
	f.Add("#claim\n#escalate L3 x\n\ntext")
	f.Fuzz(func(t *testing.T, text string) {
		cmds, rest := splitCommands(text)
		if len(rest) > len(text) {
			t.Errorf("the rest grew")
		}
		_, _ = readOrders(cmds)
		if names, kept := strayCommands(rest); len(names) == 0 && kept != rest {
			t.Errorf("%q lost words: %q", rest, kept)
		}
	})
}
