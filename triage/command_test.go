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

// atWork is a mail of Tess's that is not read yet.
func atWork() *work {
	tr := testDesk()
	return &work{decision: tr.decision(aTicket(), aMail("tess@hd.test")), who: principal{technician: &tr.Desk.Technicians[0]}}
}

func TestReadOrders(t *testing.T) {
	w := atWork()
	read := func(text string) (orders, error) {
		cmds, _ := splitCommands(text)
		return w.readOrders(cmds)
	}
	o, err := read("#escalate L3 the database is slow for everybody")
	if err != nil || !o.has("escalate") || o[0].level != desk.L3 {
		t.Errorf("escalate: %+v, %v", o, err)
	}
	if o, err = read("#escalate needs logs"); err != nil || o[0].level != 0 || o[0].args != "needs logs" {
		t.Errorf("escalate without level: %+v, %v", o, err)
	}
	if o, err = read("#note: call her\n#note at noon"); err != nil || len(o) != 2 || o[1].args != "at noon" {
		t.Errorf("note with words: %+v, %v", o, err)
	}
	if o, err = read("#solve\n#claim\n#solve\n#priority 2"); err != nil || len(o) != 3 || o[0].name != "claim" || o[2].name != "solve" {
		t.Errorf("several: %+v, %v", o, err)
	}
	for text, want := range map[string]string{
		"#claim #note":               "stands alone",
		"#solve: it was DNS":         "stands alone",
		"#slove":                     "did you mean #solve?",
		"#claim\n#escalte":           "did you mean #escalate?",
		"#escalate L7":               "L1 to L4",
		"#solve\n#escalate":          "contradict",
		"#claim\n#escalate x":        "contradict",
		"#claim\n#assign theo":       "contradict",
		"#close\n#reopen":            "contradict",
		"#priority p1\n#priority p2": "#priority p1 and #priority p2 contradict",
		"#return":                    "#return REASON",
		"#wait yesterday":            "#wait yesterday: \"yesterday\" is not a time",
		"#snooze":                    "#snooze TIME",
		"#priority high":             "p1, the most urgent",
		"#assign nobody":             "there are Tess Two <tess@hd.test>, Theo Three",
		"#assign t":                  "may be Tess Two <tess@hd.test>, Theo Three",
		"#assign @hd.test":           "may be",
		"#merge x":                   "is no ticket number",
		"#merge 1-X":                 "is no ticket number",
		"#link 12 13":                "is no ticket number",
		"#split first":               "second mail",
		"#requester alice":           "is no address",
		"#requester l2@hd.test":      "belongs to the desk",
		"#requester theo@hd.test":    "belongs to the desk",
		"#time a while":              "no time",
		"#category a+b":              "a word or two",
	} {
		_, err := read(text)
		var refusal *desk.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want a refusal with %q", text, err, want)
		}
	}
}

func TestAWordAloneIsACommand(t *testing.T) {
	for text, want := range map[string]string{
		"claim": "claim", "Claim.": "claim", "why?": "why", "Pourquoi ?": "why", "Warum?": "why", "\u00a0HELP ": "help",
		"solved": "solve", "gelöst!": "solve", "übernehmen": "claim", "confirm": "confirm", "undo\n\nTess": "undo",
		"Claim forms are attached": "", "why not": "", "claim\nsolve": "", "": "", "#": "", "Solved it, see you": "",
	} {
		got := ""
		if v, _ := verbOfWord(text); v != nil {
			got = v.name
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzSplitCommands(f *testing.F) {
	f.Add("#claim\n#escalate L3 x\n\ntext")
	f.Add("#merge 7\n#requester <bob@customer.test>\n#promise tomorrow 15:00\n#split 3")
	w := atWork()
	f.Fuzz(func(t *testing.T, text string) {
		cmds, rest := splitCommands(text)
		if len(rest) > len(text) {
			t.Errorf("the rest grew")
		}
		_, _ = w.readOrders(cmds)
		if names, kept := strayCommands(rest); len(names) == 0 && kept != rest {
			t.Errorf("%q lost words: %q", rest, kept)
		}
	})
}
