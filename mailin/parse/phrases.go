package parse

import "strings"

// phrases is one list of all tongues, as a set for looking up, and by first byte
// for finding what a line begins with.
type phrases struct {
	set     map[string]bool
	list    []string
	byFirst [256][]string
}

func collect(pick func(*tongue) []string) *phrases {
	p := &phrases{set: map[string]bool{}}
	for i := range tongues {
		for _, s := range pick(&tongues[i]) {
			p.add(s)
		}
	}
	return p
}

func newPhrases(list []string) *phrases {
	p := &phrases{set: map[string]bool{}}
	for _, s := range list {
		p.add(s)
	}
	return p
}

func (p *phrases) add(s string) {
	if p.set[s] {
		return
	}
	p.set[s] = true
	p.list = append(p.list, s)
	p.byFirst[s[0]] = append(p.byFirst[s[0]], s)
}

// prefixOf returns the phrase that the lower-case s begins with, or "".
func (p *phrases) prefixOf(s string) string {
	if s == "" {
		return ""
	}
	for _, x := range p.byFirst[s[0]] {
		if strings.HasPrefix(s, x) {
			return x
		}
	}
	return ""
}

// What the tongues say, all languages together: mail is answered in one language
// with a program set to another.
var (
	onWords        = collect(func(t *tongue) []string { return t.on })
	wroteWords     = collect(func(t *tongue) []string { return t.wrote })
	originalWords  = collect(func(t *tongue) []string { return t.original })
	forwardedWords = collect(func(t *tongue) []string { return t.forwarded })
	fromLabels     = collect(func(t *tongue) []string { return t.from })
	sentLabels     = collect(func(t *tongue) []string { return t.sent })
	toLabels       = collect(func(t *tongue) []string { return t.to })
	ccLabels       = collect(func(t *tongue) []string { return t.cc })
	subjectLabels  = collect(func(t *tongue) []string { return t.subject })
	devicePhrases  = collect(func(t *tongue) []string { return t.device })
	awayPhrases    = collect(func(t *tongue) []string { return t.away })
)
