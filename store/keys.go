package store

import (
	"context"
	"crypto/rand"

	"tierdesk/desk"
)

const secretSize = 32

// createFirstKey stores a random signing key when there is none.
func createFirstKey(tx *Tx) error {
	secret := make([]byte, secretSize)
	rand.Read(secret)
	_, err := tx.exec(`INSERT INTO signing_keys (id, secret, created)
		SELECT 1, $1, $2 WHERE NOT EXISTS (SELECT 1 FROM signing_keys)`, secret, micros(tx.now))
	return err
}

// Keys returns the signing keys, the newest last.
func (q reader) Keys(ctx context.Context) (desk.Keyring, error) {
	return all(ctx, q.db, func(r row) (desk.Key, error) {
		var k desk.Key
		err := r.Scan(&k.ID, &k.Secret)
		return k, err
	}, `SELECT id, secret FROM signing_keys ORDER BY id`)
}
