package main

import (
	"encoding/csv"
	"strings"
	"testing"

	"tierdesk/desk"
)

func TestCellsOfAReportAreNoFormulas(t *testing.T) {
	var out strings.Builder
	d := &desk.Digest{Groups: []desk.DigestGroup{
		{Name: "=HYPERLINK(\"http://evil.test\")"}, {Name: "@SUM(1)"}, {Name: "-2+3"}, {Name: "+1"}, {Name: "two\nlines, \"quoted\""}, {Name: "customer.test"},
	}}
	if err := writeGroups(&out, d); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, line := range lines {
		names = append(names, line[0])
	}
	want := []string{"name", "'=HYPERLINK(\"http://evil.test\")", "'@SUM(1)", "'-2+3", "'+1", "two lines, \"quoted\"", "customer.test", "(all)"}
	if strings.Join(names, "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q", names, want)
	}
}
