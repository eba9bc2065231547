package parse

import (
	"bytes"
	"io"
	"path"
	"strings"

	"tierdesk/desk"
)

// Limits of what is kept of a mail's text files, in bytes: logs tell how it began at
// their beginning, and how it ended at their end.
const (
	maxTextFiles = 64 << 10 // of all files together
	maxFileHead  = 16 << 10
)

// keepText keeps the beginning and the end of a text file, for diagnosis.
func (m *message) keepText(a desk.Attachment) {
	if m.fileText <= 0 || !textual(a) {
		return
	}
	content, label := m.content(a.Part), m.parts[a.Part].params.get("charset")
	take := func(n int64, line int) (lines int) {
		b, _ := io.ReadAll(io.LimitReader(content, n)) // decoding cannot fail
		m.fileText -= len(b)
		text := desk.Printable(decodeCharset(b, label, ""))
		m.in.TextFiles = append(m.in.TextFiles, desk.TextFile{Name: a.Filename, Line: line, Text: text})
		return bytes.Count(b, []byte("\n"))
	}
	room := int64(m.fileText)
	if a.Size <= room {
		take(room, 1)
		return
	}
	head := min(maxFileHead, room/4)
	lines := take(head, 1)
	skipped := lineCounter(0)
	io.CopyN(&skipped, content, a.Size-room) // neither side can fail
	take(room-head, 1+lines+int(skipped))
}

// lineCounter counts the line feeds that are written to it.
type lineCounter int

func (c *lineCounter) Write(b []byte) (int, error) {
	*c += lineCounter(bytes.Count(b, []byte("\n")))
	return len(b), nil
}

// textual reports a file that is text by its type or by its name.
func textual(a desk.Attachment) bool {
	switch a.ContentType {
	case "text/plain", "text/x-log", "text/csv", "application/json":
		return true
	}
	switch strings.ToLower(path.Ext(a.Filename)) {
	case ".log", ".txt", ".out", ".err", ".trace", ".stacktrace", ".json", ".csv":
		return true
	}
	return false
}
