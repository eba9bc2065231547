package parse

import (
	"bytes"
	"strings"
)

// maxInner bounds how often a part inside a part is opened: signed mail in signed
// mail, and the like.
const maxInner = 3

// readParts splits a mail and opens what hides inside its parts: uuencoded files
// in a text, the files and the text of TNEF, opaque-signed S/MIME content. What
// was found is appended as a subtree of its own, with part.inner pointing to its
// root, so that the same bytes always give the same part numbers.
func readParts(raw []byte) (parts []part, warnings []string) {
	parts, warnings = split(raw)
	level := 0
	for begin := 0; begin < len(parts) && level < maxInner; level++ {
		end := len(parts)
		for i := begin; i < end && len(parts) < maxParts; i++ {
			if inner := open(&parts[i], raw); len(inner) > 0 {
				parts[i].inner = len(parts)
				parts = graft(parts, inner)
			}
		}
		begin = end
	}
	return parts, warnings
}

// graft appends a subtree whose numbers start at 0.
func graft(parts, inner []part) []part {
	base := len(parts)
	if room := maxParts - base; len(inner) > room {
		inner = inner[:room]
	}
	for i := range inner {
		if inner[i].parent >= 0 {
			inner[i].parent += base
		}
	}
	return append(parts, inner...)
}

// open returns what a part holds inside, as a subtree, or nil.
func open(p *part, raw []byte) []part {
	switch {
	case p.multi:
		return nil
	case p.media == "application/ms-tnef" || p.media == "application/vnd.ms-tnef":
		return openTNEF(decodeTransfer(p.body(raw), p.enc, maxTNEF))
	case p.media == "application/pkcs7-mime" || p.media == "application/x-pkcs7-mime":
		return openSigned(decodeTransfer(p.body(raw), p.enc, maxSigned))
	case p.media == "text/plain" && p.enc == "":
		return openUU(p.body(raw))
	}
	return nil
}

// subtree returns a root with the given leaves under it.
func subtree(leaves []part) []part {
	if len(leaves) == 0 {
		return nil
	}
	out := []part{{parent: -1, media: "multipart/mixed", multi: true}}
	for _, l := range leaves {
		l.parent, l.depth = 0, 1
		out = append(out, l)
	}
	return out
}

// leaf makes a part of content that has no header of its own.
func leaf(media, name string, content []byte) part {
	p := part{media: media, source: content}
	if p.source == nil {
		p.source = []byte{}
	}
	if name != "" {
		p.params = params{{"name", name}}
	}
	return p
}

// openUU returns the uuencoded files in a text.
func openUU(body []byte) []part {
	if !bytes.Contains(body, []byte("begin ")) {
		return nil
	}
	var leaves []part
	for _, f := range uuFiles(body, 100) {
		p := leaf("application/octet-stream", f.name, body[f.start:f.end])
		p.enc = "uuencode"
		leaves = append(leaves, p)
	}
	return subtree(leaves)
}

// cutUU returns a text without the uuencoded files in it.
func cutUU(b []byte) []byte {
	if !bytes.Contains(b, []byte("begin ")) {
		return b
	}
	files := uuFiles(b, 100)
	if len(files) == 0 {
		return b
	}
	var out []byte
	pos := 0
	for _, f := range files {
		out = append(out, b[pos:f.first]...)
		pos = f.last
	}
	return append(out, b[pos:]...)
}

// openSigned returns the parts of the mail inside opaque-signed S/MIME (RFC 8551
// section 3.5.2). Encrypted content stays closed.
func openSigned(der []byte) []part {
	content := signedContent(der)
	if len(content) == 0 {
		return nil
	}
	inner, _ := split(content)
	for i := range inner {
		inner[i].source = content[inner[i].start:inner[i].end]
	}
	if strings.HasPrefix(inner[0].media, "application/pkcs7") {
		return nil
	}
	return inner
}
