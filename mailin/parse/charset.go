package parse

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// charsetSample is how many bytes of a text are looked at to find its charset.
const charsetSample = 4 << 10

// metaCharset returns the charset that an HTML text names in its own head, "" when
// it names none.
func metaCharset(b []byte) string {
	b = bytes.ToLower(b[:min(len(b), charsetSample)])
	i := bytes.Index(b, []byte("charset="))
	if i < 0 {
		return ""
	}
	name := bytes.TrimLeft(b[i+len("charset="):], `"' `)
	if end := bytes.IndexAny(name, `"'> ;/`); end >= 0 {
		name = name[:end]
	}
	return string(name)
}

// decodeCharset returns text in UTF-8, whatever it was labelled as. The order is:
// the label, when the bytes fit it; UTF-8, when they are that; the hint (the
// charset of the body, for a header without one); a guess from the bytes;
// windows-1252. It never fails.
func decodeCharset(b []byte, label, hint string) string {
	label = cleanLabel(label)
	if plainASCII(b) && !shifts(label, b) && !(label == "" && shifts(cleanLabel(hint), b)) {
		return string(b)
	}
	utf8OK := utf8.Valid(b)
	if utf8OK && (label == "" && cleanLabel(hint) != "utf-7" || guessLabel(label) || westernLabel(label)) && !hasEscape(b) {
		return string(b) // western labels on UTF-8 are the commonest mislabelling
	}
	for _, l := range []string{label, cleanLabel(hint)} {
		if s, ok := decodeAs(b, l); ok {
			return s
		}
	}
	if utf8OK {
		return string(b)
	}
	if enc := detect(b); enc != "" {
		if s, ok := decodeAs(b, enc); ok {
			return s
		}
	}
	if mostlyUTF8(b) || label == "utf-8" && len(b) > 0 && fewBroken(b) {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return windows1252(b)
}

// windows1252 reads any bytes: the last resort.
func windows1252(b []byte) string {
	s, _ := charmap.Windows1252.NewDecoder().Bytes(b) // it has no errors
	return string(s)
}

// decodeAs decodes b as label says; ok is false when the label is unknown or the
// bytes are not valid in it.
func decodeAs(b []byte, label string) (string, bool) {
	switch {
	case label == "" || guessLabel(label):
		return "", false
	case label == "utf-8":
		return string(b), utf8.Valid(b)
	case label == "utf-7":
		return decodeUTF7(b), true
	case label == "iso-2022-kr":
		return decodeISO2022KR(b), true
	}
	enc := lookup(label)
	if enc == nil {
		return "", false
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return "", false
	}
	bad := strings.Count(string(out), "\ufffd")
	if bad > 0 && bad*50 > len(b) { // a few broken characters are no proof of a wrong label
		return "", false
	}
	return string(out), true
}

// cleanLabel returns a charset label in the form that lookup knows: lower case,
// without quotes, "//TRANSLIT" and other dirt.
func cleanLabel(l string) string {
	l = strings.ToLower(strings.Trim(strings.TrimSpace(l), `"'`))
	if i := strings.IndexAny(l, "/;*, "); i >= 0 {
		l = l[:i]
	}
	l = strings.TrimPrefix(l, "charset=")
	if alias, ok := charsetAliases[l]; ok {
		return alias
	}
	return l
}

// guessLabel reports labels that say nothing.
func guessLabel(l string) bool {
	switch l {
	case "us-ascii", "unknown-8bit", "x-unknown", "unknown", "default", "none", "8bit", "7bit", "binary", "default_charset", "_iso-2022-jp$esc":
		return true
	}
	return strings.HasPrefix(l, "x-user-defined")
}

func westernLabel(l string) bool {
	return l == "windows-1252" || l == "iso-8859-1" || l == "iso-8859-15"
}

// charsetAliases maps labels that neither the IANA nor the WHATWG list knows.
var charsetAliases = map[string]string{
	"utf8": "utf-8", "utf-8n": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-unicode-1-1-utf-8": "utf-8", "utf-8-mac": "utf-8", "cp65001": "utf-8", "utf8mb4": "utf-8",
	"utf7": "utf-7", "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "csunicode11utf7": "utf-7", "cp65000": "utf-7",
	"ascii": "us-ascii", "us_ascii": "us-ascii", "usascii": "us-ascii", "ansi_x3.4-1968": "us-ascii", "ansi_x3.110-1983": "us-ascii", "646": "us-ascii",
	"iso-646": "us-ascii", "csascii": "us-ascii",
	"ansi": "windows-1252", "x-ansi": "windows-1252", "latin": "windows-1252", "latin-1": "windows-1252", "latin1": "windows-1252",
	"iso8859": "windows-1252", "iso-8859": "windows-1252",
	"iso8859_1": "windows-1252", "iso-8859-1-windows-3.1-latin-1": "windows-1252", "western": "windows-1252", "cp-1252": "windows-1252",
	"win-1252": "windows-1252", "win1252": "windows-1252", "windows-1252http-equivcontent-type": "windows-1252",
	"cp-1250": "windows-1250", "win-1250": "windows-1250", "win1250": "windows-1250", "cp-1251": "windows-1251", "win-1251": "windows-1251",
	"win1251": "windows-1251", "windows1251": "windows-1251", "ms-cyrl": "windows-1251",
	"cp-1253": "windows-1253", "cp-1254": "windows-1254", "cp-1255": "windows-1255", "cp-1256": "windows-1256", "cp-1257": "windows-1257",
	"iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "iso-8859-6-e": "iso-8859-6", "visual": "iso-8859-8",
	"latin2": "iso-8859-2", "latin-2": "iso-8859-2", "latin9": "iso-8859-15", "latin-9": "iso-8859-15", "iso8859-15": "iso-8859-15",
	"koi8r": "koi8-r", "koi-8": "koi8-r", "koi": "koi8-r", "koi8": "koi8-r", "koi8_r": "koi8-r", "koi8u": "koi8-u", "koi8-ru": "koi8-u",
	"cp-850": "cp850", "cp-437": "cp437", "cp-866": "cp866", "dos-850": "cp850", "dos-437": "cp437", "oem": "cp850", "cp1252": "windows-1252",
	"mac-roman": "macintosh", "macroman": "macintosh", "x-mac-roman": "macintosh", "x-macroman": "macintosh", "mac": "macintosh",
	"x-mac-cyrillic": "x-mac-cyrillic", "mac-cyrillic": "x-mac-cyrillic",
	"cp932": "shift_jis", "ms932": "shift_jis", "windows-31j": "shift_jis", "x-sjis": "shift_jis", "sjis": "shift_jis", "x-ms-cp932": "shift_jis",
	"shift-jis": "shift_jis", "shiftjis": "shift_jis",
	"cp936": "gb18030", "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "euc-cn": "gb18030", "x-euc-cn": "gb18030",
	"cn-gb": "gb18030", "chinese": "gb18030", "gb-2312": "gb18030", "gb-18030": "gb18030", "ms936": "gb18030", "csgb2312": "gb18030",
	"cp949": "euc-kr", "ks_c_5601-1987": "euc-kr", "ks_c_5601": "euc-kr", "ksc5601": "euc-kr", "x-windows-949": "euc-kr", "uhc": "euc-kr",
	"ms949": "euc-kr", "euckr": "euc-kr", "5601": "euc-kr",
	"cp950": "big5", "x-big5": "big5", "big-5": "big5", "cn-big5": "big5", "big5-eten": "big5", "ms950": "big5",
	"iso-2022-jp-1": "iso-2022-jp", "iso-2022-jp-2": "iso-2022-jp", "iso-2022-jp-3": "iso-2022-jp", "iso-2022-jp-2004": "iso-2022-jp",
	"iso-2022-jp-ms": "iso-2022-jp", "iso2022jp": "iso-2022-jp", "cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp", "csiso2022jp": "iso-2022-jp",
	"jis":         "iso-2022-jp",
	"csiso2022kr": "iso-2022-kr", "iso2022kr": "iso-2022-kr",
	"eucjp": "euc-jp", "x-euc-jp": "euc-jp", "ujis": "euc-jp", "hz": "hz-gb-2312", "unicode": "utf-16", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "ucs-4": "utf-32",
	"tis620": "windows-874", "tis-620": "windows-874", "iso-8859-11": "windows-874", "cp874": "windows-874",
}

// lookup returns the encoding of a clean label, or nil.
func lookup(label string) encoding.Encoding {
	switch label {
	case "windows-1252", "iso-8859-1":
		return charmap.Windows1252
	case "iso-2022-jp":
		return japanese.ISO2022JP
	case "shift_jis":
		return japanese.ShiftJIS
	case "euc-jp":
		return japanese.EUCJP
	case "euc-kr":
		return korean.EUCKR
	case "gb18030":
		return simplifiedchinese.GB18030
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "big5":
		return traditionalchinese.Big5
	case "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-32":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case "cp850":
		return charmap.CodePage850
	case "cp437":
		return charmap.CodePage437
	case "cp852":
		return charmap.CodePage852
	}
	if enc, err := htmlindex.Get(label); err == nil && enc != encoding.Replacement {
		return enc
	}
	if enc, err := ianaindex.MIME.Encoding(label); err == nil {
		return enc
	}
	return nil
}

func plainASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// shifts reports whether ASCII bytes mean something else under the label.
func shifts(label string, b []byte) bool {
	switch label {
	case "utf-7", "hz-gb-2312", "iso-2022-kr", "utf-16", "utf-16le", "utf-16be", "utf-32":
		return true
	}
	return hasEscape(b)
}

// hasEscape reports whether the bytes switch to a Japanese or Korean set as
// ISO 2022 does, ESC $ or ESC ( J.
func hasEscape(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		if b[i] == 0x1b && (b[i+1] == '$' || b[i+1] == '(') {
			return true
		}
	}
	return false
}

// detect guesses the charset of bytes that are neither labelled rightly nor
// UTF-8. Short texts give no sure guess.
func detect(b []byte) string {
	if hasEscape(b) {
		return "iso-2022-jp"
	}
	if len(b) > 16<<10 {
		b = b[:16<<10]
	}
	high := 0
	for _, c := range b {
		if c >= 0x80 {
			high++
		}
	}
	if high < 12 {
		return ""
	}
	r, err := chardet.NewTextDetector().DetectBest(b)
	if err != nil || r.Confidence < 40 {
		return ""
	}
	return cleanLabel(r.Charset)
}

// mostlyUTF8 reports text in which almost all high bytes form UTF-8: it was cut
// in the middle of a character, or one byte was damaged.
func mostlyUTF8(b []byte) bool {
	good, bad := countUTF8(b)
	return good > 0 && bad*10 <= good
}

func fewBroken(b []byte) bool {
	good, bad := countUTF8(b)
	return good >= bad
}

func countUTF8(b []byte) (good, bad int) {
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good, bad
}
