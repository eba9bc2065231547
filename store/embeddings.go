package store

import (
	"context"
	"fmt"
)

// Embedding returns the bytes that were kept under a hash, ErrNotFound when there are
// none.
func (q reader) Embedding(ctx context.Context, hash string) ([]byte, error) {
	b, err := one(ctx, q.db, single[[]byte], `SELECT bytes FROM kb_embeddings WHERE hash = $1`, hash)
	if err != nil {
		return nil, fmt.Errorf("embedding %s: %w", hash, err)
	}
	return b, nil
}

var insertEmbedding = newInsert(`INSERT INTO kb_embeddings (hash, bytes)`, 2, `ON CONFLICT (hash) DO NOTHING`)

// KeepEmbeddings keeps bytes under their hashes. Of a hash that is known the first
// ones stay.
func (s *Store) KeepEmbeddings(ctx context.Context, byHash map[string][]byte) error {
	var args []any
	for hash, b := range byHash {
		args = append(args, hash, b)
	}
	return s.Update(ctx, func(tx *Tx) error { return tx.insert(insertEmbedding, args) })
}
