package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tierdesk/desk"
	"tierdesk/triage"
	"tierdesk/triage/embed"
	"tierdesk/triage/kb"
)

// library is one state of the knowledge base.
type library struct {
	matcher *kb.Matcher
	modes   map[string]desk.Mode // of documents that trials have given one
	start   desk.Mode            // of the others
	ask     func(text string) []float32
}

// Match offers documents for a question. It asks the embedding model first, where
// there is one.
func (l *library) Match(q kb.Question) kb.Result {
	if l.ask != nil && l.matcher.Sees() {
		q.Vector = l.ask(q.Said())
	}
	return l.matcher.Match(q)
}

// Document returns a document by its id.
func (l *library) Document(id string) (kb.Document, bool) {
	return l.matcher.Document(id)
}

// Mode says whether L1 may answer with a document.
func (l *library) Mode(id string) desk.Mode {
	if m, ok := l.modes[id]; ok {
		return m
	}
	return l.start
}

const (
	// maxLessons is how many lessons L1 learns from, the newest.
	maxLessons = 10_000
	// lessonAge is how long a lesson counts.
	lessonAge = 3 * 365 * 24 * time.Hour
	// fitShare is how many times as long as a fit took the next one waits at least.
	fitShare = 20
)

// shelf holds the present library and replaces it as a whole: a mail sees either
// the old state or the new one. A lesson counts at once for the same question, and
// for others when everything has been fitted anew. It is safe for concurrent use.
type shelf struct {
	dir     string // "" for no documents
	target  float64
	start   desk.Mode
	lessons func(ctx context.Context, since time.Time, limit int) ([]desk.Lesson, error)
	now     func() time.Time
	log     *slog.Logger
	present atomic.Pointer[library]
	stale   chan struct{} // holds a token while there are lessons to fit
	asker   *embed.Asker  // nil: no embedding model
	unseen  chan struct{} // holds a token while there are documents without a vector

	fitting sync.Mutex // one fit at a time
	// mu guards what follows, and every replacement of present.
	mu     sync.Mutex
	fitted int64         // the newest lesson that the present matcher was built with
	fresh  []desk.Lesson // those that it knows beside
}

// openShelf loads the documents and everything that was learned. A bad document is
// logged and left out.
func openShelf(ctx context.Context, s *shelf) (*shelf, error) {
	s.stale, s.unseen = make(chan struct{}, 1), make(chan struct{}, 1)
	s.present.Store(&library{matcher: kb.New(nil, nil, kb.Options{}), start: s.start})
	return s, s.Reload(ctx)
}

// Reload reads documents and lessons again. When they cannot be read, the present
// ones stay.
func (s *shelf) Reload(ctx context.Context) error {
	s.fitting.Lock()
	defer s.fitting.Unlock()
	docs, err := s.readDocuments()
	if err != nil {
		return err
	}
	err = s.fit(ctx, func(e []kb.Example) *kb.Matcher { return kb.New(docs, e, kb.Options{Target: s.target}) })
	if err != nil {
		return err
	}
	s.log.Info("documents loaded", "count", len(docs))
	offer(s.unseen)
	return nil
}

func (s *shelf) readDocuments() ([]kb.Document, error) {
	if s.dir == "" {
		return nil, nil
	}
	if _, err := os.Stat(s.dir); err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	docs, problems := kb.Load(os.DirFS(s.dir))
	for _, p := range problems {
		s.log.Warn("document problem", "err", errors.New(p.String()))
	}
	return docs, nil
}

// fit builds a library of documents and all lessons, and puts it in place of the
// present one, with what was learned meanwhile.
func (s *shelf) fit(ctx context.Context, build func([]kb.Example) *kb.Matcher) error {
	lessons, err := s.lessons(ctx, s.now().Add(-lessonAge), maxLessons)
	if err != nil {
		return fmt.Errorf("lessons: %w", err)
	}
	l := library{start: s.start, matcher: build(examples(lessons))}
	if s.asker != nil {
		l.ask = s.asker.Question
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fitted = 0
	if n := len(lessons); n > 0 {
		s.fitted = lessons[n-1].Seq
	}
	s.fresh = slices.DeleteFunc(s.fresh, func(f desk.Lesson) bool { return f.Seq <= s.fitted })
	if len(s.fresh) > 0 {
		l.matcher = l.matcher.With(examples(s.fresh))
	}
	l.modes = s.present.Load().modes
	s.present.Store(&l)
	return nil
}

func examples(lessons []desk.Lesson) []kb.Example {
	out := make([]kb.Example, len(lessons))
	for i, l := range lessons {
		out[i] = kb.Example{Doc: l.Doc, Text: l.Text, Wrong: l.Wrong}
	}
	return out
}

// Remember makes lessons count at once for the same question.
func (s *shelf) Remember(lessons []desk.Lesson) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var fresh []desk.Lesson
	for _, l := range lessons {
		known := l.Seq <= s.fitted || slices.ContainsFunc(s.fresh, func(f desk.Lesson) bool { return f.Seq == l.Seq && f.Doc == l.Doc })
		if !known {
			fresh = append(fresh, l)
		}
	}
	if len(fresh) == 0 {
		return
	}
	s.fresh = append(s.fresh, fresh...)
	next := *s.present.Load()
	next.matcher = next.matcher.With(examples(fresh))
	s.present.Store(&next)
	s.spoil()
}

// Stand takes over the modes that trials have given documents.
func (s *shelf) Stand(standings []desk.Standing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := *s.present.Load()
	next.modes = maps.Clone(next.modes)
	if next.modes == nil {
		next.modes = map[string]desk.Mode{}
	}
	for _, st := range standings {
		next.modes[st.Doc] = st.Mode
	}
	s.present.Store(&next)
}

// Refit fits everything anew when there were lessons since the last time.
func (s *shelf) Refit(ctx context.Context) error {
	select {
	case <-s.stale:
		return s.refit(ctx)
	default:
		return nil
	}
}

func (s *shelf) refit(ctx context.Context) error {
	s.fitting.Lock()
	defer s.fitting.Unlock()
	present := s.present.Load()
	err := s.fit(ctx, present.matcher.Fitted)
	if err != nil {
		s.spoil()
	}
	return err
}

// spoil asks for a fit.
func (s *shelf) spoil() { offer(s.stale) }

// offer puts a token into a channel that has room for one.
func offer(token chan struct{}) {
	select {
	case token <- struct{}{}:
	default: // it is there already
	}
}

// Run refits after lessons until ctx ends, and returns nil then. It rests after each
// fit, so that a busy desk does not spend its time on learning.
func (s *shelf) Run(ctx context.Context) error {
	if err := s.catchUp(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("read lessons", "err", err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.stale:
		}
		began := time.Now()
		if err := s.refit(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("fit lessons", "err", err)
		}
		rest := time.NewTimer(max(time.Second, fitShare*time.Since(began)))
		select {
		case <-ctx.Done():
			rest.Stop()
			return nil
		case <-rest.C:
		}
	}
}

// catchUp takes in what another process learned while this one stood by.
func (s *shelf) catchUp(ctx context.Context) error {
	lessons, err := s.lessons(ctx, s.now().Add(-lessonAge), maxLessons)
	if err == nil {
		s.Remember(lessons)
	}
	return err
}

// Library returns the present library.
func (s *shelf) Library() triage.Library { return s.present.Load() }
