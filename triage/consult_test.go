package triage

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tierdesk/desk"
	"tierdesk/triage/kb"
)

// shelfOf is a library of Markdown files.
type shelfOf struct{ *kb.Matcher }

func (s shelfOf) Mode(string) desk.Mode { return desk.Live }

func newShelf(t *testing.T, files map[string]string) shelfOf {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	docs, problems := kb.Load(folder)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return shelfOf{kb.New(docs, nil, kb.Options{})}
}

func TestTechniciansAreShownThePassageThatFits(t *testing.T) {
	s := newShelf(t, map[string]string{
		"crash.md": "---\nid: crash\ntitle: Collecting crash logs\nlang: en\naudience: internal\nkeywords: [crash, dump, exception]\n---\n\nFor technicians.\n\n## Windows\n\nThe dump lies below LOCALAPPDATA.\n\n## macOS\n\nThe reports of a crash are in the Console.\n",
		"vpn.md":   "---\nid: vpn\ntitle: VPN\nlang: en\naudience: public\nkeywords: [vpn, tunnel]\n---\n\nRestart the client.\n",
	})
	found := Consult(s, desk.Question{Subject: "Crash", Text: "After a crash on Windows, where is the dump?", Language: "en"}, time.Now())
	if len(found) == 0 || found[0].Doc != "crash" || !found[0].Internal || found[0].Text != "Windows\nThe dump lies below LOCALAPPDATA." {
		t.Errorf("%+v", found)
	}
	if found := Consult(s, desk.Question{Subject: "Holidays", Text: "How many do I have left?", Language: "en"}, time.Now()); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

func TestPassagesAreShort(t *testing.T) {
	doc, _ := newShelf(t, map[string]string{"long.md": "---\naudience: public\n---\n# Long\n" + strings.Repeat("word ", 1000)}).Document("long")
	if p := passage(&doc, nil); len(p) > maxPassage+len(" …") || !strings.HasSuffix(p, "word …") {
		t.Errorf("%d bytes", len(p))
	}
}
