package desk

import (
	"path"
	"strings"
)

// maxFileName bounds a file's name, in characters: short enough for the line limit
// of a mail when percent-encoded.
const maxFileName = 60

// FileName makes a stranger's file name fit to be shown and for a MIME parameter:
// the base name, one line, short, with its extension. Applied twice it changes
// nothing more, so what was decided by a name holds for the name that goes out.
func FileName(s string) string {
	s = OneLine(path.Base(strings.ReplaceAll(s, `\`, "/")))
	if s == "" || s == "." || s == "/" {
		return "attachment"
	}
	if runes := []rune(s); len(runes) > maxFileName {
		ext := []rune(path.Ext(s))
		if len(ext) > 10 {
			ext = nil
		}
		s = OneLine(string(runes[:maxFileName-len(ext)]) + string(ext))
	}
	return s
}
