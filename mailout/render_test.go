package mailout

import (
	"bytes"
	"context"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"golang.org/x/net/html"

	"tierdesk/desk"
)

// field returns a decoded header field of a mail.
func field(t testing.TB, raw []byte, name string) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	v, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(name))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func rendered(t testing.TB, r *Renderer, o desk.Outgoing) []byte {
	t.Helper()
	raw, err := r.Render(context.Background(), &o, created)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// What each kind of mail says about itself to machines.
func TestHeaderOfEachKind(t *testing.T) {
	const (
		person    = ""
		automatic = "Auto-Submitted X-Auto-Response-Suppress Feedback-ID "
		customer  = "X-Ms-Reactions "
		ticket    = "List-Id List-Unsubscribe X-Ticket-Number X-Ticket-Tier X-Ticket-Priority "
	)
	marks := strings.Fields(automatic + "Precedence " + customer + ticket)
	want := map[desk.OutgoingKind]string{
		desk.SendReply:      person + customer,
		desk.SendAnswer:     automatic + customer + "Precedence",
		desk.SendAck:        automatic + customer + "Precedence",
		desk.SendSolved:     automatic + customer,
		desk.SendStatus:     automatic + customer,
		desk.SendEscalation: automatic + ticket,
		desk.SendPage:       automatic + ticket,
		desk.SendClaim:      automatic + ticket,
		desk.SendProposal:   automatic + ticket,
		desk.SendIncident:   automatic + customer,
		desk.SendUpdate:     automatic + ticket,
		desk.SendNotice:     automatic + ticket,
		desk.SendReceipt:    automatic + ticket,
		desk.SendDigest:     automatic + "List-Id List-Unsubscribe",
	}
	r := testRenderer(t)
	for _, kind := range allKinds {
		raw := rendered(t, r, outgoing(t, r, kind, "en"))
		var got []string
		for _, name := range marks {
			if field(t, raw, name) != "" {
				got = append(got, name)
			}
		}
		expected := strings.Fields(want[kind])
		slices.Sort(got)
		slices.Sort(expected)
		if !slices.Equal(got, expected) {
			t.Errorf("%s has %v, want %v", kind, got, expected)
		}
		if !r.Keys.LoopMarked(field(t, raw, "X-Tierdesk-Loop"), strings.Trim(field(t, raw, "Message-ID"), "<>")) {
			t.Errorf("%s: the loop mark does not verify", kind)
		}
	}
}

func TestAutomaticMarks(t *testing.T) {
	r := testRenderer(t)
	for kind, want := range map[desk.OutgoingKind][2]string{
		desk.SendAck:        {"auto-replied", "All"},
		desk.SendEscalation: {"auto-generated", "OOF, AutoReply, DR, RN, NRN"},
	} {
		raw := rendered(t, r, outgoing(t, r, kind, "en"))
		if got := [2]string{field(t, raw, "Auto-Submitted"), field(t, raw, "X-Auto-Response-Suppress")}; got != want {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
}

// The mail is read back with other people's parsers.
func TestMailReadsBack(t *testing.T) {
	r := testRenderer(t)
	o := outgoing(t, r, desk.SendReply, "de")
	o.Subject = "Re: [ACME #1234-H] Größe der „Datei“ – 资料 und mehr, was eine lange Zeile gibt, die gefaltet wird"
	o.To.Name = "Müller, Jana (Ünit)"
	o.Letter.Text = "Grüße\n.\n..punkt am Anfang\nFrom hier\n" + strings.Repeat("x", 3000)
	for n := range 30 {
		o.References = append(o.References, strings.Repeat("r", n+1)+"@customer.example")
	}
	o.Attachments = []desk.AttachmentRef{
		{Raw: 1, Part: 2, Filename: "../../Übersicht \"März\"\r\nX-Evil: 1.pdf", ContentType: "application/pdf"},
		{Raw: 1, Part: 3, Filename: "mail.eml", ContentType: "message/rfc822"},
		{Raw: 1, Part: 4, Filename: "logo.png", ContentType: "image/png", Inline: true, ContentID: "logo@customer.example"},
	}
	raw := rendered(t, r, o)
	checkWire(t, raw)
	if got := field(t, raw, "Subject"); got != o.Subject {
		t.Errorf("subject %q", got)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if to, err := m.Header.AddressList("To"); err != nil || *to[0] != mail.Address(o.To) {
		t.Errorf("to %v, %v", to, err)
	}
	refs := strings.Fields(field(t, raw, "References"))
	if len(refs) != 11 || refs[0] != "<"+o.References[0]+">" || refs[10] != "<"+o.References[31]+">" {
		t.Errorf("references %v", refs)
	}
	text, attachments := readBack(t, raw)
	if !strings.Contains(text, "Grüße\n.\n..punkt am Anfang\nFrom hier\n"+strings.Repeat("x", 3000)) {
		t.Error("the text changed on its way")
	}
	want := map[string]string{"Übersicht \"März\" X-Evil: 1.pdf": "application/pdf", "mail.eml": "application/octet-stream", "logo.png": "image/png"}
	if !maps.Equal(attachments, want) {
		t.Errorf("attachments %v, want %v", attachments, want)
	}
}

// A picture that the HTML shows stands beside it, and other files below both.
func TestPicturesStandInTheirPlace(t *testing.T) {
	r := testRenderer(t)
	o := outgoing(t, r, desk.SendReply, "en")
	o.Letter.HTML = `<p>Press <img src="cid:part4.mail7@hd.test"> here <img src="cid:other@hd.test"><img src="https://spy.example/x"></p>`
	o.Attachments = []desk.AttachmentRef{
		{Raw: 7, Part: 4, Filename: "shot.png", ContentType: "image/png", Inline: true, ContentID: "part4.mail7@hd.test"},
		{Raw: 7, Part: 5, Filename: "plan.pdf", ContentType: "application/pdf"},
	}
	raw := rendered(t, r, o)
	checkWire(t, raw)
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var tree []string
	html := ""
	if err := e.Walk(func(path []int, part *message.Entity, err error) error {
		kind, params, _ := part.Header.ContentType()
		tree = append(tree, strings.Repeat(" ", len(path))+kind+params["type"])
		if kind == "text/html" {
			b, err := io.ReadAll(part.Body)
			html = string(b)
			return err
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"multipart/mixed", " multipart/relatedmultipart/alternative", "  multipart/alternative",
		"   text/plain", "   text/html", "  image/png", " application/pdf"}
	if !slices.Equal(tree, want) {
		t.Errorf("%q", tree)
	}
	if strings.Count(html, "<img") != 1 || !strings.Contains(html, `src="cid:part4.mail7@hd.test"`) {
		t.Error(html)
	}
}

// readBack returns the text part with LF line ends, and the attachments' names
// and types.
func readBack(t testing.TB, raw []byte) (text string, attachments map[string]string) {
	t.Helper()
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	attachments = map[string]string{}
	err = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		kind, _, err := part.Header.ContentType()
		if err != nil || strings.HasPrefix(kind, "multipart/") {
			return err
		}
		_, params, _ := part.Header.ContentDisposition()
		body, err := io.ReadAll(part.Body)
		switch {
		case params["filename"] != "":
			attachments[params["filename"]] = kind
		case kind == "text/plain":
			text = strings.ReplaceAll(string(body), "\r\n", "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text, attachments
}

// checkWire checks the form that every mail has on the wire: CRLF only, ASCII,
// lines within the limits, one header of known fields, a multipart that closes.
func checkWire(t testing.TB, raw []byte) {
	t.Helper()
	if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\r")) || bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) {
		t.Error("a bare CR or LF")
	}
	head, body, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok {
		t.Fatal("no end of the header")
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("a line of %d octets", len(line))
		}
		for _, c := range line {
			if c >= 0x7f || c < ' ' && c != '\t' {
				t.Errorf("octet %#x in %q", c, line)
				break
			}
		}
	}
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		if line[0] != ' ' && (!ok || !slices.Contains(fieldNames, string(name))) {
			t.Errorf("header line %q", line)
		}
		if line[0] == ' ' && len(bytes.TrimSpace(line)) == 0 {
			t.Error("a folded line of white space")
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || !bytes.HasSuffix(body, []byte("\r\n--"+params["boundary"]+"--\r\n")) {
		t.Errorf("the multipart does not close: %v", err)
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		if _, err := parts.NextRawPart(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

var fieldNames = strings.Fields(`From To Reply-To Subject Date Message-ID In-Reply-To References Auto-Submitted
	X-Auto-Response-Suppress Precedence Feedback-ID X-MS-Reactions X-Tierdesk-Loop List-Id List-Unsubscribe
	X-Ticket-Number X-Ticket-Tier X-Ticket-Priority Mime-Version Content-Type`)

func TestInternalNotesDoNotReachCustomers(t *testing.T) {
	r := testRenderer(t)
	for _, kind := range allKinds {
		o := outgoing(t, r, kind, "en")
		o.Letter.Thread = []desk.LetterMessage{
			{At: created, Who: "Tess", Kind: desk.InternalNote, Text: "SECRETNOTE"},
			{At: created, Who: "x@evil.test", Kind: desk.UnverifiedMail, Text: "SECRETNOTE too"},
		}
		if toCustomer(kind) && bytes.Contains(rendered(t, r, o), []byte("SECRETNOTE")) {
			t.Errorf("%s shows an internal note", kind)
		}
	}
}

// What a technician quotes may hold his address and his right to reply as one.
func TestCustomersDoNotSeeTechniciansAddresses(t *testing.T) {
	r := testRenderer(t)
	token := desk.Plus("support@hd.test", r.Keys.Mint(desk.ForTechnician, 1234, "tess@staff.example"))
	secret := []string{"tess@staff.example", "Tess@Staff.Example", "l2@hd.test", token, strings.Replace(token, "+", "%2B", 1)}
	public := []string{"tess@staff.example.org", "contess@staff.example", "support@hd.test", "jana@customer.example", "jana+x@customer.example"}
	o := outgoing(t, r, desk.SendReply, "en")
	o.Letter.Text = strings.Join(append(slices.Clone(secret), public...), "\n")
	o.Letter.HTML = "<p>" + strings.Join(append(slices.Clone(secret), public...), "</p><p>") + "</p>"
	o.Letter.Thread = []desk.LetterMessage{{Kind: desk.PublicReply, Text: "mailto:" + secret[4] + "?subject=x <" + secret[0] + ">."}}
	l := r.newLetter(&o)
	text, html, err := r.Templates().Render(l.Template, l.Language, l)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{text, html} {
		lines := strings.FieldsFunc(form, func(r rune) bool { return strings.ContainsRune("\n<> :?", r) })
		for _, s := range secret {
			if slices.Contains(lines, s) {
				t.Errorf("shows %s", s)
			}
		}
		for _, p := range public {
			if !slices.Contains(lines, p) {
				t.Errorf("hides %s", p)
			}
		}
	}
}

func TestDiscreet(t *testing.T) {
	r := testRenderer(t)
	for text, want := range map[string]string{
		"Write to tess@staff.example.":                       "Write to support@hd.test.",
		"mailto:Tess@Staff.EXAMPLE, please":                  "mailto:support@hd.test, please",
		"<l2@hd.test>\n(L2@hd.test)":                         "<support@hd.test>\n(support@hd.test)",
		"'tess@staff.example' or o'tess@staff.example":       "'support@hd.test' or o'tess@staff.example",
		"to bob@customer.test or a@b":                        "to bob@customer.test or a@b",
		"xtess@staff.example is somebody":                    "xtess@staff.example is somebody",
		"tess@staff.examplecorp.test is no desk":             "tess@staff.examplecorp.test is no desk",
		"the price @ home is 3 € per @person":                "the price @ home is 3 € per @person",
		"support%2Babc.def@hd.test, SUPPORT+abc.def@hd.test": "support@hd.test, support@hd.test",
	} {
		if got := r.discreet(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	o := outgoing(t, r, desk.SendReply, "en")
	o.Attachments = []desk.AttachmentRef{{Filename: "plan (tess@staff.example).txt", ContentType: "text/plain"}}
	if mail := rendered(t, r, o); bytes.Contains(mail, []byte("tess@")) {
		t.Errorf("a file's name shows the address:\n%s", mail)
	}
}

// Who writes under another's address chooses the name that we greet.
func TestNamesThatCarryMessagesAreNotGreeted(t *testing.T) {
	for name, want := range map[string]string{
		"Jana Müller": "Jana Müller", "": "", "You won: https://evil.example": "", "www.evil.example": "",
		"write to x@evil.example": "", strings.Repeat("buy ", 20): "",
	} {
		if got := greetingName(name); got != want {
			t.Errorf("%q is greeted as %q, want %q", name, got, want)
		}
	}
}

func TestSameMailRendersToTheSameBytes(t *testing.T) {
	r := testRenderer(t)
	o := outgoing(t, r, desk.SendEscalation, "fr")
	o.Attachments = []desk.AttachmentRef{{Filename: "a.txt", ContentType: "text/plain"}}
	if !bytes.Equal(rendered(t, r, o), rendered(t, r, o)) {
		t.Error("two renderings differ")
	}
}

func TestWireAddress(t *testing.T) {
	for in, want := range map[string]string{
		"ann@customer.example":           "ann@customer.example",
		"Ann.B+x@Customer.Example":       "Ann.B+x@Customer.Example",
		"ann@bücher.example":             "ann@xn--bcher-kva.example",
		`a b@customer.example`:           `"a b"@customer.example`,
		`"a b"@customer.example`:         `"a b"@customer.example`,
		`a"b\c@customer.example`:         `"a\"b\\c"@customer.example`,
		`a@evil.example@customer.test`:   `"a@evil.example"@customer.test`,
		"a..b@customer.example":          `"a..b"@customer.example`,
		"x> SIZE=1@customer.example":     `"x> SIZE=1"@customer.example`,
		"x@[127.0.0.1]":                  "x@[127.0.0.1]",
		"x@[127.0.0.1> RCPT]":            "",
		"x\r\nRCPT TO:<y@z.example>@c.d": "",
		"x\x00@customer.example":         "",
		"x@customer.example\r\nDATA":     "",
		"x@custo mer.example":            "",
		"x@-":                            "x@-",
		"@customer.example":              "",
		"x@":                             "",
		"x":                              "",
		"":                               "",
		"x@a..b":                         "",
		"x@customer.example>":            "",
		"x\u2028y@customer.example":      "",
	} {
		got, _, err := wireAddress(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q becomes %q (%v), want %q", in, got, err, want)
		}
	}
}

func TestFormattingKeepsOnlyFormatting(t *testing.T) {
	for in, want := range map[string]string{
		`<p onclick="x()">a<script>alert(1)</script>b</p>`: `<p style="margin:0 0 12px 0">ab</p>`,
		`<b>bold`:                             `<b>bold</b>`,
		`</div></td>text`:                     `text`,
		`<b><i>x</b>y</i>`:                    `<b><i>x</i></b>y`,
		`<a href="javascript:alert(1)">x</a>`: `<a style="color:#175cd3">x</a>`,
		`<a href="https://a.example/?a=1&amp;b=2" target="_blank">x</a>`: `<a href="https://a.example/?a=1&amp;b=2" style="color:#175cd3">x</a>`,
		`<img src="https://track.example/p.gif">x`:                       `x`,
		`a &lt;b&gt; &amp; c`:                                            `a &lt;b&gt; &amp; c`,
		`<style>p{}</style>x<br/>y`:                                      `x<br>y`,
		`<!-- c --><!DOCTYPE html>x`:                                     `x`,
	} {
		if got := string(formatting(in, nil)); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
	if got := string(formatting(strings.Repeat("<b>", 100000), nil)); strings.Count(got, "<b>") > maxNesting {
		t.Error("nesting has no bound")
	}
}

// FuzzFormatting looks for HTML that is more than formatting, or left open.
func FuzzFormatting(f *testing.F) {
	f.Add(`<p>a<b>c</p><a href="https://x.example/">d</a><script>e</script><pre>f`)
	f.Add(`<a href="java&#115;cript:x"><table><tr><td style="x">`)
	f.Add("<plaintext><textarea></p><title><b")
	f.Fuzz(func(t *testing.T, source string) {
		var open []string
		z := html.NewTokenizer(strings.NewReader(string(formatting(source, map[string]bool{"a@b": true}))))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			token := z.Token()
			_, known := elementStyle(token.Data)
			switch {
			case kind == html.TextToken:
			case token.Data == "br" || token.Data == "hr":
			case token.Data == "img" && token.Attr[0].Val == "cid:a@b":
				continue
			case !known || kind != html.StartTagToken && kind != html.EndTagToken:
				t.Fatalf("%v", token)
			case kind == html.StartTagToken:
				open = append(open, token.Data)
			case len(open) == 0 || open[len(open)-1] != token.Data:
				t.Fatalf("%v closes %v", token, open)
			default:
				open = open[:len(open)-1]
			}
			for _, a := range token.Attr {
				if a.Key != "style" && (a.Key != "href" || !safeLink(a.Val)) {
					t.Fatalf("%v", token)
				}
			}
		}
		if len(open) > 0 {
			t.Errorf("%v is left open", open)
		}
	})
}

// FuzzRender looks for text of strangers that breaks out of its place.
func FuzzRender(f *testing.F) {
	r := testRenderer(f)
	f.Add("Re: subject", "Jana", "jana@customer.example", "text", "<p>x</p>", "file.pdf")
	f.Add("a\r\nBcc: x@evil.example", "\"x\" <a@b>\r\n", "x\r\n@y.example", "\r\n.\r\nMAIL FROM:<>", "<script>", "a\"; x=\"y")
	f.Add("=?utf-8?q?a=0d=0aBcc:_x?=", "=?utf-8?b?DQpCY2M6?=", "\"a b\"@c.example", "\u2028\u202e\x00", "</td></table>", "..\\..\\x")
	f.Add(strings.Repeat("ü", 3000), strings.Repeat("名", 500), "ü@ü.example", strings.Repeat("x", 5000), strings.Repeat("<b>", 99), strings.Repeat("é", 400)+".pdf")
	f.Fuzz(func(t *testing.T, subject, name, address, text, html, file string) {
		for _, kind := range []desk.OutgoingKind{desk.SendReply, desk.SendEscalation} {
			o := outgoing(t, r, kind, "de")
			o.Subject, o.To, o.InReplyTo = subject, desk.Address{Name: name, Address: address}, address
			o.References = append(o.References, name, subject)
			o.From.Name, o.ListID = name, name+"<list.hd.test>"
			l := &o.Letter
			l.Subject, l.Requester, l.Text, l.HTML, l.Because, l.Category, l.Assignee = subject, o.To, text, html, name, file, subject
			l.Thread = []desk.LetterMessage{{At: time.Time{}, Who: name, Kind: desk.FromCustomer, Text: text}}
			l.Files = []desk.LetterFile{{Name: file}, {Name: name, Note: desk.FileActive}}
			o.Attachments = []desk.AttachmentRef{{Filename: file, ContentType: html, ContentID: name}}
			raw, err := r.Render(context.Background(), &o, created)
			if err != nil {
				continue // the address is none
			}
			if _, utf8, _ := wireAddress(address); utf8 {
				continue // such a mail is not ASCII
			}
			checkWire(t, raw)
			if n := strings.Count(field(t, raw, "From"), "support@hd.test"); n != 1 {
				t.Errorf("From %q", field(t, raw, "From"))
			}
		}
	})
}
