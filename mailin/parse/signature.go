package parse

import "strings"

const (
	maxSignature = 15 // lines under a mark that may also be a ruler
	maxFooter    = 60 // lines under "-- " or of a legal notice
)

// cutSignatures cuts signatures, device lines and footers at the end of each run
// of kept lines: new text may stand in several runs, between quotes.
func cutSignatures(lines []replyLine) {
	for i := 0; i < len(lines); {
		for i < len(lines) && lines[i].fate != fateKeep {
			i++
		}
		start := i
		for i < len(lines) && lines[i].fate == fateKeep {
			i++
		}
		if start < i {
			cutSignature(lines[start:i])
		}
	}
}

// cutSignature cuts the end of one run of lines, as often as something is found:
// a device line may follow a signature.
func cutSignature(run []replyLine) {
	for {
		end := len(run)
		for end > 0 && (run[end-1].blank || ruleLine(run[end-1].trim)) {
			end--
			if !run[end].blank {
				run[end].fate = fateSign
			}
		}
		run = run[:end]
		at := signatureStart(run)
		if at < 0 {
			return
		}
		for j := at; j < end; j++ {
			run[j].fate = fateSign
		}
		run = run[:at]
	}
}

// signatureStart returns where the last signature of the run begins, -1 without.
func signatureStart(run []replyLine) int {
	found := -1
	lines := 0
	for i := len(run) - 1; i >= 0 && lines < maxFooter; i-- {
		if run[i].blank {
			continue
		}
		lines++
		s := run[i].trim
		switch {
		case s == "--" || s == "— —" || s == "- -": // RFC 3676 section 4.3
			return i
		case shortMark(s) && lines <= maxSignature+1 && !prose(run[i+1:]):
			found = i
		case ruleMark(s) && lines <= maxSignature+1 && contacts(run[i+1:]):
			found = i
		case alone(run, i) && deviceLine(s):
			found = i
		case (i == 0 || run[i-1].blank || ruleLine(run[i-1].trim)) && legalNotice(s):
			found = i
		}
		if found == i {
			return found
		}
	}
	return -1
}

// shortMark reports what people write instead of "-- ".
func shortMark(s string) bool {
	switch s {
	case "---", "—", "–", "__", "___", "--=20":
		return true
	}
	return false
}

// ruleMark reports a ruler that may stand above a signature, and may as well stand
// in a text.
func ruleMark(s string) bool {
	return len(s) >= 4 && (strings.Trim(s, "_") == "" || strings.Trim(s, "-") == "")
}

// prose reports lines that are sentences: a signature has none.
func prose(lines []replyLine) bool {
	for i := range lines {
		s := lines[i].trim
		if len(s) > 60 && !legalNotice(s) && !strings.Contains(s, "@") && !strings.Contains(s, "://") {
			return true
		}
	}
	return false
}

// contacts reports lines as signatures and list footers have them: an address, a
// link or a telephone number, and no prose.
func contacts(lines []replyLine) bool {
	if prose(lines) {
		return false
	}
	for i := range lines {
		s := lines[i].trim
		if strings.Contains(s, "@") || strings.Contains(s, "://") || strings.Contains(s, "www.") || phone(s) {
			return true
		}
	}
	return false
}

// phone reports a line with a telephone number: seven digits or more, with the
// marks that go between them.
func phone(s string) bool {
	digits := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case digit(c):
			if digits++; digits >= 7 {
				return true
			}
		case strings.IndexByte(" -.()/+", c) < 0:
			digits = 0
		}
	}
	return false
}

// deviceLine reports a line that a phone or a mail program adds.
func deviceLine(s string) bool {
	if len(s) > 150 {
		return false
	}
	low := strings.ToLower(strings.Trim(s, "*_-—–[]()<>|~. "))
	if devicePhrases.prefixOf(low) != "" {
		return true
	}
	for _, p := range deviceEndings {
		if len(low) < 80 && strings.HasSuffix(low, p) {
			return true
		}
	}
	return false
}

// deviceEndings end the device lines of languages that put the verb last.
var deviceEndings = []string{" gesendet", "から送信", "에서 보냄", " gönderildi", " küldve", " verzonden", "発送", "发送", "發送", "發出"}

// alone reports a line that is a paragraph of its own, or follows a sign-off.
func alone(run []replyLine, i int) bool {
	if i == 0 {
		return false
	}
	return run[i-1].blank || len(run[i-1].trim) < 40 || i+1 == len(run)
}

// legalNotice reports the first line of a legal footer.
func legalNotice(s string) bool {
	if len(s) < 10 {
		return false
	}
	low := strings.ToLower(strings.Trim(s, "*_-=#>[]() "))
	return legalPhrases.prefixOf(low) != ""
}

// legalPhrases begin the notices that company servers put under every mail.
var legalPhrases = newPhrases([]string{
	"confidentiality notice", "confidentiality note", "confidential notice", "confidentiality:", "disclaimer:", "legal disclaimer", "legal notice:",
	"privileged/confidential", "important notice:",
	"this e-mail and any", "this email and any", "this e-mail message and any", "this email message and any", "this message and any",
	"this e-mail (including", "this email (including", "this message (including", "this e-mail is confidential", "this email is confidential",
	"this message is confidential", "this e-mail contains confidential", "this email contains confidential", "this message contains confidential",
	"this e-mail is intended", "this email is intended", "this message is intended", "this e-mail may contain", "this email may contain",
	"this message may contain", "this electronic message", "this communication", "this transmission",
	"the information contained in this", "the information in this e", "the information transmitted", "the contents of this e", "the content of this e",
	"notice: this e", "please consider the environment", "think before you print", "p please consider", "any views or opinions",
	"if you are not the intended", "if you have received this",
	"diese e-mail enthält", "diese nachricht enthält", "diese e-mail ist vertraulich", "der inhalt dieser e-mail", "die information in dieser e-mail",
	"bitte denken sie an die umwelt", "vertraulichkeitshinweis", "haftungsausschluss",
	"ce message et toutes", "ce message et ses", "ce message est confidentiel", "ce courriel", "ce message peut contenir", "avis de confidentialité",
	"les informations contenues dans", "pensez à l'environnement",
	"este mensaje y", "este mensaje es", "este correo", "este e-mail", "aviso legal", "la información contenida", "antes de imprimir",
	"esta mensagem", "esta mensagem e", "aviso de confidencialidade", "as informações contidas", "este email e",
	"le informazioni contenute", "questo messaggio", "questa e-mail", "il presente messaggio", "avviso di riservatezza", "ai sensi del",
	"dit bericht", "de informatie in", "deze e-mail", "dit e-mailbericht",
	"detta meddelande", "detta e-postmeddelande", "denne e-mail", "denne e-posten", "denne meddelelse", "tämä viesti", "niniejsza wiadomość",
	"ta wiadomość", "treść tej wiadomości", "informacje zawarte", "tato zpráva", "информация, содержащаяся", "данное сообщение", "это сообщение",
	"bu e-posta", "本メール", "このメールは機密", "本邮件", "此邮件",
})
