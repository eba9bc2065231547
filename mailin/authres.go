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
	id      string // authserv-id, in lower case; "" when the field begins with a result
	results []authResult
}

// authResult is what one method found. Names and results are in lower case.
type authResult struct {
	method string
	result string
	props  map[string]string // by "ptype.property"
}

// parseAuthResults reads the value of an Authentication-Results field. A result
// that it cannot read is left out. Refused as a whole is a field whose comments or
// quotes do not end, since nothing in it stands where it seems to; one without an id
// or a result at its beginning; and one of another version than 1.
func parseAuthResults(field string) (authResults, bool) {
	if len(field) > maxAuthField {
		return authResults{}, false
	}
	p := authParser{text: field}
	if p.anonymous() {
		out := authResults{results: p.results(p.readInto(nil))}
		return out, !p.bad && len(out.results) > 0
	}
	p.space()
	out := authResults{id: strings.ToLower(p.id())}
	p.space()
	if version := p.name(); version != "" && version != "1" {
		return authResults{}, false
	}
	out.results = p.results(nil)
	return out, !p.bad && out.id != ""
}

// anonymous reports whether the field begins with a result: an authserv-id is a token
// or quoted string, which has no "=" behind it.
func (p *authParser) anonymous() bool {
	ahead := *p
	ahead.space()
	name, ok := ahead.dotted()
	return ok && name != ""
}

// results reads what stands behind semicolons.
func (p *authParser) results(found []authResult) []authResult {
	for p.space(); !p.bad && p.accept(';') && len(found) < maxAuthResults; p.space() {
		found = p.readInto(found)
	}
	return found
}

// readInto reads up to the next semicolon.
func (p *authParser) readInto(found []authResult) []authResult {
	if r, ok := p.result(); ok {
		found = append(found, r)
	}
	p.skipResult()
	return found
}

// id reads an authserv-id: a quoted string or a token (RFC 2045 section 5.1), "" for
// anything else.
func (p *authParser) id() string {
	quoted := !p.end() && p.text[p.pos] == '"'
	id := p.value()
	if !quoted && strings.ContainsAny(id, `()<>@,;:\"/[]?=`) {
		return ""
	}
	return id
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
	name, version, _ := strings.Cut(method, "/")
	if r.method = name; version != "" && version != "1" {
		return authResult{}, false
	}
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
