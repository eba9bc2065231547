package mailin

import "strings"

const (
	// maxAuthField bounds the Authentication-Results field that is read.
	maxAuthField = 64 << 10
	// maxAuthResults bounds the results read from one field.
	maxAuthResults = 100
)

// authResults is an Authentication-Results field (RFC 8601 section 2.2).
type authResults struct {
	id      string // authserv-id
	results []authResult
}

// authResult is what one method found. Names and results are in lower case.
type authResult struct {
	method string
	result string
	props  map[string]string // by "ptype.property"
}

// parseAuthResults reads the value of an Authentication-Results field. A result
// that it cannot read is left out; a field whose comments or quotes do not end is
// refused as a whole, since nothing in it stands where it seems to.
func parseAuthResults(field string) (authResults, bool) {
	if len(field) > maxAuthField {
		return authResults{}, false
	}
	p := authParser{text: field}
	p.space()
	out := authResults{id: strings.ToLower(p.value())}
	p.space()
	p.name() // version of the field's syntax
	for p.space(); !p.bad && p.accept(';') && len(out.results) < maxAuthResults; p.space() {
		if r, ok := p.result(); ok {
			out.results = append(out.results, r)
		}
		p.skipResult()
	}
	return out, !p.bad && out.id != ""
}

// authParser walks over a field. It knows comments, which may nest, and quoted
// strings, so that a semicolon or a result inside them is not taken for one.
type authParser struct {
	text string
	pos  int
	bad  bool // a comment or quoted string does not end
}

func (p *authParser) end() bool { return p.pos >= len(p.text) }

func (p *authParser) accept(c byte) bool {
	if p.end() || p.text[p.pos] != c {
		return false
	}
	p.pos++
	return true
}

// space skips white space and comments (CFWS, RFC 5322 section 3.2.2).
func (p *authParser) space() {
	for !p.end() {
		switch c := p.text[p.pos]; {
		case c == '(':
			p.comment()
		case isBlank(c):
			p.pos++
		default:
			return
		}
	}
}

func (p *authParser) comment() {
	depth := 0
	for ; !p.end(); p.pos++ {
		switch p.text[p.pos] {
		case '\\':
			p.escaped()
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.pos++
				return
			}
		}
	}
	p.bad = true
}

// escaped goes to the character behind a backslash and returns it; at the end it
// stays at the backslash.
func (p *authParser) escaped() byte {
	if p.pos+1 < len(p.text) {
		p.pos++
	}
	return p.text[p.pos]
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// run returns the characters up to white space or one of the delimiters.
func (p *authParser) run(delimiters string) string {
	from := p.pos
	for !p.end() && !isBlank(p.text[p.pos]) && strings.IndexByte(delimiters, p.text[p.pos]) < 0 {
		p.pos++
	}
	return p.text[from:p.pos]
}

// name reads the name of a method or property, or a result, in lower case.
func (p *authParser) name() string { return strings.ToLower(p.run(`()";=`)) }

// value reads a token, a quoted string, or an address whose local part may be
// quoted. Unlike a token, it may contain "=", as signatures do.
func (p *authParser) value() string {
	var b strings.Builder
	for !p.end() {
		if p.text[p.pos] == '"' {
			p.quoted(&b)
			continue
		}
		part := p.run(`()";`)
		if part == "" {
			break
		}
		b.WriteString(part)
	}
	return b.String()
}

func (p *authParser) quoted(b *strings.Builder) {
	for p.pos++; !p.end(); p.pos++ {
		switch c := p.text[p.pos]; c {
		case '"':
			p.pos++
			return
		case '\\':
			b.WriteByte(p.escaped())
		default:
			b.WriteByte(c)
		}
	}
	p.bad = true
}

// dotted reads a name in front of "=", which may have space around its dots or
// slashes, as in "header . from" or "dkim / 1".
func (p *authParser) dotted() (string, bool) {
	name := p.name()
	for p.space(); !p.end() && !p.accept('='); p.space() {
		next := p.name()
		joined := next != "" && (strings.ContainsAny(next[:1], "./") || strings.HasSuffix(name, ".") || strings.HasSuffix(name, "/"))
		if !joined {
			return "", false
		}
		name += next
	}
	return name, name != "" && p.text[p.pos-1] == '='
}

// result reads one method, its result and its properties.
func (p *authParser) result() (authResult, bool) {
	p.space()
	method, ok := p.dotted()
	if !ok { // also "none", which has no result
		return authResult{}, false
	}
	r := authResult{props: map[string]string{}}
	r.method, _, _ = strings.Cut(method, "/") // without its version
	p.space()
	r.result = p.name()
	for p.space(); !p.end() && p.text[p.pos] != ';'; p.space() {
		name, ok := p.dotted()
		if !ok {
			return authResult{}, false
		}
		p.space()
		if _, twice := r.props[name]; twice {
			return authResult{}, false
		}
		r.props[name] = p.value()
	}
	return r, r.result != "" && !p.bad
}

// skipResult goes to the next semicolon outside comments and quotes.
func (p *authParser) skipResult() {
	for p.space(); !p.end() && p.text[p.pos] != ';'; p.space() {
		if p.value() == "" {
			p.pos++ // a lone ")"
		}
	}
}
