package parse

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
)

const (
	maxRTF      = 8 << 20 // bytes of RTF that are read, after unpacking
	maxRTFDepth = 200     // groups within groups that are told apart
	maxFonts    = 1000
)

// The two forms of MS-OXRTFCP section 2.1.3.1.1.
const (
	rtfCompressed   = 0x75465a4c // "LZFu"
	rtfUncompressed = 0x414c454d // "MELA"
)

// rtfPreset is what the window of the decompression begins with (MS-OXRTFCP
// section 2.1.2.1).
const rtfPreset = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// unpackRTF returns the RTF of a compressed one (MS-OXRTFCP section 2.2), as far as
// it is whole.
func unpackRTF(b []byte) []byte {
	if len(b) < 16 {
		return nil
	}
	form, body := binary.LittleEndian.Uint32(b[8:]), b[16:]
	size := int(min(binary.LittleEndian.Uint32(b[4:]), maxRTF))
	switch form {
	case rtfUncompressed:
		return body[:min(size, len(body))]
	case rtfCompressed:
		return unpackLZFu(body, size)
	}
	return nil
}

func unpackLZFu(b []byte, size int) []byte {
	var window [4096]byte
	at := copy(window[:], rtfPreset)
	out := make([]byte, 0, min(size, 8*len(b)))
	put := func(c byte) {
		out = append(out, c)
		window[at] = c
		at = (at + 1) % len(window)
	}
	for len(b) > 0 && len(out) < size {
		control := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(out) < size; bit++ {
			if control>>bit&1 == 0 {
				if len(b) == 0 {
					return out
				}
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out
			}
			ref := binary.BigEndian.Uint16(b)
			b = b[2:]
			from, n := int(ref>>4), int(ref&15)+2
			if from == at { // the mark of the end
				return out
			}
			for i := range n {
				put(window[(from+i)%len(window)])
			}
		}
	}
	return out
}

// rtfReader turns RTF into text, or back into the HTML that it was made of.
type rtfReader struct {
	src      string
	at       int
	groups   []rtfGroup
	state    rtfGroup
	deep     int            // groups open beyond maxRTFDepth
	fonts    map[int]string // charset of a font
	font     int            // being described in the font table
	ansi     string         // charset of the document
	html     bool           // the RTF carries HTML (MS-OXRTFEX)
	run      []byte         // bytes in one charset
	charset  string         // of run
	units    []uint16       // \u characters, which may be halves of one
	fallback int            // characters still to be left out after \u
	out      strings.Builder
}

// rtfGroup is what holds within braces.
type rtfGroup struct {
	skip    bool // a destination that is not shown
	fonts   bool // the font table
	tag     bool // \htmltag: HTML as it was
	noHTML  bool // \htmlrtf: RTF that has no part in the HTML
	uc      int  // fallback characters after \u
	charset string
}

// readRTF returns the text of RTF, and whether it is HTML.
func readRTF(b []byte) (text string, html bool) {
	if len(b) > maxRTF {
		b = b[:maxRTF]
	}
	r := rtfReader{src: string(b), fonts: map[int]string{}, ansi: "windows-1252"}
	r.state.uc = 1
	for r.at < len(r.src) && r.out.Len() < 2*maxText {
		r.next()
	}
	r.flush()
	return r.out.String(), r.html
}

// next reads one token.
func (r *rtfReader) next() {
	c := r.src[r.at]
	r.at++
	switch c {
	case '{':
		if len(r.groups) < maxRTFDepth {
			r.groups = append(r.groups, r.state)
		} else {
			r.deep++
		}
		r.fallback = 0
	case '}':
		if r.deep > 0 {
			r.deep--
		} else if n := len(r.groups); n > 0 {
			r.state, r.groups = r.groups[n-1], r.groups[:n-1]
		}
		r.fallback = 0
	case '\\':
		r.control()
	case '\r', '\n':
	default:
		r.byte(c)
	}
}

// control reads what follows a backslash.
func (r *rtfReader) control() {
	if r.at >= len(r.src) {
		return
	}
	c := r.src[r.at]
	if !letter(c) {
		r.at++
		r.symbol(c)
		return
	}
	start := r.at
	for r.at < len(r.src) && letter(r.src[r.at]) && r.at-start < 32 {
		r.at++
	}
	name := r.src[start:r.at]
	start = r.at
	if r.at < len(r.src) && r.src[r.at] == '-' {
		r.at++
	}
	for r.at < len(r.src) && digit(r.src[r.at]) && r.at-start < 11 {
		r.at++
	}
	n, err := strconv.Atoi(r.src[start:r.at])
	if r.at < len(r.src) && r.src[r.at] == ' ' {
		r.at++
	}
	r.word(name, n, err == nil)
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// symbol handles a control symbol.
func (r *rtfReader) symbol(c byte) {
	switch c {
	case '\'':
		if r.at+2 <= len(r.src) && unhex(r.src[r.at]) >= 0 && unhex(r.src[r.at+1]) >= 0 {
			r.byte(byte(unhex(r.src[r.at])<<4 | unhex(r.src[r.at+1])))
			r.at += 2
		}
	case '*':
		r.state.skip = !strings.HasPrefix(r.src[r.at:], `\htmltag`)
	case '\\', '{', '}':
		r.byte(c)
	case '~':
		r.text(" ")
	case '_':
		r.text("-")
	case '\r', '\n':
		r.text("\n")
	}
}

// rtfText gives the text of control words that stand for some.
var rtfText = map[string]string{
	"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t", "emdash": "—", "endash": "–", "bullet": "•",
	"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ",
}

// word handles a control word; given tells that it had a number.
func (r *rtfReader) word(name string, n int, given bool) {
	if s, ok := rtfText[name]; ok {
		r.text(s)
		return
	}
	switch name {
	case "u":
		r.unicode(n)
	case "uc":
		r.state.uc = max(0, min(n, 100))
	case "bin":
		r.at += max(0, min(n, len(r.src)-r.at))
	case "ansicpg":
		r.ansi = cleanLabel("cp" + itoa(n))
	case "fromhtml":
		r.html = true
	case "htmltag":
		r.state.tag = true
	case "htmlrtf":
		r.flush()
		r.state.noHTML = !given || n != 0
	case "fonttbl":
		r.state.fonts, r.state.skip = true, true
	case "f":
		r.flush()
		r.font = n
		r.state.charset = r.fonts[n]
	case "plain":
		r.flush()
		r.state.charset = ""
	case "fcharset":
		if r.state.fonts && len(r.fonts) < maxFonts {
			r.fonts[r.font] = fontCharsets[n]
		}
	case "colortbl", "stylesheet", "info", "pict", "header", "footer", "headerl", "headerr", "headerf", "footerl", "footerr", "footerf", "mhtmltag":
		r.state.skip = true
	}
}

// fontCharsets names the charset of an RTF font by its \fcharset.
var fontCharsets = map[int]string{
	77: "macintosh", 128: "shift_jis", 129: "euc-kr", 134: "gb18030", 136: "big5", 161: "windows-1253", 162: "windows-1254", 163: "windows-1258",
	177: "windows-1255", 178: "windows-1256", 186: "windows-1257", 204: "windows-1251", 222: "windows-874", 238: "windows-1250",
}

// shown reports whether text at this place is part of the result.
func (r *rtfReader) shown() bool {
	return !r.state.skip && (!r.html || r.state.tag || !r.state.noHTML)
}

// byte takes a byte of text in the charset of its font.
func (r *rtfReader) byte(c byte) {
	if r.fallback > 0 {
		r.fallback--
		return
	}
	if !r.shown() {
		return
	}
	charset := r.state.charset
	if charset == "" || r.state.tag {
		charset = r.ansi
	}
	if charset != r.charset || len(r.units) > 0 {
		r.flush()
		r.charset = charset
	}
	r.run = append(r.run, c)
}

func (r *rtfReader) text(s string) {
	r.fallback = 0
	if r.shown() {
		r.flush()
		r.out.WriteString(s)
	}
}

// unicode takes a \u character: a signed 16-bit number.
func (r *rtfReader) unicode(n int) {
	r.fallback = r.state.uc
	if !r.shown() {
		return
	}
	if len(r.run) > 0 {
		r.flush()
	}
	r.units = append(r.units, uint16(n))
}

// flush writes what was collected.
func (r *rtfReader) flush() {
	if len(r.run) > 0 {
		text, ok := decodeAs(r.run, r.charset)
		if !ok { // RTF always says the charset: guessing at each run would be slow
			text = windows1252(r.run)
		}
		r.out.WriteString(text)
		r.run = r.run[:0]
	}
	if len(r.units) > 0 {
		r.out.WriteString(string(utf16.Decode(r.units)))
		r.units = r.units[:0]
	}
}
