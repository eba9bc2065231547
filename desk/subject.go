package desk

import (
	"regexp"
	"strconv"
	"strings"
)

// checkAlphabet has a prime number of letters, so that the weighted sum modulo
// its length detects every single wrong digit and every exchange of neighbours.
const checkAlphabet = "ABCDEFGHJKLMNPQRSTVWXYZ"

// Number returns a ticket number with its check character, "1234-K".
func Number(id TicketID) string {
	return strconv.FormatInt(int64(id), 10) + "-" + string(checkChar(id))
}

func checkChar(id TicketID) byte {
	sum, weight := 0, 2
	for n := int64(id); n > 0; n /= 10 {
		sum += int(n%10) * weight
		weight++
	}
	return checkAlphabet[sum%len(checkAlphabet)]
}

// ParseNumber reads "1234-K" or "1234"; the check character, if there, must be
// right.
func ParseNumber(s string) (TicketID, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "#")
	digits, check, has := strings.Cut(s, "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 {
		return 0, false
	}
	id := TicketID(n)
	if has && (len(check) != 1 || strings.ToUpper(check)[0] != checkChar(id)) {
		return 0, false
	}
	return id, true
}

var tagPattern = regexp.MustCompile(`(?i)\[\s*([^\[\]#]{0,40}?)\s*#\s*([0-9]{1,15})\s*-\s*([A-Za-z])\s*\]`)

// FindTag returns the ticket that a subject names in the form [TAG #1234-K], if
// the tag is ours and the check character right.
func FindTag(subject, tag string) (TicketID, bool) {
	for _, m := range tagPattern.FindAllStringSubmatch(subject, 8) {
		if !strings.EqualFold(m[1], tag) {
			continue
		}
		if id, ok := ParseNumber(m[2] + "-" + m[3]); ok {
			return id, true
		}
	}
	return 0, false
}

var replyPrefix = regexp.MustCompile(`(?i)^\s*(?:(?:re|aw|sv|vs|antw|antwort|odp|rif|ynt|res|回复|答复|回覆|رد|fw|fwd|wg|tr|rv|enc|doorst)\s*(?:\[\d+\])?\s*[:：]\s*)+`)

// BaseSubject strips reply prefixes and our tags from a subject and puts it on
// one line of at most 200 characters, so that it does not grow with each answer.
func BaseSubject(subject, tag string) string {
	s := OneLine(subject)
	for {
		t := replyPrefix.ReplaceAllString(s, "")
		for _, m := range tagPattern.FindAllStringSubmatchIndex(t, 1) {
			if strings.EqualFold(t[m[2]:m[3]], tag) {
				t = t[:m[0]] + t[m[1]:]
			}
		}
		t = strings.TrimSpace(t)
		if t == s {
			break
		}
		s = t
	}
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}

// TagSubject returns the subject of a mail about a ticket: tagged once, with
// "Re: " in front when it answers a mail.
func TagSubject(subject, tag string, id TicketID, reply bool) string {
	s := "[" + tag + " #" + Number(id) + "] " + BaseSubject(subject, tag)
	if reply {
		return "Re: " + s
	}
	return s
}

// OneLine replaces control characters, line separators and bidirectional
// overrides by spaces and folds runs of white space, so that a stranger's text
// can stand in a header, a log line or a terminal.
func OneLine(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case r <= ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == 0x2028 || r == 0x2029 || r == 0xa0:
			space = true
			continue
		case bidi(r):
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// Printable keeps line feeds and tabs of a text and drops the other control
// characters and bidirectional overrides.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || bidi(r):
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

func bidi(r rune) bool {
	return (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) || r == 0xfeff
}
