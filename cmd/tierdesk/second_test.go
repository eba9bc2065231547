package main

import (
	"strings"
	"testing"
)

// TestSecondGatewayIsRefused: a gateway that is started by mistake beside another one
// ends at once and says why; the first one goes on.
func TestSecondGatewayIsRefused(t *testing.T) {
	s := newSite(t, "sqlite:data/tierdesk.db")
	s.configure()
	g := s.serve()
	s.logged("serving", 1)
	out, status := s.tierdesk("serve")
	if status != 1 || !strings.Contains(out, "another") {
		t.Errorf("a second one ended with status %d: %s", status, out)
	}
	g.stop()
	s.must("verify")
}
