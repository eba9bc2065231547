package testbed_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/jackc/pgx/v5"

	"tierdesk/testbed"
)

func TestDovecotKeepsBytesAndChangesUIDValidity(t *testing.T) {
	d := testbed.Dovecot(t)
	odd := []byte("From: a@cust.test\r\nSubject: \xff\r\n\r\nnul \x00 and tab\t\r\n")
	d.Append("support", odd, []byte("Subject: two\r\n\r\n"))
	mails := d.WaitForMail("support", "INBOX", 2, 10*time.Second)
	if got := mails[1].Bytes; string(got) != "Subject: two\r\n\r\n" {
		t.Errorf("second mail is %q", got)
	}
	before := uidValidity(t, d)
	d.ChangeUIDValidity("support")
	if after := uidValidity(t, d); after == before {
		t.Errorf("UIDVALIDITY is still %d", after)
	}
	if n := len(d.List("support", "INBOX")); n != 2 {
		t.Errorf("%d mails after the change, expected 2", n)
	}
	if mails := d.List("support", "Nowhere"); mails != nil {
		t.Errorf("a missing folder lists %d mails", len(mails))
	}
}

func uidValidity(t *testing.T, d *testbed.DovecotServer) uint32 {
	t.Helper()
	c := d.Login("support")
	defer c.Close()
	status, err := c.Status("INBOX", &imap.StatusOptions{UIDValidity: true}).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return status.UIDValidity
}

func TestPostgresAnswers(t *testing.T) {
	db, err := pgx.Connect(t.Context(), testbed.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	var encoding string
	if err := db.QueryRow(t.Context(), "SHOW server_encoding").Scan(&encoding); err != nil || encoding != "UTF8" {
		t.Errorf("encoding %q, error %v", encoding, err)
	}
}

func TestPostfixDeliversAndBouncesThroughDovecot(t *testing.T) {
	d := testbed.Dovecot(t, "customer")
	p := testbed.Postfix(t, d, "cust.test")
	send := func(from, to string) error {
		return p.Send(from, to, []byte("Subject: hello\r\n\r\nbody of "+to+"\r\n"))
	}
	for from, to := range map[string]string{
		"customer@cust.test": "support+TOKEN@hd.test", // to the mailbox, detail and all
		"":                   "customer@cust.test",    // the null sender
		"support+b@hd.test":  "nobody@cust.test",      // bounces to the sender
	} {
		if err := send(from, to); err != nil {
			t.Errorf("send from %q to %q: %v", from, to, err)
		}
	}
	if err := send("customer@cust.test", "x@elsewhere.test"); err == nil {
		t.Error("Postfix relays to foreign domains")
	}
	if err := d.Deliver("", "support@hd.test", []byte("Subject: by LMTP\r\n\r\n")); err != nil {
		t.Error(err)
	}
	d.WaitForMail("customer", "INBOX", 1, 20*time.Second)
	all := bytes.Buffer{}
	for _, m := range d.WaitForMail("support", "INBOX", 3, 20*time.Second) {
		all.Write(m.Bytes)
	}
	for _, want := range []string{"support+TOKEN@hd.test", "report-type=delivery-status", "with LMTP", "by LMTP"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("the mailbox lacks %q:\n%s", want, all.String())
		}
	}
}

func TestDNSAnswersWhatItWasTold(t *testing.T) {
	d := testbed.DNS(t)
	d.Set("_dmarc.cust.test", "v=DMARC1; p=reject")
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", d.Address)
	}}
	if txt, err := r.LookupTXT(t.Context(), "_dmarc.cust.test."); err != nil || len(txt) != 1 || txt[0] != "v=DMARC1; p=reject" {
		t.Errorf("%q, %v", txt, err)
	}
	var none *net.DNSError
	if _, err := r.LookupTXT(t.Context(), "nowhere.test."); !errors.As(err, &none) || !none.IsNotFound {
		t.Errorf("an unknown name: %v", err)
	}
	if asked := d.Asked(); len(asked) < 2 || asked[0] != "_dmarc.cust.test" {
		t.Errorf("asked: %v", asked)
	}
}
