package parse

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"
)

// encodingOf returns the clean transfer encoding of a part: "base64",
// "quoted-printable", "uuencode", or "" for anything that needs no decoding.
func encodingOf(h header) string {
	v, ok := h.get("Content-Transfer-Encoding")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(v, "(;"); i > 0 {
		v = v[:i]
	}
	switch strings.ToLower(strings.Trim(strings.TrimSpace(v), `"'`)) {
	case "base64", "base-64", "b64", "base 64":
		return "base64"
	case "quoted-printable", "quoted printable", "quotedprintable", "q-p", "qp":
		return "quoted-printable"
	case "x-uuencode", "uuencode", "x-uue", "uue", "x-uuencoded":
		return "uuencode"
	}
	return ""
}

// decodeTransfer returns the content of a part, at most limit bytes of it.
func decodeTransfer(body []byte, enc string, limit int) []byte {
	switch enc {
	case "base64":
		if len(body) > limit/3*4+limit/16+1024 {
			body = body[:limit/3*4+limit/16+1024]
		}
		body = decodeBase64(body)
	case "quoted-printable":
		if len(body) > limit*3 {
			body = body[:limit*3]
		}
		body = decodeQP(body)
	case "uuencode":
		if len(body) > limit*2 {
			body = body[:limit*2]
		}
		body = decodeUU(body)
	}
	if len(body) > limit {
		body = body[:limit]
	}
	return body
}

// contentReader streams the decoded content of a part.
func contentReader(body []byte, enc string) io.Reader {
	switch enc {
	case "base64":
		return &base64Reader{src: body}
	case "quoted-printable":
		return &chunkReader{src: body, decode: decodeQP}
	case "uuencode":
		return &chunkReader{src: body, decode: decodeUULines}
	}
	return bytes.NewReader(body)
}

// base64Decoder decodes base64 in pieces, keeping incomplete groups of four
// between them.
type base64Decoder struct {
	group [4]byte
	n     int
}

const notBase64 = 0xff

var base64Value = func() (t [256]byte) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range t {
		t[i] = notBase64
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = byte(i)
	}
	t['-'], t['_'] = 62, 63 // the URL alphabet, RFC 4648 section 5
	return t
}()

// decode writes what src holds to dst, which must have room for 3/4 of src and 3
// bytes more. Whole clean lines take the fast way.
func (d *base64Decoder) decode(dst, src []byte) int {
	n := 0
	for len(src) > 0 {
		line := src
		if i := bytes.IndexByte(src, '\n'); i >= 0 {
			line, src = src[:i], src[i+1:]
		} else {
			src = nil
		}
		if k := len(line); k > 0 && line[k-1] == '\r' {
			line = line[:k-1]
		}
		if d.n == 0 && len(line)%4 == 0 {
			m, err := base64.StdEncoding.Decode(dst[n:], line)
			if err == nil {
				n += m
				continue
			}
		}
		n += d.slow(dst[n:], line)
	}
	return n
}

func (d *base64Decoder) slow(dst, src []byte) int {
	n := 0
	for _, c := range src {
		if c == '=' {
			n += d.finish(dst[n:])
			continue
		}
		v := base64Value[c]
		if v == notBase64 {
			continue
		}
		d.group[d.n] = v
		if d.n++; d.n == 4 {
			g := d.group
			dst[n], dst[n+1], dst[n+2] = g[0]<<2|g[1]>>4, g[1]<<4|g[2]>>2, g[2]<<6|g[3]
			n += 3
			d.n = 0
		}
	}
	return n
}

// finish writes what is left of an incomplete group.
func (d *base64Decoder) finish(dst []byte) int {
	g, k := d.group, d.n
	d.n = 0
	switch k {
	case 2:
		dst[0] = g[0]<<2 | g[1]>>4
		return 1
	case 3:
		dst[0], dst[1] = g[0]<<2|g[1]>>4, g[1]<<4|g[2]>>2
		return 2
	}
	return 0
}

const chunk = 16 << 10 // bytes of encoded content that are decoded at once

type base64Reader struct {
	src  []byte
	dec  base64Decoder
	buf  []byte
	out  []byte
	done bool
}

func (r *base64Reader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.done {
			return 0, io.EOF
		}
		if r.buf == nil {
			r.buf = make([]byte, min(chunk, len(r.src))/4*3+8)
		}
		piece := cutAtLine(r.src, chunk)
		r.src = r.src[len(piece):]
		n := r.dec.decode(r.buf, piece)
		if len(r.src) == 0 {
			n += r.dec.finish(r.buf[n:])
			r.done = true
		}
		r.out = r.buf[:n]
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// WriteTo lets io.Copy do without a buffer of its own.
func (r *base64Reader) WriteTo(w io.Writer) (int64, error) {
	total := int64(0)
	for {
		if len(r.out) == 0 {
			if _, err := r.Read(nil); err == io.EOF {
				return total, nil
			}
		}
		n, err := w.Write(r.out)
		total += int64(n)
		r.out = r.out[n:]
		if err != nil {
			return total, err
		}
	}
}

// cutAtLine returns the first piece of b, at most size bytes, that ends with a
// line when that is possible.
func cutAtLine(b []byte, size int) []byte {
	if len(b) <= size {
		return b
	}
	if i := bytes.LastIndexByte(b[:size], '\n'); i >= 0 {
		return b[:i+1]
	}
	return b[:size]
}

// chunkReader streams an encoding that can be decoded line by line.
type chunkReader struct {
	src    []byte
	out    []byte
	decode func([]byte) []byte
}

func (r *chunkReader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if len(r.src) == 0 {
			return 0, io.EOF
		}
		piece := cutAtLine(r.src, chunk)
		r.src = r.src[len(piece):]
		r.out = r.decode(piece)
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// decodeQP decodes quoted-printable (RFC 2045 section 6.7). An "=" that begins
// no code stays: some programs label text as quoted-printable without encoding.
func decodeQP(src []byte) []byte {
	if bytes.IndexByte(src, '=') < 0 {
		return src
	}
	out := make([]byte, 0, len(src))
	for len(src) > 0 {
		i := bytes.IndexByte(src, '=')
		if i < 0 {
			return append(out, src...)
		}
		out = append(out, src[:i]...)
		src = src[i+1:]
		if len(src) >= 2 {
			if hi, lo := unhex(src[0]), unhex(src[1]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				src = src[2:]
				continue
			}
		}
		if n, ok := softBreak(src); ok {
			src = src[n:]
			continue
		}
		out = append(out, '=')
	}
	return out
}

// softBreak reports whether src starts with the rest of a soft line break: white
// space, then the line's end.
func softBreak(src []byte) (n int, ok bool) {
	for n < len(src) && blank(src[n]) {
		n++
	}
	if n < len(src) && src[n] == '\r' {
		n++
	}
	if n < len(src) && src[n] == '\n' {
		return n + 1, true
	}
	return n, n == len(src)
}
