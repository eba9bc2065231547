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
	post      [][]posting // of each word
	length    []float32   // weighted words of each document
	mean      float32     // of length
	pages     []page
	thesaurus *thesaurus
	scratch   sync.Pool // of *scratch
}

// posting says that a document has a word, with the summed weight of the fields
// in which it stands.
type posting struct {
	doc    int32
	weight float32
}

// page is a document as the index sees it.
type page struct {
	lang      string
	title     phrase
	phrases   []phrase // keywords, symptoms, headings
	sentences []phrase
}

// phrase is a short run of words. norm is the length of the vector of its words'
// weights.
type phrase struct {
	words []int32
	norm  float32
}

// How much more a word counts in a field than in running text.
const (
	weightTitle   = 3
	weightPhrase  = 2
	weightHeading = 1.5
	weightText    = 1
)

func newIndex(docs []Document) *index {
	x := &index{vocabulary: newVocabulary()}
	for i := range docs {
		x.add(int32(i), &docs[i])
	}
	var sum float32
	for _, l := range x.length {
		sum += l
	}
	x.mean = max(1, sum/float32(max(1, len(docs))))
	for i := range x.pages {
		p := &x.pages[i]
		x.weigh(&p.title)
		for j := range p.phrases {
			x.weigh(&p.phrases[j])
		}
	}
	for w, p := range x.post {
		x.post[w] = slices.Clone(p) // without the room that append left
	}
	x.thesaurus = newThesaurus(x)
	x.scratch.New = func() any { return newScratch(len(x.pages), len(x.post)) }
	return x
}

// add puts a document into the index; n counts up from 0.
func (x *index) add(n int32, d *Document) {
	tf := map[int32]float32{}
	read := func(text string, weight float32) phrase {
		p := x.read(text)
		for _, w := range p.words {
			tf[w] += weight
		}
		return p
	}
	p := page{lang: d.Lang, title: read(d.Title, weightTitle)}
	for _, k := range slices.Concat(d.Keywords, d.Symptoms) {
		p.phrases = append(p.phrases, read(k, weightPhrase))
	}
	for _, s := range d.Sections {
		if s.Heading != "" {
			p.phrases = append(p.phrases, read(s.Heading, weightHeading))
		}
		for _, line := range sentences(s.Text) {
			if f := read(line, weightText); len(f.words) > 0 {
				p.sentences = append(p.sentences, f)
			}
		}
	}
	x.pages = append(x.pages, p)
	found := make([]int32, 0, len(tf))
	for w := range tf {
		found = append(found, w)
	}
	slices.Sort(found)
	var length float32
	for _, w := range found {
		for int(w) >= len(x.post) {
			x.post = append(x.post, nil)
		}
		x.post[w] = append(x.post[w], posting{n, tf[w]})
		length += tf[w]
	}
	x.length = append(x.length, length)
}

// read returns the words of a text that say something.
func (x *index) read(text string) phrase {
	var p phrase
	for _, w := range words(text) {
		if !stop(w) {
			p.words = append(p.words, x.number(w))
		}
	}
	return phrase{words: slices.Clone(p.words)}
}

func (x *index) weigh(p *phrase) {
	var sum float64
	for i, w := range p.words {
		if slices.Index(p.words, w) == i {
			idf := x.rarity(w)
			sum += idf * idf
		}
	}
	p.norm = float32(math.Sqrt(sum))
}

// idf is the weight of a word that so many documents have.
func (x *index) idf(df float64) float64 {
	return math.Log(1 + (float64(len(x.pages))-df+0.5)/(df+0.5))
}

// rarity is the weight of a word of the documents.
func (x *index) rarity(w int32) float64 { return x.idf(float64(len(x.post[w]))) }

// scratch holds the working memory of one question, kept from question to
// question. Every array is all zero between uses.
type scratch struct {
	score, tf, sim []float64 // by document
	touched, found []int32   // documents of one word, of all words
	mark           []int32   // by word: 1 + place in hits
	hits           [][]hit
	row            []float64
}

// hit says how much a word of the documents counts as the term of a question.
type hit struct {
	term int
	sim  float64
}

func newScratch(docs, words int) *scratch {
	return &scratch{
		score: make([]float64, docs), tf: make([]float64, docs), sim: make([]float64, docs),
		mark: make([]int32, words),
	}
}
