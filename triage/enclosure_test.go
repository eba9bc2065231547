package triage

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tierdesk/desk"
)

func filesOf(t *testing.T, ch desk.Change, typ desk.EventType) desk.EventData {
	t.Helper()
	i := slices.IndexFunc(ch.Events, func(e desk.Event) bool { return e.Type == typ })
	if i < 0 {
		t.Fatalf("no %s", typ)
	}
	return ch.Events[i].Data
}

func TestFilesOfACustomersMailAreListedWithItsEvent(t *testing.T) {
	tr := testDesk()
	in := aMail("alice@customer.test")
	in.Attachments = []desk.Attachment{
		{Filename: "..\\..\\shot\u202e.png", ContentType: "image/png", Size: 12, Inline: true, ContentID: "a@b", SHA256: "aa", Part: 2},
		{Filename: "smime.p7s", ContentType: "application/pkcs7-signature", Part: 3},
		{Filename: "winmail.dat", ContentType: "application/ms-tnef", Part: 3},
		{ContentType: "message/rfc822", Part: 4},
		{ContentType: "image/jpeg", ContentID: "c@d", Part: 5},
		{Filename: "contract.pdf.p7m", ContentType: "application/pkcs7-mime", Part: 6},
	}
	want := []desk.AttachmentRef{
		{Raw: 7, Part: 2, Filename: "shot.png", ContentType: "image/png", Size: 12, SHA256: "aa"},
		{Raw: 7, Part: 4, Filename: "message.eml", ContentType: "message/rfc822"},
		{Raw: 7, Part: 5, Filename: "image.jpeg", ContentType: "image/jpeg"},
		{Raw: 7, Part: 6, Filename: "contract.pdf.p7m", ContentType: "application/pkcs7-mime"},
	}
	if got := filesOf(t, decide(t, tr, &memory{}, in), desk.TicketOpened); !slices.Equal(got.Files, want) {
		t.Errorf("of a new ticket: %+v", got.Files)
	}
	in.Thread = desk.Thread{Ticket: 1, Rung: desk.RungReference}
	if got := filesOf(t, decide(t, tr, aTicket(), in), desk.MailReceived); !slices.Equal(got.Files, want) {
		t.Errorf("of a further mail: %+v", got.Files)
	}
	in.From.Address = "mallory@evil.test"
	if got := filesOf(t, decide(t, tr, aTicket(), in), desk.UnverifiedNote); got.Files != nil {
		t.Errorf("of a stranger: %+v", got.Files)
	}
}

func TestFilesBeyondTheLimitAreCounted(t *testing.T) {
	in := aMail("alice@customer.test")
	for i := range 25 {
		in.Attachments = append(in.Attachments, desk.Attachment{Filename: fmt.Sprint(i) + strings.Repeat("x", 300) + ".png"})
	}
	got := filesOf(t, decide(t, testDesk(), &memory{}, in), desk.TicketOpened)
	if len(got.Files) != maxFiles || got.MoreFiles != 5 || len(got.Files[0].Filename) > 60 {
		t.Errorf("%d listed, %d more, %q", len(got.Files), got.MoreFiles, got.Files[0].Filename)
	}
}

// An encrypted mail has nothing but its container.
func TestContainerWithoutTextIsAFile(t *testing.T) {
	in := aMail("alice@customer.test")
	in.Text, in.Reply = "", ""
	in.Attachments = []desk.Attachment{{Filename: "smime.p7m", ContentType: "application/pkcs7-mime"}}
	if got := filesOf(t, decide(t, testDesk(), &memory{}, in), desk.TicketOpened); len(got.Files) != 1 {
		t.Errorf("%+v", got.Files)
	}
}
