package parse

import (
	"encoding/base64"
	"unicode/utf16"

	"golang.org/x/text/encoding/korean"
)

// decodeUTF7 reads UTF-7 (RFC 2152); what is not valid stays as it is.
func decodeUTF7(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			out = append(out, b[i])
			continue
		}
		j := i + 1
		for j < len(b) && base64Digit(b[j]) {
			j++
		}
		if j == i+1 {
			out = append(out, '+')
			if j < len(b) && b[j] == '-' {
				i++
			}
			continue
		}
		text, ok := utf7Run(b[i+1 : j])
		if !ok {
			out = append(out, '+')
			continue
		}
		out = append(out, text...)
		i = j - 1
		if j < len(b) && b[j] == '-' {
			i++
		}
	}
	return string(out)
}

func utf7Run(digits []byte) (string, bool) {
	if len(digits)%4 == 1 {
		digits = digits[:len(digits)-1]
	}
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(digits)))
	if _, err := base64.RawStdEncoding.Decode(raw, digits); err != nil || len(raw) < 2 {
		return "", false
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units)), true
}

func base64Digit(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// decodeISO2022KR reads ISO-2022-KR (RFC 1557): after SO, two-byte characters of
// KS X 1001 without their high bits; SI goes back to ASCII. An own reader since
// x/text has none.
func decodeISO2022KR(b []byte) string {
	out := make([]byte, 0, len(b))
	shifted := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == 0x1b && i+3 < len(b) && b[i+1] == '$' && b[i+2] == ')':
			i += 3
		case c == 0x0e:
			shifted = true
		case c == 0x0f:
			shifted = false
		case c == '\n':
			shifted = false
			out = append(out, c)
		case shifted && c > ' ' && c < 0x7f:
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	s, err := korean.EUCKR.NewDecoder().Bytes(out)
	if err != nil {
		return string(out)
	}
	return string(s)
}
