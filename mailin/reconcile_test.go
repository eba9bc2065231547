package mailin_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
	"tierdesk/mailin"
	"tierdesk/testbed"
)

// takeStock compares the mailbox with what the spool has.
func takeStock(t *testing.T, cfg mailin.Config, spool *memSpool) mailin.Statement {
	t.Helper()
	inv, err := mailin.TakeInventory(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	cur, err := spool.Cursor(context.Background(), cfg.Name)
	if err != nil {
		t.Fatal(err)
	}
	var rows []desk.Raw
	for _, m := range spool.kept() {
		rows = append(rows, m.Raw)
	}
	return inv.Reconcile(cur, rows)
}

func TestEveryMailOfAServerIsAccountedFor(t *testing.T) {
	d := testbed.Dovecot(t)
	d.Append("support", messages(1, 3)...)
	spool := newSpool()
	cfg := dovecotConfig(t, d, spool)
	expect := func(what string, want mailin.Statement) {
		t.Helper()
		got := takeStock(t, cfg, spool)
		for i := range got.Unaccounted {
			got.Unaccounted[i].Date, got.Unaccounted[i].Size = time.Time{}, 0
		}
		want.Mailbox = "support"
		if want.Unaccounted == nil {
			want.Unaccounted = []mailin.Unaccounted{}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	cfg.Start = "now"
	f := newFetcher(t, cfg)
	once(t, f)
	expect("left by the first connection", mailin.Statement{Before: 3})
	d.Append("support", messages(4, 9)...)
	expect("not fetched yet", mailin.Statement{Before: 3, Waiting: 6})
	once(t, f)
	expect("kept", mailin.Statement{Before: 3, Waiting: 6})
	first := spool.kept()[0].ID
	spool.settle(first)
	if err := f.Move(context.Background()); err != nil {
		t.Fatal(err)
	}
	expect("moved", mailin.Statement{Before: 3, Committed: 5, Quarantined: 1})
	c := d.Login("support")
	foreign := append(message(20), bytes.Repeat([]byte("more\r\n"), 500)...)
	cmd := c.Append("Processed", int64(len(foreign)), &imap.AppendOptions{Time: time.Now().Add(time.Minute)})
	_, err := cmd.Write(foreign)
	if err := errors.Join(err, cmd.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("Quarantine", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Move(imap.UIDSetNum(1), "Sent").Wait(); err != nil {
		t.Fatal(err)
	}
	expect("others were at work", mailin.Statement{
		Before: 3, Committed: 5, Quarantined: 1, Gone: 1, Unaccounted: []mailin.Unaccounted{{Folder: "Processed", UID: 6}},
	})
}
