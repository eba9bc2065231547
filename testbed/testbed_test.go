package testbed_test

import (
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

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
