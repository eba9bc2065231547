package parse

import (
	"strings"
	"unicode"
)

const (
	maxSignedHTML = 256 << 10 // bytes of HTML that is looked at only for its signature
	maxSignTries  = 20        // lines that may begin it
)

// borrowSignature marks in a plain text the lines that the HTML beside it says are
// the signature: most programs write nothing above it.
func (m *message) borrowSignature(t bodyText, lines []textLine) {
	if len(t.plain) == 0 || len(t.html) != 1 || len(m.parts[t.html[0]].body(m.raw)) > maxSignedHTML {
		return
	}
	left := m.left
	text := m.decodeText(t.html[0])
	m.left = left // it is not shown
	if !strings.Contains(text, "ignature") {
		return
	}
	var first, all string
	for _, l := range renderHTML([]byte(text)) {
		if s := onlyLetters(l.text); l.sign && s != "" {
			if first == "" {
				first = s
			}
			all += s
			if len(all) > 4000 {
				return
			}
		}
	}
	if first != "" {
		markSignature(lines, first, all)
	}
}

// markSignature marks the first stretch of lines that begins with the first line of
// a signature and shows all of it.
func markSignature(lines []textLine, first, all string) {
	tries := 0
	for i := range lines {
		if isQuote(lines[i].text) || onlyLetters(lines[i].text) != first {
			continue
		}
		if tries++; tries > maxSignTries {
			return
		}
		end, shown := i, 0
		for j := i; j < len(lines) && j < i+maxFooter; j++ {
			s := onlyLetters(lines[j].text)
			if !strings.Contains(all, s) {
				break
			}
			end = j + 1
			shown += len(s)
		}
		if shown*10 < len(all)*8 {
			continue
		}
		for j := i; j < end; j++ {
			lines[j].sign = true
		}
		return
	}
}

// onlyLetters returns the letters and digits of a line, without the addresses behind
// links, which programs show in different ways.
func onlyLetters(s string) string {
	link := false
	return strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			link = true
		case r == '>':
			link = false
		case !link && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
