package desk

import (
	"slices"
	"strings"
	"testing"
)

func TestPatternFitsReportsOfItsProblem(t *testing.T) {
	p := Pattern{Rest: 5, Weights: map[string]float64{}, Fingerprints: []string{"f1"}}
	for _, text := range []string{"the VPN client disconnects", "vpn client cannot connect", "VPN connection fails, client hangs"} {
		p.Reports = append(p.Reports, ReportTerms("", text, nil))
	}
	for text, want := range map[string]bool{
		"my vpn client cannot connect any more": true,
		"how do I request a vpn for an intern":  false,
		"invoice of last month":                 false,
		"":                                      false,
	} {
		if got := p.Fits("", ReportTerms("", text, nil)); got != want {
			t.Errorf("%q fits: %t", text, got)
		}
	}
	if !p.Fits("f1", nil) || p.Fits("f2", nil) {
		t.Error("the same failure does not count alone")
	}
}

func FuzzReportTerms(f *testing.F) {
	f.Add("VPN down", "error 809 since nine, Verbindung bricht ab")
	f.Add("", strings.Repeat("\xff\xc3 ", 3000))
	f.Fuzz(func(t *testing.T, subject, text string) {
		terms := ReportTerms(subject, text, nil)
		if len(terms) > maxReportTerms || !slices.IsSorted(terms) || len(slices.Compact(slices.Clone(terms))) != len(terms) {
			t.Errorf("%q", terms)
		}
	})
}
