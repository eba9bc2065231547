package kb

import (
	_ "embed"
	"strings"
)

//go:embed lexicon/stopwords.txt
var stopwordsFile string

var stopwords = readWords(stopwordsFile)

func readWords(file string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			set[w] = true
		}
	}
	return set
}

// stop reports whether a word says little about a subject.
func stop(w string) bool { return stopwords[w] || len(w) < 2 }
