package kb

import (
	"math"
	"slices"
	"strconv"
)

// vector is a sparse vector of unit length, sorted by feature.
type vector []entry

type entry struct {
	feature int32
	value   float32
}

// vectorizer turns questions into vectors: words, pairs of neighbouring words,
// groups of synonyms, and runs of two to four characters, weighted by how rare they
// are among the samples.
type vectorizer struct {
	ids    map[uint64]int32 // hash of a feature → number
	rarity []float32
}

// Shares of the two kinds of features in a vector's length.
const (
	wordShare = 0.6
	runShare  = 0.8
)

// The seeds keep the kinds of features apart.
const (
	seedWord uint64 = 14695981039346656037 + iota
	seedPair
	seedGroup
	seedRun
)

func hash(seed uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		seed = (seed ^ uint64(s[i])) * 1099511628211 // FNV-1a
	}
	return seed
}

// bag is the features of a text, hashed.
type bag struct {
	words []uint64 // words, pairs and groups
	runs  []uint64
}

// newBag reads the features of a text. groups says which groups of synonyms a
// word belongs to.
func newBag(ws []string, groups func(w string) []likeness) bag {
	var b bag
	for i, w := range ws {
		b.words = append(b.words, hash(seedWord, w))
		if i > 0 {
			b.words = append(b.words, hash(hash(seedPair, ws[i-1])*31, w))
		}
		for _, g := range groups(w) {
			b.words = append(b.words, hash(seedGroup, strconv.Itoa(int(g.word))))
		}
		for n := 2; n <= 4; n++ {
			grams(w, n, func(g string) { b.runs = append(b.runs, hash(seedRun, g)) })
		}
	}
	return b
}

func newVectorizer(bags []bag) *vectorizer {
	v := &vectorizer{ids: map[uint64]int32{}}
	var df, last []int32
	for i, b := range bags {
		for _, h := range slices.Concat(b.words, b.runs) {
			id, ok := v.ids[h]
			if !ok {
				id = int32(len(df))
				v.ids[h] = id
				df = append(df, 0)
				last = append(last, -1)
			}
			if last[id] != int32(i) {
				last[id] = int32(i)
				df[id]++
			}
		}
	}
	v.rarity = make([]float32, len(df))
	for id, n := range df {
		v.rarity[id] = float32(math.Sqrt(1 + math.Log(float64(1+len(bags))/float64(1+n))))
	}
	return v
}

// vector returns the vector of a bag. Features that no sample has are left out.
func (v *vectorizer) vector(b bag) vector {
	out := append(v.block(b.words, wordShare), v.block(b.runs, runShare)...)
	slices.SortFunc(out, func(a, b entry) int { return int(a.feature - b.feature) })
	return out
}

// block weighs features of one kind and scales them to the length.
func (v *vectorizer) block(hashes []uint64, length float64) vector {
	ids := make([]int32, 0, len(hashes))
	for _, h := range hashes {
		if id, ok := v.ids[h]; ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	out := make(vector, 0, len(ids))
	var sum float64
	for i := 0; i < len(ids); {
		j := i
		for j < len(ids) && ids[j] == ids[i] {
			j++
		}
		w := (1 + math.Log(float64(j-i))) * float64(v.rarity[ids[i]])
		out = append(out, entry{ids[i], float32(w)})
		sum += w * w
		i = j
	}
	if sum > 0 {
		scale := float32(length / math.Sqrt(sum))
		for i := range out {
			out[i].value *= scale
		}
	}
	return out
}
