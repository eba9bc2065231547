package parse

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestBombs reads mail that is built to cost more than its size. Read in linear
// time, each takes less than a second; in quadratic time, minutes.
func TestBombs(t *testing.T) {
	const head = "From: a@b.example\r\nMIME-Version: 1.0\r\n"
	rep := strings.Repeat
	var nested strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	bombs := map[string]string{
		"nested":       head + nested.String(),
		"parts":        head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + rep("--b\r\n\r\nx\r\n", 100000),
		"dashes":       head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + rep("--c\n", 1<<20),
		"header":       head + "X: " + rep("a", 15<<20) + "\r\n\r\nx",
		"fields":       head + rep("X: y\r\n", 500000) + "\r\nx",
		"comments":     "From: " + rep("(", 1<<18) + "\r\n\r\nx",
		"quotes":       "From: " + rep(`"\`, 1<<17) + "\r\n\r\nx",
		"commas":       "From: " + rep("a,", 1<<17) + "\r\n\r\nx",
		"angles":       "To: " + rep("<a,", 1<<16) + rep("<a>", 1<<16) + "\r\n\r\nx",
		"words":        "Subject: " + rep("=?u?q?x", 1<<15) + "\r\n\r\nx",
		"blanks":       "Content-Type: text/plain; x=" + rep(" ", 1<<17) + "a\r\n\r\nx",
		"attributions": head + "\r\n" + rep("On 1.1.2020 12:00 Ann <a@b.example> wrote:\n> q\n", 20000),
		"colons":       head + "\r\n" + rep("On 1 May 12:00:\n", 60000),
		"headers":      head + "\r\n" + rep("From: a@b.example\n", 50000),
		"marks":        head + "\r\ntext\n" + rep("--\n", 300000),
		"devices":      head + "\r\ntext\n" + rep("Sent from my iPhone\n", 50000),
		"sign-offs":    head + "\r\ntext\n" + rep("Regards\nAnn\nwww.a.example\nwww.b.example\n\n", 30000),
		"footers":      head + "\r\ntext\n" + rep("a confidential thing that is no notice at all\n\n", 30000),
		"signatures":   head + "Content-Type: text/html\r\n\r\n" + rep("<div id=Signature>a</div>b", 40000),
		"borrowed": head + "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n" + rep("a\n", 400000) +
			"\r\n--b\r\nContent-Type: text/html\r\n\r\n" + rep("<div id=Signature>a</div>", 9000) + "\r\n--b--\r\n",
		"vacation": head + "Auto-Submitted: auto-replied\r\n\r\n" + rep("until 1.1. a@b.example ", 40000),
		"enriched": head + "Content-Type: text/enriched\r\n\r\n" + rep("<a", 1<<19),
		"html":     head + "Content-Type: text/html\r\n\r\n" + rep("<div class=gmail_quote><blockquote>x", 30000),
		"ends":     head + "Content-Type: text/html\r\n\r\n" + rep("<b>", 1000) + rep("</i>", 250000),
		"lists":    head + "Content-Type: text/html\r\n\r\n" + rep("<ul><li>", 120000),
		"uuencode": head + "\r\n" + rep("begin 644 a\n", 80000),
		"bounce":   "From: mailer-daemon@b.example\r\nSubject: failure notice\r\n\r\n" + rep("<a@b.example>: user unknown\n", 40000),
		"failed":   "From: mailer-daemon@b.example\r\nX-Failed-Recipients: " + rep("a@b.example, ", 20000) + "\r\nSubject: failure notice\r\n\r\n" + rep("quota\n", 40000),
	}
	for name, raw := range bombs {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			Mail([]byte(raw), Options{})
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("%d bytes took %v", len(raw), d)
			}
		})
	}
}

// TestBigMail reads 25 MB in memory that does not grow with the attachment.
func TestBigMail(t *testing.T) {
	raw := attachmentMail(18 << 20)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	in := Mail(raw, Options{})
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
		t.Errorf("reading %d bytes allocated %d", len(raw), got)
	}
	if len(in.Attachments) != 1 || in.Attachments[0].Size != 18<<20 {
		t.Errorf("attachments %+v", in.Attachments)
	}
}
