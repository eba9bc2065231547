package parse

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tierdesk/desk"
)

const (
	maxAbsenceText = 4000 // bytes of a vacation reply that are looked at
	cueReach       = 40   // bytes before a date in which "until" may stand
	delegateReach  = 240  // bytes before an address in which "please contact" may stand
	// maxAhead is how far a return may be off: parental leave. A year that is left
	// out is only added when the day is nearer than maxGuess; a responder that was
	// forgotten names a day just past.
	maxAhead = 3 * 366
	maxGuess = 300
)

// readAbsence reads from a vacation reply until when its sender is away and whom
// to ask meanwhile.
func (m *message) readAbsence() {
	if m.in.Kind != desk.KindAutoReply {
		return
	}
	today := m.opt.Received
	if today.IsZero() && m.in.Date != nil {
		today = *m.in.Date
	}
	text := m.in.Subject + ".\n" + m.in.Reply
	if len(text) > maxAbsenceText {
		text = strings.ToValidUTF8(text[:maxAbsenceText], "")
	}
	r := absenceReader{text: strings.ToLower(text), order: m.dayOrder(strings.ToLower(text))}
	r.today = time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
	a := desk.Away{Delegate: m.delegate(text)}
	if !today.IsZero() {
		a.Until = r.until()
	}
	if !a.Until.IsZero() || a.Delegate != "" {
		m.in.Absence = &a
	}
}

// order is how a writer orders day and month in figures.
type order byte

const (
	dayFirst order = iota
	monthFirst
	eitherFirst
)

// dayOrder tells how this sender writes 3/4: English is written both ways, and
// only the zone of his clock says where.
func (m *message) dayOrder(text string) order {
	if code := m.in.Language; code != "en" && (code != "" || !hasCue(text, englishWords)) {
		return dayFirst
	}
	if m.in.Date == nil {
		return eitherFirst
	}
	switch _, offset := m.in.Date.Zone(); {
	case offset <= -4*3600:
		return monthFirst
	case offset != 0:
		return dayFirst
	}
	return eitherFirst
}

// absenceReader looks for the end of an absence in a lower-case text.
type absenceReader struct {
	text  string
	today time.Time
	order order
}

// until returns the first day that the text names as that of the return, or else
// as the end of the absence; zero without.
func (r *absenceReader) until() time.Time {
	days := r.days()
	var end time.Time
	for i, d := range days {
		if d.date.IsZero() || d.date.Before(r.today) || d.date.After(r.today.AddDate(0, 0, maxAhead)) {
			continue
		}
		from, to := 0, len(r.text)
		if i > 0 {
			from = days[i-1].end
		}
		if i+1 < len(days) {
			to = days[i+1].start
		}
		before, after := lastSentence(r.text[from:d.start]), firstSentence(r.text[d.end:to])
		lastOfSentence := to == len(r.text) || len(after) < to-d.end
		switch {
		case hasCue(before, returnCues), lastOfSentence && hasCue(after, returnCues) && !startsAbsence(before):
			return d.date
		case end.IsZero() && !d.relative && (endsAbsence(before, i > 0) || hasCuePrefix(after, untilAfter)):
			end = d.date
		}
	}
	return end
}

// endsAbsence reports words before a date that make it the end of something: an
// "until", or the second half of a range.
func endsAbsence(before string, datesBefore bool) bool {
	tail := before[max(0, len(before)-cueReach):]
	if hasCue(tail, untilCues) {
		return true
	}
	words := strings.Fields(strings.TrimRight(tail, " .,"))
	for n := len(words); n > 0 && n > len(words)-3; n-- {
		if !rangeWords[words[n-1]] {
			continue
		}
		return n == 1 && datesBefore || n > 1 && digit(words[n-2][0]) // "1 March to", "from 1 to"
	}
	return false
}

// startsAbsence reports words such as "from" right before a date.
func startsAbsence(before string) bool {
	words := strings.Fields(before)
	return len(words) > 0 && startWords[words[len(words)-1]]
}

// lastSentence returns the end of s from the last full stop on. Lines are wrapped
// anywhere, so that only an empty one ends a sentence.
func lastSentence(s string) string {
	for i := len(s) - 1; i > 0; i-- {
		if sentenceEnd(s, i) {
			return s[i+1:]
		}
	}
	return s
}

func firstSentence(s string) string {
	for i := range len(s) {
		if sentenceEnd(s, i) {
			return s[:i]
		}
	}
	return s
}

// sentenceEnd reports whether a sentence ends with the byte at i. The points of
// figures and of abbreviations end none.
func sentenceEnd(s string, i int) bool {
	switch s[i] {
	case '!', '?':
		return true
	case '\n':
		return i+1 < len(s) && s[i+1] == '\n'
	case '.':
		if i+1 < len(s) && s[i+1] != ' ' && s[i+1] != '\n' {
			return false
		}
		return i > 2 && !digit(s[i-1]) && s[i-2] != ' ' && s[i-2] != '.' && s[i-3] != ' '
	}
	return strings.HasPrefix(s[i:], "。")
}

// hasCue reports one of the words or phrases in s, not inside of other words.
func hasCue(s string, cues []string) bool {
	for _, c := range cues {
		for from := 0; ; {
			i := strings.Index(s[from:], c)
			if i < 0 {
				break
			}
			i += from
			if wordEdge(s, i, i+len(c), c) {
				return true
			}
			from = i + len(c)
		}
	}
	return false
}

func hasCuePrefix(s string, cues []string) bool {
	s = strings.TrimLeft(s, " .,)-\n")
	for _, c := range cues {
		if strings.HasPrefix(s, c) && wordEdge(s, 0, len(c), c) {
			return true
		}
	}
	return false
}

// wordEdge reports that the phrase at s[i:j] is not part of a longer word. Scripts
// without blanks have no words to be part of.
func wordEdge(s string, i, j int, phrase string) bool {
	first, _ := utf8.DecodeRuneInString(phrase)
	if first >= 0x2e80 {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[j:])
	return !unicode.IsLetter(before) && !unicode.IsLetter(after)
}

// delegate returns the first address in the text that somebody is asked to turn
// to, "" without.
func (m *message) delegate(text string) string {
	low := strings.ToLower(text)
	if len(low) != len(text) { // some capitals are longer
		text = low
	}
	for at := 0; at < len(text); {
		start, end := findAddress(text[at:])
		if start < 0 {
			return ""
		}
		address := text[at+start : at+end]
		lead := low[max(0, at+start-delegateReach) : at+start]
		if strings.Contains(address, ".") && !m.knows(address) && hasCue(lead, delegateCues) {
			return address
		}
		at += end
	}
	return ""
}

// knows reports an address that the mail is from or to.
func (m *message) knows(address string) bool {
	address = desk.NormalAddress(address)
	known := append([]desk.Address{}, m.in.To...)
	if m.in.From != nil {
		known = append(known, *m.in.From)
	}
	for _, a := range append(known, m.in.ReplyTo...) {
		if desk.NormalAddress(a.Address) == address {
			return true
		}
	}
	return false
}
