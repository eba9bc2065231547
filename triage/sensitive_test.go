package triage

import "testing"

func TestSensitiveMail(t *testing.T) {
	for text, want := range map[string]string{
		"Our lawyer will contact you":                              "a legal matter",
		"I will take you to court.":                                "a legal matter",
		"Mein Rechtsanwalt prüft das":                              "a legal matter",
		"Ich stelle eine Auskunftsanfrage nach DSGVO":              "a legal matter",
		"Je vais porter plainte":                                   "a legal matter",
		"Mi abogado les escribirá":                                 "a legal matter",
		"I think my account was hacked":                            "security",
		"We were hit by RANSOMWARE":                                "security",
		"Mon compte a été piraté":                                  "security",
		"Mijn account is gehackt":                                  "security",
		"L'account è stato hackerato":                              "security",
		"I want to make a formal complaint":                        "a complaint",
		"Das ist eine Beschwerde über Ihren Techniker":             "a complaint",
		"Quiero presentar una queja":                               "a complaint",
		"Składam skargę":                                           "a complaint",
		"This is absolutely unacceptable!":                         "anger",
		"Ich habe die Nase voll":                                   "anger",
		"C’est scandaleux":                                         "anger",
		"How do I reset my password?":                              "",
		"The printer jams, and it is urgent!!":                     "",
		"Ich möchte mein Passwort zurücksetzen":                    "",
		"Wie beantrage ich Urlaub? Klagen über Lärm gibt es keine": "",
		"The legalese in the footer is cut off":                    "",
		"Le code de l'application n'arrive pas":                    "",
		"Please install the hackathon badge printer":               "",
	} {
		if got, word := sensitive(text); got != want {
			t.Errorf("%q: %q by %q, want %q", text, got, word, want)
		}
	}
}

func FuzzSensitive(f *testing.F) {
	f.Add("Our lawyer will contact you")
	f.Fuzz(func(t *testing.T, text string) {
		if subject, word := sensitive(text); (subject == "") != (word == "") {
			t.Errorf("%q by %q", subject, word)
		}
	})
}
