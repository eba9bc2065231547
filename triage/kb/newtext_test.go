package kb

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

// What is asked before a slow pattern is tried must let through every line that
// the pattern matches.
func TestLinesAreTriedThatThePatternsMatch(t *testing.T) {
	for name, pattern := range map[string]*regexp.Regexp{
		"quoteHeader": quoteHeader, "headerLine": headerLine, "signature": signature,
		"device": device, "closing": closing, "greeting": greeting,
	} {
		try(t, name, pattern, begins)
	}
	try(t, "disclaimer", disclaimer, disclaims)
}

func try(t *testing.T, name string, pattern *regexp.Regexp, tried func(string) bool) {
	t.Helper()
	re, err := syntax.Parse(pattern.String(), syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	matched := 0
	for _, line := range examples(re) {
		if !pattern.MatchString(line) {
			continue
		}
		matched++
		for _, l := range []string{line, "  " + line, strings.ToUpper(line)} {
			if pattern.MatchString(l) && !tried(l) {
				t.Errorf("%s matches %q, which is not tried", name, l)
			}
		}
	}
	if matched == 0 {
		t.Errorf("%s: no example of a line", name)
	}
}

// examples returns texts of which some match the expression: each of its
// alternatives once at least, as far as they are at its beginning.
func examples(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(re.Rune))}
	case syntax.OpCharClass:
		var out []string
		for i := 0; i < len(re.Rune) && i < 8; i += 2 {
			out = append(out, string(re.Rune[i]))
		}
		return out
	case syntax.OpAnyCharNotNL:
		return []string{"x"}
	case syntax.OpCapture, syntax.OpPlus:
		return examples(re.Sub[0])
	case syntax.OpQuest:
		return append([]string{""}, examples(re.Sub[0])...)
	case syntax.OpRepeat:
		one := examples(re.Sub[0])
		for i := range one {
			one[i] = strings.Repeat(one[i], max(re.Min, 0))
		}
		return one
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			out = append(out, examples(sub)...)
		}
		return out
	case syntax.OpConcat:
		return joined(re.Sub)
	}
	return []string{""} // anchors, and what may be empty
}

// joined returns the texts of parts that follow each other: all combinations of
// the first ones, then a few of the later ones.
func joined(parts []*syntax.Regexp) []string {
	out := []string{""}
	for _, p := range parts {
		next := examples(p)
		if len(out)*len(next) > 20_000 {
			next = next[:1]
		}
		var longer []string
		for _, a := range out {
			for _, b := range next {
				longer = append(longer, a+b)
			}
		}
		out = longer
	}
	return out
}
