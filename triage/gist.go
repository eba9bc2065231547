package triage

import (
	"strings"
	"unicode"
)

// gist returns the new text of a mail without what frames it: the line that greets,
// the line that takes leave with all below it, and a signature that begins with one
// of the names. What stands between is what the mail says.
func gist(text string, names map[string]bool) string {
	var kept []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		words := wordsOf(line)
		switch {
		case line == "":
			continue
		case takesLeave(words), len(kept) > 0 && onlyNames(words, names):
			return strings.Join(kept, "\n")
		case len(kept) == 0 && greets(line, words):
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// greets reports a line that does nothing but greet.
func greets(line string, words []string) bool {
	return len(words) > 0 && len(words) <= 5 && greetingWords[words[0]] && strings.ContainsAny(line[len(line)-1:], ",!:")
}

// takesLeave reports a line such as "Kind regards".
func takesLeave(words []string) bool {
	if len(words) == 0 || len(words) > 6 {
		return false
	}
	line := strings.Join(words, " ") + " "
	for _, p := range leavePhrases {
		if strings.HasPrefix(line, p+" ") {
			return true
		}
	}
	return false
}

func onlyNames(words []string, names map[string]bool) bool {
	for _, w := range words {
		if !names[w] {
			return false
		}
	}
	return len(words) > 0
}

// peopleNamed returns the words of people's names that may stand in a mail without saying
// anything: its author's, and those of the technicians, who sign their replies.
func (d *decision) peopleNamed() map[string]bool {
	names := map[string]bool{}
	add := func(name string) {
		for _, w := range wordsOf(name) {
			names[w] = true
		}
	}
	add(d.in.From.Name)
	local, _, _ := strings.Cut(d.in.From.Address, "@")
	add(local)
	for _, t := range d.Desk.Technicians {
		add(t.Name)
	}
	return names
}

// wordsOf returns the words of a text in lower case. Apostrophes belong to words.
func wordsOf(text string) []string {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	return strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && (!unicode.IsMark(r) || unicode.Is(unicode.Variation_Selector, r)) && r != '\''
	})
}

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

func phraseList(s string) []string {
	var list []string
	for line := range strings.Lines(s) {
		for p := range strings.SplitSeq(line, ",") {
			if p = strings.Join(strings.Fields(p), " "); p != "" {
				list = append(list, p)
			}
		}
	}
	return list
}
