package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxAttributionLines = 4
	maxAttribution      = 500 // bytes
)

// attribution returns how many lines from i on form an attribution ("On DATE,
// NAME wrote:"), 0 when they are none. Clients wrap it, with or without quote
// marks, over up to four lines.
func (c *cutter) attribution(i int) int {
	first := c.lines[i].trim
	if !mayAttribute(first) {
		return 0
	}
	joined := ""
	for n := 1; n <= maxAttributionLines && i+n <= len(c.lines); n++ {
		l := &c.lines[i+n-1]
		if l.blank || l.fate != fateKeep || l.quote && !closesAddress(joined, l.trim) {
			return 0
		}
		if joined != "" {
			joined += " "
		}
		joined += l.trim
		if len(joined) > maxAttribution {
			return 0
		}
		next := c.nextText(i + n)
		quoteNext := next < len(c.lines) && c.lines[next].quote
		if isAttribution(joined, quoteNext) {
			return n
		}
	}
	return 0
}

// closesAddress reports a line such as ">:" or "> wrote:", which is no quote but
// the end of an address that was wrapped in the line above.
func closesAddress(above, line string) bool {
	return len(line) < 40 && strings.HasSuffix(line, ":") && strings.LastIndexByte(above, '<') > strings.LastIndexByte(above, '>')
}

// mayAttribute is the quick look: does the line start as attributions do?
func mayAttribute(s string) bool {
	c := s[0]
	if digit(c) || c == '-' || c == '*' || c == '[' || c == '<' || c == '"' || c == '_' {
		return true
	}
	if strings.ContainsAny(s, "@<") {
		return true
	}
	if last := s[len(s)-1]; last == ':' || strings.HasSuffix(s, "：") {
		return true
	}
	if len(s) < 120 && numbers(s) > 3 && hasDate(s) {
		return true
	}
	return startsOn(strings.ToLower(s[:min(len(s), 40)])) // the words are shorter
}

// startsOn reports whether the lower-case line begins with a word such as "on".
func startsOn(low string) bool {
	word, rest, _ := strings.Cut(low, " ")
	if onWords.set[strings.TrimRight(word, ",")] {
		return true
	}
	second, _, _ := strings.Cut(rest, " ")
	if onWords.set[word+" "+second] {
		return true
	}
	r, _ := utf8.DecodeRuneInString(word)
	return r == '在' || r == '于' || r == '於' // written without blanks
}

// isAttribution reports whether a joined line is an attribution; quoteNext tells
// that a quoted line follows.
func isAttribution(s string, quoteNext bool) bool {
	core := strings.Trim(s, " -*_")
	colon := strings.HasSuffix(core, ":") || strings.HasSuffix(core, "：")
	core = strings.TrimRight(strings.TrimSuffix(strings.TrimRight(core, ":"), "："), " *_")
	if core == "" {
		return false
	}
	low := strings.ToLower(core)
	date := hasDate(low)
	address := strings.Contains(low, "@")
	dashed := len(s) > 8 && strings.HasPrefix(s, "---") && strings.HasSuffix(s, "---")
	if !date && !address && !quoteNext && !dashed {
		return false
	}
	verb, atEnd := findVerb(low)
	on := startsOn(low)
	first, _ := utf8.DecodeRuneInString(core)
	if on && unicode.IsLower(first) && !address && !quoteNext {
		return false // programs write capitals; this is a sentence
	}
	switch {
	case dashed && verb: // Zoho, Android: "---- On DATE Ann <ann@…> wrote ----"
		return true
	case colon && verb && (date && numbers(low) > 2 || address):
		return atEnd || !on || quoteNext // "at 16:18 the server said:" has two
	case colon && date && address && strings.Contains(low, "<"):
		return true
	case colon && address && clock(low) && numbers(low) > 3 && len(strings.Fields(low)) <= 8: // Tutanota: "Jan 1, 2024, 16:18 by ann@x.example:"
		return true
	case colon && verb && quoteNext:
		return len(strings.Fields(low)) <= 12
	case colon && on && date && quoteNext:
		return true
	case atEnd && date && (on || digit(low[0])) && (address || quoteNext || strings.Contains(low, ",")):
		return true
	case date && address && quoteNext && (on || digit(low[0])):
		return true
	}
	return false
}

// findVerb looks for a word such as "wrote"; atEnd tells that at most three words
// follow it.
func findVerb(low string) (found, atEnd bool) {
	words := strings.FieldsFunc(low, func(r rune) bool { return r == ' ' || r == ',' || r == ':' })
	for i := len(words) - 1; i >= 0; i-- {
		hit := wroteWords.set[words[i]]
		if !hit && i > 0 {
			hit = wroteWords.set[words[i-1]+" "+words[i]]
		}
		if !hit && i > 1 {
			hit = wroteWords.set[words[i-2]+" "+words[i-1]+" "+words[i]]
		}
		if hit {
			return true, len(words)-1-i <= 3
		}
	}
	if utf8.RuneCountInString(low) != len(low) { // languages that glue words
		for _, p := range gluedVerbs {
			if i := strings.LastIndex(low, p); i >= 0 {
				return true, len(low)-i-len(p) < 8
			}
		}
	}
	return false, false
}

// gluedVerbs are the verbs that stand without blanks around them.
var gluedVerbs = []string{"写道", "寫道", "님이 작성", "님이 쓴 글", "이(가) 쓴 글", "書きました", "のメール", "のメッセージ", "来信", "來信", "写了", "เขียน"}

// clock reports a time such as "16:18".
func clock(s string) bool {
	i := strings.IndexByte(s, ':')
	return i > 0 && i+2 < len(s) && digit(s[i-1]) && digit(s[i+1]) && digit(s[i+2])
}

// numbers counts the groups of digits in s.
func numbers(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if digit(s[i]) && (i == 0 || !digit(s[i-1])) {
			n++
		}
	}
	return n
}

// hasDate reports a clock time, a full year, or a date in figures.
func hasDate(s string) bool {
	for i := 0; i < len(s); {
		if !digit(s[i]) {
			i++
			continue
		}
		j := i
		for j < len(s) && digit(s[j]) {
			j++
		}
		n := j - i
		if n == 4 && (s[i:i+2] == "19" || s[i:i+2] == "20") {
			return true
		}
		if n <= 2 && j+2 < len(s) && (s[j] == ':' || s[j] == '/' || s[j] == '.' || s[j] == 'h') && digit(s[j+1]) && digit(s[j+2]) {
			return true
		}
		if n <= 2 && j+1 < len(s) && (s[j] == '/' || s[j] == '.') && digit(s[j+1]) {
			return true
		}
		i = j
	}
	return false
}
