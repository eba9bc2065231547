package parse

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

func mailWithFile(name, contentType, content string) []byte {
	return fmt.Appendf(nil, "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n--x\r\n"+
		"Content-Type: %s\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--x--\r\n",
		contentType, name, base64.StdEncoding.EncodeToString([]byte(content)))
}

func TestTextFilesAreKeptForDiagnosis(t *testing.T) {
	in := Mail(mailWithFile("app.log", "application/octet-stream", "first\r\nLäuft\r\n"), Options{})
	if len(in.TextFiles) != 1 || in.TextFiles[0].Name != "app.log" || in.TextFiles[0].Line != 1 || in.TextFiles[0].Text != "first\nLäuft\n" {
		t.Errorf("%+v", in.TextFiles)
	}
	in = Mail(mailWithFile("shot.png", "image/png", "text"), Options{})
	if len(in.TextFiles) != 0 {
		t.Errorf("%+v", in.TextFiles)
	}
}

func TestOfALargeTextFileBeginningAndEndAreKept(t *testing.T) {
	const lines = 100_000
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "line %d\n", i+1)
	}
	in := Mail(mailWithFile("app.log", "text/plain", b.String()), Options{})
	if len(in.TextFiles) != 2 {
		t.Fatalf("%d pieces", len(in.TextFiles))
	}
	head, tail := in.TextFiles[0], in.TextFiles[1]
	if n := len(head.Text) + len(tail.Text); n > maxTextFiles || n < maxTextFiles-100 {
		t.Errorf("%d bytes are kept", n)
	}
	if !strings.HasPrefix(head.Text, "line 1\n") || !strings.HasSuffix(tail.Text, fmt.Sprintf("line %d\n", lines)) {
		t.Error("the file does not begin and end as it did")
	}
	if last := tail.Line + strings.Count(tail.Text, "\n"); last != lines+1 {
		t.Errorf("the piece at the end begins on line %d and ends on %d", tail.Line, last)
	}
}
