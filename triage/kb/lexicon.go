package kb

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed lexicon/stopwords.txt
var stopwordsFile string

var stopwords = readWords(stopwordsFile)

// languages holds the same words by language, in the order of the file.
var languages = []string{"en", "de", "fr"}

//go:embed lexicon/courtesy.txt
var courtesyFile string

var courtesyWords = readWords(courtesyFile)

// readWords maps each word to the languages that have it, a bit each.
func readWords(file string) map[string]uint8 {
	set := map[string]uint8{}
	lang := -1
	for line := range strings.Lines(file) {
		if name, ok := strings.CutPrefix(line, "# lang "); ok {
			lang = slices.Index(languages, strings.TrimSpace(name))
			continue
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			set[w] |= 1 << max(lang, 0)
		}
	}
	return set
}

// guessLanguage returns the language most of whose empty words stand in the text,
// or "" when two are level.
func guessLanguage(ws []string) string {
	var n [3]int
	for _, w := range ws {
		in := stopwords[w]
		for i := range n {
			if in&(1<<i) != 0 {
				n[i]++
			}
		}
	}
	best, lead := 0, -1
	for i := range n {
		if n[i] > n[best] {
			best = i
		}
	}
	for i := range n {
		if i != best {
			lead = max(lead, n[i])
		}
	}
	if n[best] <= lead {
		return ""
	}
	return languages[best]
}

// stop reports whether a word says little about a subject.
func stop(w string) bool { return stopwords[w] != 0 || len(w) < 2 }

//go:embed lexicon/synonyms.txt
var synonymsFile string

// synonyms are groups of words that mean much the same.
func synonyms() [][]string {
	var out [][]string
	for line := range strings.Lines(synonymsFile) {
		if f := strings.Fields(line); len(f) > 1 && f[0] != "#" {
			out = append(out, f)
		}
	}
	return out
}

// courtesy reports whether a sentence says nothing but politeness.
func courtesy(sentence string) bool {
	for w := range eachWord(sentence) {
		if !stop(w) && courtesyWords[w] == 0 {
			return false
		}
	}
	return true
}
