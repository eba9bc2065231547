package kb

import (
	"math"
	"runtime"
	"slices"
	"sync"
)

// svm is one linear support vector machine per class, each against all others.
type svm struct {
	// The weights of feature f are those from start[f] to start[f+1].
	start  []int32
	class  []uint16
	weight []float32
	bias   []float32
}

// How the machines are trained.
const (
	svmCost   = 1.0 // of a violated margin
	svmRounds = 12  // at most
	svmEnough = 0.1 // violation at which the fit is good
	svmBias   = 1.0 // value of the constant feature

)

// budget is how many examples all classes together look at in a round. Where it is
// not enough for all, each class sees its own and a fixed part of the others.
type budget int

const (
	fullBudget  budget = 1_500_000
	trialBudget budget = 400_000 // for models that only serve to calibrate
)

// trainSVM fits the machines by dual coordinate descent with squared hinge loss
// (Hsieh et al. 2008). labels hold a class, or -1 for examples of none. The order in
// which examples are visited is fixed, so that the same examples give the same
// weights.
func trainSVM(xs []vector, labels []int32, classes, features int, b budget) *svm {
	sq := make([]float64, len(xs))
	for i, x := range xs {
		for _, e := range x {
			sq[i] += float64(e.value * e.value)
		}
		sq[i] += svmBias * svmBias
	}
	trained := make([]border, classes)
	every := 1 + classes*len(xs)/int(b)
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), classes) {
		wg.Go(func() {
			m := machine{xs: xs, sq: sq, w: make([]float32, features), alpha: make([]float64, len(xs)), order: make([]int32, 0, len(xs)), every: every}
			for c := range next {
				trained[c] = m.train(labels, int32(c))
			}
		})
	}
	for c := range classes {
		next <- c
	}
	close(next)
	wg.Wait()
	return compact(trained, features)
}

// machine trains one class at a time.
type machine struct {
	xs    []vector
	sq    []float64 // squared lengths
	w     []float32
	alpha []float64
	order []int32
	every int // one in so many examples of other classes is looked at
}

// border is what one class is told from the others by.
type border struct {
	weights vector
	bias    float32
}

// train returns the border of one class.
func (m *machine) train(labels []int32, class int32) border {
	w, alpha, order := m.w, m.alpha, m.order[:0]
	clear(w)
	clear(alpha)
	for i := range m.xs {
		if labels[i] == class || (i+int(class))%m.every == 0 {
			order = append(order, int32(i))
		}
	}
	n := len(order)
	var b float64
	active := n
	r := uint64(class)*2654435761 + 1
	top := math.Inf(1) // largest violation of the round before, for shrinking
	for range svmRounds {
		shuffle(order[:active], &r)
		worst, least := 0.0, 0.0
		for k := 0; k < active; k++ {
			i := order[k]
			y := -1.0
			if labels[i] == class {
				y = 1
			}
			slope := m.slope(i, y, b)
			if alpha[i] == 0 && slope > top { // far on the right side: no need to look again
				active--
				order[k], order[active] = order[active], order[k]
				k--
				continue
			}
			if alpha[i] == 0 {
				slope = min(slope, 0)
			}
			worst, least = max(worst, slope), min(least, slope)
			b += m.step(i, y, slope)
		}
		switch {
		case worst-least >= svmEnough:
			top = worst
			if top <= 0 {
				top = math.Inf(1)
			}
		case active == n:
			return border{significant(w), float32(b * svmBias)}
		default:
			active, top = n, math.Inf(1)
		}
	}
	return border{significant(w), float32(b * svmBias)}
}

// looseness is what a violated margin leaves of its cost (squared hinge loss).
const looseness = 1 / (2 * svmCost)

// slope is the derivative of the dual problem for one example.
func (m *machine) slope(i int32, y, bias float64) float64 {
	g := bias * svmBias
	for _, e := range m.xs[i] {
		g += float64(m.w[e.feature] * e.value)
	}
	return y*g - 1 + m.alpha[i]*looseness
}

// step moves one example downhill and returns the change of the bias.
func (m *machine) step(i int32, y, slope float64) float64 {
	if math.Abs(slope) < 1e-12 {
		return 0
	}
	old := m.alpha[i]
	m.alpha[i] = max(0, old-slope/(m.sq[i]+looseness))
	d := float32((m.alpha[i] - old) * y)
	for _, e := range m.xs[i] {
		m.w[e.feature] += d * e.value
	}
	return float64(d) * svmBias
}

// shuffle orders by a fixed sequence of pseudo-random numbers (xorshift).
func shuffle(order []int32, r *uint64) {
	for i := len(order) - 1; i > 0; i-- {
		*r ^= *r << 13
		*r ^= *r >> 7
		*r ^= *r << 17
		j := int(*r % uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
}

// significant returns the weights that change something.
func significant(w []float32) vector {
	const least = 0.01
	var out vector
	for f, v := range w {
		if v > least || v < -least {
			out = append(out, entry{int32(f), v})
		}
	}
	return slices.Clip(out)
}

// compact stores the weights of all classes by feature.
func compact(borders []border, features int) *svm {
	s := &svm{start: make([]int32, features+1)}
	for _, b := range borders {
		s.bias = append(s.bias, b.bias)
		for _, e := range b.weights {
			s.start[e.feature+1]++
		}
	}
	for f := range features {
		s.start[f+1] += s.start[f]
	}
	s.class = make([]uint16, s.start[features])
	s.weight = make([]float32, s.start[features])
	at := slices.Clone(s.start)
	for c, b := range borders {
		for _, e := range b.weights {
			s.class[at[e.feature]] = uint16(c)
			s.weight[at[e.feature]] = e.value
			at[e.feature]++
		}
	}
	return s
}

// scores returns the distance of a vector from each class's border.
func (s *svm) scores(x vector) []float64 {
	out := make([]float64, len(s.bias))
	for c, b := range s.bias {
		out[c] = float64(b)
	}
	for _, e := range x {
		for k := s.start[e.feature]; k < s.start[e.feature+1]; k++ {
			out[s.class[k]] += float64(s.weight[k] * e.value)
		}
	}
	return out
}
