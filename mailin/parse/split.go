package parse

import (
	"bytes"
	"strings"
)

// The limits of the splitter. A mail beyond them is cut there and read as far
// as it goes, with a warning.
const (
	maxDepth      = 30
	maxParts      = 2000
	maxHeaderSize = 256 << 10 // past it fields are cut to a line
	maxFieldSize  = 64 << 10
	maxLine       = 998 // RFC 5322 section 2.1.1
	maxFields     = 1000
	maxText       = 1 << 20 // decoded text of one mail, in bytes
)

// part is one MIME entity of a mail, as offsets into its bytes.
type part struct {
	head   header
	start  int // of the body
	end    int
	parent int // index, -1 for the mail itself
	depth  int
	media  string // lower-case type/subtype, "text/plain" by default
	params params
	enc    string // transfer encoding, see encodingOf
	multi  bool   // its children follow it
	inner  int    // root of what was found inside it, 0 for nothing
	source []byte // its body where that is not in the mail's own bytes
}

func (p *part) body(raw []byte) []byte {
	if p.source != nil {
		return p.source
	}
	return raw[p.start:p.end]
}

// split cuts a mail into its parts in one pass. Part 0 is the mail itself; each
// multipart is followed by its children. It never fails: whatever is broken ends
// up in the body of the part it stands in.
func split(raw []byte) (parts []part, warnings []string) {
	s := splitter{raw: raw, parts: make([]part, 0, 8)}
	s.mail()
	return s.parts, s.warnings
}

// opened is a multipart whose closing delimiter has not been seen.
type opened struct {
	part     int
	boundary []byte
	seen     bool // a delimiter was found
}

type splitter struct {
	raw      []byte
	parts    []part
	warnings []string
	stack    []opened
	leaf     int // the part that is open now, -1 between parts
}

func (s *splitter) warn(w string) { s.warnings = appendOnce(s.warnings, w) }

func (s *splitter) mail() {
	pos := s.top()
	pos = s.open(pos, -1, 0)
	for {
		at, line, level, closing := s.delimiter(pos)
		if at < 0 {
			break
		}
		s.closeAbove(level, at)
		s.stack[level].seen = true
		if closing {
			s.parts[s.stack[level].part].end = line
			s.stack = s.stack[:level]
			s.leaf = -1
			pos = line
			continue
		}
		if len(s.parts) >= maxParts {
			s.warn("too many parts: the rest is not read")
			s.leaf = -1
			break
		}
		pos = s.open(line, s.stack[level].part, s.parts[s.stack[level].part].depth+1)
	}
	s.closeAbove(-1, len(s.raw))
}

// top skips what mailbox files and broken relays leave above the header: blank
// lines, a mark of byte order, and a "From " line.
func (s *splitter) top() int {
	pos := 0
	if bytes.HasPrefix(s.raw, []byte("\xef\xbb\xbf")) {
		pos = 3
	}
	for pos < len(s.raw) {
		line, next := nextLine(s.raw, pos)
		trimmed := bytes.TrimSpace(line)
		from := bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
		if len(trimmed) != 0 && !from {
			break
		}
		if from && len(parseFieldName(line)) != 0 {
			break
		}
		pos = next
	}
	return pos
}

// open reads the header of a part at pos and makes it the open one; it returns
// where its body starts.
func (s *splitter) open(pos, parent, depth int) int {
	p := part{parent: parent, depth: depth}
	p.head, p.start = s.header(pos, parent >= 0)
	p.end = len(s.raw)
	p.enc = encodingOf(p.head)
	s.describe(&p)
	s.parts = append(s.parts, p)
	index := len(s.parts) - 1
	s.leaf = index
	if !strings.HasPrefix(p.media, "multipart/") {
		return p.start
	}
	boundary := p.params.get("boundary")
	if boundary == "" || !s.near(p.start, boundary) {
		if guess := guessBoundary(s.raw[p.start:]); guess != "" {
			boundary = guess
			s.warn("multipart without its boundary")
		}
	}
	if boundary == "" || len(boundary) > 1000 {
		return p.start
	}
	if depth >= maxDepth {
		s.warn("parts nested too deep")
		return p.start
	}
	s.stack = append(s.stack, opened{part: index, boundary: []byte(boundary)})
	s.parts[index].multi = true
	return p.start
}

// near reports whether a delimiter with the boundary stands not far from pos, or
// whether the text before it is too long to tell.
func (s *splitter) near(pos int, boundary string) bool {
	const preamble = 32 << 10
	end := min(len(s.raw), pos+preamble)
	return end-pos == preamble || bytes.Contains(s.raw[pos:end], []byte("--"+boundary))
}

// describe reads the content type, or takes the default of the place.
func (s *splitter) describe(p *part) {
	p.media = "text/plain"
	if p.parent >= 0 && s.parts[p.parent].media == "multipart/digest" {
		p.media = "message/rfc822" // RFC 2046 section 5.1.5
	}
	value, ok := p.head.get("Content-Type")
	if !ok {
		return
	}
	media, ps := parseParams(value)
	p.params = ps
	if media = cleanMedia(media); media != "" {
		p.media = media
	}
}

// cleanMedia returns a media type in lower case, "" when it has no sense. Old
// clients write "text" (RFC 1049) or leave out the subtype.
func cleanMedia(m string) string {
	m = strings.ToLower(strings.ReplaceAll(m, " ", ""))
	major, minor, ok := strings.Cut(m, "/")
	switch {
	case m == "text", m == "text/", m == "text/text", m == "plain/text":
		return "text/plain"
	case m == "html", m == "text/htm":
		return "text/html"
	case m == "multipart" || m == "multipart/":
		return "multipart/mixed"
	case !ok || major == "" || minor == "" || len(m) > 255 || !tame(m):
		return ""
	}
	return m
}

// guessBoundary returns the boundary that a multipart's first delimiter line
// shows when its header does not name it.
func guessBoundary(body []byte) string {
	for pos, n := 0, 0; pos < len(body) && n < 100; n++ {
		line, next := nextLine(body, pos)
		line = bytes.TrimRight(line, " \t")
		if len(line) > 4 && len(line) <= 72 && bytes.HasPrefix(line, []byte("--")) && !bytes.ContainsAny(line, " \t") {
			return string(line[2:])
		}
		pos = next
	}
	return ""
}

// closeAbove ends the open part, and every open multipart above level, at the
// line break before at.
func (s *splitter) closeAbove(level, at int) {
	end := at
	if at < len(s.raw) { // the line break before a delimiter belongs to it
		if end > 0 && s.raw[end-1] == '\n' {
			end--
		}
		if end > 0 && s.raw[end-1] == '\r' {
			end--
		}
	}
	shut := func(i int) {
		if end < s.parts[i].start {
			end = s.parts[i].start
		}
		s.parts[i].end = end
	}
	if s.leaf >= 0 && !s.parts[s.leaf].multi {
		shut(s.leaf)
	}
	for i := len(s.stack) - 1; i > level; i-- {
		o := s.stack[i]
		shut(o.part)
		if !o.seen { // its boundary never came: it is one text
			s.parts[o.part].multi = false
			s.warn("multipart without parts")
		} else {
			s.warn("multipart not closed")
		}
	}
	s.stack = s.stack[:level+1]
	s.leaf = -1
}

// delimiter finds the next delimiter line of an open multipart from pos on: its
// start, the start of the line after it, the level of its multipart on the
// stack, and whether it is a closing one. at is -1 when there is none.
func (s *splitter) delimiter(pos int) (at, next, level int, closing bool) {
	for len(s.stack) > 0 && pos < len(s.raw) {
		if !bytes.HasPrefix(s.raw[pos:], []byte("--")) || (pos > 0 && s.raw[pos-1] != '\n') {
			i := bytes.Index(s.raw[pos:], []byte("\n--"))
			if i < 0 {
				return -1, 0, 0, false
			}
			pos += i + 1
		}
		line, after := nextLine(s.raw, pos)
		line = bytes.TrimRight(line[2:], " \t")
		for level = len(s.stack) - 1; level >= 0; level-- {
			rest, ok := bytes.CutPrefix(line, s.stack[level].boundary)
			if ok && (len(rest) == 0 || string(rest) == "--") {
				return pos, after, level, len(rest) == 2
			}
		}
		pos = after
	}
	return -1, 0, 0, false
}

// nextLine returns the line at pos without its line break, and where the next
// line starts.
func nextLine(b []byte, pos int) (line []byte, next int) {
	i := bytes.IndexByte(b[pos:], '\n')
	if i < 0 {
		return b[pos:], len(b)
	}
	line = b[pos : pos+i]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, pos + i + 1
}

func appendOnce(list []string, s string) []string {
	for _, x := range list {
		if x == s {
			return list
		}
	}
	return append(list, s)
}
