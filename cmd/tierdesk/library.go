package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	"tierdesk/triage"
	"tierdesk/triage/kb"
)

// library is one loaded state of the knowledge base.
type library struct {
	matcher *kb.Matcher
	docs    map[string]kb.Document
}

// Match offers documents for a question.
func (l *library) Match(q kb.Question) kb.Result { return l.matcher.Match(q) }

// Document returns a document by its id.
func (l *library) Document(id string) (kb.Document, bool) {
	d, ok := l.docs[id]
	return d, ok
}

// shelf holds the present library and replaces it as a whole: a mail sees either
// the old documents or the new ones.
type shelf struct {
	dir     string // "" for no documents
	target  float64
	log     *slog.Logger
	present atomic.Pointer[library]
}

// openShelf loads the documents. A bad document is logged and left out.
func openShelf(dir string, target float64, log *slog.Logger) (*shelf, error) {
	s := &shelf{dir: dir, target: target, log: log}
	return s, s.Reload()
}

// Reload reads the documents again. When the folder cannot be read, the present
// ones stay.
func (s *shelf) Reload() error {
	l := &library{docs: map[string]kb.Document{}}
	var docs []kb.Document
	if s.dir != "" {
		if _, err := os.Stat(s.dir); err != nil {
			return fmt.Errorf("documents: %w", err)
		}
		var problems []kb.Problem
		docs, problems = kb.Load(os.DirFS(s.dir))
		for _, p := range problems {
			s.log.Warn("document problem", "err", errors.New(p.String()))
		}
	}
	for _, d := range docs {
		l.docs[d.ID] = d
	}
	l.matcher = kb.New(docs, nil, kb.Options{Target: s.target})
	s.present.Store(l)
	s.log.Info("documents loaded", "count", len(docs))
	return nil
}

// Library returns the present library.
func (s *shelf) Library() triage.Library { return s.present.Load() }
