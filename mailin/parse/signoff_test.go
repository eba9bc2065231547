package parse

import "testing"

// TestUnmarkedSignature cuts how to reach the sender below a sign-off and his name.
// Each value is to be cut.
func TestUnmarkedSignature(t *testing.T) {
	for head, tail := range map[string]string{
		"Kind regards,\nAnn Doe":              "Head of Purchase\nAcme Ltd\n1 High Street, London EC1A 1BB\nT: +44 20 7946 0000 | M: +44 7700 900000\nann@customer.example",
		"Thanks,\nAnn":                        "\nAnn Doe\nAcme Inc.\n123 Main Street, Springfield, IL 62701\nPhone 555-010-0199\nFax 555-010-0142",
		"Mit freundlichen Grüßen\nAnn Muster": "Einkauf\n\nMuster GmbH\nHauptstraße 1\n12345 Berlin\nTel.: +49 30 1234567\nE-Mail: ann@customer.example\n\nAmtsgericht Berlin HRB 12345\nUSt-IdNr.: DE123456789",
		"Cordialement,\n\nAnn DUPONT":         "Responsable achats\n12 rue de la Paix, 75002 Paris\nTél. : 01 23 45 67 89\nwww.customer.example",
		"Un saludo,\nAnn García":              "Dpto. de Compras\nMóvil 600 123 456\nann@customer.example",
		"С уважением,\nAnn":                   "Отдел закупок\nтел. +7 495 123-45-67\nann@customer.example",
		"よろしくお願いいたします。\nAnn":                  "株式会社テスト\nTEL: 03-1234-5678\nann@customer.example",
		"Thanks\nAnn\nOrder 4711, see\nann@customer.example\nwww.customer.example":                                             "",
		"Danke\nAnn\n\nKundennummer: 123456\nann@customer.example\nTel: +49 30 1234567":                                        "",
		"Regards\nAnn\n\nPlease call +44 20 7946 0000 or write to\nann@customer.example\nwww.customer.example\nbefore Monday!": "",
		"Merci\nAnn\nIBAN FR76 3000 6000 0112\nann@customer.example\nwww.customer.example":                                     "",
		"Danke\n\nBob Neumann\nbob@customer.example\nTel +49 30 1234567":                                                       "",
		"Best practice is:\n\nuse the link\nhttps://a.example\nhttps://b.example":                                              "",
	} {
		text := "Hello,\n\nthe printer is dead.\n\n" + head
		got := cutReply(plainLines(text+"\n"+tail), hints{answers: true, sender: "ann doe ann@customer.example"}).reply
		if got != text {
			t.Errorf("%q becomes %q", text+"\n"+tail, got)
		}
	}
}

// TestBareSignature cuts what a mail program appends without any mark, when it names
// the sender and the address he writes from.
func TestBareSignature(t *testing.T) {
	const block = "Ann Doe\nRoom 4711, phone +49 30 4711\nann@customer.example"
	for text, want := range map[string]string{
		"#claim\n\n" + block: "#claim",
		"#claim\n\n" + block + "\n\n> Old words\n> of ours":                     "#claim",
		"#claim\nOn Sun, 22 Nov 2026, ACME wrote:\n\n> Old words\n\n\n" + block: "#claim",
		"Yes.\n" + block: "Yes.\n" + block,
		"Please set up the telephone for:\n\n" + block:                                   "Please set up the telephone for:\n\n" + block,
		"It is dead.\n\nAnn Doe\nbob@customer.example\nTel +49 30 1234567":               "It is dead.\n\nAnn Doe\nbob@customer.example\nTel +49 30 1234567",
		"It is dead.\n\nAnn Doe\nOrder 123456\nann@customer.example\nTel +49 30 1234567": "It is dead.\n\nAnn Doe\nOrder 123456\nann@customer.example\nTel +49 30 1234567",
	} {
		if got := cutReply(plainLines(text), hints{answers: true, sender: "ann doe ann@customer.example"}).reply; got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// TestMarkedSignature cuts from the HTML, and from the plain text beside it, what
// the program put into an element for signatures.
func TestMarkedSignature(t *testing.T) {
	const head = "From: ann@customer.example\r\nIn-Reply-To: <a@desk.example>\r\nMIME-Version: 1.0\r\n"
	const want = "It hums.\n\nAnn"
	for _, sign := range []string{
		`<div id="Signature"><div>Ann Doe</div><div>We print <a href="https://x.example/">books</a></div></div>`,
		`<div class="gmail_signature"><div>Ann Doe</div><div>We print <a href="https://x.example/">books</a></div></div>`,
		`<div name="messageSignatureSection">Ann Doe<br>We print books</div>`,
		`<br id="lineBreakAtBeginningOfSignature"><div>Ann Doe</div><div>We print books</div><blockquote type="cite">On 1 Jan 2024, at 16:18, Bob wrote:</blockquote>`,
	} {
		html := `<div>It hums.<br><br>Ann</div>` + sign
		raw := head + "Content-Type: text/html; charset=utf-8\r\n\r\n" + html
		if got := Mail([]byte(raw), Options{}).Reply; got != want {
			t.Errorf("%s: %q", sign, got)
		}
		raw = head + "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt hums.\r\n\r\nAnn\r\n\r\nAnn Doe\r\nWe print books<https://x.example/>\r\n--b\r\nContent-Type: text/html\r\n\r\n" + html + "\r\n--b--\r\n"
		if got := Mail([]byte(raw), Options{}).Reply; got != want {
			t.Errorf("%s beside plain text: %q", sign, got)
		}
	}
	written := head + "Content-Type: text/html\r\n\r\n<p>Hello</p><div id=\"Signature\">Ann Doe<br>Could you also send me the invoice, please?</div>"
	if got := Mail([]byte(written), Options{}).Reply; got != "Hello\n\nAnn Doe\nCould you also send me the invoice, please?" {
		t.Errorf("what stands in the signature is lost: %q", got)
	}
}
