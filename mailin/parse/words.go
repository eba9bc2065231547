package parse

import (
	"encoding/base64"
	"strings"

	"tierdesk/desk"
)

// decodeWords decodes the encoded words of a header value (RFC 2047), also where
// they may not stand (in quotes, glued to other text), with blanks inside, and
// when one character is split over two words. Raw 8-bit text between them is
// read as the hint says.
func decodeWords(s, hint string) string {
	if !strings.Contains(s, "=?") {
		if s == "" || tame(s) && !shifts(hint, nil) {
			return s
		}
		return decodeCharset([]byte(s), "", hint)
	}
	var out strings.Builder
	var run []byte // decoded bytes of neighbouring words of one charset
	label := ""
	flush := func() {
		if len(run) > 0 {
			out.WriteString(decodeCharset(run, label, hint))
			run = run[:0]
		}
	}
	rest := s
	for {
		i := strings.Index(rest, "=?")
		if i < 0 {
			break
		}
		w, ok := readWord(rest[i:])
		if !ok {
			flush()
			out.WriteString(decodeCharset([]byte(rest[:i+2]), "", hint))
			rest = rest[i+2:]
			continue
		}
		if gap := rest[:i]; strings.Trim(gap, " \t") != "" || len(run) == 0 && out.Len() == 0 {
			flush()
			out.WriteString(decodeCharset([]byte(gap), "", hint))
		}
		if !strings.EqualFold(w.charset, label) {
			flush()
			label = w.charset
		}
		run = append(run, w.text...)
		rest = rest[i+w.length:]
	}
	flush()
	out.WriteString(decodeCharset([]byte(rest), "", hint))
	return out.String()
}

// tame reports printable ASCII without runs of blanks: most header text, which
// needs no decoding and no cleaning.
func tame(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == ' ' && (i == 0 || i+1 == len(s) || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// oneLine is desk.OneLine for text that mostly needs none of it.
func oneLine(s string) string {
	if tame(s) {
		return s
	}
	return desk.OneLine(s)
}

// maxWord bounds an encoded word. RFC 2047 allows 75 characters; programs that do
// not fold write some hundreds.
const maxWord = 4000

// word is one encoded word: its bytes in its charset, and how long it is in the
// header.
type word struct {
	charset string
	text    []byte
	length  int
}

// readWord reads an encoded word at the start of s, which begins with "=?".
func readWord(s string) (w word, ok bool) {
	charset, rest, ok := strings.Cut(s[2:], "?")
	if !ok || charset == "" || len(charset) > 60 || strings.ContainsAny(charset, " \t<>@") {
		return w, false
	}
	charset, _, _ = strings.Cut(charset, "*") // language, RFC 2231 section 5
	if len(rest) < 2 || rest[1] != '?' {
		return w, false
	}
	kind, text := rest[0]|0x20, rest[2:]
	end := strings.Index(text[:min(len(text), maxWord)], "?=")
	if end < 0 {
		return w, false
	}
	w = word{charset: charset, length: len(s) - len(text) + end + 2}
	text = text[:end]
	switch kind {
	case 'q':
		w.text = decodeQWord(text)
	case 'b':
		w.text = decodeBase64([]byte(text))
	default:
		return w, false
	}
	return w, true
}

func decodeQWord(s string) []byte {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			b = append(b, ' ')
		case c == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			b = append(b, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return b
}

// decodeBase64 decodes all that can be decoded: foreign characters are dropped,
// padding may be missing, and several padded pieces may be glued together.
func decodeBase64(src []byte) []byte {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(src))+3)
	d := base64Decoder{}
	n := d.decode(out, src)
	n += d.finish(out[n:])
	return out[:n]
}
