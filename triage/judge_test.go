package triage

import (
	"testing"

	"tierdesk/desk"
)

func TestJudgementStandsAlone(t *testing.T) {
	for text, want := range map[string]desk.Verdict{
		"ok":                          desk.VerdictRight,
		"OK.":                         desk.VerdictRight,
		"#ok":                         desk.VerdictRight,
		"ok, send it please":          desk.VerdictRight,
		"ok\n\nTess Two":              desk.VerdictRight,
		"Richtig, bitte senden":       desk.VerdictRight,
		"no":                          desk.VerdictWrong,
		"#no":                         desk.VerdictWrong,
		"No, that is another system.": desk.VerdictWrong,
		"nein":                        desk.VerdictWrong,
		"":                            "",
		"thanks":                      "",
		"ok, I will look into it":     "",
		"Hello, please restart it.":   "",
		"No problem at all, we will exchange the reader on Monday and then tell you how it went": "",
	} {
		if got := readJudgement(text, "Tess Two"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
