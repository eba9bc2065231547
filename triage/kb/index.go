package kb

import (
	"math"
	"slices"
	"sync"
)

// index is the inverted index over the words of all documents, and the words of
// each document in order for the closer look at those that it finds.
type index struct {
	vocabulary
	postings  postings
	rarity    []float64 // of each word
	length    []float32 // weighted words of each document
	mean      float32   // of length
	pages     []page
	thesaurus *thesaurus
	scratch   sync.Pool // of *scratch
}

// How much more a word counts in a field than in running text. Each is a multiple
// of one half.
const (
	weightTitle   = 3
	weightPhrase  = 2
	weightHeading = 1.5
	weightText    = 1
)

// content is what the index reads of a document.
type content struct {
	lang, title string
	phrases     []string // keywords and symptoms
	sections    []Section
}

// newIndex builds the index of so many documents; read returns the one of a number.
func newIndex(docs int, read func(i int) content) *index {
	x := &index{vocabulary: newVocabulary(), pages: make([]page, 0, docs), length: make([]float32, 0, docs)}
	var room []byte
	for i := range docs {
		c := read(i)
		room = x.add(&c, room[:0])
	}
	var sum float32
	for _, l := range x.length {
		sum += l
	}
	x.mean = max(1, sum/float32(max(1, docs)))
	x.postings = newPostings(x.pages, len(x.names))
	x.rarity = make([]float64, len(x.names))
	for w, n := range x.postings.count {
		x.rarity[w] = x.idf(float64(n))
	}
	x.thesaurus = newThesaurus(x)
	x.scratch.New = func() any { return newScratch(len(x.pages), len(x.names)) }
	return x
}

// add puts the next document into the index. It returns the room that it was given
// to pack the page in.
func (x *index) add(c *content, room []byte) []byte {
	t := pageText{title: x.read(c.title)}
	for _, k := range c.phrases {
		t.phrases = append(t.phrases, x.read(k))
	}
	for _, s := range c.sections {
		if s.Heading != "" {
			t.headings = append(t.headings, x.read(s.Heading))
		}
		for _, line := range sentences(s.Text) {
			if p := x.read(line); len(p) > 0 {
				t.sentences = append(t.sentences, p)
			}
		}
	}
	room = t.pack(room)
	x.pages = append(x.pages, page{lang: c.lang, words: string(room)})
	x.length = append(x.length, t.length())
	return room
}

// read returns the words of a text that say something.
func (x *index) read(text string) phrase {
	var p phrase
	for w := range eachWord(text) {
		if !stop(w) {
			p = append(p, x.number(w))
		}
	}
	return p
}

// norm is the length of the vector of a phrase's words.
func (x *index) norm(p phrase) float64 {
	var sum float64
	for i, w := range p {
		if slices.Index(p, w) == i {
			sum += x.rarity[w] * x.rarity[w]
		}
	}
	return float64(float32(math.Sqrt(sum)))
}

// idf is the weight of a word that so many documents have.
func (x *index) idf(df float64) float64 {
	return math.Log(1 + (float64(len(x.pages))-df+0.5)/(df+0.5))
}

// scratch holds the working memory of one question, kept from question to
// question. Every array is all zero between uses.
type scratch struct {
	score, tf, sim []float64 // by document
	touched, found []int32   // documents of one word, of all words
	mark           []int32   // by word: 1 + place in hits
	hits           [][]hit
	row            []float64
	phrase         phrase
}

// hit says how much a word of the documents counts as the term of a question.
type hit struct {
	term int
	sim  float64
}

func newScratch(docs, words int) *scratch {
	return &scratch{
		score: make([]float64, docs), tf: make([]float64, docs), sim: make([]float64, docs),
		mark: make([]int32, words), phrase: make(phrase, 0, maxWord),
	}
}
