package kb

import (
	"encoding/binary"
	"iter"
)

// postings says for each word which documents have it and with which weight: the
// summed weights of the fields in which it stands. A word's postings are packed, by
// document: the distance from the document before with a last bit that is set when
// twice the weight follows; without it the word stands in the text once.
type postings struct {
	start  []int // of each word in packed, and the end
	packed []byte
	count  []int32 // documents of each word
}

// standsOnce is twice the weight of a word that stands in the text once.
const standsOnce = 2 * weightText

// newPostings packs the pages, in two rounds: the first measures.
func newPostings(pages []page, words int) postings {
	p := postings{start: make([]int, words+1), count: make([]int32, words)}
	size := make([]int, words)
	last := make([]int32, words)
	for w := range last {
		last[w] = -1
	}
	tally := newPageTally(words)
	var one [2 * binary.MaxVarintLen32]byte
	for i := range pages {
		for w, weight := range tally.words(&pages[i]) {
			size[w] += len(appendPosting(one[:0], int32(i)-last[w], weight))
			last[w] = int32(i)
			p.count[w]++
		}
	}
	for w, n := range size {
		p.start[w+1] = p.start[w] + n
		last[w] = -1
	}
	p.packed = make([]byte, p.start[words])
	at := size // reused: where the next posting of each word goes
	copy(at, p.start)
	for i := range pages {
		for w, weight := range tally.words(&pages[i]) {
			at[w] += copy(p.packed[at[w]:], appendPosting(one[:0], int32(i)-last[w], weight))
			last[w] = int32(i)
		}
	}
	return p
}

func appendPosting(to []byte, step int32, weight uint32) []byte {
	if weight == standsOnce {
		return binary.AppendUvarint(to, uint64(step)<<1)
	}
	to = binary.AppendUvarint(to, uint64(step)<<1|1)
	return binary.AppendUvarint(to, uint64(weight))
}

// of returns the packed postings of a word.
func (p *postings) of(w int32) []byte { return p.packed[p.start[w]:p.start[w+1]] }

// pageTally adds up the weights of a page's words. It is all zero between uses.
type pageTally struct {
	weight []uint32 // by word
	found  []int32
	room   phrase
}

func newPageTally(words int) *pageTally {
	return &pageTally{weight: make([]uint32, words), room: make(phrase, 0, maxWord)}
}

// words are the words of a page, each once with twice its weight, in the order in
// which they first stand there.
func (t *pageTally) words(p *page) iter.Seq2[int32, uint32] {
	return func(yield func(int32, uint32) bool) {
		t.found = t.found[:0]
		for weight, phrase := range p.weighted(t.room) {
			for _, w := range phrase {
				if t.weight[w] == 0 {
					t.found = append(t.found, w)
				}
				t.weight[w] += weight
			}
		}
		for _, w := range t.found {
			weight := t.weight[w]
			t.weight[w] = 0
			if !yield(w, weight) {
				return
			}
		}
	}
}
