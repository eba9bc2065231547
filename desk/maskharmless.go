package desk

import (
	"strings"
	"unicode"
)

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
	if strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://") { // its own secrets are found by their names
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

// mixed reports a word of letters and digits, which no sentence has after the name of
// a secret; computers and error codes are written in capitals.
func mixed(value string) bool {
	value = strings.TrimRight(value, ".,;:!?")
	return len(value) >= 6 && strings.ContainsAny(value, "0123456789") && strings.ContainsAny(value, "abcdefghijklmnopqrstuvwxyz") &&
		!strings.ContainsAny(value, "/\\@")
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
