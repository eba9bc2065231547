package parse

import "bytes"

const maxSigned = 8 << 20 // bytes of opaque-signed content that are opened

// oidSignedData is 1.2.840.113549.1.7.2 (RFC 5652 section 5.1).
var oidSignedData = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}

// signedContent returns the content that a CMS SignedData carries, nil when der
// is none. The signature is not verified: it is read to show the text.
func signedContent(der []byte) []byte {
	info, _, ok := readTLV(der, 0)
	if !ok || info.tag != 0x30 {
		return nil
	}
	oid, rest, ok := readTLV(info.content, 0)
	if !ok || oid.tag != 0x06 || !bytes.Equal(oid.content, oidSignedData) {
		return nil
	}
	wrapped, _, ok := readTLV(rest, 0)
	if !ok || wrapped.tag != 0xa0 {
		return nil
	}
	signed, _, ok := readTLV(wrapped.content, 0)
	if !ok || signed.tag != 0x30 {
		return nil
	}
	rest = signed.content
	for range 2 { // version, digestAlgorithms
		if _, rest, ok = readTLV(rest, 0); !ok {
			return nil
		}
	}
	encap, _, ok := readTLV(rest, 0)
	if !ok || encap.tag != 0x30 {
		return nil
	}
	_, rest, ok = readTLV(encap.content, 0) // eContentType
	if !ok {
		return nil
	}
	explicit, _, ok := readTLV(rest, 0)
	if !ok || explicit.tag != 0xa0 {
		return nil
	}
	return octets(explicit.content, nil, 0)
}

// tlv is one element of BER.
type tlv struct {
	tag     byte
	content []byte
}

const maxBERDepth = 16

// readTLV reads the element at the start of b. Lengths may be indefinite (X.690
// section 8.1.3.6), as Outlook and OpenSSL write them when they stream.
func readTLV(b []byte, depth int) (t tlv, rest []byte, ok bool) {
	if len(b) < 2 || depth > maxBERDepth || b[0]&0x1f == 0x1f {
		return t, nil, false
	}
	t.tag = b[0]
	n := int(b[1])
	body := b[2:]
	switch {
	case n == 0x80:
		end := body
		for len(end) >= 2 && (end[0] != 0 || end[1] != 0) {
			if _, end, ok = readTLV(end, depth+1); !ok {
				return t, nil, false
			}
		}
		if len(end) < 2 {
			return t, nil, false
		}
		t.content = body[:len(body)-len(end)]
		return t, end[2:], true
	case n > 0x80:
		size := n - 0x80
		if size > 4 || len(body) < size {
			return t, nil, false
		}
		n = 0
		for _, c := range body[:size] {
			n = n<<8 | int(c)
		}
		body = body[size:]
	}
	if n < 0 || n > len(body) {
		return t, nil, false
	}
	t.content = body[:n]
	return t, body[n:], true
}

// octets joins the pieces of an OCTET STRING, which may be constructed.
func octets(b, out []byte, depth int) []byte {
	for len(b) > 0 && depth < maxBERDepth {
		t, rest, ok := readTLV(b, 0)
		if !ok {
			return out
		}
		switch t.tag {
		case 0x04:
			out = append(out, t.content...)
		case 0x24:
			out = octets(t.content, out, depth+1)
		default:
			return out
		}
		b = rest
	}
	return out
}
