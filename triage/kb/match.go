package kb

import (
	"cmp"
	"math"

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
	trials    int // solved questions that set weights and threshold
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
		m.trials = len(trials)
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
	e := m.gather(q)
	if len(e.candidates) == 0 {
		return Result{Why: []string{nothing(e.terms)}}
	}
	p := m.probability(&e.features)
	best := &m.docs[e.candidates[0].doc]
	return Result{
		Matches: m.rank(e.candidates, p),
		Answer:  p >= m.threshold && best.Answerable(q.Now),
		Why:     append(m.reasons(best, &e), m.verdict(best, p, q.Now)),
	}
}

const (
	// handful is how many documents are too few to tell rare words from others.
	handful = 6
	// ungrounded bounds the confidence in a document that is only like the question
	// in words of its running text, where there is but a handful.
	ungrounded = 0.4
)

// probability is the confidence in the best document. Among a handful of documents
// any word is rare, "steps" and "open" too, so that words which are in no title,
// keyword, symptom or heading prove little.
func (m *Matcher) probability(f *features) float64 {
	p := f.probability(&m.weights)
	if len(m.docs) < handful && m.trials == 0 && f[fTitle] == 0 && f[fPhrase] == 0 {
		return min(p, ungrounded)
	}
	return p
}

func (m *Matcher) gather(q Question) evidence {
	return m.index.gather(words(newText(q.Subject, q.Text)), q.Lang, m.model, nil)
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
