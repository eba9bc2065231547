package kb

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// maxWords is how many words a reason lists, the weightiest first.
const maxWords = 8

// nothing says why there is not even a candidate.
func nothing(terms []term) string {
	if len(terms) == 0 {
		return "no word of the mail says what it is about"
	}
	return "no document has any of " + list(terms)
}

// reasons lists what speaks for the best document and what against it.
func (m *Matcher) reasons(best *Document, e *evidence) []string {
	top := &e.candidates[0]
	var found, missing []term
	var like []string
	words := m.index.pages[top.doc].distinct()
	for _, t := range e.terms {
		word, ok := m.index.wordFor(words, t)
		switch {
		case !ok:
			missing = append(missing, t)
			continue
		case word != t.word:
			like = append(like, fmt.Sprintf("%s as %s", t.word, word))
		}
		found = append(found, t)
	}
	why := []string{fmt.Sprintf("%s %q has none of the words", best.ID, best.Title)}
	if len(found) > 0 {
		why[0] = fmt.Sprintf("%s %q has %s: %.0f %% of what the mail says", best.ID, best.Title, list(found), 100*top.covered)
	}
	if len(like) > 0 {
		why = append(why, "reads "+strings.Join(like[:min(len(like), maxWords)], ", "))
	}
	if len(missing) > 0 {
		why = append(why, "does not find "+list(missing))
	}
	if top.sense == 1 {
		why = append(why, "the embedding model finds it the most alike")
	}
	why = append(why, m.precedents(best, e)...)
	if len(e.candidates) > 1 {
		why = append(why, m.rival(e))
	}
	return why
}

// rival compares the best document with the next.
func (m *Matcher) rival(e *evidence) string {
	second := &m.docs[e.candidates[1].doc]
	lead := e.candidates[0].score - e.candidates[1].score
	how := "far behind"
	switch {
	case lead < 0.1:
		how = "level with it"
	case lead < 0.4:
		how = "close behind"
	}
	return fmt.Sprintf("next is %s %q, %s", second.ID, second.Title, how)
}

// leastPrecedent is the likeness from which on a solved question is named.
const leastPrecedent = 0.3

// precedents names the solved questions that are most like the one at hand.
func (m *Matcher) precedents(best *Document, e *evidence) []string {
	var why []string
	top := &e.candidates[0]
	if top.near >= leastPrecedent {
		asked := m.model.lesson.samples[e.opinion.closest[top.doc]].words
		why = append(why, fmt.Sprintf("a question %.0f %% like it was solved with %s: %s", 100*top.near, best.ID, excerpt(asked)))
	}
	if e.opinion.unlike >= leastPrecedent && e.opinion.unlike >= top.near {
		why = append(why, fmt.Sprintf("a question %.0f %% like it was solved without a document", 100*e.opinion.unlike))
	}
	return why
}

// verdict says what was decided, by which threshold, and where that comes from.
func (m *Matcher) verdict(best *Document, p float64, now time.Time) string {
	needed := fmt.Sprintf("an answer needs %.1f %%", 100*m.threshold)
	if m.trials > 0 {
		needed += fmt.Sprintf(", as %d solved questions showed", m.trials)
	} else {
		needed += " as long as no solved questions show more"
	}
	switch {
	case p < m.threshold:
		return fmt.Sprintf("not sure enough: %.1f %%; %s", 100*p, needed)
	case best.Audience != Public:
		return fmt.Sprintf("%.1f %% sure, but %s is not for customers", 100*p, best.ID)
	case !best.Answerable(now):
		return fmt.Sprintf("%.1f %% sure, but %s was valid until %s", 100*p, best.ID, best.ValidUntil.Format(time.DateOnly))
	}
	return fmt.Sprintf("sure enough: %.1f %%; %s", 100*p, needed)
}

// list names the weightiest terms.
func list(terms []term) string {
	byWeight := slices.Clone(terms)
	slices.SortStableFunc(byWeight, func(a, b term) int { return cmp.Compare(b.idf, a.idf) })
	var out []string
	for _, t := range byWeight[:min(len(byWeight), maxWords)] {
		out = append(out, t.word)
	}
	if len(byWeight) > maxWords {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

func excerpt(ws []string) string {
	const most = 12
	s := strings.Join(ws[:min(len(ws), most)], " ")
	if len(ws) > most {
		s += " …"
	}
	return fmt.Sprintf("%q", desk.OneLine(s))
}

// wordFor returns the word that stands for the term best, of those of a document,
// sorted.
func (x *index) wordFor(words []int32, t term) (string, bool) {
	best, sim := int32(0), float32(0)
	for _, l := range t.meaning {
		_, has := slices.BinarySearch(words, l.word)
		if has && l.sim > sim {
			best, sim = l.word, l.sim
		}
	}
	if sim == 0 {
		return "", false
	}
	return x.names[best], true
}
