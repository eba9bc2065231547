package kb

import (
	"runtime"
	"sync"
)

// svm is one linear support vector machine per class, each against all others.
type svm struct {
	classes int
	// The weights of feature f are those from start[f] to start[f+1].
	start  []int32
	class  []uint16
	weight []float32
	bias   []float32
}

// How the machines are trained.
const (
	svmCost   = 1.0  // of a violated margin
	svmRounds = 30   // at most
	svmEnough = 0.05 // violation at which the fit is good
	svmBias   = 1.0  // value of the constant feature
)

// trainSVM fits the machines by dual coordinate descent with squared hinge loss
// (Hsieh et al. 2008). labels hold a class, or -1 for examples of none. The order in
// which examples are visited is fixed, so that the same examples give the same
// weights.
func trainSVM(xs []vector, labels []int32, classes, features int) *svm {
	sq := make([]float64, len(xs))
	for i, x := range xs {
		for _, e := range x {
			sq[i] += float64(e.value * e.value)
		}
		sq[i] += svmBias * svmBias
	}
	dense := make([][]float32, classes)
	bias := make([]float32, classes)
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), classes) {
		wg.Go(func() {
			m := machine{xs: xs, sq: sq}
			for c := range next {
				dense[c], bias[c] = m.train(labels, int32(c), features)
			}
		})
	}
	for c := range classes {
		next <- c
	}
	close(next)
	wg.Wait()
	return compact(dense, bias, features)
}

// machine trains one class at a time.
type machine struct {
	xs []vector
	sq []float64
}

// train returns the weights of one class against the others.
func (m *machine) train(labels []int32, class int32, features int) ([]float32, float32) {
	n := len(m.xs)
	w := make([]float32, features)
	var b float64
	alpha := make([]float64, n)
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	active := n
	const diag = 1 / (2 * svmCost)
	r := uint64(class)*2654435761 + 1
	top := 1e30 // largest violation of the round before, for shrinking
	for range svmRounds {
		shuffle(order[:active], &r)
		worst, least := 0.0, 0.0
		for k := 0; k < active; k++ {
			i := order[k]
			y := -1.0
			if labels[i] == class {
				y = 1
			}
			g := b * svmBias
			for _, e := range m.xs[i] {
				g += float64(w[e.feature] * e.value)
			}
			g = y*g - 1 + alpha[i]*diag
			pg := g
			if alpha[i] == 0 {
				if g > top {
					active--
					order[k], order[active] = order[active], order[k]
					k--
					continue
				}
				pg = min(g, 0)
			}
			worst, least = max(worst, pg), min(least, pg)
			if pg > -1e-12 && pg < 1e-12 {
				continue
			}
			old := alpha[i]
			alpha[i] = max(0, old-g/(m.sq[i]+diag))
			d := float32((alpha[i] - old) * y)
			for _, e := range m.xs[i] {
				w[e.feature] += d * e.value
			}
			b += float64(d) * svmBias
		}
		if worst-least < svmEnough {
			if active == n {
				break
			}
			active, top = n, 1e30
			continue
		}
		top = worst
		if top <= 0 {
			top = 1e30
		}
	}
	return w, float32(b * svmBias)
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

// compact stores the weights by feature and drops those that change nothing.
func compact(dense [][]float32, bias []float32, features int) *svm {
	const least = 1e-3
	s := &svm{classes: len(dense), start: make([]int32, features+1), bias: bias}
	for f := range features {
		for c, w := range dense {
			if w[f] > least || w[f] < -least {
				s.class = append(s.class, uint16(c))
				s.weight = append(s.weight, w[f])
			}
		}
		s.start[f+1] = int32(len(s.class))
	}
	return s
}

// scores returns the distance of a vector from each class's border.
func (s *svm) scores(x vector) []float64 {
	out := make([]float64, s.classes)
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
