package parse

import "strings"

// unflow joins the soft-broken lines of format=flowed text (RFC 3676). Quoted
// paragraphs keep one mark per line.
func unflow(text string, delsp bool) string {
	var out strings.Builder
	out.Grow(len(text))
	open, depth := false, 0
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSuffix(line, "\r")
		d := 0
		for d < len(line) && line[d] == '>' {
			d++
		}
		rest := strings.TrimPrefix(line[d:], " ") // space-stuffing, section 4.4
		signature := rest == "-- "
		if open && (d != depth || signature) {
			out.WriteByte('\n')
			open = false
		}
		if !open && d > 0 {
			out.WriteString(strings.Repeat(">", d))
			out.WriteByte(' ')
		}
		depth = d
		open = strings.HasSuffix(rest, " ") && !signature
		if open && delsp {
			rest = rest[:len(rest)-1]
		}
		out.WriteString(rest)
		if !open {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// enrichedText strips the commands of text/enriched and text/richtext (RFC 1896):
// single line breaks are blanks there, "<<" is "<".
func enrichedText(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '<' && strings.HasPrefix(s[i:], "<<"):
			out.WriteByte('<')
			i++
		case s[i] == '<':
			end := strings.IndexByte(s[i:min(len(s), i+60)], '>')
			if end < 0 {
				out.WriteByte('<')
				continue
			}
			if cmd := strings.ToLower(s[i+1 : i+end]); cmd == "nl" || cmd == "paragraph" || cmd == "/paragraph" {
				out.WriteByte('\n')
			}
			i += end
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}
