package parse

import "strings"

const maxSignature = 12 // lines

// cutSignatures cuts signatures, device lines and footers at the end of each run
// of kept lines: new text may stand in several runs, between quotes.
func cutSignatures(lines []replyLine) {
	for i := 0; i < len(lines); {
		for i < len(lines) && lines[i].fate != keep {
			i++
		}
		start := i
		for i < len(lines) && lines[i].fate == keep {
			i++
		}
		if start < i {
			cutSignature(lines[start:i])
		}
	}
}

// cutSignature cuts the end of one run of lines.
func cutSignature(run []replyLine) {
	for {
		end := len(run)
		for end > 0 && (run[end-1].blank || ruleLine(run[end-1].trim)) {
			end--
			if !run[end].blank {
				run[end].fate = sign
			}
		}
		run = run[:end]
		at := signatureStart(run)
		if at < 0 {
			return
		}
		for j := at; j < end; j++ {
			run[j].fate = sign
		}
		run = run[:at]
	}
}

// signatureStart returns where the last signature of the run begins, -1 without.
func signatureStart(run []replyLine) int {
	lines := 0
	for i := len(run) - 1; i >= 0; i-- {
		if run[i].blank {
			continue
		}
		if lines++; lines > maxSignature {
			break
		}
		s := run[i].trim
		if signatureMark(s) || deviceLine(s) && lines <= 3 {
			return i
		}
	}
	return -1
}

// signatureMark reports the line above a signature: "-- " (RFC 3676 section 4.3)
// and what people and clients write for it.
func signatureMark(s string) bool {
	switch s {
	case "--", "---", "—", "__", "--=20", "- -":
		return true
	}
	return len(s) >= 4 && strings.Trim(s, "_") == "" || len(s) >= 4 && strings.Trim(s, "-") == ""
}

// deviceLine reports a line that a phone or a mail program adds.
func deviceLine(s string) bool {
	if len(s) > 120 {
		return false
	}
	low := strings.ToLower(strings.Trim(s, "*_-[]()<>|~. "))
	for _, p := range devicePhrases.list {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}
