package main

import (
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"tierdesk/desk"
)

func TestKeysAreListedRotatedAndRetired(t *testing.T) {
	s := newSite(t, "sqlite:data/tierdesk.db")
	s.configure()
	s.tierdesk("serve", "--once") // makes the database; no server answers
	states := func() string {
		out := ""
		for _, k := range list[keyJSON](s, "keys", "list") {
			out += k.State + " "
		}
		return out
	}
	if got := states(); got != "signs " {
		t.Errorf("at first: %s", got)
	}
	s.must("keys", "rotate")
	s.must("keys", "rotate")
	s.must("keys", "retire", "1")
	if got := states(); got != "retired verifies signs " {
		t.Errorf("after two more, and one retired: %s", got)
	}
	for _, id := range []string{"3", "7", "x"} {
		if out, status := s.tierdesk("keys", "retire", id); status == 0 {
			t.Errorf("retire %s: %s", id, out)
		}
	}
	s.must("keys", "list")
}

// A gateway replaces a key that is a year old when it starts, and does not begin to
// work with keys that are not those of the database any more.
func TestGatewayAndItsKeys(t *testing.T) {
	s := newSite(t, "sqlite:data/tierdesk.db")
	s.configure()
	cfg, err := loadConfig(s.dir + "/tierdesk.toml")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	open := func() *gateway {
		t.Helper()
		g, err := openGateway(t.Context(), cfg, gatewayOptions{Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	for _, want := range []int{1, 1, 2, 2} {
		g := open()
		if len(g.keys) != want {
			t.Errorf("at %v: %d keys, expected %d", now, len(g.keys), want)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		now = now.Add(desk.KeyLife / 2)
	}
	g := open()
	defer g.Close()
	if err := g.checkKeys(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := g.store.AddKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.Run(t.Context()); !errors.Is(err, errKeysChanged) {
		t.Errorf("a gateway with old keys works: %v", err)
	}
}
