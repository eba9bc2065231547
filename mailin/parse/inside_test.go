package parse

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
	"testing"
)

var le = binary.LittleEndian

// startTNEF returns an empty winmail.dat, and a function that adds an attribute.
func startTNEF() (*bytes.Buffer, func(level byte, typ, id uint16, data []byte)) {
	var b bytes.Buffer
	b.Write(le.AppendUint32(nil, tnefSignature))
	b.Write([]byte{1, 0})
	return &b, func(level byte, typ, id uint16, data []byte) {
		b.WriteByte(level)
		b.Write(le.AppendUint16(nil, id))
		b.Write(le.AppendUint16(nil, typ))
		b.Write(le.AppendUint32(nil, uint32(len(data))))
		b.Write(data)
		b.Write([]byte{0, 0})
	}
}

// sampleTNEF is a winmail.dat with a body and one file.
func sampleTNEF() []byte {
	b, attribute := startTNEF()
	attribute(1, 6, attOEMCodepage, []byte{0xe4, 0x04, 0, 0, 0, 0, 0, 0})
	attribute(1, 2, attBody, []byte("the printer hums\x00"))
	attribute(2, 6, attRendData, make([]byte, 14))
	attribute(2, 1, attAttachTitle, []byte("LOG~1.TXT\x00"))
	attribute(2, 6, attAttachData, []byte("line one\nline two\n"))
	var props []byte
	props = le.AppendUint32(props, 1)
	props = le.AppendUint16(props, propTypeUnicode)
	props = le.AppendUint16(props, propAttachLong)
	name := []byte("p\x00r\x00i\x00n\x00t\x00e\x00r\x00.\x00l\x00o\x00g\x00\x00\x00")
	props = le.AppendUint32(props, 1)
	props = le.AppendUint32(props, uint32(len(name)))
	props = append(props, name...)
	for len(props)%4 != 0 {
		props = append(props, 0)
	}
	attribute(2, 6, attAttachProps, props)
	return b.Bytes()
}

// sampleSigned wraps content as opaque-signed S/MIME, without a signature, with
// the indefinite lengths that streaming writers use.
func sampleSigned(content []byte) []byte {
	wrap := func(tag byte, parts ...[]byte) []byte {
		out := []byte{tag, 0x80}
		for _, p := range parts {
			out = append(out, p...)
		}
		return append(out, 0, 0)
	}
	short := func(tag byte, b []byte) []byte { return append([]byte{tag, byte(len(b))}, b...) }
	var pieces [][]byte
	for len(content) > 0 {
		n := min(100, len(content))
		pieces = append(pieces, short(0x04, content[:n]))
		content = content[n:]
	}
	data := short(0x06, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01})
	encap := wrap(0x30, data, wrap(0xa0, wrap(0x24, pieces...)))
	signed := wrap(0x30, short(0x02, []byte{1}), short(0x31, nil), encap)
	return wrap(0x30, short(0x06, oidSignedData), wrap(0xa0, signed))
}

func attach(media string, content []byte) []byte {
	return []byte("From: ann@customer.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: " + media + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(content) + "\r\n")
}

func TestTNEF(t *testing.T) {
	raw := attach("application/ms-tnef; name=winmail.dat", sampleTNEF())
	in := Mail(raw, Options{})
	if in.Text != "the printer hums" {
		t.Errorf("text %q", in.Text)
	}
	if len(in.Attachments) != 2 || in.Attachments[1].Filename != "printer.log" {
		t.Fatalf("attachments %+v", in.Attachments)
	}
	r, a, err := Part(raw, in.Attachments[1].Part)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != "line one\nline two\n" || a != in.Attachments[1] {
		t.Errorf("part is %q, %+v, %v", got, a, err)
	}
}

// rtfTNEF is a winmail.dat whose only body is RTF, not compressed.
func rtfTNEF(rtf string) []byte {
	packed := le.AppendUint32(nil, uint32(len(rtf)+12))
	packed = le.AppendUint32(packed, uint32(len(rtf)))
	packed = le.AppendUint32(packed, rtfUncompressed)
	packed = append(le.AppendUint32(packed, 0), rtf...)
	props := le.AppendUint32(nil, 1)
	props = le.AppendUint16(props, propTypeBinary)
	props = le.AppendUint16(props, propRTF)
	props = le.AppendUint32(props, 1)
	props = le.AppendUint32(props, uint32(len(packed)))
	props = append(props, packed...)
	for len(props)%4 != 0 {
		props = append(props, 0)
	}
	b, attribute := startTNEF()
	attribute(1, 6, attMessageProps, props)
	return b.Bytes()
}

func TestTNEFWithRTF(t *testing.T) {
	for rtf, want := range map[string]string{
		`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial;}}{\colortbl;\red0;}\f0 It h\'fcms \u8364? 5\par {\f1\'cf\'f0}\line\b bold\b0  \{x\}}`:                                 "It hüms € 5\nПр\nbold {x}",
		`{\rtf1\ansi\ansicpg932 \'93\'fa\'96{\b\'7b}\uc0\u-10179\u-8704 .}`:                                                                                                                        "日本😀.",
		`{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 It {\*\htmltag84 <b>}\htmlrtf \b\htmlrtf0 hums{\*\htmltag92 </b>}.{\*\mhtmltag1 x}\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}}`: "It hums.",
		`{\rtf1{\field{\*\fldinst HYPERLINK "http://x.example"}{\fldrslt see here}}{\pict\bin5 }}}}}}\tab end}`:                                                                                    "see here\tend",
	} {
		if in := Mail(attach("application/ms-tnef; name=winmail.dat", rtfTNEF(rtf)), Options{}); in.Text != want {
			t.Errorf("%s: %q", rtf, in.Text)
		}
	}
}

// TestUnpackRTF uses the examples of MS-OXRTFCP section 3.
func TestUnpackRTF(t *testing.T) {
	for packed, want := range map[string]string{
		"2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235423 20af32068656c090020627705b06c647d0a800fa0": "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
		"1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0":                                        "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(packed, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(unpackRTF(b)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOpaqueSigned(t *testing.T) {
	inner := "Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\nI cannot log in.\r\n" + strings.Repeat("Really. ", 30) + "\r\n--q\r\nContent-Type: image/png; name=s.png\r\nContent-Transfer-Encoding: base64\r\n\r\nAQID\r\n--q--\r\n"
	in := Mail(attach(`application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"`, sampleSigned([]byte(inner))), Options{})
	if !strings.HasPrefix(in.Text, "I cannot log in.") {
		t.Errorf("text %q", in.Text)
	}
	if len(in.Attachments) != 2 || in.Attachments[1].Filename != "s.png" || in.Attachments[1].Size != 3 {
		t.Errorf("attachments %+v", in.Attachments)
	}
}

func TestUuencode(t *testing.T) {
	raw := []byte("From: a@b.example\r\n\r\nSee the file.\r\n\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n\r\nThanks\r\n")
	in := Mail(raw, Options{})
	if strings.Contains(in.Text, "begin") || !strings.Contains(in.Text, "Thanks") {
		t.Errorf("text %q", in.Text)
	}
	if len(in.Attachments) != 1 || in.Attachments[0].Filename != "cat.txt" || in.Attachments[0].Size != 3 {
		t.Errorf("attachments %+v", in.Attachments)
	}
}
