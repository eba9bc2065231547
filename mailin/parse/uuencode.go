package parse

import (
	"bytes"
	"strings"
)

// decodeUU decodes the first uuencoded file in src.
func decodeUU(src []byte) []byte {
	files := uuFiles(src, 1)
	if len(files) == 0 {
		return decodeUULines(src)
	}
	return decodeUULines(src[files[0].start:files[0].end])
}

// decodeUULines decodes lines of uuencoded data; lines that are none (begin,
// end, blank) give nothing.
func decodeUULines(src []byte) []byte {
	out := make([]byte, 0, len(src)*3/4)
	for pos := 0; pos < len(src); {
		line, next := nextLine(src, pos)
		pos = next
		if len(line) == 0 || line[0] < ' ' || line[0] > '`' || bytes.HasPrefix(line, []byte("begin ")) || string(line) == "end" {
			continue
		}
		n := int(line[0]-' ') & 63
		out = appendUULine(out, line[1:], n)
	}
	return out
}

func appendUULine(out, data []byte, n int) []byte {
	var g [4]byte
	for i := 0; n > 0 && i < len(data); i += 4 {
		for k := range g {
			g[k] = 0
			if i+k < len(data) {
				g[k] = (data[i+k] - ' ') & 63
			}
		}
		b := [3]byte{g[0]<<2 | g[1]>>4, g[1]<<4 | g[2]>>2, g[2]<<6 | g[3]}
		k := min(3, n)
		out = append(out, b[:k]...)
		n -= k
	}
	return out
}

// uuFile is an uuencoded file inside a text, "begin" line to "end" line.
type uuFile struct {
	name        string
	start, end  int // of the data lines
	first, last int // of the whole, with begin and end
}

// uuFiles finds uuencoded files in a text.
func uuFiles(src []byte, limit int) (files []uuFile) {
	for pos := 0; pos < len(src) && len(files) < limit; {
		i := bytes.Index(src[pos:], []byte("begin "))
		if i < 0 {
			break
		}
		at := pos + i
		line, next := nextLine(src, at)
		name, ok := uuBegin(line)
		if !ok || at > 0 && src[at-1] != '\n' {
			pos = at + 6
			continue
		}
		end := uuEnd(src, next)
		if end < 0 {
			pos = next
			continue
		}
		_, last := nextLine(src, end)
		files = append(files, uuFile{name: name, start: next, end: end, first: at, last: last})
		pos = last
	}
	return files
}

// uuBegin reads "begin 644 name".
func uuBegin(line []byte) (name string, ok bool) {
	f := strings.SplitN(string(line), " ", 3)
	if len(f) != 3 || len(f[1]) < 3 || len(f[1]) > 4 || strings.Trim(f[1], "01234567") != "" {
		return "", false
	}
	return strings.TrimSpace(f[2]), true
}

// uuEnd returns where the "end" line of data at pos stands, -1 when the lines
// before it are no uuencoded data.
func uuEnd(src []byte, pos int) int {
	for n := 0; pos < len(src); n++ {
		line, next := nextLine(src, pos)
		if string(bytes.TrimSpace(line)) == "end" {
			return pos
		}
		if len(line) > 0 && (line[0] < ' ' || line[0] > '`' || len(line) > 90) {
			return -1
		}
		if len(line) > 0 && n < 3 && (int(line[0]-' ')&63+2)/3*4 > len(line)+2 {
			return -1
		}
		pos = next
	}
	return -1
}
