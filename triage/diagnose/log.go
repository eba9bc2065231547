package diagnose

import (
	"regexp"
	"strings"

	"tierdesk/desk"
)

// Limits of what is shown of logs.
const (
	maxExcerpts   = 3
	aroundFailure = 2  // lines before and after
	maxExcerpt    = 10 // lines
	maxExcerptRow = 200
)

// failureLine is a line on which a log reports a failure.
var failureLine = regexp.MustCompile(`\b(?:ERROR|FATAL|CRITICAL|CRIT|SEVERE|EMERG|EMERGENCY|ALERT|PANIC)\b|\blevel=(?:error|fatal|critical|panic)\b|"(?:level|severity)": ?"(?i:error|fatal|critical)"|[\[<](?:error|fatal|crit|emerg|alert)[\]>:]|^(?:panic|fatal error|fatal): `)

func fails(text string) bool {
	return has(text, "ERROR", "FATAL", "CRIT", "SEVERE", "EMERG", "ALERT", "PANIC", "evel", "error", "fatal", "crit", "emerg", "alert", "panic") &&
		failureLine.MatchString(text)
}

// excerpts returns the lines around the first failures of the files and around the
// last one, with which it ended.
func excerpts(files [][]line) []desk.Excerpt {
	var found []desk.Excerpt
	for _, lines := range files {
		shown := 0 // everything before is shown already
		for i := range lines {
			if i < shown || !fails(lines[i].text) {
				continue
			}
			from := max(shown, i-aroundFailure)
			shown = excerptEnd(lines, from, i)
			if len(found) == maxExcerpts {
				found = found[:maxExcerpts-1]
			}
			found = append(found, excerpt(lines[from:shown]))
		}
	}
	return found
}

// excerptEnd returns where an excerpt ends that shows line i: behind the failures
// that follow closely.
func excerptEnd(lines []line, from, i int) int {
	end := i + 1 + aroundFailure
	for j := i + 1; j < min(end, len(lines)) && j < from+maxExcerpt; j++ {
		if fails(lines[j].text) {
			end = j + 1 + aroundFailure
		}
	}
	return min(end, len(lines), from+maxExcerpt)
}

func excerpt(lines []line) desk.Excerpt {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(clip(l.text, maxExcerptRow) + "\n")
	}
	return desk.Excerpt{File: desk.FileName(lines[0].file), Line: lines[0].n, Text: strings.TrimRight(b.String(), "\n")}
}
