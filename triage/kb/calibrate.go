package kb

import (
	"cmp"
	"math"
	"slices"
)

// weights of the features in the logistic layer that turns evidence into a
// probability.
type weights = features

func (f *features) probability(w *weights) float64 {
	z := 0.0
	for i := range f {
		z += f[i] * w[i]
	}
	return 1 / (1 + math.Exp(-z))
}

// prior is the layer for a desk of which nothing is known yet. It was fitted to
// small knowledge bases with few or no solved questions; docs/l1.md tells how.
var prior = weights{
	fOne: -0.17, fCovered: -0.04, fTitle: 0.43, fPhrase: 0.34, fLead: 0.43, fAgree: 0.72, fCoveredLead: 0.96,
	fMass: 1.91, fSVM: 2.16, fSVMLead: 0.55, fNear: -0.32, fNearLead: 0.44, fVote: -0.03, fUnlike: 0,
	fNegative: 0.17, fCrowd: 1.05, fUnknown: -1.48,
}

// trial is a question whose answer was known and not shown.
type trial struct {
	features features
	right    bool // the first candidate was the answer
	near     bool // one of those that would be offered was
	stranger bool // no document answers it
	weight   float64
	fold     int
}

// hold is how strongly the weights are held to those that were there before, in
// trials for each unit of a feature.
const hold = 20.0

// fit returns the weights that explain the trials best and stay near the old ones
// (maximum a posteriori, by Newton's method).
func fit(trials []trial, old weights, hold float64) weights {
	w := old
	for range 25 {
		var grad weights
		var hess [featureCount][featureCount]float64
		for i := range w {
			grad[i] = hold * (w[i] - old[i])
			hess[i][i] = hold
		}
		for k := range trials {
			t := &trials[k]
			p := t.features.probability(&w)
			miss := p
			if t.right {
				miss = p - 1
			}
			curve := t.weight * max(p*(1-p), 1e-6)
			for i, v := range t.features {
				if v == 0 {
					continue
				}
				grad[i] += t.weight * miss * v
				for j := 0; j <= i; j++ {
					hess[i][j] += curve * v * t.features[j]
				}
			}
		}
		for i := range hess {
			for j := 0; j < i; j++ {
				hess[j][i] = hess[i][j]
			}
		}
		step := solve(hess, grad)
		size := 0.0
		for i := range w {
			w[i] -= clamp(step[i], -2, 2)
			size = max(size, math.Abs(step[i]))
		}
		if size < 1e-6 {
			break
		}
	}
	return w
}

// solve returns x of a x = b for a positive definite a (Gauss).
func solve(a [featureCount][featureCount]float64, b weights) weights {
	for i := range b {
		for j := i + 1; j < featureCount; j++ {
			r := a[j][i] / a[i][i]
			for k := i; k < featureCount; k++ {
				a[j][k] -= r * a[i][k]
			}
			b[j] -= r * b[i]
		}
	}
	for i := featureCount - 1; i >= 0; i-- {
		for j := i + 1; j < featureCount; j++ {
			b[i] -= a[i][j] * b[j]
		}
		b[i] /= a[i][i]
	}
	return b
}

const (
	hideEvery = 4    // documents: one in so many is hidden at a time
	maxTrials = 3000 // questions that are asked again
	strangers = 0.3  // share of questions without a document that is reckoned with
)

// foldsFor returns into how many parts so many questions are cut: the fewer there
// are, the more of them each model must see to be like the real one.
func foldsFor(questions int) int {
	switch {
	case questions > 3000:
		return 3
	case questions > 600:
		return 5
	}
	return 8
}

// trials asks the solved questions again, each of a model that has not seen it, and
// with a part of the documents hidden: what a desk cannot answer looks much like
// what it can.
func (l *lesson) trials(x *index) []trial {
	folds := foldsFor(l.asked)
	fold := make([]int, l.asked)
	seen := make([]int, l.docs+1) // questions of each document, those of none first
	for i, s := range l.samples[:l.asked] {
		fold[i] = (int(s.doc+1) + seen[s.doc+1]) % folds
		seen[s.doc+1]++
	}
	every := (l.asked + maxTrials - 1) / maxTrials
	var out []trial
	for f := range folds {
		hidden := make([]bool, l.docs)
		for d := range hidden {
			hidden[d] = d%hideEvery == f%hideEvery
		}
		gone := func(d int32) bool { return d == none || hidden[d] }
		m := l.learn(trialBudget, func(i int) bool {
			s := &l.samples[i]
			return (s.doc == none || !hidden[s.doc]) && (!s.asked || fold[i] != f)
		})
		for i := 0; i < l.asked; i += every {
			if fold[i] != f {
				continue
			}
			s := &l.samples[i]
			e := x.gather(s.words, "", m, nil, hidden)
			t := trial{features: e.features, stranger: gone(s.doc), weight: 1, fold: f}
			if !t.stranger {
				t.right = len(e.candidates) > 0 && e.candidates[0].doc == s.doc
				t.near = slices.ContainsFunc(e.candidates[:min(len(e.candidates), maxOffers)], func(c candidate) bool { return c.doc == s.doc })
				t.weight = likeReal(seen[s.doc+1], folds)
			}
			out = append(out, t)
		}
	}
	balance(out)
	return out
}

// likeReal says how much of what the real model knows of a document the model of a
// fold knows: of n questions all but those of the fold.
func likeReal(n, folds int) float64 {
	return float64(n-(n+folds-1)/folds) / float64(n)
}

// balance gives the questions without a document their share of the whole.
func balance(trials []trial) {
	var known, unknown float64
	for _, t := range trials {
		if t.stranger {
			unknown += t.weight
		} else {
			known += t.weight
		}
	}
	if unknown == 0 {
		return
	}
	scale := known / unknown * strangers / (1 - strangers)
	for i := range trials {
		if trials[i].stranger {
			trials[i].weight *= scale
		}
	}
}

// Bounds of the threshold.
const (
	leastThreshold = 0.6
	mostThreshold  = 0.98
)

// scored is a trial with the probability that weights fitted to the other folds
// give it.
type scored struct {
	p float64
	t *trial
}

// crossed scores each trial by weights that have not seen it, the surest first.
func crossed(trials []trial, old weights) []scored {
	var all []scored
	for f := 0; len(all) < len(trials); f++ {
		var others []trial
		for _, t := range trials {
			if t.fold != f {
				others = append(others, t)
			}
		}
		w := fit(others, old, hold)
		for i := range trials {
			if trials[i].fold == f {
				all = append(all, scored{trials[i].features.probability(&w), &trials[i]})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.p, a.p) })
	return all
}

// threshold returns the lowest probability from which on trials are good as often
// as the target asks, at the lower end of what so few can tell; all of them come the
// surest first. Without enough good ones it returns the careful one.
func threshold(all []scored, target, careful float64, good func(*trial) bool) float64 {
	best := careful
	var n, right float64
	for i, s := range all {
		n += s.t.weight
		if good(s.t) {
			right += s.t.weight
		}
		if i+1 < len(all) && all[i+1].p == s.p {
			continue
		}
		if lowerBound(right, n) >= target {
			best = s.p
		}
	}
	return best
}

// lowerBound is Wilson's lower bound of a share, one standard error down.
func lowerBound(right, n float64) float64 {
	p := right / n
	return (p + 1/(2*n) - math.Sqrt(p*(1-p)/n+1/(4*n*n))) / (1 + 1/n)
}
