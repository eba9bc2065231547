package desk

import (
	"strings"
	"testing"
)

// The check character catches every wrong digit and every exchange of neighbours.
func TestNumberCatchesTypingErrors(t *testing.T) {
	for id := TicketID(1); id < 3000; id += 7 {
		number := Number(id)
		if got, ok := ParseNumber(number); !ok || got != id {
			t.Fatalf("%s reads as %d, %v", number, got, ok)
		}
		digits, check, _ := strings.Cut(number, "-")
		for i := range digits {
			for d := byte('0'); d <= '9'; d++ {
				typo := digits[:i] + string(d) + digits[i+1:]
				if typo == digits || typo[0] == '0' {
					continue
				}
				if got, ok := ParseNumber(typo + "-" + check); ok {
					t.Errorf("%s mistyped as %s-%s is taken for %d", number, typo, check, got)
				}
			}
			if i > 0 && digits[i] != digits[i-1] && !(i == 1 && digits[1] == '0') {
				typo := digits[:i-1] + string(digits[i]) + string(digits[i-1]) + digits[i+1:]
				if got, ok := ParseNumber(typo + "-" + check); ok {
					t.Errorf("%s with exchanged digits %s-%s is taken for %d", number, typo, check, got)
				}
			}
		}
	}
	for _, bad := range []string{"", "-K", "0", "-1", "x", "1-", "1-KK", "99999999999999999999"} {
		if id, ok := ParseNumber(bad); ok {
			t.Errorf("%q is taken for %d", bad, id)
		}
	}
}

func TestFindTag(t *testing.T) {
	n := Number(1234)
	for subject, want := range map[string]TicketID{
		"Re: [ACME #" + n + "] Printer":            1234,
		"AW: [acme #" + strings.ToLower(n) + "] x": 1234,
		"[EXTERNAL] Re: [ ACME  # " + n + " ] x":   1234,
		"[OTHER #" + n + "] Printer":               0,
		"[ACME #1234] Printer":                     0,
		"[ACME #1234-" + wrongCheck(1234) + "] x":  0,
		"ACME #" + n: 0,
	} {
		if got, _ := FindTag(subject, "ACME"); got != want {
			t.Errorf("FindTag(%q) = %d, want %d", subject, got, want)
		}
	}
}

func wrongCheck(id TicketID) string {
	if checkChar(id) == 'A' {
		return "B"
	}
	return "A"
}

func TestSubjectsDoNotGrow(t *testing.T) {
	s := "Printer on fire"
	for range 5 {
		s = "AW: Re: " + TagSubject(s, "ACME", 7, true)
	}
	if want := "Re: [ACME #" + Number(7) + "] Printer on fire"; TagSubject(s, "ACME", 7, true) != want {
		t.Errorf("%q, want %q", TagSubject(s, "ACME", 7, true), want)
	}
	if got := BaseSubject(strings.Repeat("x", 1000), "ACME"); len([]rune(got)) > 201 {
		t.Errorf("%d characters", len([]rune(got)))
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nBcc: x@y":      "a Bcc: x@y",
		"\x1b[31mred\x1b[0m": "[31mred [0m",
		"abc\u202etxt.exe":   "abctxt.exe",
		"a\u2028b\u2029c":    "a b c",
		"  two  spaces\t":    "two spaces",
		"\x00nul":            "nul",
	} {
		if got := OneLine(in); got != want {
			t.Errorf("OneLine(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Printable("a\r\nb\x1b\u202ec\td"); got != "a\nbc\td" {
		t.Errorf("Printable: %q", got)
	}
}

func FuzzSubject(f *testing.F) {
	f.Add("Re: [ACME #1234-K] x")
	f.Fuzz(func(t *testing.T, s string) {
		FindTag(s, "ACME")
		if b := BaseSubject(s, "ACME"); strings.ContainsAny(b, "\r\n\x00\x1b") {
			t.Errorf("control characters in %q", b)
		}
	})
}
