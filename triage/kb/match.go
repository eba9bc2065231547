package kb

import (
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
	docs   []Document
	index  *index
	target float64
}

// New builds a Matcher. Examples of documents that are not there are taken as
// questions that no document answers.
func New(docs []Document, examples []Example, opt Options) *Matcher {
	m := &Matcher{docs: docs, index: newIndex(docs), target: opt.Target}
	if m.target == 0 {
		m.target = 0.95
	}
	return m
}

// Match says which documents answer the question, and how surely.
func (m *Matcher) Match(q Question) Result {
	text := newText(q.Subject, q.Text)
	views, terms := m.index.cold(words(text))
	if len(views) == 0 {
		return Result{Why: []string{m.nothing(terms)}}
	}
	p := m.confidence(views, terms)
	threshold := m.threshold()
	r := Result{Matches: m.rank(views, p)}
	best := &m.docs[views[0].doc]
	r.Why = m.explain(best, views, terms)
	switch {
	case p < threshold:
		r.Why = append(r.Why, fmt.Sprintf("%.0f %% sure of %s; an answer needs %.0f %%", 100*p, best.ID, 100*threshold))
	case !best.Answerable(q.Now):
		r.Why = append(r.Why, fmt.Sprintf("%.0f %% sure of %s, but it is %s", 100*p, best.ID, unfit(best)))
	default:
		r.Answer = true
		r.Why = append(r.Why, fmt.Sprintf("%.0f %% sure of %s; %.0f %% are enough", 100*p, best.ID, 100*threshold))
	}
	return r
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
func (m *Matcher) rank(views []view, p float64) []desk.Match {
	top := views[:min(maxMatches, len(views))]
	var sum float64
	share := make([]float64, len(top))
	for i, v := range top {
		share[i] = math.Exp(6 * (v.score/top[0].score - 1))
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

func (m *Matcher) explain(best *Document, views []view, terms []term) []string {
	page := &m.index.pages[views[0].doc]
	var matched, missing []term
	for _, t := range terms {
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
	if len(views) > 1 {
		second := m.docs[views[1].doc]
		why = append(why, fmt.Sprintf("the next best, %s, scores %.0f %% of it", second.ID, 100*views[1].score/views[0].score))
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
		return slices.ContainsFunc(t.alike, func(a likeness) bool { return slices.Contains(p.words, a.word) })
	}
	return in(p.title) || slices.ContainsFunc(p.phrases, in) || slices.ContainsFunc(p.passages, in)
}

var coldWeights = [nfeat]float64{-3.89, 1.64, -0.12, 1.32, 0.09, 0.53, 2.75, 0.08, 0.08, 2.49, 2.33}

func (m *Matcher) confidence(views []view, terms []term) float64 {
	f := m.index.features(views, terms)
	z := 0.0
	for i := range f {
		z += f[i] * coldWeights[i]
	}
	return 1 / (1 + math.Exp(-z))
}

func (m *Matcher) threshold() float64 { return min(0.99, max(m.target-0.05, 0.5)) }
