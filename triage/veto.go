package triage

import (
	"fmt"
	"regexp"
	"strings"

	"tierdesk/desk"
)

// veto returns why people must answer a new ticket, whatever L1 knows, or "".
func (d *decision) veto(p Properties, silent string) (string, error) {
	switch {
	case p.Tier > desk.L1:
		return "a rule sends it to " + p.Tier.String(), nil
	case d.forwarder != nil:
		return d.forwarder.Name + " forwarded it", nil
	case p.NoL1:
		return "a rule keeps L1 from answering", nil
	case silent != "":
		return "L1 may not answer: " + silent, nil
	}
	if subject, word := sensitive(d.in.Subject + "\n" + d.in.Reply); subject != "" {
		return fmt.Sprintf("L1 may not answer: %q speaks of %s", clip(word, 60), subject), nil
	}
	if len(d.in.Matches) == 0 {
		return "", nil
	}
	best := d.in.Matches[0].Doc
	no, err := d.v.NotHelped(d.ctx, desk.NormalAddress(d.in.From.Address), best)
	if no {
		return fmt.Sprintf("document %q did not help this customer before", best), err
	}
	return "", err
}

// sensitive returns the first subject of the list that a mail speaks of, and by
// which words. No machine answers such mail.
func sensitive(text string) (subject, word string) {
	text = strings.ReplaceAll(text, "’", "'")
	for _, s := range sensitiveWords {
		if m := s.pattern.FindStringSubmatch(text); m != nil {
			return s.subject, m[1]
		}
	}
	return "", ""
}

// sensitiveWords are the words of mail that a person must read: English, German,
// French, Spanish, Italian, Dutch, Portuguese and Polish. They are the plain ones; a
// rule with l1 = "never" adds a desk's own.
var sensitiveWords = []struct {
	subject string
	pattern *regexp.Regexp
}{
	{"a legal matter", anyOf(
		`lawyers?`, `attorneys?`, `solicitors?`, `lawsuits?`, `legal (?:action|steps|department|claim|notice)`, `sue you`, `suing`, `take you to court`, `subpoena`, `cease and desist`, `gdpr`,
		`rechtsanw[aä]lt\pL*`, `anwalt\pL*`, `anw[aä]lt\pL*`, `rechtliche \pL*`, `rechtsweg\pL*`, `rechtsabteilung`, `klage (?:ein)?reichen`, `verklage\pL*`, `strafanzeige\pL*`, `abmahnung\pL*`, `dsgvo`,
		`avocate?s?`, `action en justice`, `poursuites? judiciaires?`, `porter plainte`, `mise en demeure`, `tribunal\pL*`, `rgpd`,
		`abogad[oa]s?`, `acciones legales`, `demanda judicial`, `demandar(?:les|los)`,
		`avvocat[oia]`, `azioni? legali?`, `vie legali`, `querela\pL*`, `diffida`,
		`advoca(?:at|ten)`, `juridische stappen`, `rechtszaak`, `aanklagen`, `avg-verzoek`,
		`advogad[oa]s?`, `a[cç](?:ão|ões) judicia(?:l|is)`, `processo judicial`, `lgpd`,
		`adwokat\pL*`, `prawnik\pL*`, `kroki prawne`, `pozew\pL*`, `rodo`,
	)},
	{"security", anyOf(
		`hack(?:ed|er|ers|ing)`, `phish(?:ed|ing)`, `ransomware`, `malware`, `data (?:breach|leak)`, `security (?:breach|incident)`, `compromised`, `identity theft`, `stolen (?:identity|credentials|password|laptop|phone|device)`, `unauthori[sz]ed access`,
		`gehackt\pL*`, `schadsoftware`, `datenleck\pL*`, `datenpanne\pL*`, `sicherheitsvorf[aä]ll\pL*`, `identit[aä]tsdiebstahl`, `kompromittiert\pL*`, `erpress\pL*`,
		`pirat(?:é|ée|és|ées|age)`, `hame[cç]onnage`, `ran[cç]ongiciel`, `logiciel malveillant`, `fuite de donn[ée]es`, `usurpation d'identit[ée]`,
		`hacke(?:ado|ada|aron)`, `suplantaci[oó]n`, `filtraci[oó]n de datos`, `brecha de seguridad`,
		`hackerat[oia]`, `violazione dei dati`, `furto d'identit[aà]`, `accesso non autorizzato`,
		`gehackte?`, `datalek`, `beveiligingsincident`, `identiteitsfraude`,
		`hackead[oa]s?`, `invadid[oa]`, `vazamento de dados`, `roubo de identidade`,
		`zhakowan\pL*`, `w[lł]amani\pL*`, `wyciek\pL* danych`, `kradzie[zż] to[zż]samo[sś]ci`,
	)},
	{"a complaint", anyOf(
		`(?:formal|official|file a|make a|my) complaint`, `complain(?:ing)? about`, `complaints? (?:about|department|procedure)`, `speak to (?:a|your|the) (?:manager|supervisor)`, `compensat(?:ion|e)`, `ombudsman`,
		`beschwerde\pL*`, `beschwere\pL*`, `schadensersatz`, `schadenersatz`, `verbraucherschutz`, `ihre[nm]? vorgesetzten?`,
		`r[ée]clamations? (?:formelle|officielle)`, `je (?:me plains|souhaite me plaindre)`, `d[ée]dommagement`, `parler [àa] (?:un|votre) (?:responsable|sup[ée]rieur)`,
		`queja formal`, `presentar una (?:queja|reclamaci[oó]n)`, `hoja de reclamaciones`, `indemnizaci[oó]n`,
		`reclamo (?:formale|ufficiale)`, `sporgere reclamo`, `risarcimento`,
		`klacht indienen`, `formele klacht`, `schadevergoeding`,
		`reclama[cç][aã]o formal`, `livro de reclama[cç][oõ]es`, `indeniza[cç][aã]o`, `indemniza[cç][aã]o`,
		`skarg[aęi]\pL*`, `odszkodowani\pL*`,
	)},
	{"anger", anyOf(
		`unacceptable`, `outrag(?:e|eous)`, `disgust(?:ed|ing)`, `furious`, `fed up`, `sick and tired`, `ridiculous`, `an? (?:joke|disgrace)`, `worst (?:service|support|company)`, `never again`, `wtf`, `bullshit`, `scam(?:mers?)?`,
		`unversch[aä]mt\pL*`, `frechheit`, `inakzeptabel`, `stinksauer`, `w[uü]tend`, `saftladen`, `zumutung`, `unm[oö]glich(?:er|es) (?:service|verhalten)`, `nase voll`, `l[aä]cherlich`, `betr[uü]ger`,
		`inadmissible`, `inacceptable`, `scandaleu(?:x|se)`, `honteu(?:x|se)`, `furieu(?:x|se)`, `ras[- ]le[- ]bol`, `foutage de gueule`, `arnaque\pL*`,
		`inaceptable`, `indignad[oa]`, `vergonzoso`, `estafa\pL*`, `hart[oa] de`,
		`inaccettabile`, `vergognos[oa]`, `furios[oa]`, `truffa\pL*`,
		`onacceptabel`, `schandalig`, `woedend`, `belachelijk`, `oplicht\pL*`,
		`inaceit[aá]vel`, `vergonhos[oa]`, `absurdo`, `burla`,
		`skandal\pL*`, `niedopuszczaln\pL*`, `w[sś]ciek[lł]\pL*`, `oszu[sś]ci`,
	)},
}

// anyOf matches any of the words as a whole, in capitals or not.
func anyOf(words ...string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(` + strings.Join(words, "|") + `)(?:$|[^\pL\pN])`)
}
