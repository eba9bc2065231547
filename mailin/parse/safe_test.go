package parse

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSafeToPrint keeps control characters and bidirectional overrides of a
// stranger out of everything that is shown.
func TestSafeToPrint(t *testing.T) {
	raw := "From: \"a\u202eb\" <x@y.example\x1b>\r\nSubject: =?utf-8?Q?a=1B[31m=E2=80=AE=0D=0ABcc:_x?=\r\nAuto-Submitted: auto\u202e\r\nMessage-ID: <a\x1b@b>\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>&#27;[2J &#8238;x <img alt=\"&#27;\"></p>\r\n--b\r\nContent-Type: image/p\u202eng; name=\"a\u202e.exe\"\r\nContent-ID: <\x1b>\r\n\r\nx\r\n--b--\r\n"
	out, err := json.Marshal(Mail([]byte(raw), Options{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`\u001b`, "\u202e", `\r`, `\n`} {
		if strings.Contains(string(out), bad) {
			t.Errorf("%q in %s", bad, out)
		}
	}
}
