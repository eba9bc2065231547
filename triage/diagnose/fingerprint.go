package diagnose

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
)

// fingerprint names a failure by the surest sign there is: where the innermost cause
// of a stack trace was thrown, or else what a log's first failure says, or else the
// codes.
func fingerprint(traces []trace, texts [][]line, codes []string) string {
	for _, t := range traces {
		if t.class == "" && len(t.frames) == 0 {
			continue
		}
		parts := []string{"trace", t.class}
		for _, f := range t.frames[:min(len(t.frames), maxFrames)] {
			parts = append(parts, f.function)
		}
		return digest(parts)
	}
	for _, lines := range texts {
		for _, l := range lines {
			if fails(l.text) {
				if said := plain(l.text); strings.Count(said, " ") >= 2 {
					return digest([]string{"log", said})
				}
			}
		}
	}
	if len(codes) == 0 {
		return ""
	}
	codes = slices.Clone(codes)
	for i, c := range codes {
		codes[i] = strings.ToLower(c)
	}
	slices.Sort(codes)
	return digest(append([]string{"codes"}, codes...))
}

func digest(parts []string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:8])
}

// variable is what differs between two reports of one failure, longest first: what
// stands in quotes, mail addresses, paths, ids, numbers.
var variable = regexp.MustCompile(`"[^"]*"|'[^']*'|“[^”]*”|\S+@\S+|(?:[A-Za-z]:)?(?:[/\\][\w.$-]+){2,}|\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b|\b(?:0x)?[0-9A-Fa-f]*\d[0-9A-Fa-f]*\b|\d+`)

// plain returns a line without what differs between two reports of one failure.
func plain(text string) string {
	text = timeStamp.ReplaceAllString(text, "")
	text = variable.ReplaceAllString(text, "#")
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r == ' ' || r == '\t' || strings.ContainsRune("#[](){}<>:,;.=-", r)
	}), " ")
}
