package main

import (
	"slices"
	"testing"
	"time"
)

func TestCertificatesThatEndSoonAreNoted(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := status{
		At: now, RelayCertificateEnds: now.Add(13 * 24 * time.Hour),
		Mailboxes: []mailboxStatus{
			{Name: "plain", LastSuccess: now}, {Name: "fine", LastSuccess: now, CertificateEnds: now.Add(15 * 24 * time.Hour)},
			{Name: "late", LastSuccess: now, CertificateEnds: now.Add(-time.Hour)},
		},
	}
	want := []string{
		"the certificate of mailbox late ends on Mon, 02 Mar 2026 08:00:00 UTC",
		"the certificate of the relay ends on Sun, 15 Mar 2026 09:00:00 UTC",
	}
	if got := s.notes(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if p := s.problems(now); len(p) > 0 {
		t.Errorf("problems %q", p)
	}
}
