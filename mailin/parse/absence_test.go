package parse

import (
	"fmt"
	"strings"
	"testing"

	"tierdesk/desk"
)

// absences are vacation replies that came on Wednesday, 14 January 2026.
var absences = []struct{ text, until, delegate string }{
	{"I am out of the office and back on 3 March. In urgent cases please contact Bob Roe <bob@customer.example>.", "2026-03-03", "bob@customer.example"},
	{"I will be out of the office until Monday, January 26th.", "2026-01-26", ""},
	{"I'm on leave from 12 January to 23 January 2026.", "2026-01-23", ""},
	{"I'm away 12 - 23 January.", "2026-01-23", ""},
	{"Out from Jan 12 through Jan 23, returning Jan 26.", "2026-01-26", ""},
	{"I am away from 12 January and will be back on 2 February.", "2026-02-02", ""},
	{"I will be back on Monday.", "2026-01-19", ""},
	{"I will return next Monday.", "2026-01-19", ""},
	{"I will return next Friday.", "", ""},
	{"I'll be back tomorrow.", "2026-01-15", ""},
	{"I am out until 3/2/2026.", "2026-03-02", ""}, // the zone of the mail is American
	{"I'm out of the office until 2026-02-01. Reach out to our team at team@customer.example or +1 555 0100.", "2026-02-01", "team@customer.example"},
	{"I was on leave until 2 January.", "", ""}, // a forgotten responder
	{"I was on leave until 10 December 2025.", "", ""},
	{"We have received your request of 20 January 2026.", "", ""},
	{"I have limited access to email and will reply as soon as I can.\n\nAnn\nann@customer.example", "", ""},
	{"ich bin bis einschließlich 23.01.2026 nicht im Büro. In dringenden Fällen wenden Sie sich bitte an meine Kollegin\nEva Muster (eva@customer.example).", "2026-01-23", "eva@customer.example"},
	{"ab dem 12.02.2026 bin ich wieder für Sie da.", "2026-02-12", ""},
	{"Vom 12.1. bis 23.1. bin ich im Urlaub, ab 26.1. wieder erreichbar.", "2026-01-26", ""},
	{"Ich bin am 3. März wieder im Büro.", "2026-03-03", ""},
	{"Ich bin vom 12. bis 23. Januar abwesend.", "2026-01-23", ""},
	{"Je suis absent, de retour le 3 mars 2026. En cas d'urgence, merci de contacter eva@customer.example.", "2026-03-03", "eva@customer.example"},
	{"Je suis absente jusqu'au 1er février inclus.", "2026-02-01", ""},
	{"Je suis en congés du 12 au 23 janvier.", "2026-01-23", ""},
	{"Estaré fuera de la oficina hasta el 3 de febrero de 2026. Para temas urgentes contacte con eva@customer.example.", "2026-02-03", "eva@customer.example"},
	{"Sono in ferie, rientro il 3 febbraio. Per urgenze rivolgersi a eva@customer.example", "2026-02-03", "eva@customer.example"},
	{"Sarò assente dal 12 al 23 gennaio.", "2026-01-23", ""},
	{"Estou de férias até 03/02/2026.", "2026-02-03", ""},
	{"Ik ben afwezig t/m 23 januari. Neem voor dringende zaken contact op met eva@customer.example.", "2026-01-23", "eva@customer.example"},
	{"Ik ben vanaf 2 februari weer op kantoor, weer bereikbaar vanaf 2 februari.", "2026-02-02", ""},
	{"Jag är på semester och är tillbaka den 2 februari. Kontakta eva@customer.example.", "2026-02-02", "eva@customer.example"},
	{"Jeg er på ferie til og med 23. januar.", "2026-01-23", ""},
	{"Jeg er tilbage mandag den 26. januar.", "2026-01-26", ""},
	{"Olen lomalla 23.1. asti. Kiireellisissä asioissa ota yhteyttä eva@customer.example.", "2026-01-23", "eva@customer.example"},
	{"Jestem na urlopie do 23 stycznia. Wracam 26 stycznia.", "2026-01-26", ""},
	{"Jsem na dovolené do 23. ledna 2026.", "2026-01-23", ""},
	{"Szabadságon vagyok 2026. január 23-ig.", "2026-01-23", ""},
	{"Я в отпуске до 23 января. По срочным вопросам обращайтесь к eva@customer.example.", "2026-01-23", "eva@customer.example"},
	{"23 Ocak 2026 tarihine kadar izindeyim.", "2026-01-23", ""},
	{"1月23日まで休暇をいただいております。", "2026-01-23", ""},
	{"我将于2026年1月26日回来。紧急事宜请联系 eva@customer.example。", "2026-01-26", "eva@customer.example"},
	{"2026년 1월 23일까지 휴가입니다.", "2026-01-23", ""},
}

func TestAbsence(t *testing.T) {
	for _, a := range absences {
		raw := "From: Ann <ann@customer.example>\r\nTo: support@desk.example\r\nDate: Wed, 14 Jan 2026 09:00:00 -0500\r\nAuto-Submitted: auto-replied\r\n" +
			"Subject: Automatic reply: Printer\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello,\r\n\r\n" + strings.ReplaceAll(a.text, "\n", "\r\n") + "\r\n\r\nAnn\r\n"
		in := Mail([]byte(raw), Options{})
		var got desk.Away
		if in.Absence != nil {
			got = *in.Absence
		}
		until := ""
		if !got.Until.IsZero() {
			until = got.Until.Format("2006-01-02")
		}
		if until != a.until || got.Delegate != a.delegate {
			t.Errorf("%q: until %q, delegate %q; language %q", a.text, until, got.Delegate, in.Language)
		}
	}
}

// TestAbsenceJSON holds the form of the absence in the output of inspect.
func TestAbsenceJSON(t *testing.T) {
	out, err := desk.Away{Delegate: "bob@customer.example"}.MarshalJSON()
	if got := fmt.Sprintf("%s %v", out, err); got != `{"until":null,"delegate":"bob@customer.example"} <nil>` {
		t.Error(got)
	}
}

func FuzzAbsence(f *testing.F) {
	for _, a := range absences {
		f.Add(a.text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		raw := "From: ann@customer.example\r\nDate: Wed, 14 Jan 2026 09:00:00 +0000\r\nAuto-Submitted: auto-replied\r\n\r\n" + s
		in := Mail([]byte(raw), Options{})
		if in.Absence != nil && !in.Absence.Until.IsZero() && in.Absence.Until.Format("2006-01-02") < "2026-01-14" {
			t.Errorf("%q ends in the past: %v", s, in.Absence.Until)
		}
	})
}
