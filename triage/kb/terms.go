package kb

// Said returns what the sender of a text newly wrote, without greeting, courtesies,
// signature and quoted mail.
func Said(text string) string { return newText("", text) }

// Terms returns the words of a text that say something, by their stems.
func Terms(text string) map[string]string {
	terms := map[string]string{}
	for _, w := range telling(words(clip(text, maxQuestion))) {
		if s := stem(w); terms[s] == "" {
			terms[s] = w
		}
	}
	return terms
}

// stemLength is how many characters of a word are compared.
const stemLength = 6

// stem returns the beginning of a word, which printer, printers and printing share.
func stem(word string) string {
	if r := []rune(word); len(r) > stemLength {
		return string(r[:stemLength])
	}
	return word
}
