package store

import (
	"errors"
	"testing"

	"tierdesk/desk"
)

func TestEmbeddingsAreKeptByHash(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		if _, err := s.Embedding(ctx, "a"); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("before: %v", err)
		}
		for _, kept := range []map[string][]byte{{"a": {0, 1}, "b": {2}}, {"a": {9}}} {
			if err := s.KeepEmbeddings(ctx, kept); err != nil {
				t.Fatal(err)
			}
		}
		if b := must(s.Embedding(ctx, "a")); string(b) != "\x00\x01" {
			t.Errorf("kept %v", b)
		}
	})
}
