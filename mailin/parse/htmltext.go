package parse

import (
	"bytes"
	"strings"

	"tierdesk/desk"
)

// text adds text of the document: white space folds into one blank, except where
// it is preformatted.
func (r *htmlRenderer) text(b []byte) {
	if r.pre > 0 {
		for i, line := range strings.Split(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n") {
			if i > 0 {
				r.newline()
			}
			if line != "" {
				r.flushGap()
				r.cur = append(r.cur, line...)
			}
		}
		return
	}
	for len(b) > 0 {
		if htmlSpace(b[0]) {
			r.space = len(r.cur) > 0
			b = b[1:]
			continue
		}
		n := 1
		for n < len(b) && !htmlSpace(b[n]) {
			n++
		}
		r.word(b[:n])
		b = b[n:]
	}
}

func htmlSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

func (r *htmlRenderer) word(w []byte) {
	if r.hidden > 0 {
		return
	}
	r.flushGap()
	if r.space && len(r.cur) > 0 && r.cur[len(r.cur)-1] != '\t' {
		r.cur = append(r.cur, ' ')
	}
	r.space = false
	r.cur = append(r.cur, w...)
}

// flushGap writes the empty line that is due before new text.
func (r *htmlRenderer) flushGap() {
	if r.gap && len(r.cur) == 0 {
		if n := len(r.lines); n > 0 && strings.Trim(r.lines[n-1].text, "> ") != "" {
			r.add("")
		}
	}
	r.gap = false
}

// newline ends the line even when it is empty.
func (r *htmlRenderer) newline() {
	if r.hidden > 0 {
		return
	}
	r.gap = false
	r.add(string(bytes.ReplaceAll(r.cur, []byte("\u00a0"), []byte(" "))))
	r.cur = r.cur[:0]
	r.space = false
}

// breakLine ends the line when there is something on it.
func (r *htmlRenderer) breakLine() {
	if len(bytes.TrimSpace(r.cur)) > 0 {
		gap := r.gap
		r.newline()
		r.gap = gap
	}
	r.cur = r.cur[:0]
	r.space = false
}

// paragraph ends the line and asks for an empty one.
func (r *htmlRenderer) paragraph() {
	r.breakLine()
	r.gap = len(r.lines) > 0
}

func (r *htmlRenderer) add(line string) {
	line = strings.TrimRight(desk.Printable(line), " \t") // entities may stand for control characters
	if r.quotes > 0 {
		prefix := strings.Repeat(">", min(r.quotes, 20))
		if line != "" && !strings.HasPrefix(line, ">") {
			prefix += " "
		}
		line = prefix + line
	}
	r.lines = append(r.lines, textLine{text: line, rest: r.restNext, cited: r.cites > 0, sign: r.signs > 0 || r.signBegan})
	r.restNext = false
	r.size += len(line) + 1
}

// bullet begins a list item.
func (r *htmlRenderer) bullet() {
	for i := len(r.open) - 1; i >= 0; i-- {
		e := &r.open[i]
		if e.list == 0 {
			continue
		}
		if e.list < 0 {
			r.word([]byte("*"))
		} else {
			r.word([]byte(itoa(e.list) + "."))
			e.list++
		}
		r.space = true
		return
	}
	r.word([]byte("*"))
	r.space = true
}

// image puts the alternative text of an image in its place. An image without one
// says nothing; it is among the attachments.
func (r *htmlRenderer) image(alt string) {
	alt = strings.Join(strings.Fields(alt), " ")
	if alt != "" && r.hidden == 0 {
		r.space = r.space || len(r.cur) > 0
		r.word([]byte("[" + alt + "]"))
	}
}

// link adds the address behind a link where its text does not show it.
func (r *htmlRenderer) link(e element) {
	href := strings.TrimSpace(e.href)
	if r.hidden > 0 || len(href) > 2000 || !strings.HasPrefix(href, "http") || e.hrefAt > len(r.cur) {
		return
	}
	text := strings.TrimSpace(string(r.cur[e.hrefAt:]))
	if text == "" || strings.HasPrefix(text, "http") || strings.Contains(href, strings.TrimPrefix(text, "www.")) {
		return
	}
	r.space = true
	r.word([]byte("<" + strings.Join(strings.Fields(href), "") + ">"))
}
