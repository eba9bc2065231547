package kb

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

const badge = "The badge reader of the east gate shows a red light since this morning"

func TestSolvedQuestionCountsAtOnce(t *testing.T) {
	cold := New(smallDesk(t), nil, Options{})
	if r := cold.Match(Question{Text: badge, Now: today}); r.Answer {
		t.Fatalf("answered cold: %v", r.Why)
	}
	taught := cold.With([]Example{{Doc: "printer", Text: "Badge\n" + badge}})
	for _, again := range []string{badge, "Hello,\n\n" + badge + ".\n\nKind regards\nCarla"} {
		r := taught.Match(Question{Subject: "Badge", Text: again, Now: today})
		if !r.Answer || r.Matches[0].Doc != "printer" {
			t.Errorf("%q: %v %v", again, r.Matches, r.Why)
		}
	}
	if r := taught.Match(Question{Text: "The badge reader of the west gate beeps", Now: today}); r.Answer {
		t.Errorf("another question is answered: %v", r.Why)
	}
	if r := cold.Match(Question{Text: badge, Now: today}); r.Answer {
		t.Error("the matcher before has learned too")
	}
}

func TestRefittedMatcherStillKnowsTheQuestion(t *testing.T) {
	m := New(smallDesk(t), []Example{{Doc: "printer", Text: badge}}, Options{})
	if r := m.Match(Question{Text: badge, Now: today}); !r.Answer || r.Matches[0].Doc != "printer" {
		t.Errorf("%v %v", r.Matches, r.Why)
	}
}

func TestWhatDidNotHelpIsNotSentAgain(t *testing.T) {
	const question = "I forgot my password for the kiosk, how do I reset it?"
	m := New(smallDesk(t), nil, Options{})
	q := Question{Text: question, Now: today}
	if r := m.Match(q); !r.Answer {
		t.Fatalf("not answered: %v", r.Why)
	}
	wrong, none, right := Example{Doc: "password", Text: question, Wrong: true}, Example{Text: question}, Example{Doc: "password", Text: question}
	for _, test := range []struct {
		name     string
		examples []Example
		answer   bool
	}{
		{"one customer said no", []Example{wrong}, true},
		{"a known error", []Example{wrong, wrong, wrong}, false},
		{"wrong three times of twelve", append(slices.Repeat([]Example{right}, 9), wrong, wrong, wrong), true},
		{"solved without one", []Example{none, none}, false},
	} {
		for state, taught := range map[string]*Matcher{"at once": m.With(test.examples), "refitted": New(smallDesk(t), test.examples, Options{})} {
			if r := taught.Match(q); r.Answer != test.answer {
				t.Errorf("%s, %s: answer %v: %v", test.name, state, r.Answer, r.Why)
			}
		}
	}
}

func TestShortQuestionIsNotRecognised(t *testing.T) {
	m := New(smallDesk(t), nil, Options{}).With([]Example{{Doc: "printer", Text: "It does not work"}})
	if r := m.Match(Question{Text: "It does not work", Now: today}); r.Answer {
		t.Errorf("answered: %v", r.Why)
	}
}

func TestSameStateGivesTheSameBytes(t *testing.T) {
	examples := []Example{{Doc: "printer", Text: badge}, {Doc: "vpn", Text: badge + " again", Wrong: true}, {Text: "The coffee machine in the kitchen leaks"}}
	var first string
	for range 5 {
		m := New(smallDesk(t), examples[:1], Options{}).With(examples[1:])
		b, err := json.Marshal([]Result{m.Match(Question{Text: badge, Now: today}), m.Match(Question{Text: "vpn drops", Now: today})})
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(b)
		}
		if string(b) != first {
			t.Fatalf("%s\n%s", first, b)
		}
	}
}

func TestLearningOneOfManyIsQuick(t *testing.T) {
	var many []Example
	for i := range 10_000 {
		many = append(many, Example{Text: fmt.Sprintf("request number%d about device%d in building%d", i, i%700, i%90)})
	}
	m := New(smallDesk(t), nil, Options{}).With(many)
	start := time.Now()
	m = m.With([]Example{{Doc: "printer", Text: badge}})
	if r := m.Match(Question{Text: badge, Now: today}); !r.Answer {
		t.Errorf("not answered: %v", r.Why)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %s", took)
	}
}

func FuzzMemory(f *testing.F) {
	f.Add(badge, badge, true)
	f.Add("", "a b c d", false)
	docs := smallDesk(f)
	cold := New(docs, nil, Options{})
	f.Fuzz(func(t *testing.T, learned, asked string, wrong bool) {
		m := cold.With([]Example{{Doc: "vpn", Text: learned, Wrong: wrong}})
		r := m.Match(Question{Text: asked, Now: today})
		if wrong && r.Answer && r.Matches[0].Doc == "vpn" && !cold.Match(Question{Text: asked, Now: today}).Answer {
			t.Errorf("a wrong answer made %q sure: %v", asked, r.Why)
		}
	})
}
