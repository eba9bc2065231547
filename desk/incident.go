package desk

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Incident is one problem that many people have: a major incident, or a known error
// with a workaround. Its ticket is the parent of theirs, and the desk's own.
type Incident struct {
	Ticket  TicketID
	Open    bool // later reports join it
	Known   bool // a known error
	Since   time.Time
	State   string // what reporters were told last, "" before anything is known
	StateAt time.Time
	Pattern Pattern
}

// Report is what a ticket reports, in the form in which reports are compared.
type Report struct {
	Ticket      TicketID
	Requester   string // as NormalAddress returns it
	At          time.Time
	Parent      TicketID // the incident that it has joined, or 0
	Fingerprint string   // see Diagnostics
	Terms       []string // see ReportTerms; sorted
}

// Describe sets what the report says.
func (r *Report) Describe(subject, text string, found *Diagnostics) {
	r.Requester = NormalAddress(r.Requester)
	r.Terms = ReportTerms(subject, text, found)
	if found != nil {
		r.Fingerprint = found.Fingerprint
	}
}

// Organisation is the domain of the requester.
func (r *Report) Organisation() string {
	_, domain, _ := strings.Cut(r.Requester, "@")
	return domain
}

// Limits of what is compared.
const (
	maxReportText  = 4000 // bytes of a mail
	maxReportTerms = 60
	termLength     = 6 // letters of a word that count, which is a stemmer for many languages
)

// ReportTerms returns what the words of a report are about, sorted: the beginnings of its
// words, without those that stand in every mail, its error codes, and the computers that
// it names.
func ReportTerms(subject, text string, found *Diagnostics) []string {
	if len(text) > maxReportText {
		text = strings.ToValidUTF8(text[:maxReportText], "")
	}
	var terms []string
	for _, w := range strings.FieldsFunc(strings.ToLower(subject+"\n"+text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		if r := []rune(w); len(r) >= 3 && !everywhere[w] {
			terms = append(terms, string(r[:min(len(r), termLength)]))
		}
	}
	for _, kind := range []FindingKind{FoundCode, FoundException, FoundHost} {
		for _, v := range found.Values(kind) {
			terms = append(terms, string(kind)+":"+strings.ToLower(v))
		}
	}
	terms = unique(terms)
	slices.Sort(terms)
	return terms
}

// ShowTerm returns a term as people read it.
func ShowTerm(term string) string {
	_, value, marked := strings.Cut(term, ":")
	switch {
	case marked:
		return value
	case len([]rune(term)) == termLength:
		return term + "…"
	}
	return term
}

// unique keeps the first of equal terms, up to the limit.
func unique(terms []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, t := range terms {
		if !seen[t] && len(out) < maxReportTerms {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

// Pattern is what the reports of an incident say. It is kept as it was when somebody
// confirmed the incident, so that what is alike does not drift.
type Pattern struct {
	Fingerprints []string           `json:"fingerprints,omitempty"`
	Reports      [][]string         `json:"reports,omitempty"` // terms of some
	Weights      map[string]float64 `json:"weights,omitempty"` // of terms, by their rarity
	Rest         float64            `json:"rest,omitempty"`    // weight of any other term
}

const (
	// LeastAlike is the likeness from which two reports may be of one problem.
	LeastAlike = 0.22
	// leastShared is how many terms they share at least.
	leastShared = 2
)

// Weight is how much a term says.
func (p *Pattern) Weight(term string) float64 {
	if w, known := p.Weights[term]; known {
		return w
	}
	return p.Rest
}

// Fits reports whether a report is most likely of the problem: the same failure, or
// alike to enough of its reports.
func (p *Pattern) Fits(fingerprint string, terms []string) bool {
	if fingerprint != "" && slices.Contains(p.Fingerprints, fingerprint) {
		return true
	}
	alike := 0
	for _, r := range p.Reports {
		if likeness, _ := Likeness(terms, r, p.Weight); likeness >= LeastAlike {
			alike++
		}
	}
	return alike >= 2 && 3*alike >= len(p.Reports) || alike == 1 && len(p.Reports) == 1
}

// Likeness is the cosine of two reports' terms by their weights, and the terms they
// share; 0 when these are too few.
func Likeness(a, b []string, weight func(string) float64) (float64, []string) {
	var both, left, right float64
	var shared []string
	for _, t := range a {
		w := weight(t)
		left += w * w
		if _, has := slices.BinarySearch(b, t); has {
			both += w * w
			shared = append(shared, t)
		}
	}
	for _, t := range b {
		w := weight(t)
		right += w * w
	}
	if len(shared) < leastShared || both == 0 {
		return 0, shared
	}
	return both / math.Sqrt(left*right), shared
}

// everywhere are words that stand in mail about anything: English, German, French,
// Spanish and Italian ones.
var everywhere = wordSet(`the and for not with are was has have had but you your our all any can cannot could does did doing
	from its this that these those they them there their then than been being who what when where which while why how
	will would should may might must just since still again today morning yesterday now here hello dear thanks thank
	please regards best kind help team get gets got try tried trying problem problems issue issues something anything
	nothing everybody everyone nobody somebody anyone know need work works working doesn don isn won didn aren into
	out off too also only very one two some more about after before because
	hallo guten tag moin liebe lieber der die das den dem des ein eine einen einem einer und oder aber nicht mit von
	vom zum zur bei auf aus ist sind war hat haben habe kann können wir uns ihr sie ich mir mich mein meine unser unsere
	bitte danke viele grüße gruß freundlichen mfg seit heute morgen früh gestern jetzt wieder noch auch nur sehr was wer
	wie warum wenn dass damit für über unter nach vor kein keine keinen mehr geht funktioniert hilfe problem alle
	bonjour merci cordialement les des une pas plus avec pour dans sur est sont nous vous notre votre depuis matin
	aujourd hui hier peut fait cela ça qui que quoi mais tout tous
	hola gracias saludos los las una por para con que está esta desde hoy buenos días
	ciao salve grazie saluti della delle non più per che oggi sono abbiamo`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// OtherWord, alone in a customer's reply, says that his ticket is about something else
// than the incident it was counted to. Every language understands it.
const OtherWord = "other"

// Join makes the ticket one of an incident: it waits, and whoever has the parent has it.
// It returns the event of that.
func (t *Ticket) Join(parent *Ticket, actor string, now time.Time) Event {
	t.Parent, t.Tier, t.Assignee = parent.ID, parent.Tier, parent.Assignee
	t.Status, t.WaitUntil, t.Updated = StatusWaiting, time.Time{}, now
	e := NewEvent(t.ID, IncidentJoined, actor, "it belongs to incident "+Number(parent.ID), now)
	e.Data.Other, e.Data.ToTier, e.Data.Assignee, e.Data.Status = parent.ID, t.Tier, t.Assignee, t.Status
	return e
}

// TellIncident adds to a mail to a customer what is known of the incident that his
// ticket belongs to.
func (c Composer) TellIncident(o *Outgoing, i *Incident) {
	o.Letter.Text = i.State
	o.Letter.Buttons = []Button{c.Mailto(o, "other", OtherWord)}
}
