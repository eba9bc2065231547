package kb

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord bounds a word in bytes; what follows belongs to nobody's vocabulary.
const maxWord = 40

// words returns the words of a text in the form in which they are compared: lower
// case without accents, umlauts written out (ä as ae, ß as ss), apostrophes gone
// (don't is dont, l'écran is ecran).
func words(text string) []string { return slices.Collect(eachWord(text)) }

// eachWord is words for those who may not want all of them.
func eachWord(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		buf := make([]byte, 0, maxWord)
		for i := 0; i < len(text); {
			r, n := rune(text[i]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeRuneInString(text[i:])
			}
			i += n
			switch {
			case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				buf = appendWord(buf, byte(r))
			case r >= 'A' && r <= 'Z':
				buf = appendWord(buf, byte(r)+'a'-'A')
			case r == '\'' || r == '’' || r == '‘' || r == '´':
				buf = elide(buf)
			case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)):
				buf = appendFolded(buf, r)
			case len(buf) > 0:
				if !yield(string(buf)) {
					return
				}
				buf = buf[:0]
			}
		}
		if len(buf) > 0 {
			yield(string(buf))
		}
	}
}

// elide handles an apostrophe: after one letter or "qu" the word before it is an
// elided article of French and is dropped, elsewhere the apostrophe is.
func elide(buf []byte) []byte {
	if len(buf) == 1 || string(buf) == "qu" {
		return buf[:0]
	}
	return buf
}

func appendWord(buf []byte, c byte) []byte {
	if len(buf) >= maxWord {
		return buf
	}
	return append(buf, c)
}

// appendFolded appends a letter outside ASCII without its accents.
func appendFolded(buf []byte, r rune) []byte {
	if len(buf)+utf8.UTFMax > maxWord {
		return buf
	}
	switch r = unicode.ToLower(r); r {
	case 'ä', 'æ':
		return append(buf, 'a', 'e')
	case 'ö', 'œ', 'ø':
		return append(buf, 'o', 'e')
	case 'ü':
		return append(buf, 'u', 'e')
	case 'ß':
		return append(buf, 's', 's')
	case '\u0308': // a combining diaeresis: the letter before it was an umlaut
		if n := len(buf); n > 0 && strings.IndexByte("aou", buf[n-1]) >= 0 {
			return append(buf, 'e')
		}
		return buf
	}
	var tmp [utf8.UTFMax]byte
	for _, d := range string(norm.NFD.Append(nil, tmp[:utf8.EncodeRune(tmp[:], r)]...)) {
		if !unicode.Is(unicode.Mn, d) {
			buf = utf8.AppendRune(buf, d)
		}
	}
	return buf
}

// grams calls fn with each run of n runes of the word between boundary marks. A
// word shorter than that is one gram.
func grams(word string, n int, fn func(gram string)) {
	padded := "_" + word + "_"
	var at [maxWord + 3]int
	k := 0
	for i := range padded {
		at[k] = i
		k++
	}
	at[k] = len(padded)
	if k <= n {
		fn(padded)
		return
	}
	for i := 0; i+n <= k; i++ {
		fn(padded[at[i]:at[i+n]])
	}
}

// sentences cuts a text into sentences: at line ends, and after . ! ? or ; that
// white space follows.
func sentences(text string) []string {
	var out []string
	start := 0
	cut := func(end int) {
		if s := strings.TrimSpace(text[start:end]); s != "" {
			out = append(out, s)
		}
		start = end
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
			cut(i + 1)
		case '.', '!', '?', ';':
			if i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\t') {
				cut(i + 1)
			}
		}
	}
	cut(len(text))
	return out
}
