package kb

import (
	"cmp"
	"math"
	"slices"
)

// Gap is a group of questions that are alike and that no document answers.
type Gap struct {
	Terms     []string // what they have in common, the weightiest first
	Questions []int    // places in what Gaps was given, the most typical first
}

const (
	// maxGapQuestions bounds the questions that are compared, the newest.
	maxGapQuestions = 3000
	// sameGap is the cosine with the middle of a group from which on a question
	// belongs to it.
	sameGap = 0.25
	// leastGap is how many questions make a gap.
	leastGap = 2
	gapTerms = 6
)

// Gaps groups questions that were solved without a document, the largest group first.
// It is a pure function of its argument.
func Gaps(questions []string) []Gap {
	first := max(0, len(questions)-maxGapQuestions)
	vectors := rarityVectors(questions[first:])
	groups := gather(vectors)
	var gaps []Gap
	for _, g := range groups {
		if len(g.members) < leastGap {
			continue
		}
		slices.SortStableFunc(g.members, func(a, b int) int {
			return cmp.Compare(g.cosine(vectors[b]), g.cosine(vectors[a]))
		})
		gap := Gap{Terms: g.terms()}
		for _, m := range g.members {
			gap.Questions = append(gap.Questions, first+m)
		}
		gaps = append(gaps, gap)
	}
	slices.SortStableFunc(gaps, func(a, b Gap) int { return cmp.Compare(len(b.Questions), len(a.Questions)) })
	return gaps
}

// wordVector is a question as the weights of its words, of length one, sorted.
type wordVector []wordWeight

type wordWeight struct {
	word   string
	weight float64
}

// rarityVectors weighs each question's telling words by how rare they are.
func rarityVectors(questions []string) []wordVector {
	texts := make([][]string, len(questions))
	df := map[string]int{}
	for i, q := range questions {
		texts[i] = telling(words(newText("", q)))
		for _, w := range texts[i] {
			df[w]++
		}
	}
	out := make([]wordVector, len(questions))
	for i, ws := range texts {
		var square float64
		for _, w := range ws {
			v := math.Log(1 + float64(len(questions))/float64(df[w]))
			out[i] = append(out[i], wordWeight{w, v})
			square += v * v
		}
		for j := range out[i] {
			out[i][j].weight /= math.Sqrt(square)
		}
	}
	return out
}

// group is questions that are alike, and the sum of their vectors.
type group struct {
	members []int
	sum     map[string]float64
	square  float64 // squared length of sum
}

func (g *group) cosine(v wordVector) float64 {
	var dot float64
	for _, e := range v {
		dot += e.weight * g.sum[e.word]
	}
	if g.square == 0 {
		return 0
	}
	return dot / math.Sqrt(g.square)
}

func (g *group) add(i int, v wordVector) {
	g.members = append(g.members, i)
	for _, e := range v {
		old := g.sum[e.word]
		g.sum[e.word] = old + e.weight
		g.square += e.weight * (2*old + e.weight)
	}
}

// gather puts each question, in order, into the group that it is most like, or into a
// new one.
func gather(vectors []wordVector) []*group {
	var groups []*group
	having := map[string][]int{} // word → groups that have it
	for i, v := range vectors {
		best, like := -1, sameGap
		for _, n := range sharing(v, having) {
			if c := groups[n].cosine(v); c > like {
				best, like = n, c
			}
		}
		if best < 0 {
			best = len(groups)
			groups = append(groups, &group{sum: map[string]float64{}})
		}
		for _, e := range v {
			if _, has := groups[best].sum[e.word]; !has {
				having[e.word] = append(having[e.word], best)
			}
		}
		groups[best].add(i, v)
	}
	return groups
}

// sharing returns the groups that have a word of the question, in order.
func sharing(v wordVector, having map[string][]int) []int {
	var out []int
	for _, e := range v {
		out = append(out, having[e.word]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (g *group) terms() []string {
	all := make([]wordWeight, 0, len(g.sum))
	for w, v := range g.sum {
		all = append(all, wordWeight{w, v})
	}
	slices.SortFunc(all, func(a, b wordWeight) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.word, b.word))
	})
	var out []string
	for _, e := range all[:min(len(all), gapTerms)] {
		out = append(out, e.word)
	}
	return out
}
