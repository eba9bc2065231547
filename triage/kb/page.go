package kb

import (
	"encoding/binary"
	"iter"
	"slices"
)

// page is a document as the index sees it: the words of each of its phrases in
// order, packed as numbers of seven bits a byte, low bits first. A phrase is the number
// of its words and the words. A page is the title, the number of keywords and
// symptoms, these, the number of headings, these, and the sentences.
type page struct {
	lang  string
	words string
}

// phrase is a short run of words.
type phrase []int32

// pageText is the phrases of a page before they are packed.
type pageText struct {
	title     phrase
	phrases   []phrase // keywords and symptoms
	headings  []phrase
	sentences []phrase
}

func (t *pageText) pack(to []byte) []byte {
	to = appendPhrase(to, t.title)
	to = binary.AppendUvarint(to, uint64(len(t.phrases)))
	for _, p := range t.phrases {
		to = appendPhrase(to, p)
	}
	to = binary.AppendUvarint(to, uint64(len(t.headings)))
	for _, p := range t.headings {
		to = appendPhrase(to, p)
	}
	for _, p := range t.sentences {
		to = appendPhrase(to, p)
	}
	return to
}

// length is the number of words, each counted with its weight.
func (t *pageText) length() float32 {
	sum := weightTitle * float32(len(t.title))
	for _, p := range t.phrases {
		sum += weightPhrase * float32(len(p))
	}
	for _, p := range t.headings {
		sum += weightHeading * float32(len(p))
	}
	for _, p := range t.sentences {
		sum += weightText * float32(len(p))
	}
	return sum
}

func appendPhrase(to []byte, p phrase) []byte {
	to = binary.AppendUvarint(to, uint64(len(p)))
	for _, w := range p {
		to = binary.AppendUvarint(to, uint64(w))
	}
	return to
}

// pageReader unpacks a page, phrase by phrase.
type pageReader struct {
	words  string
	at     int
	phrase phrase // the last one read; the next one overwrites it
}

func (p *page) read(room phrase) pageReader { return pageReader{words: p.words, phrase: room[:0]} }

func (r *pageReader) number() uint32 {
	b := r.words[r.at]
	r.at++
	v := uint32(b & 0x7f)
	for shift := 7; b >= 0x80; shift += 7 {
		b = r.words[r.at]
		r.at++
		v |= uint32(b&0x7f) << shift
	}
	return v
}

// next returns the next phrase, which is valid until the one after it.
func (r *pageReader) next() phrase {
	n := r.number()
	r.phrase = r.phrase[:0]
	for range n {
		r.phrase = append(r.phrase, int32(r.number()))
	}
	return r.phrase
}

// more reports whether the page goes on.
func (r *pageReader) more() bool { return r.at < len(r.words) }

// weighted are all phrases of a page, each with twice the weight of its words.
func (p *page) weighted(room phrase) iter.Seq2[uint32, phrase] {
	return func(yield func(uint32, phrase) bool) {
		r := p.read(room)
		if !yield(2*weightTitle, r.next()) {
			return
		}
		for _, weight := range [...]uint32{2 * weightPhrase, 2 * weightHeading} {
			for range r.number() {
				if !yield(weight, r.next()) {
					return
				}
			}
		}
		for r.more() {
			if !yield(2*weightText, r.next()) {
				return
			}
		}
	}
}

// distinct returns the words of a page, each once, sorted.
func (p *page) distinct() []int32 {
	var out []int32
	for _, phrase := range p.weighted(nil) {
		out = append(out, phrase...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
