package parse

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

const (
	maxTNEF       = 32 << 20 // bytes of winmail.dat that are read
	tnefSignature = 0x223e9f78
	maxTNEFParts  = 500
)

// The attributes of TNEF that are read (MS-OXTNEF section 2.1.3.2): the low word
// of their id.
const (
	attBody         = 0x800c
	attAttachTitle  = 0x8010
	attAttachData   = 0x800f
	attRendData     = 0x9002 // begins an attachment
	attMessageProps = 0x9003
	attAttachProps  = 0x9005
	attOEMCodepage  = 0x9007
)

// The properties that are read (MS-OXPROPS).
const (
	propBody         = 0x1000
	propRTF          = 0x1009 // compressed
	propHTML         = 0x1013
	propAttachData   = 0x3701
	propAttachName   = 0x3704
	propAttachLong   = 0x3707
	propAttachMIME   = 0x370e
	propAttachID     = 0x3712
	propTypeString8  = 0x001e
	propTypeUnicode  = 0x001f
	propTypeBinary   = 0x0102
	propTypeObject   = 0x000d
	propMultiValued  = 0x1000
	firstNamedProp   = 0x8000
	maxNamedPropName = 1 << 10
)

// tnef is a winmail.dat being read: what Outlook puts around attachments when it
// believes that the receiver has Outlook, too.
type tnef struct {
	charset string
	plain   []byte
	html    []byte
	rtf     []byte // compressed
	files   []tnefFile
}

type tnefFile struct {
	name, media, id string
	data            []byte
}

// openTNEF returns the text and the files of a winmail.dat as a subtree.
func openTNEF(b []byte) []part {
	t := readTNEF(b)
	leaves := t.text()
	for _, f := range t.files {
		p := leaf("application/octet-stream", f.name, f.data)
		if media := cleanMedia(f.media); media != "" && !strings.HasPrefix(media, "multipart/") {
			p.media = media
		}
		p.head = header{{name: []byte("Content-Disposition"), value: []byte("attachment")}}
		if f.id != "" {
			p.head = header{{name: []byte("Content-Disposition"), value: []byte("inline")}, {name: []byte("Content-ID"), value: []byte("<" + f.id + ">")}}
		}
		leaves = append(leaves, p)
	}
	return subtree(leaves)
}

// text returns the body in its simplest form: RTF is read when there is no other.
func (t *tnef) text() []part {
	body, media, charset := t.plain, "text/plain", t.charset
	if len(body) == 0 {
		body, media = t.html, "text/html"
	}
	if len(body) == 0 {
		text, html := readRTF(unpackRTF(t.rtf))
		body, media, charset = []byte(text), "text/plain", "utf-8"
		if html {
			media = "text/html"
		}
	}
	if len(body) == 0 {
		return nil
	}
	p := leaf(media, "", body)
	p.params = params{{"charset", charset}}
	return []part{p}
}

// readTNEF reads the attributes, up to the first that is broken.
func readTNEF(b []byte) (t tnef) {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != tnefSignature {
		return t
	}
	t.charset = "windows-1252"
	for b = b[6:]; len(b) >= 9; {
		id, size := binary.LittleEndian.Uint16(b[1:]), binary.LittleEndian.Uint32(b[5:])
		b = b[9:]
		if uint64(size)+2 > uint64(len(b)) {
			return t
		}
		t.attribute(id, b[:size])
		b = b[size+2:] // the checksum is not worth looking at
	}
	return t
}

func (t *tnef) attribute(id uint16, data []byte) {
	last := len(t.files) - 1
	switch {
	case id == attOEMCodepage && len(data) >= 2:
		t.charset = "cp" + itoa(int(binary.LittleEndian.Uint16(data)))
	case id == attBody:
		t.plain = trimZero(data)
	case id == attMessageProps:
		eachProp(data, t.messageProp)
	case id == attRendData && len(t.files) < maxTNEFParts:
		t.files = append(t.files, tnefFile{})
	case last < 0:
	case id == attAttachTitle && t.files[last].name == "":
		t.files[last].name = decodeCharset(trimZero(data), t.charset, "")
	case id == attAttachData:
		t.files[last].data = data
	case id == attAttachProps:
		eachProp(data, func(id, typ uint16, value []byte) { t.files[last].prop(id, typ, value, t.charset) })
	}
}

func (t *tnef) messageProp(id, typ uint16, value []byte) {
	switch id {
	case propBody:
		if s := propString(typ, value, t.charset); s != "" && len(t.plain) == 0 {
			t.plain, t.charset = []byte(s), "utf-8"
		}
	case propHTML:
		t.html = trimZero(value)
	case propRTF:
		t.rtf = value
	}
}

func (f *tnefFile) prop(id, typ uint16, value []byte, charset string) {
	switch id {
	case propAttachLong:
		f.name = propString(typ, value, charset)
	case propAttachName:
		if f.name == "" {
			f.name = propString(typ, value, charset)
		}
	case propAttachMIME:
		f.media = propString(typ, value, charset)
	case propAttachID:
		f.id = cleanID(propString(typ, value, charset))
	case propAttachData:
		if len(f.data) == 0 && (typ == propTypeBinary || typ == propTypeObject) {
			f.data = value
		}
	}
}

// eachProp calls visit for each property of a MAPI property list (MS-OXTNEF
// section 2.1.3.4), and stops where the list is broken.
func eachProp(b []byte, visit func(id, typ uint16, value []byte)) {
	r := propReader{b: b}
	for n := r.u32(); n > 0 && !r.bad; n-- {
		typ, id := r.u16(), r.u16()
		if id >= firstNamedProp {
			r.skipName()
		}
		count := uint32(1)
		fixed := fixedSize(typ &^ propMultiValued)
		if fixed == 0 || typ&propMultiValued != 0 {
			count = r.u32()
		}
		for ; count > 0 && !r.bad; count-- {
			size := fixed
			if size == 0 {
				size = r.u32()
			}
			if value := r.take(size); !r.bad {
				visit(id, typ&^propMultiValued, value)
			}
		}
	}
}

// fixedSize returns the padded size of a property type, 0 when it varies.
func fixedSize(typ uint16) uint32 {
	switch typ {
	case 0x0002, 0x0003, 0x0004, 0x000a, 0x000b:
		return 4
	case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040:
		return 8
	case 0x0048:
		return 16
	}
	return 0
}

type propReader struct {
	b   []byte
	bad bool
}

// take returns the next n bytes and skips their padding to four.
func (r *propReader) take(n uint32) []byte {
	if r.bad || uint64(n) > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	v := r.b[:n]
	r.b = r.b[min(uint64(len(r.b)), (uint64(n)+3)&^3):]
	return v
}

func (r *propReader) u32() uint32 {
	if len(r.b) < 4 {
		r.bad = true
		return 0
	}
	v := binary.LittleEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

func (r *propReader) u16() uint16 {
	if len(r.b) < 2 {
		r.bad = true
		return 0
	}
	v := binary.LittleEndian.Uint16(r.b)
	r.b = r.b[2:]
	return v
}

// skipName skips the GUID and the id or name of a named property.
func (r *propReader) skipName() {
	r.take(16)
	if r.u32() == 0 {
		r.u32()
		return
	}
	if n := r.u32(); n <= maxNamedPropName {
		r.take(n)
	} else {
		r.bad = true
	}
}

func propString(typ uint16, value []byte, charset string) string {
	switch typ {
	case propTypeString8:
		return decodeCharset(trimZero(value), charset, "")
	case propTypeUnicode:
		units := make([]uint16, 0, len(value)/2)
		for i := 0; i+1 < len(value); i += 2 {
			units = append(units, binary.LittleEndian.Uint16(value[i:]))
		}
		return strings.TrimRight(string(utf16.Decode(units)), "\x00")
	}
	return ""
}

func trimZero(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}
