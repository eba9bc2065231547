package desk

import (
	"cmp"
	"slices"
	"strings"
)

// Mask returns a text with the secrets in it replaced by what they are, such as
// "[masked: password]": passwords and keys that the text names as such, tokens of
// known form, private keys, card numbers and IBANs. It is meant for every mail that
// is copied to several people; the original stays in the stored mail. Ticket
// numbers, error codes, versions and phone numbers are left alone. The time it takes
// is linear in the length of the text, and masking twice changes nothing.
func Mask(text string) string {
	var found []secret
	for _, find := range []func(string) []secret{keyBlocks, assignedSecrets, knownTokens, urlPasswords, cardNumbers, ibans} {
		found = append(found, find(text)...)
	}
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b secret) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	var b strings.Builder
	at := 0
	for _, s := range found {
		if s.from >= at {
			b.WriteString(text[at:s.from])
			b.WriteString(maskMark + s.kind + "]")
		}
		at = max(at, s.to)
	}
	b.WriteString(text[at:])
	return b.String()
}

// maskMark begins what stands in a secret's place.
const maskMark = "[masked: "

// secret is a stretch of a text that is to be masked.
type secret struct {
	from, to int
	kind     string
}

// keyBlocks finds private keys in PEM form (RFC 7468) and of PuTTY. One without an
// end lasts until the text does.
func keyBlocks(text string) []secret {
	var found []secret
	for at := 0; ; {
		from, to := keyBlock(text[at:])
		if from < 0 {
			return found
		}
		found = append(found, secret{at + from, at + to, "private key"})
		at += to
	}
}

func keyBlock(text string) (from, to int) {
	for at := 0; ; {
		i := strings.Index(text[at:], "-----BEGIN ")
		if i < 0 {
			break
		}
		from = at + i
		label, _, _ := strings.Cut(text[from+5:min(len(text), from+60)], "-----")
		if !strings.Contains(label, "PRIVATE KEY") {
			at = from + 5
			continue
		}
		end := strings.Index(text[from:], "-----END ")
		if end < 0 {
			return from, len(text)
		}
		end += from + len("-----END ")
		if i := strings.Index(text[end:min(len(text), end+60)], "-----"); i >= 0 {
			end += i + 5
		}
		return from, end
	}
	if i := strings.Index(text, "Private-Lines: "); i >= 0 {
		from = i + len("Private-Lines: ")
		if i := strings.Index(text[from:], "Private-MAC"); i >= 0 {
			return from, from + i
		}
		return from, len(text)
	}
	return -1, -1
}

// tokenForm is how the tokens of a well-known maker begin, and how many characters
// at least follow.
type tokenForm struct {
	prefix string
	least  int
}

// tokenForms are tried in order at each beginning of a word.
var tokenForms = []tokenForm{
	{"AKIA", 16}, {"ASIA", 16}, {"AIza", 30}, {"ya29.", 20},
	{"ghp_", 30}, {"gho_", 30}, {"ghu_", 30}, {"ghs_", 30}, {"ghr_", 30}, {"github_pat_", 20}, {"glpat-", 16},
	{"xoxa-", 10}, {"xoxb-", 10}, {"xoxp-", 10}, {"xoxr-", 10}, {"xoxs-", 10}, {"xapp-", 10},
	{"sk_live_", 10}, {"rk_live_", 10}, {"pk_live_", 10}, {"sk_test_", 10}, {"whsec_", 16}, {"sk-", 20},
	{"SG.", 30}, {"npm_", 30}, {"pypi-", 30}, {"dop_v1_", 30}, {"hf_", 30}, {"shpat_", 20}, {"key-", 32},
	{"AGE-SECRET-KEY-1", 40}, {"hooks.slack.com/services/", 10},
}

// knownTokens finds tokens by their form: those of tokenForms, and JSON web tokens
// (RFC 7519).
func knownTokens(text string) []secret {
	var found []secret
	for i := 0; i < len(text); i++ {
		if !strings.ContainsRune("AaSgxsrpwnhykdGe", rune(text[i])) || i > 0 && tokenByte(text[i-1]) && text[i-1] != '/' && text[i-1] != '=' {
			continue
		}
		end := i + tokenLength(text[i:])
		if isToken(text[i:end]) {
			found = append(found, secret{i, end, "token"})
		}
		i = max(i, end-1)
	}
	return found
}

func isToken(word string) bool {
	if strings.HasPrefix(word, "eyJ") {
		return len(word) >= 30 && strings.Count(word, ".") >= 2
	}
	return slices.ContainsFunc(tokenForms, func(f tokenForm) bool {
		return strings.HasPrefix(word, f.prefix) && len(word) >= len(f.prefix)+f.least && strings.ContainsAny(word, "0123456789")
	})
}

// tokenLength is how far a token without blanks and signs goes.
func tokenLength(text string) int {
	n := 0
	for n < len(text) && tokenByte(text[n]) {
		n++
	}
	return len(strings.TrimRight(text[:n], "./=-"))
}

func tokenByte(c byte) bool {
	return letterOrDigit(c) || strings.IndexByte("_-./+=", c) >= 0
}

func letterOrDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// urlPasswords finds the passwords of URLs such as https://user:password@host.
func urlPasswords(text string) []secret {
	var found []secret
	for at := 0; ; {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			return found
		}
		at += i + 3
		end := strings.IndexAny(text[at:], "/?# \t\r\n\"'<>")
		if end < 0 {
			end = len(text) - at
		}
		authority := text[at : at+end]
		host := strings.LastIndexByte(authority, '@')
		colon := strings.IndexByte(authority, ':')
		if colon >= 0 && colon+1 < host && !strings.HasPrefix(authority[colon+1:], maskMark[:8]) {
			found = append(found, secret{at + colon + 1, at + host, "password"})
		}
	}
}
