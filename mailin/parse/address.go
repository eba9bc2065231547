package parse

import (
	"strings"

	"tierdesk/desk"
)

const (
	maxAddresses = 2000
	maxName      = 400 // bytes of a display name that commas may cut
)

// parseAddresses reads an address list (RFC 5322 section 3.4) as mail writes it:
// names with unquoted commas, groups, comments, encoded words anywhere, raw
// 8-bit names, missing brackets. What holds no address at all is kept as an
// address without "@" when it stands alone, and dropped in a list.
func parseAddresses(value, hint string) []desk.Address {
	if !strings.Contains(value, "@") && strings.Contains(value, "=?") {
		value = decodeWords(value, hint) // the whole list was encoded
	}
	var out []desk.Address
	carry := ""
	for _, chunk := range splitList(value) {
		if carry != "" {
			chunk = carry + ", " + chunk
			carry = ""
		}
		a, ok := parseAddress(chunk, hint)
		switch {
		case ok:
			out = append(out, a)
		case strings.TrimSpace(chunk) != "" && !strings.Contains(chunk, "<") && len(chunk) < maxName:
			carry = chunk // "Doe, John <j@example.com>"
		}
		if len(out) >= maxAddresses {
			break
		}
	}
	if len(out) == 0 && carry != "" && !strings.ContainsAny(strings.TrimSpace(carry), " \t:,") {
		out = append(out, desk.Address{Address: desk.OneLine(carry)}) // a local user: "root"
	}
	return out
}

// splitList cuts an address list at its commas, and takes groups ("name: a, b;")
// apart.
func splitList(s string) []string {
	var out []string
	start, angle := 0, false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = skipQuoted(s, i)
		case '(':
			i = skipComment(s, i) - 1
		case '<':
			angle = true
		case '>':
			angle = false
		case ',', ';':
			if angle && closesSoon(s[i:]) {
				continue // inside <…>, such as a source route
			}
			out = append(out, s[start:i])
			start, angle = i+1, false
		case ':':
			if !angle && isGroupName(s[start:i]) && !strings.HasPrefix(s[i:], "://") {
				start = i + 1
			}
		}
	}
	return append(out, s[start:])
}

// closesSoon reports that a ">" comes before the next "<".
func closesSoon(s string) bool {
	i := strings.IndexAny(s[:min(len(s), 400)], "<>")
	return i >= 0 && s[i] == '>'
}

func isGroupName(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && !strings.Contains(s, "@") && !strings.Contains(s, "=?")
}

// skipQuoted returns the index of the quote that closes the one at i, or i when
// it never closes.
func skipQuoted(s string, i int) int {
	for j := i + 1; j < len(s) && j < i+maxQuoted; j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return j
		}
	}
	return i
}

// parseAddress reads one mailbox; ok is false when no address is in it.
func parseAddress(s, hint string) (a desk.Address, ok bool) {
	s = strings.TrimSpace(s)
	open := lastOutside(s, '<')
	if open < 0 {
		return bareAddress(s, hint)
	}
	spec := s[open+1:]
	if i := strings.IndexByte(spec, '>'); i >= 0 {
		spec = spec[:i]
	}
	name := cleanName(s[:open], hint)
	spec = cleanSpec(spec, hint)
	if spec == "" {
		return bareAddress(s[:open], hint)
	}
	if !strings.Contains(spec, "@") && len(s) < 2*maxName {
		// "Ann <ann@example.com> <root>": an earlier one may be better.
		if b, ok := parseAddress(s[:open], hint); ok && strings.Contains(b.Address, "@") {
			return b, true
		}
	}
	return desk.Address{Name: name, Address: spec}, true
}

// lastOutside returns the last index of c outside quotes and comments, or -1.
func lastOutside(s string, c byte) int {
	last := -1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = skipQuoted(s, i)
		case '(':
			i = skipComment(s, i) - 1
		case c:
			last = i
		}
	}
	return last
}

// bareAddress reads "ann@example.com (Ann)" or "Ann ann@example.com".
func bareAddress(s, hint string) (a desk.Address, ok bool) {
	if strings.Contains(s, "=?") {
		decoded := decodeWords(s, hint)
		if strings.Contains(decoded, "<") && strings.Contains(decoded, "@") && !strings.Contains(s, "<") {
			return parseAddress(decoded, hint) // the brackets were encoded too
		}
	}
	spec, comment := cutComments(s)
	at := strings.LastIndexByte(spec, '@')
	if at < 0 {
		return a, false
	}
	spec = strings.TrimSpace(spec)
	if start := specStart(spec); start > 0 {
		a.Name = cleanName(spec[:start], hint)
		spec = spec[start:]
	}
	if comment != "" {
		a.Name = cleanName(comment, hint)
	}
	a.Address = cleanSpec(spec, hint)
	return a, a.Address != "" && a.Address != "@"
}

// specStart returns where the address starts in "Ann ann@example.com".
func specStart(s string) int {
	at := strings.LastIndexByte(s, '@')
	if strings.HasSuffix(s[:at], `"`) {
		if i := strings.LastIndexByte(s[:at-1], '"'); i >= 0 {
			return i
		}
	}
	return strings.LastIndexAny(strings.TrimRight(s[:at], " \t"), " \t\"") + 1
}

// cutComments takes the comments out of s; comment is the last of them.
func cutComments(s string) (rest, comment string) {
	if strings.IndexByte(s, '(') < 0 {
		return s, ""
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		switch s[i] {
		case '"':
			j := skipQuoted(s, i)
			b.WriteString(s[i : j+1])
			i = j + 1
		case '(':
			j := skipComment(s, i)
			comment = strings.Trim(s[i:j], "()")
			i = j
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String(), comment
}

// cleanSpec returns the addr-spec inside brackets: comments, blanks, "mailto:",
// source routes and quotes around the whole are taken off.
func cleanSpec(s, hint string) string {
	s, _ = cutComments(s)
	if strings.Contains(s, "=?") {
		s = decodeWords(s, hint)
	}
	s = strings.Trim(strings.TrimSpace(s), "<>,;")
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasPrefix(s, "@") { // source route, RFC 5322 section 4.4
		if i := strings.IndexByte(s, ':'); i > 0 {
			s = s[i+1:]
		}
	}
	if len(s) > 2 && (s[0] == '\'' && s[len(s)-1] == '\'' || s[0] == '"' && s[len(s)-1] == '"') {
		s = s[1 : len(s)-1]
	}
	if !strings.HasPrefix(s, `"`) {
		s = withoutBlanks(s)
	}
	if tame(s) {
		return s
	}
	return desk.OneLine(decodeCharset([]byte(s), "", hint))
}

// withoutBlanks returns s without white space.
func withoutBlanks(s string) string {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}

// cleanName returns a display name decoded and without quotes.
func cleanName(s, hint string) string {
	s = strings.TrimSpace(s)
	if strings.IndexByte(s, '"') >= 0 {
		s = unquote(s)
	} else if strings.IndexByte(s, '(') >= 0 {
		if rest, comment := cutComments(s); strings.TrimSpace(rest) == "" {
			s = comment
		}
	}
	s = oneLine(decodeWords(s, hint))
	s = strings.Trim(s, " \t,")
	if len(s) > 1 && (s[0] == '"' && s[len(s)-1] == '"' || s[0] == '\'' && s[len(s)-1] == '\'') {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}

// unquote takes the quotes of quoted strings and their backslashes off.
func unquote(s string) string {
	var b strings.Builder
	in := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			in = !in
		case s[i] == '\\' && in && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
