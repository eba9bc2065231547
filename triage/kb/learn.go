package kb

import (
	"cmp"
	"slices"
)

const (
	// maxTaught is how many documents are learned from their own sentences. With
	// more, only those that have solved questions are, and from their titles.
	maxTaught = 150
	// maxSentences of a document are learned.
	maxSentences = 8
	// maxClasses is how many documents are learned as classes. With more, only the
	// most alike solved questions speak.
	maxClasses = 2000
	// leastNegatives is how many questions without a document make a class.
	leastNegatives = 3
	none           = int32(-1) // no document
)

// sample is a text whose document is known: a solved question, or a sentence of the
// document itself.
type sample struct {
	words  []string
	vector vector
	doc    int32
	asked  bool // by a customer
}

// lesson is everything there is to learn from, in a fixed order.
type lesson struct {
	vectorizer *vectorizer
	samples    []sample
	asked      int // how many samples were asked
	docs       int
}

// newLesson reads the solved questions and the documents.
func newLesson(m *Matcher, examples []Example) *lesson {
	docs := m.docs
	l := &lesson{docs: len(docs)}
	solved := make([]bool, len(docs))
	for _, e := range examples {
		if e.Wrong { // what the answer is, nobody knows
			continue
		}
		s := sample{words: words(newText("", e.Text)), doc: none, asked: true}
		if d, ok := m.byID[e.Doc]; ok {
			s.doc = d
			solved[d] = true
		}
		l.samples = append(l.samples, s)
	}
	l.asked = len(l.samples)
	for i := range docs {
		if solved[i] || len(docs) <= maxTaught {
			l.teach(int32(i), &docs[i])
		}
	}
	l.vectors(m.index.thesaurus)
	return l
}

// teach adds what a document says of itself.
func (l *lesson) teach(n int32, d *Document) {
	lines := slices.Concat([]string{d.Title}, d.Symptoms)
	if l.docs <= maxTaught {
		body := sentences(d.Text())
		lines = append(lines, body[:min(len(body), maxSentences)]...)
	}
	for _, line := range lines {
		if ws := words(line); len(ws) > 0 {
			l.samples = append(l.samples, sample{words: ws, doc: n})
		}
	}
}

func (l *lesson) vectors(t *thesaurus) {
	known := map[string][]likeness{}
	groups := func(w string) []likeness {
		g, ok := known[w]
		if !ok && !stop(w) {
			g = t.groupsOf(w)
			known[w] = g
		}
		return g
	}
	bags := make([]bag, len(l.samples))
	for i, s := range l.samples {
		bags[i] = newBag(s.words, groups)
	}
	l.vectorizer = newVectorizer(bags)
	for i := range l.samples {
		l.samples[i].vector = l.vectorizer.vector(bags[i])
	}
}

// posting says that a solved question has a feature, with its value.
type posting struct {
	doc    int32
	weight float32
}

// model is what was learned from the samples.
type model struct {
	lesson   *lesson
	svm      *svm
	docs     []int32     // class → document; none: no document answered
	neighbor [][]posting // feature → solved questions that have it
	label    []int32     // solved question → document or none
	text     []int32     // solved question → sample
	cold     float64     // weight of the views of the documents
	near     float64     // weight of the most alike question
}

// learn fits a model to the samples for which use is true.
func (l *lesson) learn(b budget, use func(i int) bool) *model {
	m := &model{lesson: l, neighbor: make([][]posting, len(l.vectorizer.rarity))}
	class := map[int32]int32{}
	negatives := 0
	for i, s := range l.samples {
		if use(i) && s.doc == none {
			negatives++
		}
	}
	var xs []vector
	var labels []int32
	for i, s := range l.samples {
		if !use(i) {
			continue
		}
		c, ok := class[s.doc]
		switch {
		case ok:
		case s.doc == none && negatives < leastNegatives:
			c = none
		default:
			c = int32(len(m.docs))
			class[s.doc] = c
			m.docs = append(m.docs, s.doc)
		}
		xs = append(xs, s.vector)
		labels = append(labels, c)
		if s.asked {
			m.remember(int32(i), s)
		}
	}
	if len(m.docs) > maxClasses {
		m.docs, xs, labels = nil, nil, nil
	}
	m.svm = trainSVM(xs, labels, len(m.docs), len(l.vectorizer.rarity), b)
	n := float64(len(m.label)) / float64(max(1, l.docs))
	m.cold = 0.1 + 1.5/(1+2*n)
	m.near = 0.5 * n / (n + 10)
	if len(m.docs) == 0 {
		m.near = 2
	}
	return m
}

// remember keeps a solved question for comparison.
func (m *model) remember(i int32, s sample) {
	n := int32(len(m.label))
	m.label = append(m.label, s.doc)
	m.text = append(m.text, i)
	for _, e := range s.vector {
		m.neighbor[e.feature] = append(m.neighbor[e.feature], posting{n, e.value})
	}
}

// opinion is what a model says about a question.
type opinion struct {
	svm      map[int32]float64 // document → distance from its border
	near     map[int32]float64 // document → cosine of the most alike question
	vote     map[int32]float64 // document → its share of the most alike questions
	closest  map[int32]int32   // document → that question's sample
	negative float64           // distance from the border of "no document"
	unlike   float64           // cosine of the most alike question without a document
}

// absent is the distance of a class that was not learned.
const absent = -1.0

func (m *model) judge(x vector) opinion {
	o := opinion{svm: map[int32]float64{}, near: map[int32]float64{}, vote: map[int32]float64{}, closest: map[int32]int32{}, negative: absent}
	for c, s := range m.svm.scores(x) {
		if m.docs[c] == none {
			o.negative = s
			continue
		}
		o.svm[m.docs[c]] = s
	}
	cos := make([]float64, len(m.label))
	for _, e := range x {
		for _, p := range m.neighbor[e.feature] {
			cos[p.doc] += float64(p.weight * e.value)
		}
	}
	m.elect(cos, &o)
	for i, c := range cos {
		d := m.label[i]
		switch {
		case d == none:
			o.unlike = max(o.unlike, c)
		case c > o.near[d]:
			o.near[d] = c
			o.closest[d] = m.text[i]
		}
	}
	return o
}

// voters is how many of the most alike questions vote.
const voters = 10

// elect lets the most alike questions vote for their documents.
func (m *model) elect(cos []float64, o *opinion) {
	top := make([]int32, 0, voters)
	better := func(a, b int32) bool { return cos[a] > cos[b] || cos[a] == cos[b] && a < b }
	for i := range cos {
		n := int32(i)
		switch {
		case cos[i] == 0:
		case len(top) < voters:
			top = append(top, n)
			if len(top) == voters {
				heapify(top, better)
			}
		case better(n, top[0]):
			top[0] = n
			sink(top, 0, better)
		}
	}
	var sum float64
	for _, n := range top {
		sum += cos[n]
	}
	slices.Sort(top)
	for _, n := range top {
		o.vote[m.label[n]] += cos[n] / sum
	}
}

// merge adds the opinion to the candidates, and candidates that only the opinion
// knows, and orders them by everything together.
func (m *model) merge(cs []candidate, o opinion, hidden []bool) []candidate {
	seen := map[int32]bool{}
	for i := range cs {
		seen[cs[i].doc] = true
	}
	for _, d := range m.docs {
		if d != none && !seen[d] && (hidden == nil || !hidden[d]) {
			cs = append(cs, candidate{doc: d})
		}
	}
	for i := range cs {
		c := &cs[i]
		c.svm = absent
		if s, ok := o.svm[c.doc]; ok {
			c.svm = s
		}
		c.near = o.near[c.doc]
		c.score = c.svm + m.cold*c.cold + m.near*c.near
	}
	slices.SortFunc(cs, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.doc, b.doc))
	})
	return cs
}
