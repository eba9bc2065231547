package mailout

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata")

// Every kind of mail in every language, byte for byte; mail to technicians and
// managers in those that they read. The .html beside each language's mail is its HTML
// part, to look at in a browser.
func TestGoldenMails(t *testing.T) {
	r := testRenderer(t)
	for _, language := range r.Templates().Languages() {
		for _, kind := range allKinds {
			if !toCustomer(kind) && !slices.Contains([]string{"en", "de", "fr"}, language) {
				continue
			}
			t.Run(fmt.Sprintf("%s-%s", language, kind), func(t *testing.T) {
				o := outgoing(t, r, kind, language)
				got, err := r.Render(context.Background(), &o, created)
				if err != nil {
					t.Fatal(err)
				}
				golden(t, fmt.Sprintf("%s-%s.eml", kind, language), got)
				l := r.newLetter(&o)
				text, html, err := r.Templates().Render(l.Template, l.Language, l)
				if err != nil {
					t.Fatal(err)
				}
				golden(t, fmt.Sprintf("%s-%s.txt", kind, language), []byte(text))
				golden(t, fmt.Sprintf("%s-%s.html", kind, language), []byte(html))
			})
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run with -update and read the diff", file)
	}
}
