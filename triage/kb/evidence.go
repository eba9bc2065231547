package kb

import (
	"math"
	"slices"
)

// evidence is everything known about one question: the candidates, best first, and
// what the confidence in the first of them rests on.
type evidence struct {
	terms      []term
	candidates []candidate
	opinion    opinion
	features   features
}

// The features on which confidence rests. None depends on how many documents there
// are, so that weights found on one knowledge base hold on another.
const (
	fOne         = iota // constant
	fCovered            // share of the question that the document has
	fTitle              // share of the title that the question has
	fPhrase             // cosine with the nearest title, keyword, symptom or heading
	fLead               // how far the document views are ahead of the next best document
	fAgree              // share of the views that put the document first
	fCoveredLead        // fCovered times fLead
	fMass               // how much was found, against one word that is nowhere else
	fSVM                // distance from the border of the class
	fSVMLead            // how far ahead of the next best class
	fNear               // cosine of the most alike solved question
	fNearLead           // how far ahead of those of other documents
	fVote               // share of the most alike solved questions
	fUnlike             // cosine of the most alike question without a document
	fNegative           // distance from the border of "no document"
	fCrowd              // 1 for no rival at all, less for each
	fUnknown            // share of the question that no document has
	featureCount
)

type features [featureCount]float64

// gather looks at a question from all sides. hidden documents do not exist; it may
// be nil, and so may the model and what an embedding model thinks.
func (x *index) gather(ws []string, lang string, m *model, sense likenesses, hidden []bool) evidence {
	var e evidence
	e.candidates, e.terms = x.search(ws, lang, hidden)
	if sense != nil {
		e.candidates = sense.join(e.candidates)
	}
	if m != nil {
		v := m.lesson.vectorizer.vector(newBag(ws, x.groups))
		e.opinion = m.judge(v)
		e.candidates = m.merge(e.candidates, e.opinion, hidden)
	} else {
		for i := range e.candidates {
			e.candidates[i].score = e.candidates[i].cold
		}
	}
	if len(e.candidates) > 0 {
		e.features = x.weighUp(&e)
	}
	return e
}

// groups returns the groups of synonyms of a word that says something.
func (x *index) groups(w string) []likeness {
	if stop(w) {
		return nil
	}
	return x.thesaurus.groupsOf(w)
}

func (x *index) weighUp(e *evidence) features {
	top, rest := e.candidates[0], e.candidates[1:]
	var f features
	f[fOne] = 1
	f[fCovered] = top.covered
	f[fTitle] = top.titleCovered
	f[fPhrase] = top.phrase
	cold, svm, near := 0.0, math.Inf(-1), 0.0
	crowd := 0.0
	for _, c := range rest {
		cold = max(cold, c.cold)
		svm = max(svm, c.svm)
		near = max(near, c.near)
	}
	if best := max(cold, top.cold); best > 0 {
		f[fLead] = (top.cold - cold) / best
		for _, c := range rest {
			crowd += math.Exp(6 * (c.cold - top.cold) / best)
		}
	}
	f[fCrowd] = 1 / (1 + crowd)
	f[fAgree] = agreement(top, rest)
	f[fCoveredLead] = f[fCovered] * f[fLead]
	f[fMass] = min(1, top.mass/(4*x.idf(0)))
	f[fSVM] = clamp(top.svm, -1.5, 1.5)
	if len(rest) > 0 {
		f[fSVMLead] = clamp(top.svm-max(svm, e.opinion.negative), -1, 2)
	}
	f[fNear] = top.near
	f[fNearLead] = top.near - max(near, e.opinion.unlike)
	f[fVote] = e.opinion.vote[top.doc]
	f[fUnlike] = e.opinion.unlike
	f[fNegative] = clamp(e.opinion.negative, -1.5, 1.5)
	f[fUnknown] = unknown(e.terms)
	return f
}

func clamp(v, low, high float64) float64 { return min(max(v, low), high) }

// agreement is the share of the views that no other document leads.
func agreement(top candidate, rest []candidate) float64 {
	views := []func(c *candidate) float64{
		func(c *candidate) float64 { return c.words },
		func(c *candidate) float64 { return c.passage },
		func(c *candidate) float64 { return c.phrase },
		func(c *candidate) float64 { return c.svm },
		func(c *candidate) float64 { return c.sense },
	}
	if !slices.ContainsFunc(rest, func(c candidate) bool { return c.sense != 0 }) && top.sense == 0 {
		views = views[:len(views)-1]
	}
	n := 0
	for _, view := range views {
		mine, led := view(&top), false
		for i := range rest {
			led = led || view(&rest[i]) > mine
		}
		if !led && mine != 0 {
			n++
		}
	}
	return float64(n) / float64(len(views))
}

// unknown is the share of a question's weight that no document has.
func unknown(terms []term) float64 {
	var all, missing float64
	for _, t := range terms {
		all += t.idf
		if len(t.meaning) == 0 {
			missing += t.idf
		}
	}
	if all == 0 {
		return 1
	}
	return missing / all
}
