package desk

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// value finds the value of the secret that the word between from and to names.
func (n named) value(text string, from, to int) (secret, bool) {
	d, at := n.delimiter(text, from, to)
	if d == noDelimiter {
		return secret{}, false
	}
	at, next := valueStart(text, at)
	end := valueEnd(text, at, n.reach)
	value := strings.Trim(text[at:end], "\"'`*")
	switch {
	case len(value) < n.least || harmless(value):
	case n.kind == "authorization" && !credentials(value):
	case d == verb && !looksSecret(value, text[at:end]), d == blank && !mixed(value):
	case next && strings.TrimSpace(text[end:lineEnd(text, end)]) != "": // a sentence, on the line after
	default:
		return secret{at, end, n.kind}, true
	}
	return secret{}, false
}

// delimiter is what stands between a name and its value. The less it says, the more
// the value must look like a secret.
type delimiter int

const (
	noDelimiter delimiter = iota
	blank                 // "password hunter2"
	verb                  // "is", a dash
	sign                  // ":", "=" and such
)

// delimiter returns what follows a name, and where it ends.
func (n named) delimiter(text string, from, to int) (delimiter, int) {
	at := to + len(text[to:min(len(text), to+4)]) - len(strings.TrimLeft(text[to:min(len(text), to+4)], "\"'`*"))
	if at > to && strings.HasPrefix(text[at:], "]") { // $config['password']
		at++
	}
	rest := text[at:min(len(text), at+maxBeside)]
	if line := strings.IndexByte(rest, '\n'); line >= 0 {
		rest = rest[:line]
	}
	option := from >= 2 && text[from-2:from] == "--" && n.reach == oneWord
	if (option || n == secretNames["bearer"]) && strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, ">") && from > 0 && text[from-1] == '<' {
		return sign, at + 1
	}
	bare := beside(rest)
	at += len(rest) - len(bare)
	for _, s := range []string{"==>", "=>", ":=", "->", "==", ":", "=", "：", "＝", "→"} {
		if strings.HasPrefix(bare, s) {
			if strings.HasPrefix(bare, "://") || strings.HasPrefix(bare, "::") {
				return noDelimiter, at
			}
			return sign, at + len(s)
		}
	}
	d, length := spoken(bare)
	if d == noDelimiter && n.kind == "password" && len(bare) < len(rest) {
		d = blank
	}
	return d, at + length
}

// maxSpoken is how many words a sentence puts between a name and its value.
const maxSpoken = 3

// spoken reads how a sentence comes to the value: "is", "ist jetzt:", a dash.
func spoken(text string) (d delimiter, length int) {
	for range maxSpoken {
		word, _, more := strings.Cut(text[length:], " ")
		switch strings.ToLower(strings.TrimSuffix(word, ":")) {
		case "is", "ist", "lautet", "est", "es", "é", "è", "was", "war", "jest", "-", "--", "–", "—":
			d = verb
		case "now", "still", "currently", "jetzt", "nun", "noch", "aktuell", "maintenant", "ahora", "adesso", "nu":
			if d == noDelimiter {
				return d, length
			}
		default:
			return d, length
		}
		length += len(word)
		if strings.HasSuffix(word, ":") {
			return sign, length
		}
		if !more {
			break
		}
		length++
	}
	return d, length
}

// beside leaves out what may stand between a name and its delimiter: blanks, a
// remark in parentheses, which secret it is, or what for.
func beside(rest string) string {
	rest = trimBlanks(rest)
	if strings.HasPrefix(rest, "(") {
		if i := strings.IndexByte(rest, ')'); i > 0 {
			rest = trimBlanks(rest[i+1:])
		}
	}
	for range 2 {
		word, _, _ := strings.Cut(rest, " ")
		word = strings.TrimRight(word, ":=")
		switch strings.ToLower(word) {
		case "wifi", "wi-fi", "wlan", "vpn", "admin", "root", "user", "new", "old", "current", "temporary", "initial", "neu", "alt",
			"aktuell", "temporär", "actuel", "provisoire", "nuevo", "nueva", "actual", "nuova", "nieuw":
			rest = trimBlanks(rest[len(word):])
		}
	}
	word, _, _ := strings.Cut(rest, " ")
	switch strings.ToLower(word) {
	case "for", "of", "to", "für", "von", "vom", "zum", "zur", "im", "pour", "du", "de", "para", "del", "per", "voor", "van":
		if i := strings.IndexAny(rest, ":=."); i > 0 && rest[i] != '.' && strings.Count(rest[:i], " ") <= 4 {
			return rest[i:]
		}
	}
	return rest
}

func trimBlanks(s string) string { return strings.TrimLeft(s, " \t\u00a0\u202f*") }

// valueStart returns where the value behind a delimiter begins; next says that it
// stands on the line after, where that is not empty.
func valueStart(text string, at int) (start int, next bool) {
	rest := trimBlanks(text[at:])
	if line := strings.TrimPrefix(rest, "\r"); strings.HasPrefix(line, "\n") {
		rest, next = strings.TrimLeft(line[1:], "> \t"), true
	}
	return len(text) - len(rest), next
}

// valueEnd returns where a value ends: at its closing quote, at the next blank, or
// before the next assignment of a list such as "pwd=x;database=y".
func valueEnd(text string, at int, r reach) int {
	value := text[at:min(lineEnd(text, at), at+maxValue)]
	if r == wholeLine {
		return at + len(strings.TrimRight(value, " \t\r"))
	}
	if value != "" && strings.IndexByte("\"'`", value[0]) >= 0 {
		if i := strings.IndexByte(value[1:], value[0]); i > 0 {
			return at + i + 2
		}
	}
	if strings.HasPrefix(value, maskMark) {
		return at
	}
	if i := strings.IndexFunc(value, unicode.IsSpace); i >= 0 {
		value = value[:i+digitsAfter(value[:i], value[i:])]
	}
	if i := strings.Index(value, "</"); i >= 0 {
		value = value[:i]
	}
	for i := range len(value) {
		if strings.IndexByte(";&,", value[i]) >= 0 && assigns(value[i+1:]) {
			value = value[:i]
			break
		}
	}
	value = strings.TrimRight(value, ".,;)]}")
	for len(value) > 0 && !utf8.ValidString(value) && len(value) > maxValue-utf8.UTFMax { // cut in a character
		value = value[:len(value)-1]
	}
	return at + len(value)
}

// digitsAfter returns how far a number goes on in groups of digits.
func digitsAfter(value, rest string) int {
	if strings.Trim(value, "0123456789") != "" {
		return 0
	}
	n := 0
	for n+1 < len(rest) && rest[n] == ' ' && digit(rest[n+1]) {
		for n++; n < len(rest) && digit(rest[n]); n++ {
		}
	}
	return n
}

// assigns reports whether a text begins with a name and "=" or ":".
func assigns(text string) bool {
	text = strings.TrimLeft(text, "\"'")
	end := 0
	for end < len(text) && end < maxName && (letterOrDigit(text[end]) || text[end] == '_' || text[end] == '-') {
		end++
	}
	rest := strings.TrimLeft(text[end:], "\"'")
	return end > 0 && rest != "" && (rest[0] == '=' || rest[0] == ':')
}

func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:min(len(text), at+maxValue)], '\n'); i >= 0 {
		return at + i
	}
	return min(len(text), at+maxValue)
}
