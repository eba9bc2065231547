package desk

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what is looked at around the name of a secret, in bytes.
const (
	maxName   = 64
	maxBeside = 48 // between a name and its value: "Password (new) for the VPN:"
	maxValue  = 400
)

// reach says how far a value goes.
type reach int

const (
	oneWord reach = iota
	wholeLine
)

// named is a word by which people and programs name a secret.
type named struct {
	kind  string
	reach reach
	least int // characters of its value, where the word also means other things
}

// secretNames are such words, lower-case, that stand alone or behind "_", "-" or ".".
var secretNames = map[string]named{
	"pass": {kind: "password", least: 6}, "passe": {kind: "password"}, "pwd": {kind: "password"}, "pw": {kind: "password"},
	"psw": {kind: "password"}, "mdp": {kind: "password"}, "clave": {kind: "password"}, "pin": {kind: "password"},
	"puk": {kind: "password"}, "tan": {kind: "password", least: 4}, "otp": {kind: "password"}, "psk": {kind: "password"},
	"cvv": {kind: "password"}, "cvc": {kind: "password"},
	"authorization": {kind: "authorization", reach: wholeLine}, "cookie": {kind: "authorization", reach: wholeLine},
	"session": {kind: "token", least: 8}, "sid": {kind: "token", least: 8},
	"bearer": {kind: "token", least: 16}, "key": {kind: "key", least: 4},
}

// secretEndings are longer ones, with which a word may also end: "Benutzerpasswort",
// "dbPassword", "新しいパスワード".
var secretEndings = []struct {
	ending string
	named
}{
	{"passphrase", named{kind: "password", reach: wholeLine}},
	{"password", named{kind: "password"}}, {"passwort", named{kind: "password"}}, {"kennwort", named{kind: "password"}},
	{"passwd", named{kind: "password"}}, {"passcode", named{kind: "password"}}, {"geheimzahl", named{kind: "password"}},
	{"contraseña", named{kind: "password"}}, {"contrasena", named{kind: "password"}}, {"senha", named{kind: "password"}},
	{"wachtwoord", named{kind: "password"}}, {"lösenord", named{kind: "password"}}, {"passord", named{kind: "password"}},
	{"adgangskode", named{kind: "password"}}, {"salasana", named{kind: "password"}}, {"jelszó", named{kind: "password"}},
	{"heslo", named{kind: "password"}}, {"hasło", named{kind: "password"}}, {"haslo", named{kind: "password"}},
	{"parola", named{kind: "password"}}, {"şifre", named{kind: "password"}}, {"пароль", named{kind: "password"}},
	{"密码", named{kind: "password"}}, {"密碼", named{kind: "password"}}, {"パスワード", named{kind: "password"}},
	{"비밀번호", named{kind: "password"}},
	{"secret", named{kind: "secret", least: 6}}, {"token", named{kind: "token", least: 6}},
	{"sessionid", named{kind: "token", least: 8}}, {"sessid", named{kind: "token", least: 8}},
	{"apikey", named{kind: "key", least: 4}}, {"accesskey", named{kind: "key"}}, {"secretkey", named{kind: "key"}},
	{"privatekey", named{kind: "key"}}, {"schlüssel", named{kind: "key", least: 8}},
}

// keyQualifiers are the words before "key" with which it means a secret, and "mot
// de" before "passe".
var keyQualifiers = []string{
	"api", "access", "secret", "private", "auth", "encryption", "master", "license", "licence", "product",
	"activation", "account", "shared", "signing", "recovery", "service", "network", "wifi", "wlan",
}

// assignedSecrets finds the values of secrets that are named: "Passwort: x",
// "api_key=x", "--password x", "<password>x</password>", "mon mot de passe est x1!".
func assignedSecrets(text string) []secret {
	var found []secret
	for i := 0; i < len(text); {
		end := wordEnd(text, i)
		if end == i {
			_, n := utf8.DecodeRuneInString(text[i:])
			i += n
			continue
		}
		if name, ok := secretName(text, i, end); ok {
			if s, ok := name.value(text, i, end); ok {
				found = append(found, s)
				end = s.to
			}
		}
		i = end
	}
	return found
}

// wordEnd returns where the run of letters and digits at i ends.
func wordEnd(text string, i int) int {
	for i < len(text) {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		i += n
	}
	return i
}

// secretName reports whether the word names a secret. Digits at its end count it.
func secretName(text string, from, to int) (named, bool) {
	if strings.HasSuffix(text[:from], maskMark) {
		return named{}, false
	}
	word := strings.TrimRight(text[max(from, to-maxName):to], "0123456789")
	word = strings.ToLower(strings.ToValidUTF8(word, ""))
	if n, ok := secretNames[word]; ok {
		return n, qualified(word, text[max(0, from-maxName):from])
	}
	for _, e := range secretEndings {
		if strings.HasSuffix(word, e.ending) {
			return e.named, true
		}
	}
	return named{}, false
}

// qualified looks at what stands before a word that names a secret only there.
func qualified(word, before string) bool {
	before = strings.ToLower(strings.TrimRight(before, " _-."))
	switch word {
	case "key":
		return slices.ContainsFunc(keyQualifiers, func(q string) bool { return strings.HasSuffix(before, q) })
	case "passe":
		return strings.HasSuffix(before, "mot de") || strings.HasSuffix(before, "palavra")
	}
	return true
}

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
	case d == verb && !looksSecret(value, text[at:end]):
	case next && strings.TrimSpace(text[end:lineEnd(text, end)]) != "": // a sentence, on the line after
	default:
		return secret{at, end, n.kind}, true
	}
	return secret{}, false
}

// credentials tells the value of a header field from what a sentence says of it: a
// scheme (RFC 9110 section 11.1), a cookie's name and value, or one long word.
func credentials(value string) bool {
	scheme, rest, ok := strings.Cut(value, " ")
	switch strings.ToLower(scheme) {
	case "basic", "bearer", "digest", "token", "negotiate", "ntlm", "apikey", "hawk":
		return rest != ""
	}
	return strings.Contains(scheme, "=") || strings.HasPrefix(scheme, "AWS4-") || !ok && len(value) >= 16
}

// delimiter is what stands between a name and its value.
type delimiter int

const (
	noDelimiter delimiter = iota
	sign                  // ":", "=" and such
	verb                  // "is"
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
	if n.reach == oneWord && (from >= 2 && text[from-2:from] == "--" || n.kind == "token" && n.least == 16) && strings.HasPrefix(rest, " ") {
		return sign, at + 1
	}
	if strings.HasPrefix(rest, ">") && from > 0 && text[from-1] == '<' {
		return sign, at + 1
	}
	bare := beside(rest)
	at += len(rest) - len(bare)
	for _, s := range []string{"==>", "=>", ":=", "->", "==", ":", "=", "：", "＝", "→"} {
		if strings.HasPrefix(bare, s) {
			if s == ":" && (strings.HasPrefix(bare, "://") || strings.HasPrefix(bare, "::")) {
				return noDelimiter, at
			}
			return sign, at + len(s)
		}
	}
	word, _, _ := strings.Cut(bare, " ")
	switch strings.ToLower(strings.TrimSuffix(word, ":")) {
	case "is", "ist", "lautet", "est", "es", "é", "è", "was", "war", "jest":
		if strings.HasSuffix(word, ":") {
			return sign, at + len(word)
		}
		return verb, at + len(word)
	}
	return noDelimiter, at
}

// beside leaves out what may stand between a name and its delimiter: blanks, a
// remark in parentheses, or what the secret is for.
func beside(rest string) string {
	rest = trimBlanks(rest)
	if strings.HasPrefix(rest, "(") {
		if i := strings.IndexByte(rest, ')'); i > 0 {
			rest = trimBlanks(rest[i+1:])
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
		value = value[:i]
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

// harmless reports what is no secret, wherever it stands: a word of a complaint, an
// error code, a version, a ticket number, a phone number.
func harmless(value string) bool {
	if value == "" || strings.HasPrefix(value, maskMark[:8]) || strings.Trim(value, "*•.-_?…") == "" || strings.Trim(value, "xX") == "" && len(value) > 2 {
		return true
	}
	switch strings.ToLower(value) {
	case "error", "fehler", "erreur", "required", "invalid", "incorrect", "wrong", "expired", "forgotten", "unknown", "missing",
		"none", "null", "nil", "undefined", "true", "false", "yes", "no", "ja", "nein", "oui", "non", "n/a", "empty", "leer",
		"falsch", "abgelaufen", "vergessen", "ungültig", "gesperrt", "expiré", "oublié", "incorrecte", "not", "nicht":
		return true
	}
	return errorCode(value) || version(value) || phone(value) || ticketNumber(value)
}

func errorCode(s string) bool {
	hex, ok := strings.CutPrefix(strings.ToLower(s), "0x")
	return ok && len(hex) <= 8 && strings.Trim(hex, "0123456789abcdef") == ""
}

// version reports numbers with two dots at least: "1.4.2", "v10.0.19045.1".
func version(s string) bool {
	s = strings.TrimLeft(s, "vV")
	return strings.Count(s, ".") >= 2 && strings.Trim(s, "0123456789.") == ""
}

func phone(s string) bool {
	return strings.HasPrefix(s, "+") && len(s) > 6 && strings.Trim(s, "+0123456789-/()") == ""
}

func ticketNumber(s string) bool {
	s = strings.Trim(s, "#[]")
	if i := strings.LastIndexByte(s, '-'); i > 0 {
		if tag := strings.LastIndexByte(s[:i], '-'); tag > 0 {
			s = s[tag+1:]
		}
	}
	_, ok := ParseNumber(s)
	return ok && strings.Contains(s, "-")
}

// looksSecret tells a secret in running text from the next word of a sentence.
func looksSecret(value, written string) bool {
	if written != value && written[0] != '*' {
		return true // it stands in quotes
	}
	value = strings.TrimRight(value, ".,!?")
	odd := strings.IndexFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' })
	return len(value) >= 4 && odd >= 0
}
