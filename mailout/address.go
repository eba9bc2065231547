package mailout

import (
	"fmt"
	"mime"
	"net"
	"strings"

	"golang.org/x/net/idna"

	"tierdesk/desk"
)

// refuse builds the error of a mail that must not go out at all.
func refuse(format string, args ...any) error {
	return &desk.RefusedError{Permanent: true, Reply: fmt.Sprintf(format, args...)}
}

// wireAddress returns the form in which an address stands in commands and
// headers: the domain in ASCII (RFC 5891), the local part quoted where it must
// be (RFC 5321 section 4.1.2). It reports whether the local part needs SMTPUTF8.
// Nothing that it returns can end a command, a header or the angle brackets.
func wireAddress(address string) (wire string, utf8 bool, err error) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || len(address) > 320 {
		return "", false, refuse("not a mail address: %q", desk.OneLine(address))
	}
	local, utf8, ok := wireLocal(address[:at])
	if !ok {
		return "", false, refuse("not a mail address: %q", desk.OneLine(address))
	}
	domain, ok := wireDomain(address[at+1:])
	if !ok {
		return "", false, refuse("not a mail domain: %q", desk.OneLine(address[at+1:]))
	}
	return local + "@" + domain, utf8, nil
}

func wireLocal(local string) (wire string, utf8, ok bool) {
	if n := len(local); n > 1 && local[0] == '"' && local[n-1] == '"' {
		local = unquote(local[1 : n-1])
	}
	if local == "" || desk.OneLine(local) != local {
		return "", false, false
	}
	atom := true
	for i, r := range local {
		switch {
		case r >= 0x80:
			utf8 = true
		case r == '.':
			atom = atom && i > 0 && i < len(local)-1 && local[i-1] != '.'
		case !atext(r):
			atom = false
		}
	}
	if atom {
		return local, utf8, true
	}
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local)
	return `"` + escaped + `"`, utf8, true
}

func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// atext is the ASCII part of RFC 5322 section 3.2.3.
func atext(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func wireDomain(domain string) (string, bool) {
	domain = strings.TrimSuffix(domain, ".")
	if ip, ok := strings.CutPrefix(domain, "["); ok { // an address literal
		ip, closed := strings.CutSuffix(ip, "]")
		return domain, closed && net.ParseIP(strings.TrimPrefix(ip, "IPv6:")) != nil
	}
	ascii := domain
	if !isASCII(domain) {
		var err error
		if ascii, err = idna.Lookup.ToASCII(domain); err != nil {
			return "", false
		}
	}
	if len(ascii) > 253 {
		return "", false
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", false
		}
	}
	return ascii, true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// mailbox formats an address with its display name for a header field. The name
// is a stranger's text: what could look like an address or end the quoting is
// left out.
func mailbox(name, wire string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"\<>@`, r) {
			return -1
		}
		return r
	}, desk.OneLine(name))
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[:120])
	}
	if name = strings.TrimSpace(name); name == "" {
		return "<" + wire + ">"
	}
	return phrase(name) + " <" + wire + ">"
}

// phrase returns words for a display name. An encoded word in a phrase may not
// hold specials, so a name that has some is encoded in base64 (RFC 2047 section
// 5, rule 3).
func phrase(name string) string {
	name = plainWords(name)
	switch {
	case isASCII(name):
		return `"` + name + `"`
	case strings.ContainsAny(name, "#$%&'(),.:;[]^`{|}~"):
		return mime.BEncoding.Encode("utf-8", name)
	}
	return mime.QEncoding.Encode("utf-8", name)
}

// plainWords breaks up what a reader would take for an encoded word.
func plainWords(s string) string { return strings.ReplaceAll(s, "=?", "= ?") }

// checkRecipient refuses recipients that can never take mail and our own
// mailboxes, which would make the desk write to itself. A tier's list is ours
// too, and takes the mail that is meant for technicians.
func (r *Renderer) checkRecipient(o *desk.Outgoing, wire string) error {
	domain := strings.ToLower(wire[strings.LastIndexByte(wire, '@')+1:])
	if domain == "invalid" || strings.HasSuffix(domain, ".invalid") {
		return refuse("%s: the domain .invalid takes no mail (RFC 2606)", wire)
	}
	own := *r.Desk
	if !toCustomer(o.Kind) {
		own.Tiers = nil
	}
	if own.Own(o.To.Address) || own.Own(wire) {
		return refuse("%s is an address of this desk", wire)
	}
	return nil
}
