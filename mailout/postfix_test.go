package mailout

import (
	"bytes"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/testbed"
)

// Through Postfix into a mailbox: the bytes arrive as they were frozen, and a
// refused recipient spoils nothing for the next mail on the connection.
func TestMailPassesPostfixUnchanged(t *testing.T) {
	mailboxes := testbed.Dovecot(t, "jana")
	postfix := testbed.Postfix(t, mailboxes, "cust.test")
	d := newDesktop(t, postfix.SMTP)
	d.config.Connections = 1
	foreign := d.reply(1, "x@elsewhere.test")
	answer := outgoing(t, d.render, desk.SendAnswer, "de")
	answer.To.Address = "jana@cust.test"
	answer.Letter.Text = "Grüße\n.\n..\nFrom us\n" + answer.Letter.Text
	ack := d.ack(3, "jana@cust.test")
	d.queue(foreign, answer, ack)
	if err := d.once(d.sender()); err != nil {
		t.Fatal(err)
	}
	d.expect(foreign, desk.Refused)
	frozen := [][]byte{d.rendered(d.expect(answer, desk.Accepted)), d.rendered(d.expect(ack, desk.Accepted))}
	arrived := mailboxes.WaitForMail("jana", "INBOX", 2, 20*time.Second)
	for _, want := range frozen {
		found := false
		for _, m := range arrived {
			found = found || bytes.HasSuffix(m.Bytes, want)
		}
		if !found {
			t.Errorf("not in the mailbox:\n%s", want)
		}
	}
}
