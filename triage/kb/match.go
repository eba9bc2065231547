package kb

import (
	"cmp"
	"math"
	"slices"
	"time"

	"tierdesk/desk"
)

// maxMatches is how many documents a Result holds.
const maxMatches = 5

// Matcher finds the documents that answer a question. It does not change, and is
// safe for concurrent use.
type Matcher struct {
	docs      []Document
	byID      map[string]int32 // place in docs
	index     *index
	vectors   [][]float32 // of each document; nil: no embedding model
	target    float64     // share of answers that have to be right
	model     *model      // nil: nothing to learn from
	weights   weights
	threshold float64
	offering  float64 // the confidence that an offer needs
	trials    int     // solved questions that set weights and threshold
	memory    memory
}

// New builds a Matcher. Examples of documents that are not there are taken as
// questions that no document answers.
func New(docs []Document, examples []Example, opt Options) *Matcher {
	m := Matcher{docs: docs, byID: make(map[string]int32, len(docs)), target: cmp.Or(opt.Target, defaultTarget)}
	for i := range docs {
		m.byID[docs[i].ID] = int32(i)
	}
	m.index = newIndex(len(docs), func(i int) content { return docs[i].content() })
	return m.Fitted(examples)
}

// Document returns a document by its id.
func (m *Matcher) Document(id string) (Document, bool) {
	i, ok := m.byID[id]
	if !ok {
		return Document{}, false
	}
	return m.docs[i], true
}

// Fitted returns a matcher of the same documents that has learned the examples, and
// no others: what New would build, for less.
func (m *Matcher) Fitted(examples []Example) *Matcher {
	out := &Matcher{
		docs: m.docs, byID: m.byID, index: m.index, vectors: m.vectors, target: m.target, weights: prior,
		threshold: coldThreshold(m.target), offering: coldOffering, memory: newMemory(examples),
	}
	l := newLesson(m, examples)
	if len(l.samples) == 0 {
		return out
	}
	out.model = l.learn(fullBudget, func(int) bool { return true })
	if trials := l.trials(m.index); len(trials) > 0 {
		out.weights = fit(trials, prior, hold)
		out.trials = len(trials)
		right, near := func(t *trial) bool { return t.right }, func(t *trial) bool { return t.near }
		judged := crossed(trials, prior)
		out.threshold = clamp(threshold(judged, m.target, out.threshold, right), leastThreshold, mostThreshold)
		out.offering = clamp(threshold(judged, offerTarget, coldOffering, near), leastOffering, out.threshold)
	}
	return out
}

// With returns a matcher that knows further examples as well: the same question is
// recognised at once. What they say about other questions counts only for Fitted.
func (m *Matcher) With(examples []Example) *Matcher {
	more := *m
	more.memory = m.memory.with(examples)
	return &more
}

const defaultTarget = 0.95

// coldThreshold is the confidence that an answer needs when nothing is known of how
// good answers are.
func coldThreshold(target float64) float64 {
	return clamp(target-0.04, leastThreshold, mostThreshold)
}

// Match says which documents answer the question, and how surely.
func (m *Matcher) Match(q Question) Result {
	ws := words(newText(q.Subject, q.Text))
	e := m.index.gather(ws, q.Lang, m.model, m.likenesses(q.Vector), nil)
	known := m.memory.recall(ws)
	e.candidates = m.prefer(e.candidates, known)
	if len(e.candidates) == 0 {
		return Result{Why: []string{nothing(e.terms)}}
	}
	best := &m.docs[e.candidates[0].doc]
	p := known.confidence(best.ID, m.probability(&e.features))
	r := Result{
		Matches: m.rank(e.candidates, p),
		Answer:  p >= m.threshold && best.Answerable(q.Now),
		Why:     m.reasons(best, &e),
	}
	if !r.Answer && p >= m.offering {
		r.Offers = m.offers(e.candidates, known, q.Now)
	}
	if known.why != "" {
		r.Why = append(r.Why, known.why)
	}
	r.Why = append(r.Why, m.verdict(best, p, q.Now))
	return r
}

const (
	// offerTarget is the share of offers that are to hold the right document.
	offerTarget = 0.8
	// coldOffering is the confidence in the best document that an offer needs when
	// nothing is known of how good offers are; leastOffering bounds it at any time.
	coldOffering  = 0.6
	leastOffering = 0.4
	maxOffers     = 3
	// offerBehind is how far behind the best score an offered document may be.
	offerBehind = 0.6
)

// offers returns the best documents, as far as they may be mailed.
func (m *Matcher) offers(cs []candidate, known recollection, now time.Time) []string {
	var out []string
	for i, c := range cs[:min(len(cs), maxOffers)] {
		d := &m.docs[c.doc]
		if c.score < cs[0].score-offerBehind {
			break
		}
		mailable := d.Answerable(now) && !slices.Contains(known.wrong, d.ID)
		if mailable {
			out = append(out, d.ID)
		} else if i == 0 {
			return nil // what is sure is sure of another one
		}
	}
	return out
}

// prefer puts the document first that is known to answer the question.
func (m *Matcher) prefer(cs []candidate, known recollection) []candidate {
	if known.doc == "" {
		return cs
	}
	at, ok := m.byID[known.doc]
	if !ok {
		return cs
	}
	i := slices.IndexFunc(cs, func(c candidate) bool { return c.doc == at })
	if i < 0 {
		cs, i = append(cs, candidate{doc: at}), len(cs)
	}
	first := cs[i]
	copy(cs[1:i+1], cs[:i])
	first.score = max(first.score, cs[min(1, len(cs)-1)].score)
	cs[0] = first
	return cs
}

const (
	// handful is how many documents are too few to tell rare words from others.
	handful = 6
	// ungrounded bounds the confidence in a document that is only like the question
	// in words of its running text, where there is but a handful.
	ungrounded = 0.4
	// leastCovered is the share of a question that its document must have, unless a
	// solved question as alike as likeBefore speaks for it: "which printer is mine?"
	// is about a printer, and not what the page on printers answers.
	leastCovered = 0.3
	likeBefore   = 0.5
	uncovered    = 0.5 // bounds the confidence of what has less
)

// probability is the confidence in the best document. Among a handful of documents
// any word is rare, "steps" and "open" too, so that words which are in no title,
// keyword, symptom or heading prove little.
func (m *Matcher) probability(f *features) float64 {
	p := f.probability(&m.weights)
	if len(m.docs) < handful && m.trials == 0 && f[fTitle] == 0 && f[fPhrase] == 0 {
		return min(p, ungrounded)
	}
	if f[fCovered] < leastCovered && f[fNear] < likeBefore {
		return min(p, uncovered)
	}
	return p
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
