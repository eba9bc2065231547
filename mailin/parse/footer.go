package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxParagraph bounds the lines of a paragraph that are looked at together.
const maxParagraph = 12

// deviceLine reports a line that a phone or a mail program adds: "sent from" in any
// language and the name of such a thing. "Sent with DHL" is an answer.
func deviceLine(s string) bool {
	if len(s) > 150 {
		return false
	}
	low := strings.ToLower(strings.Trim(s, "*_-—–[]()<>|~. "))
	if sureDevice(low) || strings.Contains(low, "outlook") && strings.Contains(low, "://aka.ms/") { // "Get Outlook for iOS"
		return true
	}
	if devicePhrases.prefixOf(low) == "" && !hasSuffix(low, deviceEndings) || hasYear(low) {
		return low == "from my iphone" || low == "from my ipad" || low == "from my phone" || low == "from my mobile"
	}
	return beginsWord(low, deviceWords)
}

// sureDevice reports a line that nobody writes by hand, wherever it stands.
func sureDevice(low string) bool { return appPhrases.prefixOf(low) != "" }

// beginsWord reports that a word of s begins with one of the list, or in a script
// without blanks that s has one of them.
func beginsWord(s string, list []string) bool {
	for _, w := range list {
		for i := strings.Index(s, w); i >= 0; {
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			first, _ := utf8.DecodeRuneInString(w)
			if !unicode.IsLetter(before) || max(before, first) >= 0x2e80 {
				return true
			}
			next := strings.Index(s[i+len(w):], w)
			if next < 0 {
				break
			}
			i += len(w) + next
		}
	}
	return false
}

// appPhrases begin lines of programs that need no name of a device to be known.
var appPhrases = newPhrases([]string{
	"sent from my", "sent on the go", "sent wirelessly", "sent mobile", "please excuse brevity", "please excuse my brevity", "please excuse any typos",
	"please excuse typos", "excuse brevity", "get outlook for", "get bluemail for", "yahoo mail: ", "secured with tuta", "download the official twitter",
	"gesendet von unterwegs", "von unterwegs gesendet", "unterwegs gesendet", "mobil gesendet", "holen sie sich outlook", "outlook für ios beziehen", "outlook für android beziehen",
	"obtenez outlook", "obtenir outlook", "télécharger outlook", "téléchargez outlook", "obtener outlook", "descargue outlook", "obter o outlook",
	"obter outlook", "baixe o outlook", "scarica outlook", "ottieni outlook", "outlook voor ios downloaden", "outlook voor android downloaden",
	"download outlook", "hämta outlook", "hent outlook", "få outlook", "hanki outlook", "pobierz outlook", "pobierz aplikację outlook", "pobierz program outlook",
	"získat outlook", "скачайте outlook", "获取适用于 ios", "获取适用于 android", "取得 ios", "取得 android",
})

// deviceEndings end the device lines of languages that put the verb last.
var deviceEndings = []string{" gesendet", "から送信", "에서 보냄", " gönderildi", " küldve", " verzonden", "发送", "發送", "傳送"}

// deviceWords are names of phones and of mail programs, and words for them.
var deviceWords = []string{
	"iphon", "ipad", "ipod", "ios", "android", "galaxy", "samsung", "huawei", "honor", "xiaomi", "redmi", "oneplus", "google", "nokia", "xperia", "sony",
	"motorola", "lumia", "blackberry", "phone", "tablet", "mobile", "mobil", "device", "handheld", "handy", "celular", "cellulare", "móvil", "portable",
	"gerät", "appareil", "dispositivo", "apparaat", "enhet", "enhed", "laitteesta", "urządzeni", "zařízení", "устройств", "пристро", "телефон", "telefon",
	"téléphone", "teléfono", "telefono", "telefoon", "puhelim", "smartphone", "mail", "gmail", "hotmail", "webmail", "bluemail", "airmail", "mymail", "post", "outlook", "yahoo", "proton", "tuta", "aol", "zoho", "spark", "superhuman",
	"front", "hey", "edison", "canary", "nine", "aqua", "k-9", "newton", "thunderbird", "em client", "windows", "courrier", "correo", "poczt", "почт",
	"app ", "apple", "手机", "手機", "邮", "郵", "メール", "携帯", "スマート", "휴대", "메일", "아이폰", "웹",
}

func hasSuffix(s string, list []string) bool {
	for _, x := range list {
		if strings.HasSuffix(s, x) {
			return true
		}
	}
	return false
}

// hasYear reports a year of this century: something was sent then, not by a phone.
func hasYear(s string) bool {
	i := strings.Index(s, "20")
	return i >= 0 && i+4 <= len(s) && digit(s[i+2]) && digit(s[i+3]) && (i == 0 || !digit(s[i-1]))
}

// footer reports a paragraph that a server or a company puts under every mail,
// whatever it begins with: what a virus scanner says, the entry in the register of
// companies, or that the mail is confidential and for whom it is meant.
func footer(lines []replyLine) bool {
	var text strings.Builder
	for i := range lines {
		if lines[i].blank || i == maxParagraph {
			break
		}
		text.WriteString(strings.ToLower(lines[i].trim))
		text.WriteByte(' ')
	}
	low := text.String()
	return hasAny(low, companyWords) || len(low) > 60 && hasAny(low, secretWords) && hasAny(low, receiverWords) ||
		len(low) < 200 && hasAny(low, scannerWords) ||
		listPhrases.prefixOf(strings.TrimLeft(low, "-=_* ")) != "" && strings.ContainsAny(low, "@/") && !strings.Contains(low, "?")
}

// listPhrases begin the last paragraph of mail that came over a list.
var listPhrases = newPhrases([]string{
	"to unsubscribe", "unsubscribe:", "you received this message because", "you are receiving this", "you receive all messages sent to", "groups.io links:",
	"um sich abzumelden", "um sich von dieser", "pour vous désabonner", "pour vous désinscrire", "para cancelar la suscripción", "per cancellarsi",
})

// companyWords stand in what the law has companies write into their letters.
var companyWords = []string{
	"registered office:", "is registered in england", "registered in england and wales", "registered in ireland", "sitz der gesellschaft", "registergericht",
	"amtsgericht", "handelsregister", "au capital de", "registro mercantil", "capitale sociale", "kapitał zakładowy",
}

// secretWords and receiverWords together make a legal notice.
var secretWords = []string{
	"confiden", "vertraulich", "vertrouwelijk", "riservat", "poufn", "konfidenti", "konfidensi", "fortrolig", "luottamuks", "důvěrn", "dôvern", "bizalmas",
	"конфиденциальн", "конфіденційн", "gizli", "εμπιστευτικ", "機密", "保密", "机密", "기밀",
}

var receiverWords = []string{
	"recipient", "addressee", "addressed", "intended", "empfänger", "adressat", "destin", "geadresseerde", "bestemd", "adresat", "mottak", "modtager",
	"vastaanottaj", "příjemc", "príjemc", "címzett", "получател", "адресат", "отримувач", "alıcı", "kişiye", "παραλήπτη", "收件人", "发送给", "受信", "수신",
}

// scannerWords are what virus scanners add.
var scannerWords = []string{
	"www.avast.com", "www.avg.com", "virus-free", "scanned for viruses", "checked for viruses", "scanned by", "auf viren geprüft", "auf viren überprüft",
	"analysé par", "absence de virus", "analizado en busca de virus", "controllata da", "op virussen gecontroleerd",
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
