package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// loadMail returns the n-th mail of a made load: the sizes of ordinary mail, about
// 27 kB in the mean, with text and HTML in most and an attachment in a third. The
// same n is the same mail.
func loadMail(n int, to string, at time.Time) []byte {
	r := rand.New(rand.NewPCG(uint64(n), 17))
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("Return-Path: <%s>", loadSender(n))
	line("Received: from mail.customer%d.test by mx.hd.test with ESMTPS; %s", n%500, at.Format(time.RFC1123Z))
	line("From: User %d <%s>", n, loadSender(n))
	line("To: ACME Support <%s>", to)
	line("Subject: %s (case %d)", loadTopics[n%len(loadTopics)], n)
	line("Date: %s", at.Format(time.RFC1123Z))
	line("Message-ID: <load.%d@customer%d.test>", n, n%500)
	line("MIME-Version: 1.0")
	line("Content-Type: multipart/mixed; boundary=outer%d", n)
	line("")
	line("--outer%d", n)
	line("Content-Type: multipart/alternative; boundary=inner%d\r\n", n)
	text := loadText(r, n)
	line("--inner%d\r\nContent-Type: text/plain; charset=utf-8\r\n", n)
	line("%s", text)
	line("--inner%d\r\nContent-Type: text/html; charset=utf-8\r\n", n)
	line("<html><body><p>%s</p></body></html>", strings.ReplaceAll(text, "\r\n", "<br>\r\n"))
	line("--inner%d--", n)
	if n%3 == 0 {
		loadAttachment(&b, r, n)
	}
	line("--outer%d--", n)
	return b.Bytes()
}

// loadSender returns who wrote the n-th mail.
func loadSender(n int) string { return fmt.Sprintf("user%d@customer%d.test", n, n%500) }

var loadTopics = []string{
	"Cannot log in", "Forgot my password", "VPN does not connect", "Printer offline", "Question about my invoice",
	"Application crashes when saving", "New laptop for a colleague", "Mail does not arrive on my phone",
}

var loadWords = strings.Fields(`the and to my a is it not since after please help server login password printer
	update office screen network slow error message account access file folder share meeting phone today morning
	restart tried again colleague system version window opens closes nothing happens every time thanks`)

func loadText(r *rand.Rand, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Hello,\r\n\r\nthis is about %s, marker load-%d.\r\n", loadTopics[n%len(loadTopics)], n)
	for range 20 + r.IntN(60) {
		for range 8 + r.IntN(6) {
			b.WriteString(loadWords[r.IntN(len(loadWords))] + " ")
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

func loadAttachment(b *bytes.Buffer, r *rand.Rand, n int) {
	fmt.Fprintf(b, "--outer%d\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"log-%d.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", n, n)
	content := make([]byte, 20<<10+r.IntN(50<<10))
	for i := range content {
		content[i] = byte(r.Uint32())
	}
	encoded := base64.StdEncoding.EncodeToString(content)
	for len(encoded) > 76 {
		b.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	b.WriteString(encoded + "\r\n")
}
