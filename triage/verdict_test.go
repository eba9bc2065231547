package triage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The files of testdata/phrases hold what customers write, a line each behind its
// meaning; "\n" in it ends a line of theirs.
func TestWhatCustomersSay(t *testing.T) {
	files, err := filepath.Glob("testdata/phrases/*.txt")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	names := map[string]bool{"bob": true, "miller": true, "müller": true, "anne": true, "ana": true, "anna": true, "jan": true, "tess": true, "two": true}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			meaning, text, ok := strings.Cut(strings.TrimSpace(line), ":")
			if !ok {
				t.Errorf("%s: %q has no meaning", file, line)
			}
			text = gist(strings.ReplaceAll(text, `\n`, "\n"), names)
			if got := meaningOf(meaning, text, names); got != meaning {
				t.Errorf("%s: %q reads as %q, not %q", file, text, got, meaning)
			}
		}
	}
}

// meaningOf reads a text in the way in which its line asks for it.
func meaningOf(asked, text string, names map[string]bool) string {
	switch asked {
	case "status", "nostatus":
		if asksStatus(text) {
			return "status"
		}
		return "nostatus"
	case "good", "bad", "norating":
		if rating, _ := readRating(text); rating != "" {
			return rating
		}
		return "norating"
	}
	v, _ := readAnswer(text, names)
	return map[verdict]string{answerYes: "yes", answerWorks: "works", answerThanks: "thanks", answerNo: "no", answerOther: "other"}[v]
}

func TestRatingWithWords(t *testing.T) {
	rating, more := readRating("bad\nNobody called.\nNever.")
	if rating != ratingBad || more != "Nobody called.\nNever." {
		t.Errorf("%q, %q", rating, more)
	}
}

func TestGist(t *testing.T) {
	names := map[string]bool{"bob": true, "miller": true}
	for text, want := range map[string]string{
		"Hello,\n\nit burns.\nAll of it.\n\nKind regards\nBob": "it burns.\nAll of it.",
		"Thanks!\n\nBob Miller\nACME, Tel. 0815":               "Thanks!",
		"Kind regards\nBob":                                    "",
		"Bob Miller cannot log in":                             "Bob Miller cannot log in",
		"Hello, it burns":                                      "Hello, it burns",
		"":                                                     "",
	} {
		if got := gist(text, names); got != want {
			t.Errorf("gist(%q) = %q, want %q", text, got, want)
		}
	}
}

// A button that we print must be understood when it comes back.
func TestPrefilledWordsAreUnderstood(t *testing.T) {
	for lang := range prefilledByLanguage {
		w := prefilled(lang)
		if got, why := readAnswer(w.yes, nil); got != answerYes {
			t.Errorf("%s: %q reads as %d (%s)", lang, w.yes, got, why)
		}
		if got, why := readAnswer(w.no, nil); got != answerNo {
			t.Errorf("%s: %q reads as %d (%s)", lang, w.no, got, why)
		}
		for word, want := range map[string]string{w.good: ratingGood, w.bad: ratingBad} {
			if got, _ := readRating(word); got != want {
				t.Errorf("%s: %q reads as %q", lang, word, got)
			}
		}
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add("yes, but no")
	f.Add("’’’ はい?")
	f.Add("good\n👎")
	f.Fuzz(func(t *testing.T, text string) {
		text = gist(text, map[string]bool{"bob": true})
		readAnswer(text, nil)
		readRating(text)
		asksStatus(text)
	})
}
