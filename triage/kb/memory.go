package kb

import (
	"fmt"
	"slices"
	"strings"
)

// memory knows solved questions by their words, so that the same question gets the
// same answer, whatever the fitted layers make of it. It is not changed; with returns
// another one.
type memory struct {
	asked  []asking
	byWord map[string][]int32 // the questions up to fitted that have a word
	fitted int
}

// asking is a question that was solved, by its telling words and by all of them, each
// sorted.
type asking struct {
	words, all []string
	doc        string
	wrong      bool
}

const (
	// leastTelling is how many telling words a question must have to be recognised;
	// "it does not work" may be about anything.
	leastTelling = 3
	// sameQuestion is the share of words that two askings of one question have in
	// common, of all that are in either: of the telling ones and of all, since "why do
	// I have to" and "how do I" ask for different things.
	sameQuestion = 0.85
	// agreement of the askings before that is enough to believe them.
	enoughAgree = 0.75
	// It takes so many tickets to keep a sure answer from being given: solved without
	// a document, or not solved by this one.
	enoughNone  = 2
	enoughWrong = 3
	// forgiven is how often a document must have solved a question for each time
	// that it did not.
	forgiven = 3
	// What is known for sure lies beyond every threshold, on either side.
	surelyRight = 0.99
	surelyWrong = 0.3
)

func newMemory(examples []Example) memory {
	m := memory{byWord: map[string][]int32{}}.with(examples)
	m.fitted = len(m.asked)
	for i, s := range m.asked {
		for _, w := range s.words {
			m.byWord[w] = append(m.byWord[w], int32(i))
		}
	}
	return m
}

// with returns a memory that knows more questions. The words of these are not
// indexed.
func (m memory) with(examples []Example) memory {
	m.asked = slices.Clip(m.asked)
	for _, e := range examples {
		ws := words(newText("", e.Text))
		if told := telling(ws); len(told) >= leastTelling {
			m.asked = append(m.asked, asking{told, distinct(ws), e.Doc, e.Wrong})
		}
	}
	return m
}

// telling returns the words that say something, sorted, each once.
func telling(ws []string) []string {
	var out []string
	for _, w := range ws {
		if !stop(w) {
			out = append(out, w)
		}
	}
	return distinct(out)
}

// distinct returns the words sorted, each once.
func distinct(ws []string) []string {
	ws = slices.Sorted(slices.Values(ws))
	return slices.Compact(ws)
}

// recollection is what is known of a question that was asked before.
type recollection struct {
	doc   string   // the document that answered it, or ""
	none  bool     // it was solved without a document
	wrong []string // documents that did not answer it, sorted
	why   string
}

// recall looks for askings of the same question.
func (m memory) recall(ws []string) recollection {
	told, said := telling(ws), distinct(ws)
	if len(told) < leastTelling {
		return recollection{}
	}
	solved, failed, all := map[string]int{}, map[string]int{}, 0
	for _, i := range m.same(told, said) {
		if a := &m.asked[i]; a.wrong {
			failed[a.doc]++
		} else {
			solved[a.doc]++
			all++
		}
	}
	var r recollection
	for doc, n := range failed {
		if n >= enoughWrong && solved[doc] < n*forgiven {
			r.wrong = append(r.wrong, doc)
		}
	}
	slices.Sort(r.wrong)
	for doc, n := range solved {
		switch {
		case float64(n) < enoughAgree*float64(all), slices.Contains(r.wrong, doc):
		case doc == "" && n < enoughNone:
		case doc == "":
			r.none, r.why = true, fmt.Sprintf("the same question was solved without a document, %d of %d times", n, all)
		default:
			r.doc, r.why = doc, fmt.Sprintf("the same question was solved with %s, %d of %d times", doc, n, all)
		}
	}
	if r.why == "" && len(r.wrong) > 0 {
		r.why = "known error: the same question was not answered by " + strings.Join(r.wrong, ", ")
	}
	return r
}

// same returns the askings of a question, in order.
func (m memory) same(told, said []string) []int32 {
	shared := map[int32]int{}
	for _, w := range told {
		for _, i := range m.byWord[w] {
			shared[i]++
		}
	}
	var out []int32
	for i, n := range shared {
		if a := &m.asked[i]; alike(n, len(told), len(a.words)) && oneQuestion(said, a.all) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	for i := m.fitted; i < len(m.asked); i++ {
		if a := &m.asked[i]; oneQuestion(told, a.words) && oneQuestion(said, a.all) {
			out = append(out, int32(i))
		}
	}
	return out
}

// oneQuestion compares two sorted sets of words.
func oneQuestion(a, b []string) bool {
	shared := 0
	for _, w := range b {
		if _, has := slices.BinarySearch(a, w); has {
			shared++
		}
	}
	return alike(shared, len(a), len(b))
}

// alike reports whether two sets of words with so many in common are one question.
func alike(shared, a, b int) bool {
	return float64(shared) >= sameQuestion*float64(a+b-shared)
}

// confidence returns the probability that a document answers the question, given
// what the matcher finds and what is known.
func (r recollection) confidence(doc string, p float64) float64 {
	switch {
	case r.doc == doc:
		return max(p, surelyRight)
	case r.none, slices.Contains(r.wrong, doc):
		return min(p, surelyWrong)
	}
	return p
}
