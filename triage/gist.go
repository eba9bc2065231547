package triage

import (
	"slices"
	"strings"
	"unicode"
)

// gist returns the new text of a mail without what frames it: the line that greets,
// the line that takes leave, and a signature, which stands below that or begins with one
// of the names. What stands between is what the mail says, with a postscript and any
// sentence below.
func gist(text string, names map[string]bool) string {
	var kept []string
	below := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		words := wordsOf(line)
		switch {
		case line == "":
			continue
		case below:
			if below = !speaks(line, words); below {
				continue
			}
		case takesLeave(words, names), len(kept) > 0 && onlyNames(words, names):
			below = true
			continue
		case len(kept) == 0 && greets(line, words, names):
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// speaks reports whether a line below the leave-taking says something.
func speaks(line string, words []string) bool {
	if strings.HasPrefix(strings.ToLower(strings.ReplaceAll(line, ".", "")), "ps") {
		return true
	}
	ends := strings.ContainsAny(line[len(line)-1:], ".!?") || slices.ContainsFunc(words, func(w string) bool { return askWords[w] })
	return len(words) > 2 && ends && !strings.ContainsAny(line, "@0123456789")
}

// greets reports a line that does nothing but greet. It may hold any name, when it ends
// as such lines do.
func greets(line string, words []string, names map[string]bool) bool {
	if len(words) == 0 || len(words) > 5 || !greetingWords[words[0]] {
		return false
	}
	end := line[len(line)-1:]
	if end == "," && strings.Count(line, ",") == 1 {
		return true
	}
	return strings.ContainsAny(end, ",!:") && !slices.ContainsFunc(words, func(w string) bool {
		return !greetingWords[w] && !politeWords[w] && !names[w] && !titles[w]
	})
}

// takesLeave reports a line such as "Kind regards". What stands behind a single word of
// leave is known: "LG monitor is broken" takes none.
func takesLeave(words []string, names map[string]bool) bool {
	if len(words) == 0 || len(words) > 6 {
		return false
	}
	line := strings.Join(words, " ") + " "
	for _, p := range leavePhrases {
		if rest, ok := strings.CutPrefix(line, p+" "); ok {
			return strings.Contains(p, " ") || !slices.ContainsFunc(strings.Fields(rest), func(w string) bool {
				return !names[w] && !leaveBeside[w] && !thankWords[w]
			})
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

// authorNamed returns the words of the author's name, with which he signs.
func (d *decision) authorNamed() map[string]bool {
	local, _, _ := strings.Cut(d.in.From.Address, "@")
	return wordSet(strings.Join(slices.Concat(wordsOf(d.in.From.Name), wordsOf(local)), " "))
}

// peopleNamed returns the words of people's names that may stand in a mail without saying
// anything: its author's, and those of the technicians, who sign their replies.
func (d *decision) peopleNamed() map[string]bool {
	names := d.authorNamed()
	for _, t := range d.Desk.Technicians {
		for _, w := range wordsOf(t.Name) {
			names[w] = true
		}
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
