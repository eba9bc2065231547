package kb

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// BM25 and how the views of a document are added up.
const (
	bmK             = 1.6
	bmB             = 0.4
	sharePassage    = 0.4
	shareTitle      = 0.4
	sharePhrase     = 0.6
	passageLength   = 10  // words of a passage of usual length
	passageB        = 0.4 // how much a longer one is held against it
	foreignLanguage = 0.5 // what a document in another language is worth
	maxTerms        = 200 // of a question
	maxCandidates   = 100
)

// term is a word of a question, and the words of the documents that may stand
// for it.
type term struct {
	word    string
	count   float64
	meaning []likeness
	idf     float64
}

// terms reads the words of a question. Words that say little are left out.
func (x *index) terms(ws []string) []term {
	var out []term
	at := map[string]int{}
	for _, w := range ws {
		if stop(w) {
			continue
		}
		if i, ok := at[w]; ok {
			out[i].count++
			continue
		}
		if len(out) == maxTerms {
			break
		}
		at[w] = len(out)
		out = append(out, term{word: w, count: 1, meaning: x.meaning(w)})
	}
	return out
}

// candidate is a document that may answer a question, and what speaks for it.
type candidate struct {
	doc            int32
	words          float64 // BM25 over the whole document
	passage        float64 // best two sentences
	title          float64 // cosine with the title
	phrase         float64 // best cosine with a keyword, symptom or heading
	covered        float64 // share of the question's weight that the document has
	passageCovered float64 // that its best passage has
	titleCovered   float64 // share of the title's weight that the question has
	mass           float64 // weight of the question that the document has
	sense          float64 // how alike an embedding model finds it, 1 for the most alike
	cold           float64 // all these views together

	svm   float64 // distance from the border of the learned class
	near  float64 // cosine of the most alike solved question
	score float64 // everything together
}

// search returns the documents that have words of the question, best first by
// cold. Those that are hidden are left out; hidden may be nil.
func (x *index) search(ws []string, lang string, hidden []bool) ([]candidate, []term) {
	terms := x.terms(ws)
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	x.accumulate(terms, s)
	out := s.best(hidden)
	s.note(terms)
	for i := range out {
		x.look(&out[i], terms, s)
	}
	s.forget(terms)
	blend(out)
	x.prefer(out, cmp.Or(lang, guessLanguage(ws)))
	slices.SortFunc(out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.cold, a.cold), cmp.Compare(a.doc, b.doc))
	})
	return out, terms
}

// accumulate adds up the BM25 score of every document, and sets how rare each
// term is: a document counts as having it by how alike its best word is.
func (x *index) accumulate(terms []term, s *scratch) {
	for i := range terms {
		t := &terms[i]
		for _, l := range t.meaning {
			s.collect(x.postings.of(l.word), l.sim)
		}
		df := 0.0
		for _, d := range s.touched {
			df += s.sim[d]
		}
		t.idf = x.idf(df)
		weight := t.idf * math.Sqrt(t.count) * (bmK + 1)
		for _, d := range s.touched {
			if s.score[d] == 0 {
				s.found = append(s.found, d)
			}
			length := bmK * (1 - bmB + bmB*float64(x.length[d]/x.mean))
			s.score[d] += weight * s.tf[d] / (s.tf[d] + length)
			s.tf[d], s.sim[d] = 0, 0
		}
		s.touched = s.touched[:0]
	}
}

// collect adds the postings of a word that is so much like the term. It unpacks them
// itself: a question among many documents spends most of its time here.
func (s *scratch) collect(packed []byte, sim float32) {
	doc := int32(-1)
	for i := 0; i < len(packed); {
		b := packed[i]
		i++
		step := uint32(b & 0x7f)
		for shift := 7; b >= 0x80; shift += 7 {
			b = packed[i]
			i++
			step |= uint32(b&0x7f) << shift
		}
		doc += int32(step >> 1)
		weight := sim * weightText
		if step&1 != 0 {
			twice, n := binary.Uvarint(packed[i:])
			weight = sim * (float32(twice) / 2)
			i += n
		}
		if s.tf[doc] == 0 {
			s.touched = append(s.touched, doc)
		}
		s.tf[doc] += float64(weight)
		s.sim[doc] = max(s.sim[doc], float64(sim))
	}
}

// best takes the documents with the highest scores out of the scratch.
func (s *scratch) best(hidden []bool) []candidate {
	var out []candidate
	better := func(a, b candidate) bool { return a.words > b.words || a.words == b.words && a.doc < b.doc }
	for _, d := range s.found {
		c := candidate{doc: d, words: s.score[d]}
		s.score[d] = 0
		if hidden != nil && hidden[d] {
			continue
		}
		if len(out) < maxCandidates {
			out = append(out, c)
			if len(out) == maxCandidates {
				heapify(out, better)
			}
			continue
		}
		if better(c, out[0]) {
			out[0] = c
			sink(out, 0, better)
		}
	}
	s.found = s.found[:0]
	return out
}

// heapify orders a heap whose root is the worst element.
func heapify[T any](h []T, better func(a, b T) bool) {
	for i := len(h)/2 - 1; i >= 0; i-- {
		sink(h, i, better)
	}
}

func sink[T any](h []T, i int, better func(a, b T) bool) {
	for {
		worst := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h); c++ {
			if better(h[worst], h[c]) {
				worst = c
			}
		}
		if worst == i {
			return
		}
		h[i], h[worst] = h[worst], h[i]
		i = worst
	}
}

// note remembers which words stand for which terms; forget clears it.
func (s *scratch) note(terms []term) {
	for i, t := range terms {
		for _, l := range t.meaning {
			if s.mark[l.word] == 0 {
				s.hits = append(s.hits, nil)
				s.mark[l.word] = int32(len(s.hits))
			}
			h := &s.hits[s.mark[l.word]-1]
			*h = append(*h, hit{i, float64(l.sim)})
		}
	}
}

func (s *scratch) forget(terms []term) {
	for _, t := range terms {
		for _, l := range t.meaning {
			s.mark[l.word] = 0
		}
	}
	s.hits = s.hits[:0]
}

// find raises best, by term, to what the words of a phrase are worth and reports
// whether there were any.
func (s *scratch) find(p phrase, best []float64) bool {
	found := false
	for _, w := range p {
		m := s.mark[w]
		if m == 0 {
			continue
		}
		found = true
		for _, h := range s.hits[m-1] {
			best[h.term] = max(best[h.term], h.sim)
		}
	}
	return found
}

// look takes the closer look at one document: title, phrases, passages.
func (x *index) look(c *candidate, terms []term, s *scratch) {
	page := x.pages[c.doc].read(s.phrase)
	all, best, last := s.rows(len(terms))
	var total, square float64
	for _, t := range terms {
		total += t.idf
		square += t.idf * t.idf
	}
	cosine := func(p phrase) float64 {
		clear(best)
		if !s.find(p, best) {
			return 0
		}
		raise(all, best)
		var dot float64
		for i, t := range terms {
			dot += t.idf * t.idf * best[i]
		}
		return dot / (math.Sqrt(square) * x.norm(p))
	}
	title := page.next()
	c.title = cosine(title)
	c.titleCovered = x.coveredBy(title, s)
	c.phrase = c.title
	for range 2 { // keywords and symptoms, headings
		for range page.number() {
			c.phrase = max(c.phrase, cosine(page.next()))
		}
	}
	words := 0
	for page.more() {
		p := page.next()
		clear(best)
		s.find(p, best)
		raise(all, best)
		raise(last, best)
		words += len(p)
		got := weigh(last, terms)
		c.passageCovered = max(c.passageCovered, got/total)
		c.passage = max(c.passage, got/(1-passageB+passageB*float64(words)/passageLength))
		last, best = best, last
		words = len(p)
	}
	s.phrase = page.phrase
	c.mass = weigh(all, terms)
	c.covered = c.mass / total
}

// rows returns three rows of zeros.
func (s *scratch) rows(n int) (a, b, c []float64) {
	if len(s.row) < 3*n {
		s.row = make([]float64, 3*n)
	}
	clear(s.row[:3*n])
	return s.row[:n], s.row[n : 2*n], s.row[2*n : 3*n]
}

func raise(to, from []float64) {
	for i, v := range from {
		to[i] = max(to[i], v)
	}
}

func weigh(best []float64, terms []term) float64 {
	var sum float64
	for i, t := range terms {
		sum += t.idf * best[i]
	}
	return sum
}

// coveredBy returns the share of a phrase's weight that the question has.
func (x *index) coveredBy(p phrase, s *scratch) float64 {
	var all, got float64
	for _, w := range p {
		idf := x.rarity[w]
		all += idf
		sim := 0.0
		if m := s.mark[w]; m != 0 {
			for _, h := range s.hits[m-1] {
				sim = max(sim, h.sim)
			}
		}
		got += idf * sim
	}
	if all == 0 {
		return 0
	}
	return got / all
}

// blend adds up the views. Scores that have no natural scale are taken relative
// to the best document's.
func blend(cs []candidate) {
	var words, passage float64
	for _, c := range cs {
		words = max(words, c.words)
		passage = max(passage, c.passage)
	}
	for i := range cs {
		c := &cs[i]
		c.cold = c.words/words + shareTitle*c.title + sharePhrase*c.phrase
		if passage > 0 {
			c.cold += sharePassage * c.passage / passage
		}
	}
}

// prefer holds it against documents that they are in another language.
func (x *index) prefer(cs []candidate, lang string) {
	if lang == "" {
		return
	}
	for i := range cs {
		if l := x.pages[cs[i].doc].lang; l != "" && l != lang {
			cs[i].cold *= foreignLanguage
		}
	}
}
