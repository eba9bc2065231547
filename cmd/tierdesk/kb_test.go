package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// knowledge writes a small knowledge base into a folder.
func knowledge(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"password.md": "---\ntitle: Resetting your password\nkeywords: [password]\nsymptoms: [I forgot my password]\n---\nUse the portal.\n",
		"printer.md":  "---\ntitle: Paper jam in the printer\naudience: public\n---\nOpen the cover.\n",
		"broken.md":   "---\ntitle: x\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func tierdesk(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), args, streams{strings.NewReader(in), &stdout, &stderr})
	return code, stdout.String(), stderr.String()
}

func TestKBLintNamesProblems(t *testing.T) {
	code, out, _ := tierdesk(t, "", "kb", "lint", "--kb", knowledge(t))
	want := "broken.md:1: front matter begins with --- and does not end with it\n" +
		"password.md:1: no audience: counts as internal, never mailed to customers\n"
	if code != 1 || out != want {
		t.Errorf("exit %d, printed\n%s", code, out)
	}
}

func TestKBListShowsUsableDocuments(t *testing.T) {
	code, out, errs := tierdesk(t, "", "kb", "list", "--kb", knowledge(t))
	if code != 0 || !strings.Contains(out, "Resetting your password") || strings.Contains(out, "broken") || !strings.Contains(errs, "2 problems") {
		t.Errorf("exit %d, printed\n%s\n%s", code, out, errs)
	}
}

func TestKBMatchAnswersInOrder(t *testing.T) {
	in := `{"id":"a","subject":"","text":"I forgot my password"}` + "\n\n" + `{"id":"b","text":"Where is Lima?"}` + "\n"
	type line struct {
		ID      string
		Matches []struct {
			Doc        string
			Confidence float64
		}
		Answer bool
		Why    []string
	}
	for _, test := range []struct {
		unstated string
		answer   bool
	}{{"public", true}, {"internal", false}} {
		code, out, errs := tierdesk(t, in, "kb", "match", "--kb", knowledge(t), "--unstated", test.unstated, "--json")
		if code != 0 {
			t.Fatal(errs)
		}
		var got []line
		for l := range strings.Lines(out) {
			var v line
			if err := json.Unmarshal([]byte(l), &v); err != nil {
				t.Fatal(err)
			}
			got = append(got, v)
		}
		if len(got) != 2 || got[0].ID != "a" || got[1].ID != "b" || got[0].Matches[0].Doc != "password" ||
			got[0].Answer != test.answer || got[1].Answer || len(got[1].Why) == 0 {
			t.Errorf("unstated %s: %+v", test.unstated, got)
		}
	}
}

func TestKBMatchNamesTheBadLine(t *testing.T) {
	code, _, errs := tierdesk(t, "{\"id\":\"a\"}\nnot json\n", "kb", "match", "--kb", knowledge(t), "--json")
	if code != 1 || !strings.Contains(errs, "line 2") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, _ := tierdesk(t, "", "kb", "match", "--kb", knowledge(t), "--target", "7"); code != 2 {
		t.Errorf("exit %d for a target of 7, want 2", code)
	}
}
