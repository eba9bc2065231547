package kb

import (
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
func words(text string) []string {
	var out []string
	buf := make([]byte, 0, maxWord)
	flush := func() {
		if len(buf) > 0 {
			out = append(out, string(buf))
			buf = buf[:0]
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
				buf = appendWord(buf, c)
			case c >= 'A' && c <= 'Z':
				buf = appendWord(buf, c+'a'-'A')
			case c == '\'':
				buf = elide(buf)
			default:
				flush()
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		switch {
		case r == '’' || r == '‘' || r == '´':
			buf = elide(buf)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			buf = appendFolded(buf, r)
		default:
			flush()
		}
	}
	flush()
	return out
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
