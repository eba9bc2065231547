package kb

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// shareSense is what the view of an embedding model counts, beside 1 for the words.
const shareSense = 0.8

// maxSensed is how many documents an embedding model proposes.
const maxSensed = 20

// WithVectors returns a matcher that also looks at documents by what an embedding
// model makes of them: a vector of length one for each document, in order, from the
// model that the vectors of questions come from. The vectors are not copied.
func (m *Matcher) WithVectors(vectors [][]float32) *Matcher {
	more := *m
	more.vectors = vectors
	return &more
}

// SameDocuments reports whether both know the same documents, whatever they learned.
func (m *Matcher) SameDocuments(as *Matcher) bool { return m.index == as.index }

// Sees reports whether the matcher has vectors to compare a question's with.
func (m *Matcher) Sees() bool { return len(m.vectors) > 0 }

// Texts are what an embedding model reads of each document, in order.
func (m *Matcher) Texts() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range m.docs {
			d := &m.docs[i]
			parts := slices.Concat([]string{d.Title}, d.Keywords, d.Symptoms, []string{d.Text()})
			if !yield(strings.Join(parts, "\n")) {
				return
			}
		}
	}
}

// Said returns what an embedding model reads of a question: what the sender newly
// wrote.
func (q *Question) Said() string { return newText(q.Subject, q.Text) }

// likenesses say of each document how alike an embedding model finds it: 1 for the
// most alike one, 0 for what is no more alike than the mean.
type likenesses []float64

// likenesses returns nil when there is nothing to compare: no vectors, or such of
// another dimension.
func (m *Matcher) likenesses(question []float32) likenesses {
	if len(question) == 0 || len(m.vectors) != len(m.docs) || len(m.docs) == 0 {
		return nil
	}
	out := make(likenesses, len(m.vectors))
	var sum float64
	for i, v := range m.vectors {
		if len(v) != len(question) {
			return nil
		}
		var dot float32
		for k, f := range v {
			dot += f * question[k]
		}
		out[i] = float64(dot)
		sum += out[i]
	}
	mean, best := sum/float64(len(out)), slices.Max(out)
	if best <= mean {
		return nil
	}
	for i, c := range out {
		out[i] = max(0, (c-mean)/(best-mean))
	}
	return out
}

// join adds the view to the candidates, and those that only it finds, and orders them
// anew.
func (s likenesses) join(cs []candidate) []candidate {
	seen := map[int32]bool{}
	for i := range cs {
		seen[cs[i].doc] = true
	}
	for _, doc := range s.nearest() {
		if !seen[doc] {
			cs = append(cs, candidate{doc: doc})
		}
	}
	for i := range cs {
		c := &cs[i]
		c.sense = s[c.doc]
		c.cold += shareSense * c.sense
	}
	slices.SortFunc(cs, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.cold, a.cold), cmp.Compare(a.doc, b.doc))
	})
	return cs
}

// nearest returns the documents that are most alike.
func (s likenesses) nearest() []int32 {
	var top []int32
	better := func(a, b int32) bool { return s[a] > s[b] || s[a] == s[b] && a < b }
	for i := range s {
		n := int32(i)
		switch {
		case s[n] == 0:
		case len(top) < maxSensed:
			top = append(top, n)
			if len(top) == maxSensed {
				heapify(top, better)
			}
		case better(n, top[0]):
			top[0] = n
			sink(top, 0, better)
		}
	}
	return top
}
