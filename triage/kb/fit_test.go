package kb

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	fitPrior = flag.Bool("fit", false, "print weights for prior, fitted to the sets of testdata and of -sets")
	fitSets  = flag.String("sets", "", "folders of further sets, with commas: kb/, mails.jsonl, gold.jsonl, examples-*.jsonl")
)

// TestFitPrior prints the weights that calibrate.go has as prior: those that explain
// best which first matches were right, over sets with no and few solved questions
// and with documents hidden. Each family of sets counts the same.
func TestFitPrior(t *testing.T) {
	if !*fitPrior {
		t.Skip("only with -fit")
	}
	var families [][]set
	for _, s := range []set{readSet(t, "helpdesk", false), readSet(t, "helpdesk", true), readSet(t, "shop", true)} {
		families = append(families, []set{s, s.taught(1), s.taught(2), s.without(0), s.without(1), s.without(2), s.without(1).taught(1)})
	}
	for _, dir := range strings.FieldsFunc(*fitSets, func(r rune) bool { return r == ',' }) {
		families = append(families, readFolder(t, dir))
	}
	const each = 1500.0
	var all []trial
	for _, family := range families {
		for _, s := range family {
			trials := s.trials()
			for _, tr := range trials {
				tr.weight *= each / float64(len(family)*len(trials))
				all = append(all, tr)
			}
		}
	}
	w := fit(all, weights{}, 10)
	for i, v := range w {
		fmt.Printf("%d: %.2f, ", i, v)
	}
	fmt.Println()
}

// trials asks the questions of the set.
func (s set) trials() []trial {
	m := New(s.docs, s.examples, Options{})
	var out []trial
	for i, q := range s.asked {
		e := m.index.gather(words(newText("", q.Text)), "", m.model, nil, nil)
		tr := trial{features: e.features, stranger: q.Doc == "", weight: 1, fold: i}
		tr.right = !tr.stranger && len(e.candidates) > 0 && s.docs[e.candidates[0].doc].ID == q.Doc
		out = append(out, tr)
	}
	balance(out)
	return out
}

// readFolder reads a set in the form of JSON lines, cold and with each file of few
// examples.
func readFolder(t *testing.T, dir string) []set {
	docs, _ := Load(os.DirFS(filepath.Join(dir, "kb")))
	s := set{name: filepath.Base(dir), docs: docs}
	texts := map[string]string{}
	for _, m := range readLines[struct{ ID, Subject, Text string }](t, filepath.Join(dir, "mails.jsonl")) {
		texts[m.ID] = m.Subject + "\n" + m.Text
	}
	for i, g := range readLines[struct {
		ID   string
		Docs []string
	}](t, filepath.Join(dir, "gold.jsonl")) {
		if i%3 == 0 {
			s.asked = append(s.asked, Example{Doc: strings.Join(g.Docs[:min(1, len(g.Docs))], ""), Text: texts[g.ID]})
		}
	}
	out := []set{s}
	for _, level := range []string{"1", "5", "10"} {
		taught := s
		taught.examples = readLines[Example](t, filepath.Join(dir, "examples-"+level+".jsonl"))
		out = append(out, taught)
	}
	return out
}

func readLines[T any](t *testing.T, name string) []T {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var v T
		if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}
