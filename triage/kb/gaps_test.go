package kb

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestGapsAreQuestionsThatAreAlike(t *testing.T) {
	questions := []string{
		"The badge reader of the east gate beeps",
		"Please order two chairs for the meeting room",
		"Our badge reader at the gate is dead",
		"Wie beantrage ich eine zweite Rechnung?",
		"badge reader shows a red light",
		"We need more chairs in the meeting room",
		"",
	}
	gaps := Gaps(questions)
	if len(gaps) != 2 {
		t.Fatalf("%d gaps: %+v", len(gaps), gaps)
	}
	for i, want := range [][]int{{0, 2, 4}, {1, 5}} {
		got := slices.Sorted(slices.Values(gaps[i].Questions))
		if !slices.Equal(got, want) {
			t.Errorf("gap %d has %v, want %v: %v", i, got, want, gaps[i].Terms)
		}
	}
	if !slices.Contains(gaps[0].Terms, "badge") || !slices.Contains(gaps[0].Terms, "reader") {
		t.Errorf("terms %v", gaps[0].Terms)
	}
	if again := Gaps(questions); fmt.Sprint(again) != fmt.Sprint(gaps) {
		t.Errorf("another result: %v", again)
	}
}

func TestGapsOfManyAreBounded(t *testing.T) {
	var many []string
	for i := range maxGapQuestions + 500 {
		many = append(many, fmt.Sprintf("request number%d about device%d in building%d is late again", i, i%700, i%90))
	}
	start := time.Now()
	for _, g := range Gaps(many) {
		for _, q := range g.Questions {
			if q < 500 {
				t.Fatalf("question %d is older than the newest %d", q, maxGapQuestions)
			}
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}
