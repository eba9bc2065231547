package triage

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// sensitive returns the first subject of the list that a mail speaks of, and by
// which words. No machine answers such mail. It takes time in proportion to the text.
func sensitive(text string) (subject, words string) {
	tokens := tokensOf(text)
	best := len(sensitiveWords)
	for i := range tokens {
		for _, p := range sensitivePhrases.startingWith(tokens[i].folded) {
			if p.subject < best && p.follows(tokens[i+1:]) {
				best = p.subject
				words = text[tokens[i].start:tokens[i+len(p.rest)].end]
			}
		}
	}
	if best == len(sensitiveWords) {
		return "", ""
	}
	return sensitiveWords[best].subject, words
}

// token is a word of a text, in small letters without marks.
type token struct {
	folded     string
	start, end int // in the text, in bytes
}

func tokensOf(text string) []token {
	var tokens []token
	start := -1
	for i, r := range text + " " {
		switch inWord := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r); {
		case inWord && start < 0:
			start = i
		case !inWord && start >= 0:
			tokens = append(tokens, token{foldWord(text[start:i]), start, i})
			start = -1
		}
	}
	return tokens
}

// foldWord leaves accents out, since many people do.
func foldWord(s string) string {
	s = strings.ToLower(s)
	for i := range len(s) {
		if s[i] >= 0x80 {
			return withoutMarks(s)
		}
	}
	return s
}

func withoutMarks(s string) string {
	s = strings.NewReplacer("ł", "l", "ß", "ss").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// phrases finds phrases by their first word. A word that ends in "*" stands for all
// words that begin so.
type phrases struct {
	whole map[string][]phrase
	stems map[string][]phrase
}

// phrase is what has to follow a first word.
type phrase struct {
	subject int
	rest    []string
}

func (p *phrase) follows(tokens []token) bool {
	if len(tokens) < len(p.rest) {
		return false
	}
	for i, word := range p.rest {
		stem, open := strings.CutSuffix(word, "*")
		if open && !strings.HasPrefix(tokens[i].folded, stem) || !open && tokens[i].folded != word {
			return false
		}
	}
	return true
}

// startingWith returns the phrases that a word may begin.
func (p *phrases) startingWith(word string) []phrase {
	found := p.whole[word]
	for n := shortestStem; n <= len(word); n++ {
		if more := p.stems[word[:n]]; more != nil {
			found = append(found[:len(found):len(found)], more...)
		}
	}
	return found
}

// shortestStem is the length of the shortest stem in the list.
const shortestStem = 5

var sensitivePhrases = indexPhrases()

func indexPhrases() phrases {
	p := phrases{whole: map[string][]phrase{}, stems: map[string][]phrase{}}
	for subject := range sensitiveWords {
		for line := range strings.SplitSeq(sensitiveWords[subject].phrases, ",") {
			words := strings.Fields(line)
			at, first := p.whole, words[0]
			if stem, open := strings.CutSuffix(first, "*"); open {
				at, first = p.stems, stem
			}
			at[first] = append(at[first], phrase{subject, words[1:]})
		}
	}
	return p
}

// sensitiveWords are the words of mail that a person must read: English, German,
// French, Spanish, Italian, Dutch, Portuguese and Polish, without accents. They are the
// plain ones; a rule with l1 = "never" adds a desk's own.
var sensitiveWords = []struct{ subject, phrases string }{
	{"a legal matter", `
		lawyers, lawyer, attorneys, attorney, solicitors, solicitor, lawsuits, lawsuit, legal action, legal steps, legal department, legal claim, legal notice, sue you, suing, take you to court, subpoena, cease and desist, gdpr,
		rechtsanwalt*, anwalt*, rechtliche *, rechtsweg*, rechtsabteilung, klage einreichen, klage reichen, verklage*, strafanzeige*, abmahnung*, dsgvo,
		avocates, avocate, avocats, avocat, action en justice, poursuites judiciaires, poursuites judiciaire, poursuite judiciaires, poursuite judiciaire, porter plainte, mise en demeure, tribunal*, rgpd,
		abogados, abogado, abogadas, abogada, acciones legales, demanda judicial, demandarles, demandarlos,
		avvocato, avvocati, avvocata, azioni legali, azioni legal, azion legali, azion legal, vie legali, querela*, diffida,
		advocaat, advocaten, juridische stappen, rechtszaak, aanklagen, avg verzoek,
		advogados, advogado, advogadas, advogada, acao judicial, acao judiciais, acoes judicial, acoes judiciais, processo judicial, lgpd,
		adwokat*, prawnik*, kroki prawne, pozew*, rodo`},
	{"security", `
		hacked, hacker, hackers, hacking, phished, phishing, ransomware, malware, data breach, data leak, security breach, security incident, compromised, identity theft, stolen identity, stolen credentials, stolen password, stolen laptop, stolen phone, stolen device, unauthorised access, unauthorized access,
		gehackt*, schadsoftware, datenleck*, datenpanne*, sicherheitsvorfall*, identitatsdiebstahl, kompromittiert*, erpress*,
		pirate, piratee, pirates, piratees, piratage, hameconnage, rancongiciel, logiciel malveillant, fuite de donnees, usurpation d identite,
		hackeado, hackeada, hackearon, suplantacion, filtracion de datos, brecha de seguridad,
		hackerato, hackerati, hackerata, violazione dei dati, furto d identita, accesso non autorizzato,
		gehackte, gehackt, datalek, beveiligingsincident, identiteitsfraude,
		hackeados, hackeado, hackeadas, hackeada, invadido, invadida, vazamento de dados, roubo de identidade,
		zhakowan*, wlamani*, wyciek* danych, kradziez tozsamosci`},
	{"a complaint", `
		formal complaint, official complaint, file a complaint, make a complaint, my complaint, complaining about, complain about, complaints about, complaints department, complaints procedure, complaint about, complaint department, complaint procedure, speak to a manager, speak to a supervisor, speak to your manager, speak to your supervisor, speak to the manager, speak to the supervisor, compensation, compensate, ombudsman,
		beschwerde*, beschwere*, schadensersatz, schadenersatz, verbraucherschutz, ihren vorgesetzten, ihren vorgesetzte, ihrem vorgesetzten, ihrem vorgesetzte, ihre vorgesetzten, ihre vorgesetzte,
		reclamations formelle, reclamations officielle, reclamation formelle, reclamation officielle, je me plains, je souhaite me plaindre, dedommagement, parler a un responsable, parler a un superieur, parler a votre responsable, parler a votre superieur,
		queja formal, presentar una queja, presentar una reclamacion, hoja de reclamaciones, indemnizacion,
		reclamo formale, reclamo ufficiale, sporgere reclamo, risarcimento,
		klacht indienen, formele klacht, schadevergoeding,
		reclamacao formal, livro de reclamacoes, indenizacao, indemnizacao,
		skarga*, skarge*, skargi*, odszkodowani*`},
	{"anger", `
		unacceptable, outrage, outrageous, disgusted, disgusting, furious, fed up, sick and tired, ridiculous, an joke, an disgrace, a joke, a disgrace, worst service, worst support, worst company, never again, wtf, bullshit, scammers, scammer, scam,
		unverschamt*, frechheit, inakzeptabel, stinksauer, wutend, saftladen, zumutung, unmoglicher service, unmoglicher verhalten, unmogliches service, unmogliches verhalten, nase voll, lacherlich, betruger,
		inadmissible, inacceptable, scandaleux, scandaleuse, honteux, honteuse, furieux, furieuse, ras le bol, foutage de gueule, arnaque*,
		inaceptable, indignado, indignada, vergonzoso, estafa*, harto de, harta de,
		inaccettabile, vergognoso, vergognosa, furioso, furiosa, truffa*,
		onacceptabel, schandalig, woedend, belachelijk, oplicht*,
		inaceitavel, vergonhoso, vergonhosa, absurdo, burla,
		skandal*, niedopuszczaln*, wsciekl*, oszusci`},
}
