package kb

import (
	"math"
	"slices"
)

// index is the inverted index over the words of all documents, and the words of
// each document in order for the closer look at those that it finds.
type index struct {
	ids    map[string]int32 // word → number
	grams  map[string][]int32
	size   []uint8 // grams of each word
	post   [][]posting
	length []float32 // weighted words of each document
	mean   float32
	pages  []page
}

// posting says that a document has a word, with the summed weight of the fields
// in which it stands.
type posting struct {
	doc    int32
	weight float32
}

// page is a document as the index sees it.
type page struct {
	title    phrase
	phrases  []phrase // keywords, symptoms, headings
	passages []phrase // two sentences each
}

// phrase is a short run of words. norm is the length of its vector of word
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

// gramSize is the length of the character runs by which alike words are found.
const gramSize = 3

type indexer struct {
	*index
	tf map[int32]float32
}

func newIndex(docs []Document) *index {
	b := indexer{index: &index{ids: map[string]int32{}, grams: map[string][]int32{}}}
	for i := range docs {
		b.add(int32(i), &docs[i])
	}
	var sum float32
	for _, l := range b.length {
		sum += l
	}
	b.mean = sum / float32(max(1, len(docs)))
	for i := range b.pages {
		p := &b.pages[i]
		b.weigh(&p.title)
		for j := range p.phrases {
			b.weigh(&p.phrases[j])
		}
		for j := range p.passages {
			b.weigh(&p.passages[j])
		}
	}
	return b.index
}

func (b *indexer) add(n int32, d *Document) {
	b.tf = map[int32]float32{}
	var p page
	p.title = b.phrase(d.Title, weightTitle)
	for _, k := range d.Keywords {
		p.phrases = append(p.phrases, b.phrase(k, weightPhrase))
	}
	for _, s := range d.Symptoms {
		p.phrases = append(p.phrases, b.phrase(s, weightPhrase))
	}
	for _, s := range d.Sections {
		if s.Heading != "" {
			p.phrases = append(p.phrases, b.phrase(s.Heading, weightHeading))
		}
		p.passages = append(p.passages, b.windows(s.Text)...)
	}
	b.pages = append(b.pages, p)
	var length float32
	found := make([]int32, 0, len(b.tf))
	for w := range b.tf {
		found = append(found, w)
	}
	slices.Sort(found)
	for _, w := range found {
		b.post[w] = append(b.post[w], posting{n, b.tf[w]})
		length += b.tf[w]
	}
	b.length = append(b.length, length)
}

// windows returns each two neighbouring sentences of a text as a passage.
func (b *indexer) windows(text string) []phrase {
	var out []phrase
	var last []int32
	for _, s := range sentences(text) {
		p := b.phrase(s, weightText)
		if len(p.words) == 0 {
			continue
		}
		out = append(out, phrase{words: append(slices.Clip(last), p.words...)})
		last = p.words
	}
	return out
}

func (b *indexer) phrase(text string, weight float32) phrase {
	var p phrase
	for _, w := range words(text) {
		if stop(w) {
			continue
		}
		id := b.number(w)
		p.words = append(p.words, id)
		b.tf[id] += weight
	}
	return p
}

// number returns the number of a word, a new one when it is new.
func (b *indexer) number(w string) int32 {
	id, ok := b.ids[w]
	if ok {
		return id
	}
	id = int32(len(b.post))
	b.ids[w] = id
	b.post = append(b.post, nil)
	n := 0
	grams(w, gramSize, func(g string) {
		n++
		if l := b.grams[g]; len(l) == 0 || l[len(l)-1] != id {
			b.grams[g] = append(l, id)
		}
	})
	b.size = append(b.size, uint8(n))
	return id
}

func (b *indexer) weigh(p *phrase) {
	var sum float64
	for i, w := range p.words {
		if slices.Index(p.words, w) < i {
			continue
		}
		idf := b.idf(float64(len(b.post[w])))
		sum += idf * idf
	}
	p.norm = float32(math.Sqrt(sum))
}

// idf is the weight of a word that so many documents have.
func (x *index) idf(df float64) float64 {
	return math.Log(1 + (float64(len(x.pages))-df+0.5)/(df+0.5))
}
