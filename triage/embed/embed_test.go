package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tierdesk/desk"
)

// memory keeps vectors in memory.
type memory struct {
	sync.Mutex
	kept map[string][]byte
}

func (m *memory) Embedding(_ context.Context, hash string) ([]byte, error) {
	m.Lock()
	defer m.Unlock()
	if b, ok := m.kept[hash]; ok {
		return b, nil
	}
	return nil, desk.ErrNotFound
}

func (m *memory) KeepEmbeddings(_ context.Context, byHash map[string][]byte) error {
	m.Lock()
	defer m.Unlock()
	for k, b := range byHash {
		m.kept[k] = b
	}
	return nil
}

// server speaks the protocol; answer returns status and body for the texts.
func server(t *testing.T, answer func(texts []string) (int, string)) (*Asker, *bytes.Buffer, *int) {
	t.Helper()
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Model string
			Input []string
		}
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Model != "m" || r.URL.Path != "/v1/embeddings" || r.Header.Get("Authorization") != "Bearer key" {
			t.Errorf("asked %s for %+v, %v", r.URL, q, err)
		}
		asked++
		status, body := answer(q.Input)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	var log bytes.Buffer
	client := &Client{URL: s.URL + "/v1", Model: "m", Key: func() (string, error) { return "key", nil }, HTTP: s.Client()}
	return &Asker{Client: client, Store: &memory{kept: map[string][]byte{}}, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now}, &log, &asked
}

// lengths embeds a text as (its length, 1), the last text first.
func lengths(texts []string) (int, string) {
	var data []string
	for i, t := range slices.Backward(texts) {
		data = append(data, fmt.Sprintf(`{"object":"embedding","index":%d,"embedding":[%d,1]}`, i, len(t)))
	}
	return 200, `{"object":"list","data":[` + strings.Join(data, ",") + `]}`
}

func TestDocumentsAreAskedForOnce(t *testing.T) {
	a, _, asked := server(t, lengths)
	texts := []string{strings.Repeat("a", 3), ""}
	for range MaxTexts {
		texts = append(texts, "bb")
	}
	for range 2 {
		got, err := a.Documents(t.Context(), slices.Values(texts))
		if err != nil || len(got) != len(texts) {
			t.Fatalf("%d vectors, %v", len(got), err)
		}
		if v := got[0]; v[0] < 0.94 || v[0] > 0.95 || v[1] < 0.31 || v[1] > 0.32 {
			t.Errorf("the vector is %v", v)
		}
	}
	if *asked != 1 && *asked != 2 {
		t.Errorf("asked %d times", *asked)
	}
}

func TestAnOutageIsLoggedOnceAndCostsNoTime(t *testing.T) {
	up := false
	a, log, asked := server(t, func(texts []string) (int, string) {
		if !up {
			return 503, "overloaded"
		}
		return lengths(texts)
	})
	now := time.Now()
	a.Now = func() time.Time { return now }
	for range 5 {
		if v := a.Question("hello"); v != nil {
			t.Fatalf("a vector: %v", v)
		}
	}
	if *asked != 1 {
		t.Errorf("a failing server was asked %d times", *asked)
	}
	now = now.Add(Rest)
	a.Question("hello")
	if n := strings.Count(log.String(), "goes on without embeddings"); n != 1 || *asked != 2 {
		t.Errorf("%d lines, asked %d times:\n%s", n, *asked, log)
	}
	up, now = true, now.Add(Rest)
	if v := a.Question("hello"); len(v) != 2 || strings.Count(log.String(), "embeddings are back") != 1 {
		t.Errorf("after the outage: %v\n%s", v, log)
	}
}

func TestASlowServerHoldsNobodyUp(t *testing.T) {
	release := make(chan struct{})
	a, _, _ := server(t, func(texts []string) (int, string) { <-release; return lengths(texts) })
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := a.ask(ctx, []string{"hello"}); err == nil {
		t.Error("an answer from a server that gives none")
	}
	if began := time.Now(); a.Question("hello") != nil || time.Since(began) > time.Second {
		t.Error("the next question waited")
	}
}

func TestBadAnswersAreRefused(t *testing.T) {
	for _, bad := range badAnswers {
		if v, err := parse([]byte(bad), 2); err == nil {
			t.Errorf("%s: %v", bad, v)
		}
	}
}

var badAnswers = []string{
	``, `null`, `<html>`, `{"error":{"message":"no such model"}}`, `{"data":[{"index":0,"embedding":[1]}]}`,
	`{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}`,
	`{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}`,
	`{"data":[{"index":0,"embedding":[1]},{"index":7,"embedding":[1]}]}`,
	`{"data":[{"index":0,"embedding":[1]},{"index":-1,"embedding":[1]}]}`,
	`{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}`,
	`{"data":[{"index":0,"embedding":[0,0]},{"index":1,"embedding":[1,0]}]}`,
	`{"data":[{"index":0,"embedding":[1e39]},{"index":1,"embedding":[1]}]}`,
	`{"data":[{"index":0,"embedding":"AAAA"},{"index":1,"embedding":[1]}]}`,
}

func FuzzParse(f *testing.F) {
	for _, bad := range badAnswers {
		f.Add([]byte(bad))
	}
	_, good := lengths([]string{"a", "bb"})
	f.Add([]byte(good))
	f.Fuzz(func(t *testing.T, answer []byte) {
		v, err := parse(answer, 2)
		if err == nil && (len(v) != 2 || len(v[0]) == 0 || len(v[0]) != len(v[1])) {
			t.Errorf("read %v", v)
		}
	})
}
