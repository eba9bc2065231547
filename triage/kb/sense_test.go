package kb

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An embedding model finds what shares no word with the question, and is one view
// among others where words are found.
func TestVectorsAreOneMoreView(t *testing.T) {
	docs, _ := Load(files(
		"a.md", "---\naudience: public\n---\n# Printer\n\nChange the toner.\n",
		"b.md", "---\naudience: public\n---\n# Password\n\nReset it in the portal.\n",
		"c.md", "---\naudience: public\n---\n# Badge\n\nHold it to the door.\n",
	))
	m := New(docs, nil, Options{}).WithVectors([][]float32{{1, 0}, {0, 1}, {-1, 0}})
	q := Question{Text: "Anmeldung unmöglich xyzzy", Now: time.Now()}
	blind := m.Match(q)
	if blind.Matches[0].Doc == "b" {
		t.Fatalf("found without a vector: %v", blind.Matches)
	}
	q.Vector = []float32{0.1, 0.99}
	if r := m.Match(q); len(r.Matches) == 0 || r.Matches[0].Doc != "b" || r.Answer {
		t.Errorf("with a vector: %+v", r)
	}
	for _, bad := range [][]float32{{1}, {1, 0, 0}, {}} {
		q.Vector = bad
		if diff := cmp.Diff(blind, m.Match(q)); diff != "" {
			t.Errorf("with %v: %s", bad, diff)
		}
	}
	q = Question{Text: "How do I change the toner of the printer?", Now: time.Now()}
	plain := m.Match(q).Matches[0]
	q.Vector = []float32{1, 0}
	if agreed := m.Match(q).Matches[0]; agreed.Doc != "a" || agreed.Confidence < plain.Confidence {
		t.Errorf("agreement: %v, without it %v", agreed, plain)
	}
	q.Vector = []float32{0, 1}
	if against := m.Match(q).Matches[0]; against.Confidence > plain.Confidence {
		t.Errorf("disagreement: %v, without it %v", against, plain)
	}
	if r := m.Fitted([]Example{{Doc: "a", Text: "toner"}}); !r.Sees() || !r.SameDocuments(m) {
		t.Error("learning lost the vectors")
	}
}
