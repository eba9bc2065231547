package mailout

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-message"

	"tierdesk/desk"
)

// What many get shows no secret, wherever the customer wrote it; what a technician
// writes to the customer goes out as it is.
func TestSecretsGoToNobodyButTheCustomer(t *testing.T) {
	const secret = "password: hunter2"
	r := testRenderer(t)
	r.Attachments = func(context.Context, desk.AttachmentRef) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("start\n" + secret + "\nend\n")), nil
	}
	for _, kind := range allKinds {
		o := outgoing(t, r, kind, "en")
		o.Subject += " " + secret
		o.Letter.Subject += " " + secret
		for _, s := range []*string{&o.Letter.Because, &o.Letter.Text, &o.Letter.Title, &o.Letter.Requester.Name} {
			*s += "\n" + secret
		}
		o.Letter.Tried = append(o.Letter.Tried, secret)
		o.Letter.Thread = append(o.Letter.Thread, desk.LetterMessage{At: created, Who: secret, Kind: desk.PublicReply, Text: secret})
		o.Letter.Brief = &desk.Brief{
			Diagnostics:  &desk.Diagnostics{Findings: []desk.Finding{{Kind: desk.FoundCode, Values: []string{secret}}}, Trace: []string{secret}, Excerpts: []desk.Excerpt{{File: secret, Text: secret}}},
			Missing:      []string{secret},
			Recent:       []desk.LetterTicket{{Subject: secret}},
			Organisation: secret, Colleagues: []desk.LetterTicket{{Subject: secret}},
			Precedents: []desk.LetterPrecedent{{LetterTicket: desk.LetterTicket{Subject: secret}, Why: secret, Reply: secret}},
			Passages:   []desk.Passage{{Title: secret, Text: secret}},
		}
		if d := o.Letter.Digest; d != nil {
			d.Breaches[0].Subject += secret
		}
		o.Attachments = []desk.AttachmentRef{{Filename: "app.log", ContentType: "application/octet-stream"}}
		mail := decoded(t, rendered(t, r, o))
		if shown := bytes.Contains(mail, []byte("hunter2")); shown != toCustomer(kind) {
			t.Errorf("%s: the secret is shown: %v\n%s", kind, shown, mail)
		}
	}
}

func TestButtonsRepeatNoSecretOfTheSubject(t *testing.T) {
	r := testRenderer(t)
	c := desk.Composer{Desk: r.Desk, Keys: r.Keys}
	ticket := testTicket()
	ticket.Subject = "Login fails, password: hunter2"
	o := c.ToTechnician(ticket, desk.SendEscalation, desk.Address{Address: "l2@hd.test"}, "x")
	if b := c.Mailto(&o, "claim", "#claim"); strings.Contains(b.Href+o.Subject+o.Letter.Subject, "hunter2") {
		t.Errorf("%s, %s", o.Subject, b.Href)
	}
	if o := c.ToCustomer(ticket, desk.SendAck, "x"); !strings.Contains(o.Subject, "hunter2") {
		t.Errorf("the customer's own subject became %s", o.Subject)
	}
}

func TestFilesThatAreNoTextAreCarriedAsTheyAre(t *testing.T) {
	for _, ref := range []desk.AttachmentRef{
		{Filename: "shot.png", ContentType: "image/png"},
		{Filename: "app.log", ContentType: "text/plain", Size: maxMasked + 1},
	} {
		const content = "password: hunter2"
		out, err := withoutSecrets(ref, strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(out); string(got) != content {
			t.Errorf("%s became %q", ref.Filename, got)
		}
	}
}

// decoded returns everything in a mail that a reader may see.
func decoded(t *testing.T, raw []byte) []byte {
	t.Helper()
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	all := bytes.NewBufferString(field(t, raw, "Subject") + "\n")
	err = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil || part.MultipartReader() != nil {
			return err
		}
		_, err = io.Copy(all, part.Body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.Bytes()
}
