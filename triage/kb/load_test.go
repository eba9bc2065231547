package kb

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func TestLoadReadsFrontMatter(t *testing.T) {
	yaml := "---\nid: reset\ntitle: \"Resetting your password\"\nlang: en\naudience: public\ntier: L1\nkeywords: [password, login]\n" +
		"symptoms:\n  - I forgot my password\ncategory: access\nvalid until: 2027-12-31\n---\n\nGo to the portal.\n"
	toml := "+++\nid = \"vpn\"\ntitle = \"VPN\"\naudience = \"internal\"\nkeywords = [\"vpn\"]\nvalid_until = 2027-01-02\n+++\n# VPN\n\nStart the client.\n"
	docs, problems := Load(files("a/reset.md", yaml, "vpn.md", toml, "notes.txt", "no", ".git/x.md", "no", "_drafts/y.md", "no"))
	if len(problems) != 0 {
		t.Fatalf("problems: %v", problems)
	}
	if len(docs) != 2 {
		t.Fatalf("%d documents, want 2", len(docs))
	}
	d := docs[0]
	if d.ID != "reset" || d.Title != "Resetting your password" || d.Lang != "en" || d.Audience != Public || d.Tier != 1 ||
		d.Category != "access" || len(d.Keywords) != 2 || len(d.Symptoms) != 1 || d.Path != "a/reset.md" || d.Text() != "Go to the portal." {
		t.Errorf("read %+v", d)
	}
	if want := time.Date(2027, 12, 31, 23, 59, 59, 0, time.UTC); !d.ValidUntil.Equal(want) {
		t.Errorf("valid until %v, want %v", d.ValidUntil, want)
	}
	if d.Answerable(time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)) || !d.Answerable(time.Date(2027, 12, 31, 20, 0, 0, 0, time.UTC)) {
		t.Error("a document is answered with up to its last day and no longer")
	}
	if docs[1].Answerable(time.Time{}) {
		t.Error("an internal document may be mailed")
	}
}

func TestLoadWithoutFrontMatter(t *testing.T) {
	docs, problems := Load(files("how-to.md", "# How to park\n\nIn the **garage**.\n"))
	if len(docs) != 1 || docs[0].ID != "how-to" || docs[0].Title != "How to park" {
		t.Fatalf("read %+v", docs)
	}
	if docs[0].Answerable(time.Time{}) {
		t.Error("a document without an audience may be mailed")
	}
	if len(problems) != 1 || !strings.Contains(problems[0].Text, "no audience") {
		t.Errorf("problems: %v", problems)
	}
}

func TestLoadNamesProblems(t *testing.T) {
	for _, test := range []struct {
		name, source, want string
		usable             bool
	}{
		{"unclosed", "---\ntitle: x\n\ntext\n", "x.md:1: front matter begins with --- and does not end with it", false},
		{"bad yaml", "---\ntitle: x\nkeywords: [a\n---\ntext\n", "x.md:2: front matter: yaml:", false},
		{"bad toml", "+++\ntitle = x\n+++\ntext\n", "x.md:2: front matter:", false},
		{"unknown key", "---\naudience: public\ntitle: x\nkeyword: a\n---\ntext\n", `x.md:4: unknown key "keyword"`, true},
		{"bad audience", "---\ntitle: x\naudience: everyone\n---\ntext\n", `x.md:3: audience is public or internal, not "everyone"`, true},
		{"bad tier", "---\ntitle: x\naudience: public\ntier: 9\n---\ntext\n", `x.md:4: tier is 1 to 4`, true},
		{"bad date", "---\ntitle: x\naudience: public\nvalid_until: soon\n---\ntext\n", `x.md:4: valid_until is a date`, true},
		{"no text", "---\ntitle: x\naudience: public\n---\n", `x.md: no text`, false},
		{"not UTF-8", "one\ntwo \xff\n", `x.md:2: not UTF-8`, false},
		{"no title", "---\naudience: public\n---\ntext\n", `no title and no heading`, true},
		{"list for a text", "---\naudience: public\ntitle: [a, b]\n---\n# T\ntext\n", `x.md:3: title is not a text`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			docs, problems := Load(files("x.md", test.source, "y.md", "---\naudience: public\n---\n# Good\n\none\n"))
			if len(problems) == 0 || !strings.Contains(problems[0].String(), test.want) {
				t.Errorf("problems %v, want %q", problems, test.want)
			}
			want := 1
			if test.usable {
				want = 2
			}
			if len(docs) != want {
				t.Errorf("%d documents, want %d", len(docs), want)
			}
		})
	}
}

func TestLoadRefusesASecondDocumentWithTheSameID(t *testing.T) {
	page := "---\ntitle: x\nid: same\naudience: public\n---\ntext\n"
	docs, problems := Load(files("a.md", page, "b.md", page))
	if len(docs) != 1 || len(problems) != 1 || problems[0].String() != `b.md:3: id "same" is taken by a.md; give each document its own` {
		t.Errorf("%d documents, problems %v", len(docs), problems)
	}
}

func TestTextAndHTMLOfADocument(t *testing.T) {
	page := "# Reset\n\nOpen *the* [portal](https://account.test/x) <b>now</b>.\n\n1. Log in\n2. Choose\n   - new\n   - old\n\n" +
		"| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode <x>\n```\n\n<script>alert(1)</script>\n\n[bad](javascript:alert(1))\n\n## Later\n\nDone.\n"
	docs, _ := Load(files("a.md", page))
	want := "Reset\n\nOpen the portal (https://account.test/x) now.\n\n1. Log in\n2. Choose\n\n   - new\n   - old\n\na | b\n1 | 2\n\n    code <x>\n\nbad\n\nLater\n\nDone."
	want = strings.Replace(want, "Choose\n\n   -", "Choose\n   -", 1)
	if docs[0].Text() != want {
		t.Errorf("text:\n%s\nwant:\n%s", docs[0].Text(), want)
	}
	p, err := docs[0].Passage(Question{})
	html := p.HTML
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "javascript:", "<b>"} {
		if strings.Contains(html, bad) {
			t.Errorf("HTML contains %s:\n%s", bad, html)
		}
	}
	if !strings.Contains(html, `<a href="https://account.test/x">portal</a>`) {
		t.Errorf("HTML lost the link:\n%s", html)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("---\nid: a\ntitle: b\nkeywords: [c]\n---\n# d\n\ne\n"))
	f.Add([]byte("+++\nid = \"a\"\nvalid_until = 2027-01-01\n+++\ntext"))
	f.Add([]byte("---\n&a [*a]\n---\nx"))
	f.Add([]byte("+++\n[[a]]\n+++\n- 1\n  - 2\n\n> x\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		doc, problems := parse("x.md", source)
		if len(problems) == 0 && (doc.ID == "" || doc.Title == "" || doc.Text() == "") {
			t.Errorf("no problem, but %+v", doc)
		}
		if doc.source != "" {
			if _, err := doc.Passage(Question{Text: "d"}); err != nil {
				t.Error(err)
			}
		}
	})
}
