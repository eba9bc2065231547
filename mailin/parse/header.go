package parse

import "bytes"

// field is one header field as it stands in the mail: value is still folded and
// encoded.
type field struct {
	name  []byte
	value []byte
}

// is reports whether it is the field of that name.
func (f *field) is(name string) bool {
	if len(f.name) != len(name) {
		return false
	}
	for i, c := range f.name {
		if c|0x20 != name[i]|0x20 { // letters in either case; '-' and digits have the bit
			return false
		}
	}
	return true
}

// header is a header block in its order.
type header []field

// get returns the first field of that name, unfolded.
func (h header) get(name string) (string, bool) {
	for i := range h {
		if h[i].is(name) {
			return unfold(h[i].value), true
		}
	}
	return "", false
}

// all returns every field of that name, unfolded.
func (h header) all(name string) []string {
	var out []string
	for i := range h {
		if h[i].is(name) {
			out = append(out, unfold(h[i].value))
		}
	}
	return out
}

// value returns the first field of that name, unfolded, or "".
func (h header) value(name string) string {
	v, _ := h.get(name)
	return v
}

func (h header) has(name string) bool {
	_, ok := h.get(name)
	return ok
}

// header reads a header block at pos and returns where its body starts. Lines
// that are no field are skipped; a block without any field is no header but the
// body itself.
func (s *splitter) header(pos int, nested bool) (h header, body int) {
	begin, junk := pos, -1 // junk: where the lines after the last field begin
	kept := 0              // bytes of the fields so far
	for pos < len(s.raw) {
		line, next := nextLine(s.raw, pos)
		if len(line) == 0 || (len(line) < 80 && len(bytes.TrimSpace(line)) == 0) {
			pos = next
			if len(h) == 0 && !nested {
				return nil, begin
			}
			return h, pos
		}
		if nested && bytes.HasPrefix(line, []byte("--")) && s.isDelimiter(line) {
			return h, pos // a part that is a header only
		}
		name := parseFieldName(line)
		if len(name) == 0 {
			if len(h) == 0 && nested {
				return nil, begin // no header: the text starts at once
			}
			s.warn("header line that is no field")
			if junk < 0 {
				junk = pos
			}
			pos = next
			continue
		}
		junk = -1
		end := foldedEnd(s.raw, next)
		value := s.raw[pos+bytes.IndexByte(line, ':')+1 : end]
		if limit := fieldLimit(kept); len(value) > limit {
			s.warn("header too long")
			value = cutField(value, limit)
		}
		kept += len(value)
		h = s.add(h, name, value)
		pos = end
	}
	switch {
	case len(h) == 0:
		return nil, begin
	case junk >= 0: // the empty line is missing: a text follows the fields at once
		return h, junk
	}
	return h, len(s.raw)
}

// fieldLimit returns how much of the next field is kept after so many bytes. One long
// field, such as ten thousand recipients, costs no other field its place; when the
// header is full, a line of each is left.
func fieldLimit(kept int) int {
	if kept >= maxHeaderSize {
		return maxLine
	}
	return maxFieldSize
}

// cutField shortens a value, at the end of a line where it has any, so that no address
// is cut into another one.
func cutField(value []byte, limit int) []byte {
	if end := bytes.LastIndexByte(value[:limit], '\n'); end > 0 {
		limit = end
	}
	return value[:limit]
}

// add appends a field, unless there are too many.
func (s *splitter) add(h header, name, value []byte) header {
	if len(h) >= maxFields {
		s.warn("too many header fields")
		return h
	}
	return append(h, field{name: name, value: value})
}

func (s *splitter) isDelimiter(line []byte) bool {
	line = bytes.TrimRight(line[2:], " \t")
	for _, o := range s.stack {
		if rest, ok := bytes.CutPrefix(line, o.boundary); ok && (len(rest) == 0 || string(rest) == "--") {
			return true
		}
	}
	return false
}

// foldedEnd returns the end of a field whose first line ends at pos.
func foldedEnd(raw []byte, pos int) int {
	for pos < len(raw) && (raw[pos] == ' ' || raw[pos] == '\t') {
		line, next := nextLine(raw, pos)
		if len(line) < 80 && len(bytes.TrimSpace(line)) == 0 {
			break // a line of blanks ends the header for most readers
		}
		pos = next
	}
	return pos
}

// parseFieldName returns the field name that a line starts with, without
// trailing blanks (RFC 5322 section 4.5), or nil when it is no field.
func parseFieldName(line []byte) []byte {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 200 {
		return nil
	}
	name := bytes.TrimRight(line[:i], " \t")
	for _, c := range name {
		if c <= ' ' || c == 0x7f {
			return nil
		}
	}
	return name
}

// unfold joins the lines of a field and trims it.
func unfold(value []byte) string {
	value = bytes.TrimSpace(value)
	if bytes.IndexByte(value, '\n') < 0 && bytes.IndexByte(value, '\r') < 0 {
		return string(value)
	}
	out := make([]byte, 0, len(value))
	for _, c := range value {
		if c != '\r' && c != '\n' {
			out = append(out, c)
		}
	}
	return string(out)
}
