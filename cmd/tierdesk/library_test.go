package main

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/triage/kb"
)

// shelfOf returns a shelf of the demo's documents whose lessons are those that the
// function returns.
func shelfOf(t *testing.T, lessons func() ([]desk.Lesson, error)) *shelf {
	t.Helper()
	s, err := openShelf(t.Context(), &shelf{
		dir: "sample/kb", target: 0.95, start: desk.Live, now: time.Now, log: slog.New(slog.DiscardHandler),
		lessons: func(context.Context, time.Time, int) ([]desk.Lesson, error) { return lessons() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func lessonOn(seq int64) desk.Lesson {
	return desk.Lesson{Seq: seq, Ticket: 1, Doc: "printer-offline", Text: "The blue envelope beside the clock never counts up"}
}

func (s *shelf) answers() bool {
	return s.Library().Match(kb.Question{Text: lessonOn(0).Text, Now: time.Now()}).Answer
}

func TestLessonCountsBeforeAndAfterTheFit(t *testing.T) {
	var kept []desk.Lesson
	s := shelfOf(t, func() ([]desk.Lesson, error) { return kept, nil })
	if s.answers() {
		t.Fatal("answered before anything was learned")
	}
	s.Stand([]desk.Standing{{Doc: "vpn-setup", Mode: desk.Shadow}})
	kept = []desk.Lesson{lessonOn(7)}
	for range 2 { // the same again adds nothing
		s.Remember(kept)
	}
	if !s.answers() || len(s.fresh) != 1 {
		t.Errorf("it does not count at once, or twice: %+v", s.fresh)
	}
	s.Remember([]desk.Lesson{lessonOn(9)}) // not in the database that the fit reads
	if err := s.Refit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !s.answers() || s.fitted != 7 || len(s.fresh) != 1 || s.fresh[0].Seq != 9 {
		t.Errorf("after the fit: fitted %d, beside %+v", s.fitted, s.fresh)
	}
	if s.Library().Mode("vpn-setup") != desk.Shadow || s.Library().Mode("printer-offline") != desk.Live {
		t.Error("the fit lost the modes")
	}
	if _, ok := s.Library().Document("vpn-setup"); !ok {
		t.Error("the fit lost the documents")
	}
}

func TestFailedFitIsDueAgain(t *testing.T) {
	broken := errors.New("no answer")
	var err error
	s := shelfOf(t, func() ([]desk.Lesson, error) { return nil, err })
	s.Remember([]desk.Lesson{lessonOn(1)})
	err = broken
	if got := s.Refit(t.Context()); !errors.Is(got, broken) {
		t.Errorf("error %v", got)
	}
	if !s.answers() {
		t.Error("the lesson is forgotten")
	}
	err = nil
	if got := s.Refit(t.Context()); got != nil || !s.answers() || len(s.stale) > 0 {
		t.Errorf("%v; another fit is due: %d", got, len(s.stale))
	}
}

func TestLessonsAreFittedInTheBackground(t *testing.T) {
	kept := []desk.Lesson{lessonOn(7)}
	s := shelfOf(t, func() ([]desk.Lesson, error) { return nil, nil })
	s.lessons = func(context.Context, time.Time, int) ([]desk.Lesson, error) { return kept, nil } // learned by another process
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	fitted := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.fitted == 7
	}
	for !fitted() && ctx.Err() == nil {
		runtime.Gosched()
	}
	if !fitted() || !s.answers() {
		t.Error("not fitted")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestMailIsMatchedWhileLessonsComeIn(t *testing.T) {
	var mu sync.Mutex
	var kept []desk.Lesson
	s := shelfOf(t, func() ([]desk.Lesson, error) {
		mu.Lock()
		defer mu.Unlock()
		return kept, nil
	})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range int64(20) {
			mu.Lock()
			kept = append(kept, lessonOn(i+1))
			mu.Unlock()
			s.Remember([]desk.Lesson{lessonOn(i + 1)})
			s.Stand([]desk.Standing{{Doc: "vpn-setup", Mode: desk.Live}})
		}
	})
	wg.Go(func() {
		for range 10 {
			if err := s.Refit(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	for range 50 {
		s.answers()
	}
	wg.Wait()
	if !s.answers() {
		t.Error("a lesson is lost")
	}
}
