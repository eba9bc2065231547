package kb

import (
	"math"
	"slices"
)

// term is a word of a question, and the words of the documents that are like it.
type term struct {
	word  string
	count float64
	alike []likeness
	idf   float64
}

// likeness says how alike a word of the documents is, 1 for the same.
type likeness struct {
	word int32
	sim  float32
}

type coldParams struct {
	k1, b, minSim                                  float64
	wBM, wPass, wTitle, wPhrase, qtf, contain, syn float64
	passB                                          float64
}

var cp = coldParams{k1: 1.2, b: 0.6, minSim: 0.5, wBM: 1, wPass: 0.6, wTitle: 0.5, wPhrase: 0.5, qtf: 0.5, contain: 0.85, passB: 0.2}

// terms reads the words of a question. Words that the lexicon calls empty are
// left out.
func (x *index) terms(ws []string) []term {
	var out []term
	at := map[string]int{}
	for _, w := range ws {
		if stop(w) {
			continue
		}
		if i, ok := at[w]; ok {
			out[i].count++
			continue
		}
		at[w] = len(out)
		out = append(out, term{word: w, count: 1, alike: x.alike(w)})
	}
	return out
}

// alike returns the words of the documents that resemble a word, by the
// character runs they share: inflections, compounds, typing errors.
func (x *index) alike(w string) []likeness {
	shared := map[int32]int{}
	n := 0
	var last []string
	grams(w, gramSize, func(g string) {
		n++
		if slices.Contains(last, g) {
			return
		}
		last = append(last, g)
		for _, id := range x.grams[g] {
			shared[id]++
		}
	})
	var out []likeness
	exact, has := x.ids[w]
	for id, k := range shared {
		if has && id == exact {
			out = append(out, likeness{id, 1})
			continue
		}
		m := int(x.size[id])
		sim := float64(k) / math.Sqrt(float64(n*m))
		if n >= 6 {
			sim = max(sim, cp.contain*float64(k-1)/float64(n-1)*math.Pow(float64(n)/float64(max(n, m)), 0.25))
		}
		if m >= 6 {
			sim = max(sim, cp.contain*float64(k-1)/float64(m-1)*math.Pow(float64(m)/float64(max(n, m)), 0.25))
		}
		if sim >= cp.minSim {
			out = append(out, likeness{id, float32(math.Min(sim, 0.95) * math.Min(sim, 0.95))})
		}
	}
	slices.SortFunc(out, func(a, b likeness) int { return int(a.word - b.word) })
	return out
}

// view is how one document looks for a question.
type view struct {
	doc     int32
	bm      float64
	passage float64
	title   float64
	phrase  float64
	covered float64 // share of the question's weight found anywhere in the document
	pcov    float64
	tcov    float64
	mass    float64
	score   float64
}

func (x *index) cold(ws []string) ([]view, []term) {
	terms := x.terms(ws)
	n := len(x.pages)
	bm := make([]float64, n)
	cov := make([]float64, n)
	tf := make([]float64, n)
	best := make([]float64, n)
	var total float64
	for i := range terms {
		t := &terms[i]
		var touched []int32
		for _, a := range t.alike {
			for _, p := range x.post[a.word] {
				if best[p.doc] == 0 {
					touched = append(touched, p.doc)
				}
				tf[p.doc] += float64(a.sim * p.weight)
				best[p.doc] = max(best[p.doc], float64(a.sim))
			}
		}
		df := 0.0
		for _, d := range touched {
			df += best[d]
		}
		t.idf = x.idf(df)
		q := math.Pow(t.count, cp.qtf)
		total += q * t.idf
		for _, d := range touched {
			norm := cp.k1 * (1 - cp.b + cp.b*float64(x.length[d]/x.mean))
			bm[d] += q * t.idf * tf[d] * (cp.k1 + 1) / (tf[d] + norm)
			cov[d] += q * t.idf * best[d]
			tf[d], best[d] = 0, 0
		}
	}
	var out []view
	for d := range n {
		if bm[d] > 0 {
			out = append(out, view{doc: int32(d), bm: bm[d], covered: cov[d] / total, mass: cov[d]})
		}
	}
	slices.SortFunc(out, func(a, b view) int {
		if a.bm != b.bm {
			if a.bm > b.bm {
				return -1
			}
			return 1
		}
		return int(a.doc - b.doc)
	})
	if len(out) > 200 {
		out = out[:200]
	}
	x.closer(out, terms)
	return out, terms
}

// closer looks at title, phrases and passages of the documents found.
func (x *index) closer(vs []view, terms []term) {
	type hit struct {
		term int
		sim  float32
	}
	marks := map[int32][]hit{}
	qnorm := 0.0
	for i, t := range terms {
		for _, a := range t.alike {
			marks[a.word] = append(marks[a.word], hit{i, a.sim})
		}
		qnorm += t.idf * t.idf
	}
	qnorm = math.Sqrt(qnorm)
	qsum := 0.0
	for _, t := range terms {
		qsum += t.idf
	}
	best := make([]float64, len(terms))
	look := func(p *phrase) (dot, cos float64) {
		clear(best)
		found := false
		for _, w := range p.words {
			for _, h := range marks[w] {
				best[h.term] = max(best[h.term], float64(h.sim))
				found = true
			}
		}
		if !found {
			return 0, 0
		}
		var sq float64
		for i, t := range terms {
			dot += t.idf * best[i]
			sq += t.idf * t.idf * best[i]
		}
		return dot, sq / (qnorm * float64(p.norm))
	}
	for i := range vs {
		v := &vs[i]
		pg := &x.pages[v.doc]
		_, v.title = look(&pg.title)
		// share of the title found in the question
		var tw, tf float64
		for _, w := range pg.title.words {
			idf := x.idf(float64(len(x.post[w])))
			tw += idf
			b := 0.0
			for _, h := range marks[w] {
				b = max(b, float64(h.sim))
			}
			tf += idf * b
		}
		if tw > 0 {
			v.tcov = tf / tw
		}
		for j := range pg.phrases {
			_, c := look(&pg.phrases[j])
			v.phrase = max(v.phrase, c)
		}
		for j := range pg.passages {
			p := &pg.passages[j]
			dot, _ := look(p)
			v.pcov = max(v.pcov, dot/qsum)
			v.passage = max(v.passage, dot/(1-cp.passB+cp.passB*float64(len(p.words))/10))
		}
	}
	var mb, mp float64
	for i := range vs {
		mb = max(mb, vs[i].bm)
		mp = max(mp, vs[i].passage)
	}
	for i := range vs {
		v := &vs[i]
		v.score = cp.wBM*v.bm/mb + cp.wTitle*v.title + cp.wPhrase*max(v.phrase, v.title)
		if mp > 0 {
			v.score += cp.wPass * v.passage / mp
		}
	}
	slices.SortFunc(vs, func(a, b view) int {
		if a.score != b.score {
			if a.score > b.score {
				return -1
			}
			return 1
		}
		return int(a.doc - b.doc)
	})
}

const nfeat = 11

// features describe the best document, free of the size of the knowledge base.
func (x *index) features(vs []view, terms []term) [nfeat]float64 {
	var f [nfeat]float64
	f[0] = 1
	if len(vs) == 0 {
		return f
	}
	top := vs[0]
	second := 0.0
	if len(vs) > 1 {
		second = vs[1].score
	}
	var known, all float64
	for _, t := range terms {
		all += t.idf
		if len(t.alike) > 0 {
			known += t.idf
		}
	}
	f[1] = top.covered
	f[2] = top.pcov
	f[3] = top.tcov
	f[4] = max(top.phrase, top.title)
	f[5] = (top.score - second) / top.score
	agree := 0.0
	for _, get := range []func(v view) float64{
		func(v view) float64 { return v.bm },
		func(v view) float64 { return v.passage },
		func(v view) float64 { return max(v.title, v.phrase) },
	} {
		best := true
		for _, v := range vs {
			if get(v) > get(top) {
				best = false
			}
		}
		if best && get(top) > 0 {
			agree += 1.0 / 3
		}
	}
	f[6] = agree
	f[7] = 1 - known/all
	f[8] = math.Min(1, float64(len(terms))/10)
	f[9] = top.covered * f[5]
	f[10] = math.Min(1, top.mass/(4*x.idf(0)))
	return f
}
