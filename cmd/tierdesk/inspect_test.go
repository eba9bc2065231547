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

func TestInspect(t *testing.T) {
	name := filepath.Join(t.TempDir(), "one.eml")
	mail := "From: Ann <ann@customer.example>\r\nSubject: \x1b[31mred\r\n\r\nStill dead.\r\n\r\nOn 1 Jan 2024, at 16:18, Bob wrote:\r\n\r\n> \x1b[2Jold\r\n"
	if err := os.WriteFile(name, []byte(mail), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"--json", ""} {
		var out, errs bytes.Buffer
		args := []string{"inspect", name, name}
		if flag != "" {
			args = append(args, flag)
		}
		if code := run(context.Background(), args, streams{strings.NewReader(""), &out, &errs}); code != 0 {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		if flag == "" {
			if strings.ContainsRune(out.String(), 0x1b) || !strings.Contains(out.String(), "    Still dead.") {
				t.Errorf("printed %q", out.String())
			}
			continue
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 2 {
			t.Fatalf("%d lines", len(lines))
		}
		var got struct{ File, Kind, Reply string }
		if err := json.Unmarshal([]byte(lines[1]), &got); err != nil || got.File != name || got.Kind != "message" || got.Reply != "Still dead." {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// A file that cannot be read has a line, too, and the files are named as they were
// given.
func TestInspectUnreadable(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("two.eml", []byte("From: ann@customer.example\r\n\r\nHello.\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	args := []string{"inspect", "--json", "missing.eml", ".", "two.eml"}
	if code := run(context.Background(), args, streams{strings.NewReader(""), &out, &errs}); code != 1 {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	lines := json.NewDecoder(&out)
	for i, name := range args[2:] {
		var got struct {
			File  string
			Error *string
			Reply string
		}
		if err := lines.Decode(&got); err != nil || got.File != name || (got.Error == nil) != (i == 2) {
			t.Errorf("line %d: %+v, %v", i+1, got, err)
		}
	}
}
