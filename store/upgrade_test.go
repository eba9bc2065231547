package store

import (
	"compress/gzip"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"testing"

	"tierdesk/desk"
)

// firstSchema returns the path of a database as the first schema had it: two mails, one
// of them a ticket with an acknowledgement and an escalation that wait.
func firstSchema(t *testing.T) string {
	t.Helper()
	packed := must(os.Open("testdata/schema1.db.gz"))
	defer packed.Close()
	path := filepath.Join(t.TempDir(), "desk.db")
	file := must(os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600))
	must(io.Copy(file, must(gzip.NewReader(packed))))
	check(t, file.Close())
	return path
}

// executes runs a statement on a database past the store.
func executes(t *testing.T, path, statement string) {
	t.Helper()
	db := must(sql.Open("sqlite3", path))
	must(db.Exec(statement))
	check(t, db.Close())
}

func TestFirstSchemaIsUpgraded(t *testing.T) {
	s := open(t, "sqlite:"+firstSchema(t))
	sound(t, s)
	ctx := t.Context()
	if got := must(s.Unsettled(ctx, 0, 9)); len(got) != 1 || string(must(s.RawBytes(ctx, got[0].ID))) != "two" {
		t.Errorf("unsettled: %+v", got)
	}
	if got := must(s.Ticket(ctx, 1)); got.Subject != "VPN error 812" || got.Requester.Address != "cora@customer.example" {
		t.Errorf("ticket %+v", got)
	}
	if got := must(s.Outbox(ctx, OutboxFilter{State: desk.Queued})); len(got) != 2 || got[0].Outgoing.To.Address == "" {
		t.Errorf("outgoing: %+v", got)
	}
	openTicket(t, s) // and it goes on
	sound(t, s)
}

// An upgrade that breaks off in the middle of a step undoes that step, and the next
// start goes on with it.
func TestUpgradeThatBreaksOffGoesOn(t *testing.T) {
	for _, index := range []string{"tickets_parent", "kb_trials_doc", "participants_address", "outbox_held"} {
		path := firstSchema(t)
		executes(t, path, "CREATE INDEX "+index+" ON outbox (id)")
		if s, err := Open(t.Context(), Config{DSN: "sqlite:" + path}); err == nil {
			check(t, s.Close())
			t.Errorf("upgraded beside another index %s", index)
		}
		executes(t, path, "DROP INDEX "+index)
		sound(t, open(t, "sqlite:"+path))
	}
}
