package kb

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func longDocument(t testing.TB) Document {
	filler := strings.Repeat("The remote access service is run by the network team and is free of charge for everybody. ", 9)
	docs, problems := Load(files("remote.md", "---\nid: remote\ntitle: Remote access\nlang: en\naudience: public\n---\n"+
		"# Remote access\n\n"+filler+"\n\n## Installing the client\n\n"+filler+"\n\n## Error 809\n\nThe router blocks **port 4500**.\n\n1. Open it.\n2. Connect again.\n\n"+
		"## Who may use it\n\n"+filler+"\n"))
	if len(docs) != 1 {
		t.Fatal(problems)
	}
	return docs[0]
}

func TestLongDocumentIsQuotedByTheSectionThatMatters(t *testing.T) {
	d := longDocument(t)
	p, err := d.Passage(Question{Text: "the client shows error 809 and the port seems blocked"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(p.Text, "1. Open it.\n2. Connect again.") || !strings.Contains(p.HTML, "<strong>port 4500</strong>") {
		t.Errorf("the section on the error is missing:\n%s\n%s", p.Text, p.HTML)
	}
	if slices.Contains(p.Rest, "Error 809") || !slices.Contains(p.Rest, "Who may use it") || strings.Contains(p.HTML, "Who may use it") {
		t.Errorf("rest %q", p.Rest)
	}
}

func TestShortDocumentIsQuotedAsAWhole(t *testing.T) {
	for _, d := range smallDesk(t) {
		p, err := d.Passage(Question{Text: "nothing of it"})
		if err != nil || p.Text != d.Text() || len(p.Rest) != 0 || p.HTML == "" {
			t.Errorf("%s: %+v, %v", d.ID, p, err)
		}
	}
}

func TestPassageOfAForeignQuestionIsTheBeginning(t *testing.T) {
	d := longDocument(t)
	p, err := d.Passage(Question{Text: "xylophone"})
	if err != nil || !strings.HasPrefix(p.Text, "Remote access\n") || len(p.Rest) == 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestPassageIsFoundQuickly(t *testing.T) {
	d := longDocument(t)
	start := time.Now()
	if _, err := d.Passage(Question{Text: "error 809"}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 200*time.Millisecond {
		t.Errorf("it took %s", took)
	}
}
