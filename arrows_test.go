package tierdesk

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows lists, for every folder of ours, which of our folders it may import in
// code that is not a test. A new folder or arrow is a change of this table, with
// its reason in the commit.
var arrows = map[string][]string{
	"desk":               {},
	"mailin":             {"desk", "mailin/parse"},
	"mailin/parse":       {"desk"},
	"mailin/parse/bench": {}, // a module of its own: its libraries stay out of the program
	"triage":             {"desk", "triage/kb", "triage/diagnose"},
	"triage/kb":          {"desk"},
	"triage/diagnose":    {"desk"},
	"triage/embed":       {"desk"},
	"triage/precedent":   {"desk", "triage/kb"},
	"store":              {"desk"},
	"tiers":              {"desk"},
	"mailout":            {"desk", "templates"},
	"templates":          {},
	"docs":               {},
	"testbed":            {},
	"cmd/tierdesk":       {"desk", "mailin", "mailin/parse", "triage", "triage/kb", "triage/embed", "triage/precedent", "store", "tiers", "mailout", "templates", "docs"},
}

// The files are parsed here rather than by a child process, since the test cache
// cannot see what a child reads.
func TestArrows(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if dir == "." {
			return nil
		}
		allowed, known := arrows[dir]
		if !known {
			t.Errorf("%s: folder %s is not in the table of arrows", path, dir)
			return nil
		}
		seen[dir] = true
		checkImports(t, path, dir, allowed)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range arrows {
		if !seen[dir] {
			t.Errorf("the table of arrows names %s, which has no Go file", dir)
		}
	}
}

func checkImports(t *testing.T, path, dir string, allowed []string) {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	test := strings.HasSuffix(path, "_test.go")
	for _, spec := range f.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		ours, isOurs := strings.CutPrefix(imp, "tierdesk/")
		switch {
		case !isOurs && dir == "desk" && !test && strings.Contains(strings.SplitN(imp, "/", 2)[0], "."):
			t.Errorf("%s imports %s; desk has the standard library only", path, imp)
		case !isOurs || test:
		case !slices.Contains(allowed, ours):
			t.Errorf("%s imports %s; %s may import %v", path, ours, dir, allowed)
		}
	}
}
