package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"tierdesk/docs"
	"tierdesk/triage"
)

var update = flag.Bool("update", false, "write generated files")

// Every key of the configuration is described, and nothing else is.
func TestConfigPageNamesEveryKey(t *testing.T) {
	page, err := docs.Pages.ReadFile("config.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range tomlKeys(reflect.TypeFor[config]()) {
		if !bytes.Contains(page, []byte("`"+key+"`")) && !bytes.Contains(page, []byte("["+key+"]")) {
			t.Errorf("docs/config.md does not describe %s", key)
		}
	}
}

// tomlKeys returns the last parts of all keys of a struct.
func tomlKeys(typ reflect.Type) []string {
	for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct {
		return nil
	}
	var keys []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag := f.Tag.Get("toml")
		if tag == "" && !f.Anonymous {
			continue
		}
		if tag != "" && tag != "p2" && tag != "p3" { // p1 … p4 stand together
			keys = append(keys, tag)
		}
		if f.Type != reflect.TypeFor[targetConfig]() {
			keys = append(keys, tomlKeys(f.Type)...)
		}
	}
	return keys
}

// docs/cli.md is generated from the command line itself; -update writes it.
func TestCommandPageIsGenerated(t *testing.T) {
	const file = "../../docs/cli.md"
	want := commandPage(t)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/cli.md is not what the command line says; run go test ./cmd/tierdesk -run TestCommandPageIsGenerated -update")
	}
}

// The technicians' page lists the commands as triage has them; -update writes it.
func TestByMailPageHasTheCommands(t *testing.T) {
	const file = "../../docs/by-mail.md"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- commands -->\n", "<!-- end -->"
	head, rest, ok := strings.Cut(string(page), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the commands", file)
	}
	want := head + begin + triage.CommandTable() + end + tail
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(page) != want {
		t.Errorf("%s does not list the commands as they are; run go test ./cmd/tierdesk -run TestByMailPageHasTheCommands -update", file)
	}
}

func commandPage(t *testing.T) string {
	parser, err := kong.New(&commands{}, kong.Name("tierdesk"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# Commands\n\nGenerated from the command line. Every command takes `--config FILE` (default\n`tierdesk.toml`, or `$TIERDESK_CONFIG`) and ends with status 0 done, 1 failed, 2 wrong\nusage. With `--json` a command writes one object a line.\n")
	for _, leaf := range parser.Model.Leaves(true) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", leaf.FullPath(), leaf.Help)
		for _, arg := range leaf.Positional {
			fmt.Fprintf(&b, "\n- `%s`: %s", arg.Summary(), arg.Help)
		}
		for _, group := range leaf.AllFlags(true) {
			for _, f := range group {
				if f.Name == "help" || f.Name == "config" {
					continue
				}
				fmt.Fprintf(&b, "\n- `--%s`: %s", f.Name, f.Help)
				if f.HasDefault && f.Default != "" {
					fmt.Fprintf(&b, " Default `%s`.", f.Default)
				}
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestHelpListsAndPrintsPages(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"help"}, streams{nil, &out, &errs}); code != 0 || !strings.Contains(out.String(), "config") {
		t.Errorf("help: status %d, %s%s", code, &out, &errs)
	}
	out.Reset()
	if code := run(context.Background(), []string{"help", "config"}, streams{nil, &out, &errs}); code != 0 || !strings.HasPrefix(out.String(), "# Configuration") {
		t.Errorf("help config: status %d, %s%s", code, &out, &errs)
	}
	if code := run(context.Background(), []string{"help", "nothing"}, streams{nil, &out, &errs}); code != 2 {
		t.Errorf("help nothing: status %d", code)
	}
}

var testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Za-z0-9]+|[a-z0-9]+(?:-[a-z0-9]+)*)`")

// The tests that the pages name are there, and each page has its rows.
func TestPagesNameTestsThatExist(t *testing.T) {
	tests := namesOfTests(t)
	for page, rows := range map[string]struct {
		start string
		cell  int // from the end
		count int
	}{
		"security.md": {"| T", 2, 46}, "reliability.md": {"| F", 2, 38}, "promises.md": {"", 1, 0},
	} {
		text, err := fs.ReadFile(docs.Pages, page)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, rows.start) {
				continue
			}
			count++
			cells := strings.Split(line, "|")
			for _, m := range testName.FindAllStringSubmatch(cells[len(cells)-rows.cell], -1) {
				if !tests[m[1]] {
					t.Errorf("%s names the test %s, which is not there", page, m[1])
				}
			}
		}
		if rows.count > 0 && count != rows.count {
			t.Errorf("%s has %d rows", page, count)
		}
	}
}

// namesOfTests returns the names of all tests and scripts.
func namesOfTests(t *testing.T) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)`).FindAllSubmatch(code, -1) {
			tests[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scripts {
		tests[strings.TrimSuffix(filepath.Base(s), ".txtar")] = true
	}
	return tests
}
