package templates

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// page is what the templates of these tests see; the embedded ones are tried
// with a real letter in package mailout.
type page struct{ Name string }

// folder writes an operator's folder that replaces every embedded structure file
// by a plain one, and then the files given.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	names, err := filepath.Glob("*.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, n := range names {
		all[n] = "plain {{.Name}}"
		all[strings.TrimSuffix(n, ".txt")+".html"] = "<p>{{.Name}}</p>"
	}
	for n, text := range files {
		all[n] = text
	}
	for n, text := range all {
		p := filepath.Join(dir, n)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOperatorsFilesReplaceEmbeddedOnes(t *testing.T) {
	dir := folder(t, map[string]string{
		"ack.txt":     `{{say "greeting" .}} {{say "none"}}`,
		"lang/de.txt": `{{define "none"}}Nix da.{{end}}`,
		"lang/nl.txt": `{{define "greeting"}}Dag {{.Name}},{{end}}`,
	})
	set, err := Load(dir, page{"Ann"})
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		"en": "Hello Ann, None.", "de": "Hallo Ann, Nix da.", "de-AT": "Hallo Ann, Nix da.",
		"nl": "Dag Ann, None.", "sv": "Hello Ann, None.", "": "Hello Ann, None.",
	} {
		text, html, err := set.Render("ack", lang, page{"Ann"})
		if err != nil || text != want || html != "<p>Ann</p>" {
			t.Errorf("%s: %q %q %v, want %q", lang, text, html, err, want)
		}
	}
	if !slices.Equal(set.Languages(), []string{"de", "en", "es", "fr", "it", "nl", "pl", "pt"}) {
		t.Errorf("languages %v", set.Languages())
	}
}

func TestAllProblemsAreToldWithTheirPlace(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"parse": {
			"ack.txt:2":     "line one\n{{.Name",
			"answer.html:3": "one\ntwo\n{{nosuch .}}",
			"lang/de.txt:1": `{{define "none"}}{{system "ls"}}{{end}}`,
			"acknowledge":   "a name that is none",
		},
		"execute": {
			"ack.txt:2":    "line one\n{{.Password}}",
			"solved.txt:1": `{{say "no.such.phrase"}}`,
			"digest.txt:1": `{{template "nowhere"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			named := map[string]string{}
			for place, text := range files {
				file, _, _ := strings.Cut(place, ":")
				named[file] = text
			}
			_, err := Load(folder(t, named), page{"Ann"})
			if err == nil {
				t.Fatal("no error")
			}
			for place := range files {
				if n := strings.Count(err.Error(), place); n == 0 {
					t.Errorf("%s is not told:\n%v", place, err)
				}
			}
			if lines := strings.Count(err.Error(), "\n") + 1; lines != len(files) {
				t.Errorf("%d lines for %d problems:\n%v", lines, len(files), err)
			}
		})
	}
}

func TestMissingFolderIsAnError(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none"), page{}); err == nil {
		t.Error("no error")
	}
}

var defined = regexp.MustCompile(`\{\{define "([^"]+)"\}\}`)

// phrasesOf returns the phrases that a language file defines, by name.
func phrasesOf(t *testing.T, code string) map[string]string {
	t.Helper()
	b, err := embedded.ReadFile("lang/" + code + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	places := defined.FindAllStringSubmatchIndex(string(b), -1)
	for i, m := range places {
		end := len(b)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		found[string(b[m[2]:m[3]])] = strings.TrimSuffix(strings.TrimSpace(string(b[m[1]:end])), "{{end}}")
	}
	return found
}

func TestLanguagesOfTechniciansSayEverything(t *testing.T) {
	want := slices.Sorted(maps.Keys(phrasesOf(t, "en")))
	for _, code := range []string{"de", "fr"} {
		if got := slices.Sorted(maps.Keys(phrasesOf(t, code))); !slices.Equal(got, want) {
			t.Errorf("%s has not the same phrases as en:\n%v\n%v", code, got, want)
		}
	}
}

// What a customer can get stands in every language, and nothing of it in English.
func TestEveryLanguageSaysAllThatCustomersRead(t *testing.T) {
	english := phrasesOf(t, "en")
	for _, code := range []string{"de", "fr", "es", "it", "pt", "nl", "pl"} {
		own := phrasesOf(t, code)
		for _, name := range customersPhrases(t) {
			switch text, has := own[name]; {
			case !has:
				t.Errorf("%s does not say %q", code, name)
			case text == english[name] && name != "date.layout":
				t.Errorf("%s says %q in English: %s", code, name, text)
			}
		}
	}
}

// customersPhrases returns the phrases of the mails that customers get.
func customersPhrases(t *testing.T) []string {
	t.Helper()
	phrases := []string{
		"date.days", "date.months", "date.layout", "delimiter",
		"button.solved", "button.notsolved", "button.take", "button.good", "button.bad", "button.other",
		"state.new", "state.open", "state.waiting", "state.solved", "state.closed",
		"message.customer", "message.reply", "message.answer", "thread",
	}
	for _, name := range []string{"ack", "answer", "reply", "solved", "status", "merged", "incident", "incident-solved"} {
		for _, file := range []string{name + ".txt", name + ".html"} {
			b, err := embedded.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range said.FindAllStringSubmatch(string(b), -1) {
				phrases = append(phrases, m[1])
			}
		}
	}
	b, err := embedded.ReadFile("layout.txt")
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(string(b), "{{- define ") {
		if strings.HasPrefix(block, `"customer-end"`) || strings.HasPrefix(block, `"feedback"`) {
			for _, m := range said.FindAllStringSubmatch(block, -1) {
				phrases = append(phrases, m[1])
			}
		}
	}
	slices.Sort(phrases)
	return slices.Compact(phrases)
}

var said = regexp.MustCompile(`say "([^"]+)"`)

func TestEveryPhraseThatIsSaidExists(t *testing.T) {
	en, err := embedded.ReadFile("lang/en.txt")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := embedded.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := embedded.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(b), -1) {
			if !strings.Contains(string(en), `{{define "`+m[1]+`"}}`) {
				t.Errorf("%s says %q, which no language has", e.Name(), m[1])
			}
		}
	}
}

func TestHTMLLoadsNothingAndRunsNothing(t *testing.T) {
	entries, err := embedded.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".html" {
			continue
		}
		b, err := embedded.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"http:", "https:", "<img", "<link", "<script", "url(", "@import", " on"} {
			if strings.Contains(strings.ToLower(string(b)), word) {
				t.Errorf("%s contains %q", e.Name(), word)
			}
		}
	}
}

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "< 1 min", 29 * time.Second: "< 1 min", -90 * time.Minute: "1 h 30 min", time.Hour: "1 h",
		48 * time.Hour: "2 d", 51*time.Hour + 10*time.Minute: "2 d 3 h", 12 * time.Minute: "12 min",
	} {
		if got := duration(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "< 1 kB", 999: "< 1 kB", 1000: "1 kB", 120_304: "120 kB", 2_400_000: "2400 kB", 12_345_678: "12 MB",
	} {
		if got := size(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestDatesInEachLanguage(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 5, 0, 0, time.UTC)
	set, err := Load(folder(t, map[string]string{"ack.txt": "{{date .}} {{day .}}", "ack.html": ""}), nil)
	if err == nil {
		t.Fatal("a sample without a time passed")
	}
	for lang, want := range map[string]string{
		"en": "Mon 2 Mar 2026, 09:05 UTC", "de": "Mo 2. März 2026, 09:05 UTC", "fr": "lun. 2 mars 2026, 09:05 UTC",
		"es": "lun 2 mar 2026, 09:05 UTC", "it": "lun 2 mar 2026, 09:05 UTC", "pt": "seg. 2 mar. 2026, 09:05 UTC",
		"nl": "ma 2 mrt 2026, 09:05 UTC", "pl": "pon. 2 marca 2026, 09:05 UTC",
	} {
		if got := set.languages[lang].date(at); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

func TestTextBecomesSafeHTML(t *testing.T) {
	got := string(paragraphs("\n<b>one</b>\n  two & \"three\"\n\n\n\nfour\n"))
	want := "<p style=\"margin:0 0 12px 0\">&lt;b&gt;one&lt;/b&gt;<br>\n&nbsp;&nbsp;two &amp; &#34;three&#34;</p>\n" +
		"<p style=\"margin:0 0 12px 0\">four</p>\n"
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestTextTables(t *testing.T) {
	for got, want := range map[string]string{
		left(4, "äb") + "|": "äb  |", right(4, 12) + "|": "  12|", cut(5, "Größenwahn"): "Größ…", cut(5, "Größe"): "Größe",
		quote("a\n\nb"): "> a\n>\n> b", underline("Größe"): "Größe\n-----",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, c := range [][3]int{{0, 5, 0}, {1, 1000, 2}, {5, 5, 100}, {1, 2, 50}, {3, 0, 0}} {
		if got := percent(c[0], c[1]); got != c[2] {
			t.Errorf("percent %v is %d", c, got)
		}
	}
}
