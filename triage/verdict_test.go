package triage

import "testing"

func TestReadAnswer(t *testing.T) {
	for text, want := range map[string]verdict{
		"yes":                              answerYes,
		"Yes!":                             answerYes,
		"Yes, that worked, thank you!":     answerYes,
		"Solved, thanks a lot":             answerYes,
		"It works now.":                    answerYes,
		"ja":                               answerYes,
		"Ja, danke, hat geklappt":          answerYes,
		"Danke, funktioniert wieder":       answerYes,
		"Oui merci, ça marche":             answerYes,
		"sí, gracias":                      answerYes,
		"Sim":                              answerYes,
		"Tak, działa, dziękuję":            answerYes,
		"да, спасибо":                      answerYes,
		"はい":                               answerYes,
		"no":                               answerNo,
		"No, it still says locked":         answerNo,
		"Yes but now the printer is gone":  answerNo,
		"Nein, leider nicht":               answerNo,
		"Non, toujours le même message":    answerNo,
		"it does not work":                 answerNo,
		"It doesn’t work":                  answerNo,
		"Yes, I tried that already":        answerOther,
		"Did you mean the yes button?":     answerOther,
		"":                                 answerOther,
		"I will try it tomorrow":           answerOther,
		"Thanks!":                          answerOther,
		"Error 809 appears when I connect": answerOther,
		"yes yes yes yes yes yes yes yes yes yes yes yes yes it works": answerOther,
	} {
		if got, why := readAnswer(text); got != want {
			t.Errorf("readAnswer(%q) = %d (%s), want %d", text, got, why, want)
		}
	}
}

// A button that we print must be understood when it comes back.
func TestPrefilledWordsAreUnderstood(t *testing.T) {
	for lang := range prefilledWords {
		yes, no := prefilled(lang)
		if got, why := readAnswer(yes); got != answerYes {
			t.Errorf("%s: %q reads as %d (%s)", lang, yes, got, why)
		}
		if got, _ := readAnswer(no); got == answerYes {
			t.Errorf("%s: %q reads as yes", lang, no)
		}
	}
}

func TestGrateful(t *testing.T) {
	for text, want := range map[string]bool{
		"Thanks!": true, "Vielen Dank": true, "Merci beaucoup": true, "Great, thank you": true,
		"Thanks, but it still fails": false, "Thanks. Can I also get a new mouse?": false, "": false,
		"Thanks, error 809 again": false, "It broke again": false,
	} {
		if got := grateful(text); got != want {
			t.Errorf("grateful(%q) = %v", text, got)
		}
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add("yes, but no")
	f.Add("’’’ はい?")
	f.Fuzz(func(t *testing.T, text string) {
		readAnswer(text)
		grateful(text)
	})
}
