package parse

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"tierdesk/desk"
)

// FuzzMail reads any bytes as a mail: it must come back, with valid UTF-8, and
// every part that it lists must be readable and as long as it says.
func FuzzMail(f *testing.F) {
	for _, raw := range fixtures(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		in := Mail(raw, Options{Delimiter: "##- reply above -##"})
		for name, s := range map[string]string{"text": in.Text, "reply": in.Reply, "quoted": in.Quoted, "subject": in.Subject} {
			if !utf8.ValidString(s) {
				t.Errorf("%s is not UTF-8: %q", name, s)
			}
			if strings.ContainsAny(s, "\x1b\u202e") {
				t.Errorf("%s is not fit to print: %q", name, s)
			}
		}
		for _, a := range in.Attachments {
			r, _, err := Part(raw, a.Part)
			if err != nil {
				t.Fatalf("part %d: %v", a.Part, err)
			}
			if n, err := io.Copy(io.Discard, r); err != nil || n != a.Size {
				t.Errorf("part %d has %d bytes, want %d, error %v", a.Part, n, a.Size, err)
			}
		}
		ContentKey(raw)
	})
}

func FuzzAddresses(f *testing.F) {
	for _, s := range []string{`"Doe, John" <j@x.test>`, `Doe, John <j@x.test>, b@y.test (B)`, `g: a@b.test, c@d.test;`, `=?utf-8?q?J=C3=BC?= <a@b.test>`, `<@r.test:a@b.test>`, `"a"b" <c@d.test>`, `a@b.test <c@d.test>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range parseAddresses(s, "") {
			if !utf8.ValidString(a.Name) || strings.ContainsAny(a.Address, "\r\n") {
				t.Errorf("%q gives %q %q", s, a.Name, a.Address)
			}
		}
	})
}

func FuzzHTML(f *testing.F) {
	f.Add(`<div>a<blockquote>b<p>c</blockquote><ul><li>d<li>e</ul><table><tr><td>1<td>2</table>`)
	f.Add(`<div class="gmail_quote"><div class="gmail_attr">On 1 May Ann wrote:</div><blockquote>x</blockquote>y</div>`)
	f.Add(`<pre> a\n b</pre><a href="http://x.test/y">z</a><img alt="i"><span style="display:none">no</span>`)
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range renderHTML([]byte(s)) {
			if strings.Contains(l.text, "\n") {
				t.Errorf("line break in %q", l.text)
			}
		}
	})
}

func FuzzReply(f *testing.F) {
	f.Add("new\n\nOn Mon, Jan 1, 2024 at 4:18 PM Ann <a@b.test> wrote:\n\n> old\n")
	f.Add("new\n-----Original Message-----\nFrom: a\nSent: b\nTo: c\nSubject: d\n\nold")
	f.Add("new\n-- \nAnn\n+49 30 1234567\n")
	f.Add("a\n> b (http\nc)\n> d\n---\n")
	f.Fuzz(func(t *testing.T, s string) {
		a := cutReply(plainLines(s), hints{answers: true})
		if strings.TrimSpace(s) != "" && a.reply == "" && len(plainLines(s)) > 0 && !emptyText(plainLines(s)) {
			t.Errorf("nothing left of %q", s)
		}
	})
}

func FuzzInside(f *testing.F) {
	f.Add(sampleTNEF())
	f.Add(rtfTNEF(`{\rtf1 a\par b}`))
	f.Add(sampleSigned([]byte("Content-Type: text/plain\r\n\r\nsigned\r\n")))
	f.Fuzz(func(t *testing.T, b []byte) {
		openTNEF(b)
		openSigned(b)
	})
}

func FuzzRTF(f *testing.F) {
	f.Add([]byte(`{\rtf1\ansi\ansicpg932{\fonttbl{\f1\fcharset204 A;}}\f1\'cf\u-10179?\u-8704?{\*\x y}\bin3 abc\par}`))
	f.Add([]byte(`{\rtf1\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 a\htmlrtf }\htmlrtf0}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, rtf := range [][]byte{b, unpackLZFu(b, maxRTF)} {
			if s, _ := readRTF(rtf); !utf8.ValidString(s) {
				t.Errorf("%q is not UTF-8", s)
			}
		}
	})
}

func FuzzHeaderValues(f *testing.F) {
	for _, s := range []string{"Tue, 2 Jan 2024 10:00:00 +0000", "2024-01-02T10:00:00+02:00", `text/plain; name*1*=b; name*0*=utf-8''a%20; charset="x`, "=?iso-2022-jp?B?GyRCMEw=?= =?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "<a@b> junk <c@d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parseDate(s)
		parseParams(s)
		messageIDs(s)
		findStatus(s)
		if d := decodeWords(s, ""); !utf8.ValidString(desk.OneLine(d)) {
			t.Errorf("%q gives %q", s, d)
		}
	})
}
