package parse

import (
	"fmt"
	"strings"
	"testing"
)

// program is the shape in which a mail program answers one of our mails.
type program struct {
	name string
	// body makes the HTML of an answer from what its author wrote, in lines, and what he
	// answers.
	body func(words []string, l locale) string
}

// locale holds what mail programs write in a language.
type locale struct {
	lang               string
	gmail, apple       string // attributions
	thunderbird        string
	from, sent, to, re string // labels of Outlook
	date               string
	phone              string // what a phone adds
}

var locales = []locale{
	{"en", "On Mon, Mar 2, 2026 at 9:00 AM ACME Support &lt;<a href=\"mailto:support@hd.test\">support@hd.test</a>&gt; wrote:", "On 2 Mar 2026, at 09:00, ACME Support &lt;support@hd.test&gt; wrote:", "On 02/03/2026 09:00, ACME Support wrote:", "From:", "Sent:", "To:", "Subject:", "Monday, March 2, 2026 9:00 AM", "Sent from my iPhone"},
	{"de", "Am Mo., 2. März 2026 um 09:00 Uhr schrieb ACME Support &lt;<a href=\"mailto:support@hd.test\">support@hd.test</a>&gt;:", "Am 02.03.2026 um 09:00 schrieb ACME Support &lt;support@hd.test&gt;:", "Am 02.03.26 um 09:00 schrieb ACME Support:", "Von:", "Gesendet:", "An:", "Betreff:", "Montag, 2. März 2026 09:00", "Von meinem iPhone gesendet"},
	{"fr", "Le lun. 2 mars 2026 à 09:00, ACME Support &lt;<a href=\"mailto:support@hd.test\">support@hd.test</a>&gt; a écrit :", "Le 2 mars 2026 à 09:00, ACME Support &lt;support@hd.test&gt; a écrit :", "Le 02/03/2026 à 09:00, ACME Support a écrit :", "De :", "Envoyé :", "À :", "Objet :", "lundi 2 mars 2026 09:00", "Envoyé de mon iPhone"},
	{"es", "El lun, 2 mar 2026 a las 9:00, ACME Support (&lt;<a href=\"mailto:support@hd.test\">support@hd.test</a>&gt;) escribió:", "El 2 mar 2026, a las 9:00, ACME Support &lt;support@hd.test&gt; escribió:", "El 2/3/26 a las 9:00, ACME Support escribió:", "De:", "Enviado:", "Para:", "Asunto:", "lunes, 2 de marzo de 2026 9:00", "Enviado desde mi iPhone"},
	{"it", "Il giorno lun 2 mar 2026 alle ore 09:00 ACME Support &lt;<a href=\"mailto:support@hd.test\">support@hd.test</a>&gt; ha scritto:", "Il giorno 2 mar 2026, alle ore 09:00, ACME Support &lt;support@hd.test&gt; ha scritto:", "Il 02/03/2026 09:00, ACME Support ha scritto:", "Da:", "Inviato:", "A:", "Oggetto:", "lunedì 2 marzo 2026 09:00", "Inviato da iPhone"},
}

// ourMail is one of our mails as a program quotes it.
const ourMail = `<p style="margin:0 0 14px 0;font-size:11px">##- Please write above this line -##</p><p>Hello,</p><p>thank you for your mail. This should help:</p><p>Reply "yes", and we close the ticket. Put a command in the first line: #claim #note #solve</p><p>ACME Support, ticket 1-C</p>`

// lined returns each line in an element of its own.
func lined(words []string, open, shut, empty string) string {
	var b strings.Builder
	for _, w := range words {
		if w == "" {
			w = empty
		}
		b.WriteString(open + w + shut)
	}
	return b.String()
}

func (l locale) outlookBlock() string {
	return fmt.Sprintf(`<b>%s</b> ACME Support &lt;support@hd.test&gt;<br><b>%s</b> %s<br><b>%s</b> Ann Doe &lt;ann@customer.example&gt;<br><b>%s</b> [ACME #1-C] Printer`, l.from, l.sent, l.date, l.to, l.re)
}

var replyPrograms = []program{
	{"Outlook", func(words []string, l locale) string {
		return `<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="EN-US"><div class="WordSection1">` + lined(words, `<p class="MsoNormal">`, `<o:p></o:p></p>`, "&nbsp;") +
			`<p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">Ann Doe<o:p></o:p></p><p class="MsoNormal">Acme GmbH, +49 30 1234567<o:p></o:p></p><p class="MsoNormal">ann@customer.example<o:p></o:p></p>` +
			`<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal">` + l.outlookBlock() + `<o:p></o:p></p></div></div><div>` + ourMail + `</div></div></body></html>`
	}},
	{"Outlook web", func(words []string, l locale) string {
		return lined(words, `<div class="elementToProof" style="font-family: Aptos">`, `</div>`, "<br>") +
			`<div id="Signature" class="elementToProof"><p>Ann Doe</p><p>Acme GmbH</p></div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">` +
			l.outlookBlock() + `</font><div>&nbsp;</div></div><div>` + ourMail + `</div>`
	}},
	{"Outlook phone", func(words []string, l locale) string {
		return lined(words, `<div dir="ltr">`, `</div>`, "<br>") + `<div id="ms-outlook-mobile-signature"><div><br></div>Outlook for <a href="https://aka.ms/o0ukef">iOS</a></div>` +
			`<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr">` + l.outlookBlock() + `</div>` + ourMail
	}},
	{"Gmail", func(words []string, l locale) string {
		return `<div dir="ltr">` + lined(words, "<div>", "</div>", "<br>") + `<br clear="all"><div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature">Ann Doe<div>Acme GmbH</div></div></div></div>` +
			`<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">` + l.gmail + `<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">` + ourMail + `</blockquote></div>`
	}},
	{"Gmail phone", func(words []string, l locale) string {
		return `<p dir="ltr">` + strings.Join(words, "<br>") + `</p><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">` + l.gmail + `<br></div><blockquote class="gmail_quote">` + ourMail + `</blockquote></div>`
	}},
	{"Apple Mail", func(words []string, l locale) string {
		return `<html><body style="overflow-wrap: break-word;">` + lined(words, "<div>", "</div>", "<br>") + `<div><br><blockquote type="cite"><div>` + l.apple + `</div><br class="Apple-interchange-newline"><div>` + ourMail + `</div></blockquote></div></body></html>`
	}},
	{"iPhone", func(words []string, l locale) string {
		return `<html><body dir="auto">` + lined(words, "<div>", "</div>", "<br>") + `<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">` + l.phone + `</div><div dir="ltr"><br><blockquote type="cite">` + l.apple + `<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">` + ourMail + `</div></blockquote></body></html>`
	}},
	{"Thunderbird", func(words []string, l locale) string {
		return `<html><body><p>` + strings.Join(words, "<br>") + `</p><div class="moz-signature">-- <br>Ann Doe<br>Acme GmbH</div><div class="moz-cite-prefix">` + l.thunderbird + `<br></div><blockquote type="cite" cite="mid:t1.a@hd.test">` + ourMail + `</blockquote></body></html>`
	}},
}

// TestPrograms reads what the common mail programs make of an answer to one of our
// mails, in their languages: of a customer's words, a technician's command, and what a
// button prefills.
func TestPrograms(t *testing.T) {
	for _, p := range replyPrograms {
		for _, l := range locales {
			for _, text := range []string{"yes", "No, still broken.", "Tout est réglé, merci.", "status", "#claim", "#claim\n#wait 2d", "#note the fuse is bad\n\nsecond line", "Sí, ¡funciona!"} {
				raw := "From: Ann Doe <ann@customer.example>\r\nTo: support+x@hd.test\r\nSubject: Re: [ACME #1-C] Printer\r\nIn-Reply-To: <t1.a@hd.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
					p.body(strings.Split(text, "\n"), l)
				if got := Mail([]byte(raw), Options{Delimiter: "##- Please write above this line -##"}).Reply; got != text {
					t.Errorf("%s in %s: %q is read as %q", p.name, l.lang, text, got)
				}
			}
		}
	}
}
