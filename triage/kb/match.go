package kb

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"tierdesk/desk"
)

// maxMatches is how many documents a Result holds.
const maxMatches = 5

// Matcher finds the documents that answer a question. It does not change, and is
// safe for concurrent use.
type Matcher struct {
	docs      []Document
	index     *index
	model     *model // nil: nothing to learn from
	weights   weights
	threshold float64
}

// New builds a Matcher. Examples of documents that are not there are taken as
// questions that no document answers.
func New(docs []Document, examples []Example, opt Options) *Matcher {
	target := cmp.Or(opt.Target, 0.95)
	m := &Matcher{docs: docs, index: newIndex(docs), weights: prior, threshold: coldThreshold(target)}
	l := newLesson(docs, examples, m.index.thesaurus)
	if len(l.samples) == 0 {
		return m
	}
	m.model = l.learn(fullBudget, func(int) bool { return true })
	if trials := l.trials(m.index); len(trials) > 0 {
		m.weights = fit(trials, prior, hold)
		m.threshold = threshold(trials, prior, target, m.threshold)
	}
	return m
}

// coldThreshold is the confidence that an answer needs when nothing is known of how
// good answers are.
func coldThreshold(target float64) float64 {
	return clamp(target-0.04, leastThreshold, mostThreshold)
}

// Match says which documents answer the question, and how surely.
func (m *Matcher) Match(q Question) Result {
	e := m.evidenceFor(q)
	if len(e.candidates) == 0 {
		return Result{Why: []string{m.nothing(e.terms)}}
	}
	p := e.features.probability(&m.weights)
	r := Result{Matches: m.rank(e.candidates, p)}
	best := &m.docs[e.candidates[0].doc]
	r.Why = m.explain(best, e)
	switch {
	case p < m.threshold:
		r.Why = append(r.Why, fmt.Sprintf("%.0f %% sure of %s; an answer needs %.0f %%", 100*p, best.ID, 100*m.threshold))
	case !best.Answerable(q.Now):
		r.Why = append(r.Why, fmt.Sprintf("%.0f %% sure of %s, but it is %s", 100*p, best.ID, unfit(best)))
	default:
		r.Answer = true
		r.Why = append(r.Why, fmt.Sprintf("%.0f %% sure of %s; %.0f %% are enough", 100*p, best.ID, 100*m.threshold))
	}
	return r
}

func (m *Matcher) evidenceFor(q Question) evidence {
	return m.index.gather(words(newText(q.Subject, q.Text)), q.Lang, m.model, nil)
}

func unfit(d *Document) string {
	if d.Audience != Public {
		return "not for customers"
	}
	return "out of date since " + d.ValidUntil.Format("2006-01-02")
}

func (m *Matcher) nothing(terms []term) string {
	if len(terms) == 0 {
		return "the mail has no words that say what it is about"
	}
	return "no document has any of the words " + quoted(terms, 8)
}

// rank returns the best documents. The first has the confidence p; the others
// share what is left by their scores.
func (m *Matcher) rank(cs []candidate, p float64) []desk.Match {
	top := cs[:min(maxMatches, len(cs))]
	var sum float64
	share := make([]float64, len(top))
	for i, v := range top {
		share[i] = math.Exp(2 * (v.score - top[0].score))
		sum += share[i]
	}
	out := make([]desk.Match, len(top))
	for i, v := range top {
		c := p
		if i > 0 {
			c = min(out[i-1].Confidence, (1-p)*share[i]/sum)
		}
		out[i] = desk.Match{Doc: m.docs[v.doc].ID, Score: round(v.score), Confidence: round(c)}
	}
	return out
}

// round keeps six decimals, so that output does not depend on the last bit.
func round(f float64) float64 { return math.Round(f*1e6) / 1e6 }

func (m *Matcher) explain(best *Document, e evidence) []string {
	page := &m.index.pages[e.candidates[0].doc]
	var matched, missing []term
	for _, t := range e.terms {
		if m.index.has(page, t) {
			matched = append(matched, t)
		} else {
			missing = append(missing, t)
		}
	}
	why := []string{fmt.Sprintf("%s %q has %s", best.ID, best.Title, quoted(matched, 8))}
	if len(missing) > 0 {
		why = append(why, "it has not "+quoted(missing, 8))
	}
	if len(e.candidates) > 1 {
		second := m.docs[e.candidates[1].doc]
		why = append(why, fmt.Sprintf("the next best is %s", second.ID))
	}
	return why
}

// quoted lists the weightiest words.
func quoted(terms []term, n int) string {
	sorted := slices.Clone(terms)
	slices.SortStableFunc(sorted, func(a, b term) int {
		switch {
		case a.idf > b.idf:
			return -1
		case a.idf < b.idf:
			return 1
		}
		return 0
	})
	var out []string
	for i, t := range sorted {
		if i == n {
			out = append(out, "…")
			break
		}
		out = append(out, t.word)
	}
	return strings.Join(out, ", ")
}

// has reports whether a document has a word like the term.
func (x *index) has(p *page, t term) bool {
	in := func(p phrase) bool {
		return slices.ContainsFunc(t.meaning, func(a likeness) bool { return slices.Contains(p.words, a.word) })
	}
	return in(p.title) || slices.ContainsFunc(p.phrases, in) || slices.ContainsFunc(p.sentences, in)
}
