package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
	"tierdesk/triage/embed"
	"tierdesk/triage/kb"
)

// A question in words that no document has is understood as soon as the documents have
// vectors, also after lessons, and never by those who must not wait.
func TestShelfAsksTheEmbeddingModel(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		var data []string
		for i, text := range q.Input { // what is about printers, whatever it calls them
			about := 0
			if text = strings.ToLower(text); strings.Contains(text, "printer offline") || strings.Contains(text, "tulostin") {
				about = 1
			}
			data = append(data, fmt.Sprintf(`{"index":%d,"embedding":[%d,%d]}`, i, about, 1-about))
		}
		fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(data, ","))
	}))
	defer server.Close()
	st, err := store.Open(t.Context(), store.Config{DSN: "sqlite:" + filepath.Join(t.TempDir(), "x.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	s := shelfOf(t, func() ([]desk.Lesson, error) { return nil, nil })
	client := &embed.Client{URL: server.URL, Model: "m", Key: func() (string, error) { return "", nil }, HTTP: server.Client()}
	s.asker = &embed.Asker{Client: client, Store: st, Log: s.log, Now: time.Now}
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := kb.Question{Text: "Tulostin ei vastaa", Now: time.Now()}
	understood := func() bool {
		m := s.Library().Match(q).Matches
		return len(m) > 0 && m[0].Doc == "printer-offline"
	}
	if understood() {
		t.Fatal("understood without vectors")
	}
	if err := s.see(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !understood() {
		t.Errorf("not understood: %+v", s.Library().Match(q))
	}
	s.spoil()
	if err := s.Refit(t.Context()); err != nil || !understood() {
		t.Errorf("not understood after a fit: %v", err)
	}
	if m := s.Offhand().Match(q).Matches; len(m) > 0 && m[0].Doc == "printer-offline" {
		t.Error("asked by those who must not wait")
	}
	server.Close()
	if understood() {
		t.Error("understood without the model")
	}
}
