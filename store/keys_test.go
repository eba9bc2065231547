package store

import (
	"errors"
	"testing"

	"tierdesk/desk"
)

func TestSigningKeysAreAddedAndRetired(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		first := must(s.Keys(ctx))[0]
		token := desk.Keyring{first}.Mint(desk.ForCustomer, 1, "a@cust.test")
		if err := s.RetireKey(ctx, first.ID); !errors.Is(err, ErrNewestKey) {
			t.Errorf("the only key: %v", err)
		}
		if id := must(s.AddKey(ctx)); id != 2 {
			t.Errorf("the second key has number %d", id)
		}
		keys := must(s.Keys(ctx))
		if _, ok := keys.Verify(token); !ok {
			t.Error("a token of the key before is refused")
		}
		if fresh := keys.Mint(desk.ForCustomer, 1, "a@cust.test"); fresh == token {
			t.Error("the new key does not sign")
		}
		check(t, s.RetireKey(ctx, first.ID))
		retired := must(s.Keys(ctx))
		if _, ok := retired.Verify(token); ok || retired[0].Retired.IsZero() {
			t.Error("a token of a retired key is taken")
		}
		check(t, s.RetireKey(ctx, first.ID)) // once more
		if again := must(s.Keys(ctx)); !again[0].Retired.Equal(retired[0].Retired) {
			t.Error("it was retired a second time")
		}
		if err := s.RetireKey(ctx, 9); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("an unknown key: %v", err)
		}
	})
}

func TestSigningKeysEndWithTheirNumbers(t *testing.T) {
	s := open(t, newSQLite(t))
	for range lastKey - 1 {
		must(s.AddKey(t.Context()))
	}
	if _, err := s.AddKey(t.Context()); !errors.Is(err, ErrNoMoreKeys) {
		t.Errorf("key 256: %v", err)
	}
}
