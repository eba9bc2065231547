package kb

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// maxQuestion bounds the text of a question that is read, in bytes.
const maxQuestion = 32 << 10

// Lines at which what the sender newly wrote ends, each of it: quoted mail,
// signature marks, disclaimers. The customer's mail program may have put any of
// them around the question, in any of the languages.
var (
	quoteHeader = regexp.MustCompile(`(?i)^\s*(?:` +
		`-{2,}\s*(?:original message|forwarded message|urspr[üu]ngliche nachricht|weitergeleitete nachricht|message d['’]origine|message transf[ée]r[ée]|originalnachricht)\s*-*` +
		`|on\b.{4,200}\bwrote:?` +
		`|am\b.{4,200}\bschrieb\b.{0,200}:?` +
		`|le\b.{4,200}\ba [ée]crit\s*:?` +
		`|_{10,}|-{10,}|={10,}` +
		`)\s*$`)
	headerLine = regexp.MustCompile(`(?i)^\s*\*?(?:from|sent|to|cc|subject|date|von|gesendet|an|betreff|datum|de|envoy[ée]|[àa]|objet)\s*:\*?\s+\S`)
	signature  = regexp.MustCompile(`^-- ?$`)
	device     = regexp.MustCompile(`(?i)^\s*(?:sent from my|sent from outlook|get outlook for|von meinem .{2,40} gesendet|gesendet von|gesendet mit|envoy[ée] (?:de|depuis) mon|t[ée]l[ée]charge[zr] outlook)\b`)
	closing    = regexp.MustCompile(`(?i)^\s*(?:(?:(?:with )?(?:kind|best|warm|many)(?:est)? (?:regards|wishes|greetings)|regards|best|cheers|sincerely|yours(?: sincerely| faithfully| truly)?|br|rgds|thanks|many thanks|thank you(?: very much| so much| in advance)?|thanks (?:a lot|in advance|and regards)|thx|tia` +
		`|(?:mit )?(?:freundlichen?|besten?|herzlichen?|vielen|lieben?|sch[öo]nen?) (?:gr[üu](?:ß|ss)e?n?|dank)(?: (?:aus|im voraus|und)\b.*)?|mfg|vg|lg|gru(?:ß|ss)|danke(?: im voraus| sch[öo]n)?|dankesch[öo]n` +
		`|(?:bien |tr[èe]s )?cordialement|(?:meilleures |sinc[èe]res )?salutations(?: distingu[ée]es)?|bien [àa] vous|merci(?: d['’]avance| beaucoup)?|bonne (?:journ[ée]e|r[ée]ception|soir[ée]e)))(?:\s+(?:und|and|et)\s+.{2,40})?\s*[,.!]*\s*$`)
	greeting = regexp.MustCompile(`(?i)^\s*(?:(?:dear|hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings|to whom it may concern` +
		`|hallo|sehr geehrter?|liebe[rs]?|guten (?:tag|morgen|abend)|moin|servus|gr[üu](?:ß|ss) gott` +
		`|bonjour|bonsoir|salut|madame|monsieur|cher|ch[èe]re)\b(?:[ ,]+[^\s,.!?:]+\.?){0,5}\s*[,.!:]*)\s*$`)
	greetingLead = regexp.MustCompile(`(?i)^\s*(?:(?:dear|sehr geehrter?|liebe[rs]?|guten (?:tag|morgen|abend)|good (?:morning|afternoon|evening))\b[^,.!?:\n]{0,40}[,!]` +
		`|(?:hello|hi|hey|hallo|moin|bonjour|bonsoir|salut)\b(?: (?:there|team|all|guys|everyone|zusammen|[àa] tous))?\b[,.!]?)\s*`)
	disclaimer = regexp.MustCompile(`(?i)(?:this (?:e-?mail|message|communication)\b.{0,80}\b(?:confidential|privileged|intended)|the information (?:contained )?in this (?:e-?mail|message)|confidentiality (?:notice|note)|if you (?:are not the intended|have received this)` +
		`|diese (?:e-?mail|nachricht)\b.{0,80}\b(?:vertraulich|bestimmt)|vertraulichkeitshinweis|wenn sie nicht der (?:richtige|beabsichtigte)` +
		`|ce (?:message|courriel|mail|courrier)\b.{0,80}\b(?:confidentiel|destin)|avis de confidentialit[ée]|si vous n['’][êe]tes pas (?:le )?destinataire` +
		`|please consider the environment|bitte denken sie an die umwelt|pensez [àa] l['’]environnement)`)
)

// newText returns what the sender newly wrote, with the subject before it. Mail
// that the program fetches has been cut already; text that is handed in whole
// loses its quotes, signature, disclaimer and greeting here. When nothing is left
// the text stays as it is.
func newText(subject, text string) string {
	text = strings.TrimSpace(clip(text, maxQuestion))
	body := cutTail(strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n"))
	said := strings.TrimSpace(strings.Join(cutGreeting(body), "\n"))
	if cut := cutCourtesy(said); cut != "" {
		said = greetingLead.ReplaceAllString(cut, "")
	}
	cut := cmp.Or(said, text)
	if s := strings.TrimSpace(clip(subject, 1000)); s != "" {
		return s + "\n" + cut
	}
	return cut
}

func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// cutTail drops quoted lines, and everything from the first line that ends the
// new text. A closing formula ends it only when something was said before.
func cutTail(lines []string) []string {
	var out []string
	said := false
	for i, l := range lines {
		formula := begins(l)
		switch {
		case strings.HasPrefix(strings.TrimSpace(l), ">"):
			continue
		case formula && (quoteHeader.MatchString(l) || headerLine.MatchString(l) && headerBlock(lines[i:]) ||
			signature.MatchString(l) || device.MatchString(l)), disclaims(l):
			if said {
				return out
			}
			continue
		case formula && said && closing.MatchString(l):
			return out
		}
		said = said || (strings.TrimSpace(l) != "" && !(formula && greeting.MatchString(l)))
		out = append(out, l)
	}
	return out
}

// firstWords are the words that the lines of the patterns begin with, without
// accents. The patterns are long and slow: nine of ten lines begin otherwise and
// need not be tried.
var firstWords = strings.Fields(`on am le from sent to cc subject date von gesendet an betreff datum de envoye a objet
	get telechargez telecharger with kind kindest best bestest warm warmest many manyest regards cheers sincerely yours
	br rgds thanks thank thx tia mit freundliche freundlichen beste besten herzliche herzlichen vielen liebe lieben lieber
	liebes schone schonen mfg vg lg gruss danke dankeschon bien tres cordialement meilleures sinceres salutations merci
	bonne dear hello hi hey good greetings hallo sehr guten moin servus bonjour bonsoir salut madame monsieur cher chere`)

var plain = strings.NewReplacer("é", "e", "è", "e", "à", "a", "ö", "o", "ü", "u", "ß", "ss")

// begins reports whether a line may be one of those that begin with a formula or a
// sign. What it denies no pattern but the disclaimer's matches.
func begins(line string) bool {
	line = strings.TrimLeft(line, " \t\f\r\n*")
	if line == "" || strings.IndexByte("-_=", line[0]) >= 0 {
		return true
	}
	end := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(line)
	}
	return end <= 20 && slices.Contains(firstWords, plain.Replace(strings.ToLower(line[:end])))
}

// disclaims reports whether a line has a disclaimer. One of a few words must be in
// it before the pattern is tried.
func disclaims(line string) bool {
	lower := strings.ToLower(line)
	return slices.ContainsFunc(disclaimerWords, func(w string) bool { return strings.Contains(lower, w) }) && disclaimer.MatchString(line)
}

var disclaimerWords = []string{
	"confiden", "privileged", "intended", "the information", "received this", "environ",
	"vertraulich", "bestimmt", "wenn sie nicht", "umwelt", "destin", "si vous n",
}

// headerBlock reports whether the lines begin like the header of a quoted mail:
// two header lines in a row.
func headerBlock(lines []string) bool {
	return len(lines) > 1 && headerLine.MatchString(lines[1])
}

// cutGreeting drops lines that greet, as long as the lines after them say something.
func cutGreeting(lines []string) []string {
	for len(lines) > 1 && (strings.TrimSpace(lines[0]) == "" || greeting.MatchString(lines[0])) && !courtesy(strings.Join(lines[1:], "\n")) {
		lines = lines[1:]
	}
	return lines
}

// cutCourtesy drops the sentences that say nothing but politeness.
func cutCourtesy(text string) string {
	var out []string
	for _, s := range sentences(text) {
		if !courtesy(s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}
