package main

import (
	"path/filepath"
	"testing"
)

// TestBackup: a copy that is made while the gateway runs is a whole database, with
// which a gateway can go on.
func TestBackup(t *testing.T) {
	s := newSite(t, "sqlite:data/tierdesk.db")
	s.configure()
	s.incoming(5)
	if status := s.settle(); status != 0 {
		t.Fatalf("exit status %d", status)
	}
	g := s.serve()
	s.until("the gateway runs", func() bool {
		_, status := s.tierdesk("health")
		return status == 0
	})
	file := filepath.Join(s.dir, "copy.db")
	s.must("backup", file)
	g.stop()
	if out, status := s.tierdesk("backup", file); status != 1 {
		t.Errorf("a second backup to the file: exit status %d, %s", status, out)
	}
	s.settings["DSN"] = "sqlite:copy.db"
	s.configure()
	s.must("verify")
	if n := len(list[mailJSON](s, "mail", "list")); n != 5 {
		t.Errorf("%d mails in the copy", n)
	}
}
