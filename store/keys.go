package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"tierdesk/desk"
)

const (
	secretSize = 32
	// lastKey is the highest number that a key can have: tokens name theirs in a byte.
	lastKey = 255
)

var (
	// ErrNoMoreKeys says that every number of a key is used up.
	ErrNoMoreKeys = errors.New("there are 255 signing keys already")
	// ErrNewestKey says that the key which signs cannot be retired.
	ErrNewestKey = errors.New("it is the newest signing key; make another one first")
)

// ensureKey stores a random signing key when there is none. Where there is one
// it writes nothing, so that opening a busy database need not wait for its lock.
func (s *Store) ensureKey(ctx context.Context) error {
	keys, err := s.Keys(ctx)
	if err != nil || len(keys) > 0 {
		return err
	}
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(insertKey+` ON CONFLICT (id) DO NOTHING`, 1, newSecret(), micros(tx.now))
		return err
	})
}

const insertKey = `INSERT INTO signing_keys (id, secret, created) VALUES ($1, $2, $3)`

func newSecret() []byte {
	secret := make([]byte, secretSize)
	rand.Read(secret)
	return secret
}

// Keys returns the signing keys, the newest last.
func (q reader) Keys(ctx context.Context) (desk.Keyring, error) {
	return all(ctx, q.db, func(r row) (desk.Key, error) {
		var k desk.Key
		err := r.Scan(&k.ID, &k.Secret, instant{&k.Created}, instant{&k.Retired})
		return k, err
	}, `SELECT id, secret, created, retired FROM signing_keys ORDER BY id`)
}

// AddKey stores a new random signing key and returns its number, or ErrNoMoreKeys.
// Gateways that run sign with it after their next start.
func (s *Store) AddKey(ctx context.Context) (id byte, err error) {
	err = s.Update(ctx, func(tx *Tx) error {
		keys, err := tx.Keys(ctx)
		if err != nil {
			return err
		}
		newest := keys[len(keys)-1].ID
		if newest == lastKey {
			return ErrNoMoreKeys
		}
		id = newest + 1
		_, err = tx.exec(insertKey, id, newSecret(), micros(tx.now))
		return err
	})
	return id, err
}

// RetireKey makes the tokens of a key count no more. A retired key stays retired. The
// error is desk.ErrNotFound for an unknown key, and ErrNewestKey for the one that
// signs.
func (s *Store) RetireKey(ctx context.Context, id byte) error {
	return s.Update(ctx, func(tx *Tx) error {
		keys, err := tx.Keys(ctx)
		if err != nil {
			return err
		}
		if keys[len(keys)-1].ID == id {
			return ErrNewestKey
		}
		n, err := tx.exec(`UPDATE signing_keys SET retired = COALESCE(retired, $2) WHERE id = $1`, id, micros(tx.now))
		if err == nil && n == 0 {
			err = fmt.Errorf("signing key %d: %w", id, desk.ErrNotFound)
		}
		return err
	})
}
