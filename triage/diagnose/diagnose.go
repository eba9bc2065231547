// Package diagnose finds in a mail what a technician would search it for: error
// codes, exceptions and the top of their stacks, versions, names and addresses of
// computers, excerpts of logs. From the same it makes a fingerprint by which the
// same failure is known again.
//
// It reads text that is understood already and keeps no state: the same text gives
// the same result. Its time is linear in the text, of which it looks at a bounded
// part. What the findings mean for a ticket is decided by others.
package diagnose

import (
	"path"
	"slices"
	"strings"

	"tierdesk/desk"
)

// Limits of what is looked at and of what is found.
const (
	maxText   = 64 << 10 // bytes of the mail's own text
	maxLine   = 400      // bytes of a line
	maxValues = 6        // of each kind
	maxValue  = 120      // bytes
)

// Report is a mail as it is looked at.
type Report struct {
	Text        string // what the sender newly wrote
	Files       []desk.TextFile
	Attachments []desk.Attachment
}

// Read returns what a report tells, or nil when it tells nothing.
func Read(r Report) *desk.Diagnostics {
	var c collector
	words := linesOf(desk.TextFile{Text: clip(r.Text, maxText)})
	c.read(words)
	files := make([][]line, len(r.Files))
	for i, f := range r.Files {
		files[i] = linesOf(f)
		c.read(files[i])
	}
	for _, a := range r.Attachments {
		if strings.HasPrefix(a.ContentType, "image/") && !a.Inline && screenshot(a) {
			c.add(desk.FoundScreenshot, desk.Mask(desk.FileName(a.Filename)))
		}
	}
	d := desk.Diagnostics{Findings: c.findings(), Excerpts: excerpts(files)}
	traces := c.traces
	for _, t := range traces[:min(len(traces), maxTraces)] {
		d.Trace = append(d.Trace, t.show()...)
	}
	d.Fingerprint = fingerprint(traces, append(files, words), d.Values(desk.FoundCode))
	if len(d.Findings) == 0 && d.Fingerprint == "" { // without a fingerprint there is neither trace nor excerpt
		return nil
	}
	return &d
}

// screenshot reports a picture that somebody chose to send: the logos of signatures
// are small, and named by their mail program.
func screenshot(a desk.Attachment) bool {
	const logo = 5000 // bytes
	return a.Filename != "" && a.Size > logo && path.Ext(a.Filename) != ""
}

// line is a line of the mail or of a file.
type line struct {
	file string // "" for the mail's own text
	n    int    // in the file, from 1
	text string
}

// linesOf cuts a text into lines, without secrets and without the marks of quoting.
func linesOf(f desk.TextFile) []line {
	var lines []line
	n := max(1, f.Line)
	for text := range strings.Lines(desk.Mask(f.Text)) {
		text = strings.TrimRight(clip(text, maxLine), " \t\r\n")
		for strings.HasPrefix(text, ">") {
			text = strings.TrimPrefix(text[1:], " ")
		}
		lines = append(lines, line{f.Name, n, text})
		n++
	}
	return lines
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// collector gathers findings, each value once.
type collector struct {
	found  map[desk.FindingKind][]string
	traces []trace
}

func (c *collector) add(kind desk.FindingKind, value string) {
	value = clip(strings.TrimSpace(value), maxValue)
	if value == "" || c.full(kind) || slices.Contains(c.found[kind], value) {
		return
	}
	if c.found == nil {
		c.found = map[desk.FindingKind][]string{}
	}
	c.found[kind] = append(c.found[kind], value)
}

// full reports that no more of a kind is needed.
func (c *collector) full(kind desk.FindingKind) bool { return len(c.found[kind]) >= maxValues }

// addTime keeps the first time stamp and the last.
func (c *collector) addTime(value string) {
	if have := c.found[desk.FoundTime]; len(have) == 2 {
		have[1] = value
		return
	}
	c.add(desk.FoundTime, value)
}

// findings lists what was found, kind by kind.
func (c *collector) findings() []desk.Finding {
	var out []desk.Finding
	for _, kind := range []desk.FindingKind{
		desk.FoundCode, desk.FoundException, desk.FoundVersion, desk.FoundHost, desk.FoundIP, desk.FoundURL, desk.FoundTime, desk.FoundScreenshot,
	} {
		if len(c.found[kind]) > 0 {
			out = append(out, desk.Finding{Kind: kind, Values: c.found[kind]})
		}
	}
	return out
}

// read looks at the lines of one text. What stands in a stack's frames is told by
// the stack.
func (c *collector) read(lines []line) {
	found, inTrace := traces(lines)
	c.traces = append(c.traces, found...)
	for _, t := range found {
		c.add(desk.FoundException, t.class)
	}
	for i, l := range lines {
		if inTrace[i] || l.text == "" {
			continue
		}
		c.codes(l.text)
		c.exceptions(l.text)
		c.versions(l.text)
		c.places(l.text)
		c.times(l.text)
	}
}
