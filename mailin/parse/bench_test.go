package parse

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

// trace is a header as a mail has it after its way.
const trace = "Return-Path: <ann@customer.example>\r\nDelivered-To: support@desk.example\r\n" +
	"Received: from mx.customer.example (mx.customer.example [192.0.2.7])\r\n\tby mail.desk.example (Postfix) with ESMTPS id 4F1A2B3C4D\r\n\tfor <support@desk.example>; Tue, 02 Jan 2024 10:00:02 +0000 (UTC)\r\n" +
	"Received: from laptop ([198.51.100.4]) by mx.customer.example with ESMTPSA id 77;\r\n\tTue, 02 Jan 2024 10:00:01 +0000\r\n" +
	"Authentication-Results: mail.desk.example; dkim=pass header.d=customer.example;\r\n\tspf=pass smtp.mailfrom=customer.example; dmarc=pass header.from=customer.example\r\n" +
	"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=customer.example; s=k1;\r\n\th=from:to:subject:date:message-id; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n\tb=dGhpcyBpcyBub3QgYSBzaWduYXR1cmUgYnV0IGl0IGlzIGFzIGxvbmcgYXMgb25l\r\n" +
	"From: \"Ann Customer\" <ann@customer.example>\r\nTo: Support <support@desk.example>\r\nSubject: =?utf-8?Q?Re:_[ACME_#1234-K]_Fernzugriff_l=C3=A4uft_nicht?=\r\n" +
	"Date: Tue, 02 Jan 2024 10:00:00 +0000\r\nMessage-ID: <b1@customer.example>\r\nIn-Reply-To: <t1234.a.b@desk.example>\r\nReferences: <t1234.root@desk.example> <t1234.a.b@desk.example>\r\nMIME-Version: 1.0\r\n"

const replyText = "Hello,\r\n\r\nit still does not work, the client says \"error 809\" as before.\r\nI have restarted the router twice.\r\n\r\nRegards,\r\nAnn\r\n\r\n" +
	"On Mon, Jan 1, 2024 at 4:18 PM ACME Support <support@desk.example> wrote:\r\n\r\n> Hello Ann,\r\n>\r\n> please restart the router and try once more.\r\n>\r\n> Bob\r\n"

func plainMail() []byte {
	return []byte(trace + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + replyText)
}

func htmlMail() []byte {
	body := "<html><head><style>p {margin:0}</style></head><body><div dir=\"ltr\">Hello,<br><br>it still does <b>not</b> work, the client says &quot;error 809&quot; as before.<div>I have restarted the router twice.</div></div><br>" +
		"<div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">On Mon, Jan 1, 2024 at 4:18 PM ACME Support &lt;<a href=\"mailto:support@desk.example\">support@desk.example</a>&gt; wrote:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex\">" +
		strings.Repeat("<p>please restart the router and try once more, it <i>may</i> take a while.</p>", 40) + "</blockquote></div></body></html>\r\n"
	return []byte(trace + "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body)
}

func attachmentMail(size int) []byte {
	var b bytes.Buffer
	b.WriteString(trace + "Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + replyText +
		"\r\n--b1\r\nContent-Type: application/pdf; name=\"log.pdf\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"log.pdf\"\r\n\r\n")
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i * 7)
	}
	text := base64.StdEncoding.EncodeToString(data)
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n--b1--\r\n")
	return b.Bytes()
}

// BenchmarkMail reads a mail as the intake does: headers, text, new text,
// attachments with their hashes. The module in bench/ compares it with libraries.
func BenchmarkMail(b *testing.B) {
	mails := []struct {
		name string
		raw  []byte
	}{
		{"plain", plainMail()}, {"html", htmlMail()}, {"27kB", attachmentMail(18 << 10)}, {"50kB", attachmentMail(36 << 10)}, {"200kB", attachmentMail(146 << 10)},
	}
	for _, m := range mails {
		b.Run(m.name, func(b *testing.B) {
			b.SetBytes(int64(len(m.raw)))
			b.ReportAllocs()
			for b.Loop() {
				Mail(m.raw, Options{})
			}
		})
	}
}
