package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// contactStart returns where below a sign-off the signature begins that has no mark
// of its own: "Kind regards", the sender's name, and from there on a post, a company
// and how to reach it. The name stays. It returns -1 when there is none, or when a
// line may be something else: a customer's number is never worth the risk.
func contactStart(run []replyLine, sender string) int {
	lines := 0
	for i := len(run) - 1; i >= 0 && lines <= maxSignature; i-- {
		if run[i].blank {
			continue
		}
		lines++
		if !signOff(run[i].trim) {
			continue
		}
		name := i + 1
		for name < len(run) && run[name].blank {
			name++
		}
		if name+1 >= len(run) || !ownName(run[name].trim, sender) || !contactBlock(run[name+1:]) {
			return -1
		}
		return name + 1
	}
	return -1
}

// ownContactStart returns where a signature begins that has neither a mark nor a
// sign-off above it, as mail programs for terminals append it: a paragraph of the
// sender's name and ways to reach him, one of which is the address he writes from. It
// returns -1 when there is none.
func ownContactStart(run []replyLine, sender string) int {
	address := sender[strings.LastIndexByte(sender, ' ')+1:]
	start, lines, own := -1, 0, false
	for i := len(run) - 1; i >= 0 && lines < maxSignature; i-- {
		if run[i].blank {
			if start >= 0 {
				break
			}
			continue
		}
		start, lines = i, lines+1
		own = own || strings.Contains(strings.ToLower(run[i].trim), address)
	}
	if start < 0 || !own || !strings.Contains(address, "@") || !ownName(run[start].trim, sender) || !contactBlock(run[start+1:]) {
		return -1
	}
	above := start
	for above > 0 && run[above-1].blank {
		above--
	}
	if start > 0 && above == start || above > 0 && strings.HasSuffix(run[above-1].trim, ":") {
		return -1
	}
	return start
}

// signOff reports a line that is nothing but a closing phrase.
func signOff(s string) bool {
	if len(s) > 60 {
		return false
	}
	low := strings.ToLower(strings.Trim(s, "*_ ,.!;-–"))
	phrase := signOffs.prefixOf(low)
	return phrase != "" && len(low) <= len(phrase)+20
}

// ownName reports a line with the name of the sender: a few words, one of which is
// in his name or address, and no figures.
func ownName(s, sender string) bool {
	if len(s) > 60 || strings.ContainsAny(s, "0123456789@:/?") {
		return false
	}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if utf8.RuneCountInString(w) > 1 && strings.Contains(sender, w) {
			return true
		}
	}
	return false
}

// contactBlock reports lines that tell how to reach somebody, at least two of them,
// and nothing else of weight.
func contactBlock(lines []replyLine) bool {
	ways := 0
	for i := range lines {
		s := lines[i].trim
		if s == "" {
			continue
		}
		if legalNotice(s) || footer(lines[i:]) {
			break
		}
		low := strings.ToLower(s)
		switch {
		case contactLine(low):
			ways++
		case len(s) > 70, dataLine(low), strings.HasSuffix(s, "?"), strings.HasSuffix(s, "!"), strings.HasSuffix(s, ":"):
			return false
		}
	}
	return ways >= 2
}

// dataLine reports a line with a figure that may be what the mail is about. A postal
// address has figures, too, but short ones, and says nothing of orders.
func dataLine(low string) bool {
	run, longest := 0, 0
	for i := 0; i < len(low); i++ {
		if run++; !digit(low[i]) {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest > 5 || longest > 0 && (strings.Contains(low, ":") || beginsWord(low, dataWords))
}

// dataWords stand with figures that matter.
var dataWords = []string{
	"order", "customer", "client", "invoice", "ticket", "serial", "contract", "account", "number", "num", "no.", "nr", "n°", "nº", "id", "ref", "model", "version",
	"code", "pin", "iban", "case", "kunde", "bestell", "auftrag", "rechnung", "vertrag", "serie", "zähler", "mandat", "commande", "facture", "contrat", "dossier",
	"pedido", "cliente", "factura", "contrato", "ordine", "fattura", "contratto", "klant", "factuur", "zamówien", "faktur", "umow", "encomenda", "fatura",
	"заказ", "договор", "счёт", "счет", "№", "ps",
}

// contactLine reports a line with a telephone number that is said to be one, an
// address or a link.
func contactLine(low string) bool {
	if len(low) > 160 {
		return false
	}
	if strings.Contains(low, "www.") || strings.Contains(low, "://") {
		return len(strings.Fields(low)) <= 6
	}
	if at := strings.IndexByte(low, '@'); at > 0 && at+1 < len(low) {
		return len(strings.Fields(low)) <= 6
	}
	return phone(low) && (strings.Contains(low, "+") || beginsWord(low, phoneWords)) && len(strings.Fields(low)) <= 14
}

// phoneWords stand before telephone numbers.
var phoneWords = []string{
	"tel", "phone", "fon", "fax", "mob", "cell", "cel.", "handy", "direct", "durchwahl", "office", "gsm", "m:", "t:", "p:", "f:", "m ", "t ", "p ",
	"tél", "port", "móvil", "tlf", "tfn", "puh", "kom", "тел", "моб", "電話", "电话", "手机", "전화",
}

// signOffs close a letter.
var signOffs = newPhrases([]string{
	"regards", "best regards", "kind regards", "kindest regards", "warm regards", "with regards", "best wishes", "many thanks", "thanks", "thank you",
	"sincerely", "yours sincerely", "yours faithfully", "yours truly", "cheers", "best", "br", "respectfully", "cordially",
	"mit freundlichen grüßen", "mit freundlichem gruß", "mit freundlichen gruessen", "mit besten grüßen", "mit besten grüssen", "mit freundlichen grüssen",
	"freundliche grüße", "freundliche grüsse", "viele grüße", "viele grüsse", "beste grüße", "beste grüsse", "liebe grüße", "herzliche grüße", "schöne grüße",
	"gruß", "grüße", "lg", "vg", "mfg", "vielen dank", "danke",
	"cordialement", "bien cordialement", "bien à vous", "salutations", "meilleures salutations", "sincères salutations", "merci", "amicalement", "respectueusement",
	"saludos", "un saludo", "saludos cordiales", "atentamente", "cordialmente", "gracias", "muchas gracias", "un cordial saludo", "reciba un cordial saludo",
	"cordiali saluti", "distinti saluti", "saluti", "un saluto", "grazie", "cordialmente",
	"met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groeten", "groeten", "groet", "mvg", "hartelijke groeten", "bedankt",
	"atenciosamente", "cumprimentos", "com os melhores cumprimentos", "melhores cumprimentos", "obrigado", "obrigada", "att", "abraço",
	"med vänlig hälsning", "med vänliga hälsningar", "vänliga hälsningar", "hälsningar", "mvh", "med venlig hilsen", "venlig hilsen", "med vennlig hilsen",
	"vennlig hilsen", "hilsen", "ystävällisin terveisin", "terveisin", "pozdrawiam", "z poważaniem", "serdecznie pozdrawiam", "dziękuję",
	"s pozdravem", "s přátelským pozdravem", "děkuji", "s pozdravom", "ďakujem", "üdvözlettel", "tisztelettel", "köszönettel", "lp", "lep pozdrav", "srdačan pozdrav",
	"cu stimă", "mulțumesc", "с уважением", "с наилучшими пожеланиями", "спасибо", "з повагою", "дякую", "с уважение", "saygılarımla", "iyi çalışmalar", "teşekkürler",
	"με εκτίμηση", "ευχαριστώ", "よろしくお願いします", "よろしくお願いいたします", "以上", "此致", "祝好", "谢谢", "謝謝", "감사합니다",
})
