package parse

import (
	"strings"

	"tierdesk/desk"
)

// reasons gives the status (RFC 3463) that words stand for when a report has no
// code. The first that is found counts.
var reasons = []struct {
	status string
	words  []string
}{
	{"5.2.2", []string{
		"mailbox full", "mailbox is full", "mailfolder is full", "over quota", "quota exceeded", "quota usage exceeded", "exceeds allowed size", "disk quota",
		"overquota", "exceeded the local limit", "mailbox exceeded", "exceeded storage", "storage allocation", "quota", "insufficient disk space", "voll",
	}},
	{"5.3.4", []string{"size limit", "too large", "too big", "message size exceeds", "maximum size"}},
	{"5.2.1", []string{"disabled", "discontinued", "suspended", "inactive", "expired account", "no longer", "expirado", "has been deactivated", "not listed in public name"}},
	{"5.1.2", []string{
		"host unknown", "unknown host", "no mx record", "domain does not exist", "no such domain", "unrouteable", "unroutable",
		"host or domain name not found", "couldn't find any host", "couldn't find a mail exchanger", "host not found", "name server", "no such host",
		"illegal host",
	}},
	{"5.1.1", []string{
		"user unknown", "unknown user", "no such user", "unknown recipient", "recipient unknown", "recipient not found", "recipient name is not recognized",
		"not found in", "doesn't have a", "invalid recipient", "invalid address", "unknown address", "no mailbox here", "mailbox unavailable",
		"does not exist", "not exist", "invalid user", "invalid final delivery userid", "unknown local", "address rejected", "user not found", "unbekannt",
		"desconocido",
	}},
	{"5.4.6", []string{"too many hops", "mail loop", "loop detected", "loops back"}},
	{"5.7.1", []string{"spam", "blocked", "blacklist", "policy", "rejected", "denied", "not allowed", "refused", "virus", "not a member", "not authorized", "forbidden"}},
	{"4.4.7", []string{"expired", "queue too long", "timeout exceeded", "retry timeout", "too long in queue"}},
	{"4.4.1", []string{"timed out", "could not connect", "unable to connect", "connection refused", "connection dropped", "did not accept our requests", "connection"}},
}

// delayWords tell that the server is still trying.
var delayWords = []string{
	"has been delayed", "will be retried", "has not yet been delivered", "warning message only", "still trying", "will keep trying", "continue to try",
	"delayed for", "not yet been", "will continue to", "delivery attempts will continue", "you do not need to resend", "do not need to resend",
	"will be attempted again", "wird weiterhin versucht", "will retry", "temporary problem delivering", "delivery incomplete", "wird erneut versucht",
	"sera réessayé", "volverá a intentar", "verrà ritentato", "продолжит попытки",
}

func delayed(text string) bool {
	return hasAny(strings.Join(strings.Fields(strings.ToLower(text)), " "), delayWords)
}

// wordStatus returns the status of a recipient of a report in words.
func wordStatus(r desk.BounceRecipient) string {
	if s := statusOf(r); s != "" {
		return s
	}
	if r.Action == "delayed" {
		return "4.0.0"
	}
	low := strings.Join(strings.Fields(strings.ToLower(r.Diagnostic)), " ")
	for _, reason := range reasons {
		if hasAny(low, reason.words) {
			if strings.Contains(low, "permanent") {
				return "5" + reason.status[1:]
			}
			return reason.status
		}
	}
	return "5.0.0"
}

// statusOf returns the status of a recipient. A code in the server's own words
// says more than "x.0.0", and is right where the two disagree: some relays turn
// the next server's 5.x.x into 4.x.x.
func statusOf(r desk.BounceRecipient) string {
	code, reply := findStatus(r.Diagnostic)
	reported := enhanced(r.Status) > 0
	switch {
	case code != "" && (!reported || strings.HasSuffix(r.Status, ".0.0") || code[0] != r.Status[0]):
		return code
	case reported:
		return r.Status
	}
	return reply
}

// findStatus finds the first enhanced status code ("5.1.1") in a diagnostic, and
// the first SMTP reply code ("550", given as "5.0.0").
func findStatus(s string) (code, reply string) {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '2' && c != '4' && c != '5' || !codeMayStart(s, i) {
			continue
		}
		if n := enhanced(s[i:]); n > 0 {
			return s[i : i+n], reply
		}
		if reply == "" && s[i] != '2' && replyCode(s[i:]) {
			reply = s[i:i+1] + ".0.0"
		}
	}
	return "", reply
}

// codeMayStart keeps versions ("v4.6.1"), addresses and longer numbers from being
// read as codes; "550-5.7.26" is one.
func codeMayStart(s string, i int) bool {
	if i == 0 {
		return true
	}
	switch c := s[i-1]; {
	case digit(c), c == '.', c == '[', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '/':
		return false
	case c == '-':
		return i > 3 && digit(s[i-2]) && digit(s[i-3])
	}
	return true
}

// replyCode reports a three-digit SMTP reply at the start of s.
func replyCode(s string) bool {
	return len(s) >= 3 && s[1] <= '5' && digit(s[1]) && digit(s[2]) && (len(s) == 3 || strings.IndexByte(" -:;,)]#<\n", s[3]) >= 0)
}

// enhanced returns the length of an enhanced status code at the start of s, 0
// when there is none.
func enhanced(s string) int {
	if s == "" || s[0] != '2' && s[0] != '4' && s[0] != '5' {
		return 0
	}
	i := 1
	for range 2 {
		if i >= len(s) || s[i] != '.' {
			return 0
		}
		i++
		start := i
		for i < len(s) && digit(s[i]) && i-start < 3 {
			i++
		}
		if i == start {
			return 0
		}
	}
	if i < len(s) && (digit(s[i]) || s[i] == '.' && i+1 < len(s) && digit(s[i+1])) {
		return 0
	}
	return i
}
