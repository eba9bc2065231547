package desk

import (
	"strings"
	"testing"
)

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"plan.pdf":                        "plan.pdf",
		`C:\Users\x\plan.pdf`:             "plan.pdf",
		"../../etc/passwd":                "passwd",
		"a\r\nX-Evil: 1.pdf":              "a X-Evil: 1.pdf",
		"abc\u202egnp.exe":                "abcgnp.exe",
		"":                                "attachment",
		"/":                               "attachment",
		".":                               "attachment",
		"\x00":                            "attachment",
		strings.Repeat("x", 300) + ".pdf": strings.Repeat("x", 56) + ".pdf",
		strings.Repeat("x", 56) + ".exe" + strings.Repeat("y", 20): strings.Repeat("x", 56) + ".exe",
	} {
		if got := FileName(in); got != want {
			t.Errorf("FileName(%q) = %q, want %q", in, got, want)
		}
	}
}

// A name that was judged must not become another one when the mail is built.
func FuzzFileName(f *testing.F) {
	f.Add("a b/c.txt")
	f.Add(strings.Repeat("ü ", 50) + ".exe " + strings.Repeat("y", 20))
	f.Add("\u202e./..\\ .\u2028")
	f.Fuzz(func(t *testing.T, s string) {
		once := FileName(s)
		if twice := FileName(once); twice != once {
			t.Errorf("%q becomes %q and then %q", s, once, twice)
		}
		if once == "" || len([]rune(once)) > maxFileName || strings.ContainsAny(once, "/\\\r\n\x00") {
			t.Errorf("%q becomes %q", s, once)
		}
	})
}
