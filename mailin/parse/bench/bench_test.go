// Package bench compares the reading of mail with two libraries on the same mails. It
// is a module of its own, so that the program does not depend on them:
//
//	cd mailin/parse/bench && go test -bench . -benchmem
package bench

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"testing"

	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"
	"github.com/jhillyerd/enmime/v2"

	"tierdesk/mailin/parse"
)

// withFile returns a mail with an attachment of size bytes.
func withFile(text []byte, size int) []byte {
	var b bytes.Buffer
	b.WriteString("From: Ann <ann@customer.example>\r\nTo: support@desk.example\r\nSubject: Printer\r\nDate: Tue, 02 Jan 2024 10:00:00 +0000\r\n" +
		"Message-ID: <b1@customer.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n" +
		"--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n")
	b.Write(text)
	b.WriteString("\r\n--b1\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"log.pdf\"\r\n\r\n")
	for code := base64.StdEncoding.EncodeToString(make([]byte, size)); code != ""; {
		n := min(76, len(code))
		b.WriteString(code[:n] + "\r\n")
		code = code[n:]
	}
	b.WriteString("--b1--\r\n")
	return b.Bytes()
}

// BenchmarkRead gives each reader the same work or less: parse takes the mail apart,
// hashes its files, cuts the reply and says what kind of mail it is; enmime takes it
// apart and turns HTML into text; goMessage only takes it apart.
func BenchmarkRead(b *testing.B) {
	load := func(name string) []byte {
		raw, err := os.ReadFile("../testdata/" + name)
		if err != nil {
			b.Fatal(err)
		}
		return raw
	}
	plain := load("001-plain.eml")
	mails := []struct {
		name string
		raw  []byte
	}{
		{"plain", plain}, {"html", load("021-gmail.eml")}, {"outlook", load("023-outlook.eml")},
		{"50kB", withFile(plain, 36<<10)}, {"200kB", withFile(plain, 146<<10)},
	}
	readers := []struct {
		name string
		read func(raw []byte) error
	}{
		{"parse", func(raw []byte) error { parse.Mail(raw, parse.Options{}); return nil }},
		{"enmime", func(raw []byte) error { _, err := enmime.ReadEnvelope(bytes.NewReader(raw)); return err }},
		{"goMessage", takeApart},
	}
	for _, m := range mails {
		for _, r := range readers {
			b.Run(m.name+"/"+r.name, func(b *testing.B) {
				b.SetBytes(int64(len(m.raw)))
				b.ReportAllocs()
				for b.Loop() {
					if err := r.read(m.raw); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// takeApart reads each part of a mail to its end.
func takeApart(raw []byte) error {
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Subject()
	r.Header.AddressList("From")
	r.Header.AddressList("To")
	r.Header.Date()
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, p.Body); err != nil {
			return err
		}
	}
}
