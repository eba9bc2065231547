package kb

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// vocabulary numbers words and finds those that are alike.
type vocabulary struct {
	ids   map[string]int32
	names []string
	grams map[string][]int32 // run of characters → words that have it
	size  []uint8            // runs of each word
	spare *sync.Pool         // of *tally
}

// tally counts, by word, the runs that are shared with another one. It is all zero
// between uses.
type tally struct {
	shared  []uint8
	touched []int32
}

// gramSize is the length of the runs by which words are compared.
const gramSize = 3

func newVocabulary() vocabulary {
	return vocabulary{
		ids: map[string]int32{}, grams: map[string][]int32{},
		spare: &sync.Pool{New: func() any { return &tally{} }},
	}
}

// number returns the number of a word, a new one when it is new.
func (v *vocabulary) number(w string) int32 {
	id, ok := v.ids[w]
	if ok {
		return id
	}
	id = int32(len(v.size))
	v.ids[w] = id
	v.names = append(v.names, w)
	runs := distinctGrams(w)
	for _, g := range runs {
		v.grams[g] = append(v.grams[g], id)
	}
	v.size = append(v.size, uint8(len(runs)))
	return id
}

func distinctGrams(w string) []string {
	out := make([]string, 0, len(w)+2)
	grams(w, gramSize, func(g string) {
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	})
	return out
}

// likeness says how alike a word is, 1 for the same.
type likeness struct {
	word int32
	sim  float32
}

// maxAlike is how many words are taken for like one.
const maxAlike = 40

// alike returns the words that share at least so large a part of their runs with
// w, sorted by number: inflections, compounds, typing errors. The part is the
// cosine of the two sets of runs. Of very many the most alike are returned.
func (v *vocabulary) alike(w string, least float64) []likeness {
	t := v.spare.Get().(*tally)
	defer v.spare.Put(t)
	if n := len(v.size); len(t.shared) < n {
		t.shared = make([]uint8, n)
	}
	runs := distinctGrams(w)
	for _, g := range runs {
		for _, id := range v.grams[g] {
			if t.shared[id] == 0 {
				t.touched = append(t.touched, id)
			}
			t.shared[id]++
		}
	}
	var out []likeness
	for _, id := range t.touched {
		shared, size := float64(t.shared[id]), float64(v.size[id])
		t.shared[id] = 0
		if sim := shared / math.Sqrt(float64(len(runs))*size); sim >= least {
			out = append(out, likeness{id, float32(sim)})
		}
	}
	t.touched = t.touched[:0]
	if id, ok := v.ids[w]; ok {
		at := slices.IndexFunc(out, func(l likeness) bool { return l.word == id })
		out[at].sim = 1 // a rounding error away
	}
	if len(out) > maxAlike {
		slices.SortFunc(out, func(a, b likeness) int {
			return cmp.Or(cmp.Compare(b.sim, a.sim), cmp.Compare(a.word, b.word))
		})
		out = out[:maxAlike]
	}
	slices.SortFunc(out, func(a, b likeness) int { return cmp.Compare(a.word, b.word) })
	return out
}

const (
	leastAlike   = 0.45 // words less alike than this are different words
	alikeWeight  = 0.7  // a word that is alike and not the same counts this much at most
	alikePower   = 2.5  // and falls off so fast
	leastSynonym = 0.7  // a word so alike counts as an entry of the lexicon
	synonymShare = 0.25 // a synonym counts this much
)

// thesaurus finds words of the documents that mean much the same as a word.
type thesaurus struct {
	entries vocabulary
	groups  [][]int32    // entry → groups
	members [][]likeness // group → words of the documents
}

func newThesaurus(x *index) *thesaurus {
	t := &thesaurus{entries: newVocabulary()}
	for g, group := range synonyms() {
		best := map[int32]float32{}
		for _, w := range group {
			id := t.entries.number(w)
			for int(id) >= len(t.groups) {
				t.groups = append(t.groups, nil)
			}
			t.groups[id] = append(t.groups[id], int32(g))
			for _, l := range x.alike(w, leastSynonym) {
				best[l.word] = max(best[l.word], l.sim)
			}
		}
		t.members = append(t.members, sorted(best))
	}
	return t
}

// groupsOf returns the groups of the lexicon that have the word or one like it.
func (t *thesaurus) groupsOf(w string) []likeness {
	best := map[int32]float32{}
	for _, e := range t.entries.alike(w, leastSynonym) {
		for _, g := range t.groups[e.word] {
			best[g] = max(best[g], e.sim)
		}
	}
	return sorted(best)
}

func sorted(best map[int32]float32) []likeness {
	out := make([]likeness, 0, len(best))
	for w, s := range best {
		out = append(out, likeness{w, s})
	}
	slices.SortFunc(out, func(a, b likeness) int { return cmp.Compare(a.word, b.word) })
	return out
}

// meaning returns the words of the documents that may stand for w: itself, words
// like it, synonyms.
func (x *index) meaning(w string) []likeness {
	best := map[int32]float32{}
	for _, l := range x.alike(w, leastAlike) {
		if l.sim < 1 {
			l.sim = float32(alikeWeight * math.Pow(float64(l.sim), alikePower))
		}
		best[l.word] = l.sim
	}
	for _, g := range x.thesaurus.groupsOf(w) {
		for _, l := range x.thesaurus.members[g.word] {
			best[l.word] = max(best[l.word], synonymShare*g.sim*l.sim)
		}
	}
	return sorted(best)
}
