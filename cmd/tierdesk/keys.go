package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

// keysCmd holds the commands about the keys that sign reply addresses.
type keysCmd struct {
	List   keysListCmd   `cmd:"" help:"List the keys that sign reply addresses and Message-IDs."`
	Rotate keysRotateCmd `cmd:"" help:"Make a new key, which signs after the gateway's next start."`
	Retire keysRetireCmd `cmd:"" help:"Make everything that a key has signed count no more, after the gateway's next start."`
}

// keyJSON is a key as scripts read it.
type keyJSON struct {
	ID      byte       `json:"id"`
	Created *time.Time `json:"created"`
	State   string     `json:"state"` // signs, verifies or retired
	Until   *time.Time `json:"until"` // when it is retired, or was
}

type keysListCmd struct {
	JSON bool `name:"json" help:"One JSON object per key."`
}

// Run lists the keys, the newest last. It never shows their secrets.
func (c keysListCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		keys, err := s.Keys(ctx)
		if err != nil {
			return err
		}
		keys = keys.At(time.Now())
		if !c.JSON {
			t := newTable(std.out, "KEY", "CREATED", "STATE", "UNTIL")
			for i, k := range keys {
				t.row(k.ID, clock(k.Created), keyState(keys, i), clock(keys.Ends(i)))
			}
			return t.w.Flush()
		}
		out := make([]keyJSON, len(keys))
		for i, k := range keys {
			out[i] = keyJSON{k.ID, stamp(k.Created), keyState(keys, i), stamp(keys.Ends(i))}
		}
		return jsonLines(std.out, out)
	})
}

func keyState(keys desk.Keyring, i int) string {
	switch {
	case !keys[i].Retired.IsZero():
		return "retired"
	case i == len(keys)-1:
		return "signs"
	}
	return "verifies"
}

type keysRotateCmd struct{}

// Run makes a key.
func (keysRotateCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		id, err := s.AddKey(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, "key %d signs once the gateway is started again; what older keys signed counts for %d days more\n",
			id, desk.TokenLife/(24*time.Hour))
		return nil
	})
}

type keysRetireCmd struct {
	ID byte `arg:"" help:"Number of the key, see keys list."`
}

// Run retires a key.
func (c keysRetireCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		if err := s.RetireKey(ctx, c.ID); err != nil {
			return fmt.Errorf("retire key %d: %w", c.ID, err)
		}
		fmt.Fprintf(std.out, "nothing that key %d has signed counts once the gateway is started again\n", c.ID)
		return nil
	})
}

// loadKeys returns the signing keys, after making a new one when the newest is due to
// be replaced.
func loadKeys(ctx context.Context, s *store.Store, now time.Time) (desk.Keyring, error) {
	keys, err := s.Keys(ctx)
	if err != nil || now.Sub(keys[len(keys)-1].Created) < desk.KeyLife {
		return keys, err
	}
	if _, err := s.AddKey(ctx); err != nil && !errors.Is(err, store.ErrNoMoreKeys) {
		return nil, err
	}
	return s.Keys(ctx)
}

// errKeysChanged ends a gateway that stood by while the keys were changed: it would
// not recognise the answers to the mail that others have sent since.
var errKeysChanged = errors.New("the signing keys were changed since this gateway was started; start it again")

// checkKeys fails when the stored keys are not those that the rooms were built with.
func (g *gateway) checkKeys(ctx context.Context) error {
	keys, err := g.store.Keys(ctx)
	same := slices.EqualFunc(keys, g.keys, func(a, b desk.Key) bool { return a.ID == b.ID && a.Retired.Equal(b.Retired) })
	if err == nil && !same {
		err = errKeysChanged
	}
	return err
}
