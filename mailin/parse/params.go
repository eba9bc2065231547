package parse

import (
	"sort"
	"strconv"
	"strings"
)

// param is one parameter of a structured field, its name in lower case.
type param struct{ name, value string }

type params []param

func (p params) get(name string) string {
	for i := range p {
		if p[i].name == name {
			return p[i].value
		}
	}
	return ""
}

const (
	maxParams  = 16 << 10 // bytes of a structured field that are read
	maxComment = 500      // a longer one is none: without this, "((((" costs its square
	maxQuoted  = 2000     // likewise for quoted strings
)

// parseParams reads "value; name=value; …" (RFC 2045 section 5.1) the way mail
// is found in the wild: comments, values without quotes that hold blanks or
// slashes, missing semicolons, quotes that never close. RFC 2231 pieces are put
// together and decoded.
func parseParams(s string) (value string, ps params) {
	if len(s) > maxParams {
		s = s[:maxParams]
	}
	sc := paramScanner{s: s}
	value = sc.token()
	for !sc.done() {
		name, val, ok := sc.param()
		if ok {
			ps = append(ps, param{strings.ToLower(name), val})
		}
		if len(ps) > 100 {
			break
		}
	}
	return strings.TrimSpace(value), join2231(ps)
}

type paramScanner struct {
	s string
	i int
}

func (p *paramScanner) done() bool { return p.i >= len(p.s) }

// blanks skips white space and comments.
func (p *paramScanner) blanks() {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			p.i++
		case c == '(':
			p.i = skipComment(p.s, p.i)
		default:
			return
		}
	}
}

// skipComment returns the index after the comment at i, or after its opening
// parenthesis when it never closes.
func skipComment(s string, i int) int {
	depth := 0
	for j := i; j < len(s) && j < i+maxComment; j++ {
		switch s[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	return i + 1
}

// token reads the field's own value, up to a semicolon or a blank before
// something that looks like a parameter.
func (p *paramScanner) token() string {
	p.blanks()
	if p.i < len(p.s) && p.s[p.i] == '"' {
		return p.quoted()
	}
	start := p.i
	for p.i < len(p.s) && p.s[p.i] != ';' && p.s[p.i] != '(' {
		if blank(p.s[p.i]) && startsParam(p.s[p.i:]) {
			break
		}
		p.i++
	}
	return p.s[start:p.i]
}

// param reads one name=value; ok is false for junk, which is skipped.
func (p *paramScanner) param() (name, value string, ok bool) {
	for p.blanks(); p.i < len(p.s) && (p.s[p.i] == ';' || p.s[p.i] == ','); p.blanks() {
		p.i++
	}
	start := p.i
	for p.i < len(p.s) && p.s[p.i] != '=' && p.s[p.i] != ';' {
		p.i++
	}
	name = strings.TrimSpace(p.s[start:p.i])
	if p.i >= len(p.s) || p.s[p.i] == ';' {
		return "", "", false
	}
	p.i++
	for p.i < len(p.s) && blank(p.s[p.i]) {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '"' {
		value = p.quoted()
	} else {
		value = p.bare()
	}
	return name, value, name != "" && len(name) < 80
}

// quoted reads a quoted string. A backslash escapes a quote or a backslash only:
// Windows clients put whole paths into file names.
func (p *paramScanner) quoted() string {
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		c := p.s[p.i]
		if c == '"' {
			p.i++
			return b.String()
		}
		if c == '\\' && p.i+1 < len(p.s) && (p.s[p.i+1] == '"' || p.s[p.i+1] == '\\') {
			p.i++
			c = p.s[p.i]
		}
		b.WriteByte(c)
	}
	return b.String()
}

// bare reads a value without quotes, up to a semicolon or a blank before another
// parameter.
func (p *paramScanner) bare() string {
	start := p.i
	for p.i < len(p.s) && p.s[p.i] != ';' {
		if blank(p.s[p.i]) && (startsParam(p.s[p.i:]) || p.nextIsComment()) {
			break
		}
		p.i++
	}
	return strings.TrimSpace(p.s[start:p.i])
}

// nextIsComment reports a comment after one blank, to the end of the field.
func (p *paramScanner) nextIsComment() bool {
	return p.i+1 < len(p.s) && p.s[p.i+1] == '(' && strings.HasSuffix(p.s, ")")
}

// startsParam reports whether s, after its blanks, begins with name= where the
// name is one that mail uses; a file name may hold any other "x=".
func startsParam(s string) bool {
	s = strings.TrimLeft(s[:min(len(s), 40)], " \t")
	i := strings.IndexByte(s, '=')
	if i <= 0 || i > 20 {
		return false
	}
	switch strings.ToLower(strings.TrimRight(strings.TrimRight(s[:i], "0123456789*"), " ")) {
	case "charset", "name", "filename", "boundary", "format", "delsp", "type", "size", "method", "report-type":
		return true
	}
	return false
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// join2231 puts the pieces name*0, name*1*, … together in their order and
// decodes charset'lang'%41 values (RFC 2231). The decoded form wins over a plain
// one of the same name.
func join2231(ps params) params {
	plain := true
	for i := range ps {
		if strings.IndexByte(ps[i].name, '*') >= 0 {
			plain = false
		}
	}
	if plain {
		return ps
	}
	var out params
	pieces := map[string][]piece{}
	for _, p := range ps {
		base, star, ok := strings.Cut(p.name, "*")
		if !ok {
			out = append(out, p)
			continue
		}
		encoded := star == "" || strings.HasSuffix(star, "*")
		n, _ := strconv.Atoi(strings.TrimSuffix(star, "*"))
		pieces[base] = append(pieces[base], piece{n, encoded, p.value})
	}
	names := make([]string, 0, len(pieces))
	for base := range pieces {
		names = append(names, base)
	}
	sort.Strings(names)
	for _, base := range names {
		out = append(params{{base, joinPieces(pieces[base])}}, out...)
	}
	return out
}

type piece struct {
	n       int
	encoded bool
	value   string
}

func joinPieces(list []piece) string {
	sort.SliceStable(list, func(i, j int) bool { return list[i].n < list[j].n })
	label := ""
	var b []byte
	for i, p := range list {
		v := p.value
		if i == 0 && p.encoded {
			if cs, rest, ok := strings.Cut(v, "'"); ok {
				label = cs
				_, v, _ = strings.Cut(rest, "'")
			}
		}
		if p.encoded {
			b = append(b, unpercent(v)...)
		} else {
			b = append(b, v...)
		}
	}
	return decodeCharset(b, label, "")
}

// unpercent decodes %XX and leaves a lone percent sign alone.
func unpercent(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				b = append(b, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
