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
	if digit(text[from]) { // 1Password is a program
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
