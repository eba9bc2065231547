package store

import (
	"context"
	"crypto/rand"

	"tierdesk/desk"
)

const secretSize = 32

// ensureKey stores a random signing key when there is none. Where there is one
// it writes nothing, so that opening a busy database need not wait for its lock.
func (s *Store) ensureKey(ctx context.Context) error {
	keys, err := s.Keys(ctx)
	if err != nil || len(keys) > 0 {
		return err
	}
	secret := make([]byte, secretSize)
	rand.Read(secret)
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO signing_keys (id, secret, created) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING`,
			secret, micros(tx.now))
		return err
	})
}

// Keys returns the signing keys, the newest last.
func (q reader) Keys(ctx context.Context) (desk.Keyring, error) {
	return all(ctx, q.db, func(r row) (desk.Key, error) {
		var k desk.Key
		err := r.Scan(&k.ID, &k.Secret)
		return k, err
	}, `SELECT id, secret FROM signing_keys ORDER BY id`)
}
