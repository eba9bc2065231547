package parse

import (
	"strings"
	"unicode/utf8"
)

const (
	maxSignature = 15 // lines under a mark that may also be a ruler
	maxFooter    = 60 // lines under "-- " or of a legal notice
)

// cutSignatures cuts signatures, device lines and footers at the end of each run
// of kept lines: new text may stand in several runs, between quotes.
func cutSignatures(lines []replyLine, sender string) {
	for i := 0; i < len(lines); {
		for i < len(lines) && lines[i].fate != fateKeep {
			i++
		}
		start := i
		for i < len(lines) && lines[i].fate == fateKeep {
			i++
		}
		if start < i {
			cutSignature(lines[start:i], sender)
		}
	}
}

// cutSignature cuts the end of one run of lines, as often as something is found:
// a device line may follow a signature.
func cutSignature(run []replyLine, sender string) {
	for {
		end := len(run)
		for end > 0 && (run[end-1].blank || ruleLine(run[end-1].trim)) {
			end--
			if !run[end].blank {
				run[end].fate = fateSign
			}
		}
		run = run[:end]
		at := signatureStart(run)
		if at < 0 {
			at = contactStart(run, sender)
		}
		if at < 0 {
			at = ownContactStart(run, sender)
		}
		if at < 0 {
			return
		}
		for j := at; j < end; j++ {
			run[j].fate = fateSign
		}
		run = run[:at]
	}
}

// signatureStart returns where the last signature of the run begins, -1 without.
func signatureStart(run []replyLine) int {
	found := -1
	lines := 0
	for i := len(run) - 1; i >= 0 && lines < maxFooter; i-- {
		if run[i].blank {
			continue
		}
		lines++
		s := run[i].trim
		switch {
		case s == "--" || s == "— —" || s == "- -": // RFC 3676 section 4.3
			return i
		case shortMark(s) && lines <= maxSignature+1 && !prose(run[i+1:]) && !asks(run[i+1:]):
			found = i
		case ruleMark(s) && lines <= maxSignature+1 && contacts(run[i+1:]):
			found = i
		case alone(run, i) && deviceLine(s) && (sureDevice(strings.ToLower(s)) || !asks(run[i+1:])):
			found = i
		case (i == 0 || run[i-1].blank || ruleLine(run[i-1].trim)) && (legalNotice(s) || i > 0 && footer(run[i:])):
			found = i
		}
		if found == i {
			return found
		}
	}
	return -1
}

// shortMark reports what people write instead of "-- ".
func shortMark(s string) bool {
	switch s {
	case "---", "—", "–", "__", "___", "--=20":
		return true
	}
	return false
}

// ruleMark reports a ruler that may stand above a signature, and may as well stand
// in a text.
func ruleMark(s string) bool {
	return len(s) >= 4 && (strings.Trim(s, "_") == "" || strings.Trim(s, "-") == "")
}

// prose reports lines that are sentences: a signature has none.
func prose(lines []replyLine) bool {
	for i := range lines {
		s := lines[i].trim
		if len(s) > 60 && !legalNotice(s) && !strings.Contains(s, "@") && !strings.Contains(s, "://") {
			return true
		}
	}
	return false
}

// asks reports lines that go on talking to the reader, which no signature does, up
// to the first legal notice.
func asks(lines []replyLine) bool {
	for i := range lines {
		s := lines[i].trim
		if legalNotice(s) {
			return false
		}
		end, _ := utf8.DecodeLastRuneInString(s)
		if end == '?' || end == '？' || len(s) > 30 && (end == '.' || end == '!') && !strings.Contains(s, "@") && !strings.Contains(s, "://") && !deviceLine(s) {
			return true
		}
	}
	return false
}

// contacts reports lines as signatures and list footers have them: an address, a
// link or a telephone number, and no prose.
func contacts(lines []replyLine) bool {
	if prose(lines) {
		return false
	}
	for i := range lines {
		s := lines[i].trim
		if strings.Contains(s, "@") || strings.Contains(s, "://") || strings.Contains(s, "www.") || phone(s) {
			return true
		}
	}
	return false
}

// phone reports a line with a telephone number: seven digits or more, with the
// marks that go between them.
func phone(s string) bool {
	digits := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case digit(c):
			if digits++; digits >= 7 {
				return true
			}
		case strings.IndexByte(" -.()/+", c) < 0:
			digits = 0
		}
	}
	return false
}

// alone reports a line that is a paragraph of its own, or follows a sign-off.
func alone(run []replyLine, i int) bool {
	if i == 0 {
		return false
	}
	return run[i-1].blank || len(run[i-1].trim) < 40 || i+1 == len(run)
}
