package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/mailin"
)

func TestAdminIsToldOnceOfEachOutage(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	now, health, broken := start, mailin.Health{Mailbox: "support"}, false
	var queued []desk.Outgoing
	a := &alarm{
		composer: desk.Composer{
			Desk: &desk.Desk{Name: "ACME", Address: "support@hd.test", Admin: "admin@hd.test", Location: time.UTC},
			Keys: desk.Keyring{{ID: 1, Secret: make([]byte, 32)}},
		},
		mailboxes: func() []mailin.Health { return []mailin.Health{health, {Mailbox: "fine", LastSuccess: now}} },
		queue: func(_ context.Context, mails []desk.Outgoing) error {
			if broken {
				return errors.New("database is away")
			}
			queued = append(queued, mails...)
			return nil
		},
		now: func() time.Time { return now }, told: map[string]time.Time{},
	}
	look := func(at time.Duration, wantErr bool, want ...string) {
		t.Helper()
		now, queued = start.Add(at), nil
		if err := a.look(t.Context(), start); (err != nil) != wantErr {
			t.Errorf("after %v: %v", at, err)
		}
		var got []string
		for _, o := range queued {
			got = append(got, o.To.Address+" "+o.Subject)
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %v: %q, want %q", at, got, want)
		}
	}
	look(5*time.Minute, false)
	health.LastError = "login:\nrefused"
	broken = true
	look(11*time.Minute, true)
	broken = false
	look(12*time.Minute, false, "admin@hd.test ACME: mailbox support is not read")
	if because := queued[0].Letter.Because; !strings.Contains(because, "2 March, 09:00 UTC") || !strings.Contains(because, "login: refused") {
		t.Error(because)
	}
	first := queued[0].Key
	look(30*time.Minute, false)
	health.LastSuccess = start.Add(40 * time.Minute)
	look(41*time.Minute, false, "admin@hd.test ACME: mailbox support is read again")
	look(42*time.Minute, false)
	look(55*time.Minute, false, "admin@hd.test ACME: mailbox support is not read")
	if queued[0].Key == first {
		t.Error("two outages have the same mail")
	}
}
