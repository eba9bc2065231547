package triage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
)

// replied decides a technician's mail on ticket 1 in answer to the mail to his list.
func replied(t *testing.T, tr *Triage, m *memory, from, text string, edit func(*desk.Inbound)) desk.Change {
	t.Helper()
	in := aMail(from)
	in.Reply, in.Text = text, text
	list := "l2@hd.test"
	tr.issued(in, desk.ForTechnician, list)
	if edit != nil {
		edit(in)
	}
	return decide(t, tr, m, in)
}

// sentBy lists the mails of a kind, by recipient.
func sentBy(ch desk.Change, kind desk.OutgoingKind) (to []string) {
	for _, o := range ch.Outgoing {
		if o.Kind == kind {
			to = append(to, o.To.Address)
		}
	}
	return to
}

func TestEachReaderGetsAMailOfHisOwn(t *testing.T) {
	tr, m := testDesk(), aTicket()
	m.people[1] = append(m.people[1],
		desk.Participant{Address: "bob@customer.test", Name: "Bob", Role: desk.RoleCopied},
		desk.Participant{Address: "theo@hd.test", Role: desk.RoleCopied},
		desk.Participant{Address: "carol@customer.test", Role: desk.RoleCopied})
	ch := replied(t, tr, m, "tess@hd.test", "It is done.", func(in *desk.Inbound) {
		in.Cc = []desk.Address{{Address: "Carol@customer.test"}}
	})
	if got := sentBy(ch, desk.SendReply); !slices.Equal(got, []string{"alice@customer.test", "bob@customer.test"}) {
		t.Errorf("sent to %q", got)
	}
	a, b := ch.Outgoing[0], ch.Outgoing[1]
	if a.ReplyTo == b.ReplyTo || a.MessageID == b.MessageID || a.Letter.Text != b.Letter.Text || !slices.Equal(a.Letter.Copied, []string{"Bob"}) {
		t.Errorf("%+v\n%+v", a, b)
	}
	if tok := tr.Composer.Keys.FindToken([]string{b.ReplyTo}); tok == nil || !tr.Composer.Keys.IssuedTo(*tok, "bob@customer.test") {
		t.Error("Bob's reply address is not his")
	}
	e := ch.Events[len(ch.Events)-1]
	if e.Type != desk.ReplySent || e.Data.Outgoing != a.Key || !slices.Equal(e.Data.Copies, []string{b.Key}) {
		t.Errorf("%+v", e)
	}
}

func TestRepliesWaitForAnUndo(t *testing.T) {
	tr, m := testDesk(), aTicket()
	tr.Undo = time.Minute
	if ch := replied(t, tr, m, "tess@hd.test", "It is done.", nil); !ch.Outgoing[0].NotBefore.Equal(now.Add(time.Minute)) {
		t.Errorf("not before %v", ch.Outgoing[0].NotBefore)
	}
	if ch := replied(t, tr, m, "tess@hd.test", "#now\nIt is done.", nil); !ch.Outgoing[0].NotBefore.IsZero() {
		t.Errorf("#now: not before %v", ch.Outgoing[0].NotBefore)
	}
}

// claimedBy is ticket 1 with a holder and, after some minutes, his answer.
func claimedBy(holder string, answered time.Duration) *memory {
	m := aTicket()
	ticket := m.tickets[1]
	ticket.Assignee, ticket.Status = holder, desk.StatusWaiting
	m.tickets[1] = ticket
	m.events = map[desk.TicketID][]desk.Event{1: {{
		Seq: 3, Ticket: 1, Type: desk.ReplySent, Actor: "technician:tess@hd.test", At: now.Add(-answered), Raw: 5,
		Data: desk.EventData{Outgoing: "reply of tess", Status: desk.StatusWaiting},
	}}}
	m.messages = map[desk.TicketID][]desk.Message{1: {
		{Ticket: 1, Raw: 5, Kind: desk.PublicReply, Author: desk.Address{Name: "Tess Two"}, Text: "Hers."},
	}}
	return m
}

func TestASecondReplyIsHeld(t *testing.T) {
	tr := testDesk()
	for _, c := range []struct {
		name, holder, from string
		answers            string // what the mail answers was queued so long ago
		held               string
	}{
		{"somebody else has it and answered", "tess@hd.test", "theo@hd.test", "2m", "Tess Two answered 4 minutes ago"},
		{"nobody has it, and he has not seen the answer", "", "theo@hd.test", "10m", "Tess Two answered 4 minutes ago"},
		{"nobody has it, and he has seen the answer", "", "theo@hd.test", "2m", ""},
		{"he has it himself", "theo@hd.test", "theo@hd.test", "10m", ""},
		{"she answered herself", "tess@hd.test", "tess@hd.test", "10m", ""},
		{"who has it left the roster", "gone@hd.test", "tess@hd.test", "10m", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := claimedBy(c.holder, 4*time.Minute)
			queued, _ := time.ParseDuration(c.answers)
			m.sent = map[string]string{"page": "l2@hd.test"}
			m.outbox = map[string]desk.OutItem{"key of page": {Created: now.Add(-queued)}}
			ch := replied(t, tr, m, c.from, "Mine.", func(in *desk.Inbound) { in.InReplyTo = desk.IDs{"page"} })
			isHeld := ch.Outgoing[0].Held
			if isHeld != (c.held != "") || !strings.Contains(fmt.Sprint(ch.Events[len(ch.Events)-1].Because), c.held) {
				t.Errorf("held %v, %+v", isHeld, ch.Events)
			}
			if isHeld && (ch.Ticket.Assignee != c.holder || len(ch.Messages) > 0 || len(sentBy(ch, desk.SendReceipt)) != 1) {
				t.Errorf("a held reply had effects: %+v", ch)
			}
		})
	}
}

func TestAHeldReplyDoesNotSolve(t *testing.T) {
	m := claimedBy("tess@hd.test", time.Minute)
	ch := replied(t, testDesk(), m, "theo@hd.test", "#solve\nMine.", nil)
	if ch.Ticket.Status != desk.StatusWaiting || !ch.Outgoing[0].Held || ch.Outgoing[0].Letter.Status != desk.StatusSolved {
		t.Fatalf("%+v", ch)
	}
	o := ch.Outgoing[0]
	m.events[1] = append(m.events[1], ch.Events...)
	m.outbox = map[string]desk.OutItem{o.Key: {Outgoing: o, State: desk.Held}}
	ch = replied(t, testDesk(), m, "theo@hd.test", "send", nil)
	if !slices.Equal(ch.Released, []string{o.Key}) || ch.Ticket.Status != desk.StatusSolved || ch.Ticket.Assignee != "tess@hd.test" {
		t.Errorf("%+v", ch)
	}
	if ch := replied(t, testDesk(), m, "tess@hd.test", "send", nil); len(ch.Released) > 0 {
		t.Error("a colleague's held reply was sent")
	}
}

func TestUndoRestoresWhatNothingElseChanged(t *testing.T) {
	tr := testDesk()
	m := aTicket()
	m.events = map[desk.TicketID][]desk.Event{1: {{Seq: 1, Type: desk.TicketEscalated, Actor: "l1", Data: desk.EventData{Status: desk.StatusNew}}}}
	ch := replied(t, tr, m, "tess@hd.test", "#solve\nDone.", nil)
	for i := range ch.Events {
		ch.Events[i].Seq = int64(2 + i)
	}
	m.events[1] = append(m.events[1], ch.Events...)
	m.tickets[1] = *ch.Ticket
	o := ch.Outgoing[0]
	undo := func(state desk.Delivery) desk.Change {
		m.outbox = map[string]desk.OutItem{o.Key: {Outgoing: o, State: state}}
		return replied(t, tr, m, "tess@hd.test", "undo", func(in *desk.Inbound) { in.Raw, in.MessageID = 8, "8@client.test" })
	}
	for _, late := range []desk.Delivery{desk.Sending, desk.Accepted, desk.Unknown, desk.Refused} {
		if ch := undo(late); len(ch.Withdrawn) > 0 || len(sentBy(ch, desk.SendReceipt)) != 1 {
			t.Errorf("%s: %+v", late, ch)
		}
	}
	if ch := undo(desk.Queued); ch.Ticket.Status != desk.StatusNew || ch.Ticket.Assignee != "" || !slices.Equal(ch.Withdrawn, []string{o.Key}) {
		t.Errorf("%+v", ch)
	}
	reopened := m.tickets[1]
	reopened.Status = desk.StatusOpen // the customer wrote meanwhile
	m.tickets[1] = reopened
	if ch := undo(desk.Queued); ch.Ticket.Status != desk.StatusOpen {
		t.Errorf("status %s", ch.Ticket.Status)
	}
}

func TestOnlyASignatureIsCut(t *testing.T) {
	tr := testDesk()
	w := work{decision: tr.decision(aTicket(), aMail("tess@hd.test")), who: principal{technician: &tr.Desk.Technicians[0]}}
	for text, want := range map[string]string{
		"Done.\n\nTess Two\nSupport\ntess@hd.test":         "Done.",
		"Done.\n\nTess\nMail: tess@home.test":              "Done.",
		"Done.\n\nWrite to tess@hd.test if it goes on.":    "",
		"Done.\n\nTess\nWrite to tess@hd.test if it fails": "",
		"Done.\n\ntess@hd.test":                            "",
		"Tess Two\ntess@hd.test":                           "",
		"Done.\n\nTheo Three\ntheo@hd.test":                "",
		"Done.\n\nTess Two":                                "",
	} {
		if want == "" {
			want = text
		}
		if got := w.withoutSignature(text); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestTellingNames(t *testing.T) {
	for name, want := range map[string]bool{
		"offer-miller.pdf": true, "Vertrag 2026.docx": true, "image001.png": false, "Screenshot 2026-03-02.png": false,
		"IMG_1234.jpg": false, "scan0001.pdf": false, "Bildschirmfoto.png": false, "1234.pdf": false, "a.txt": false,
	} {
		if telling(name) != want {
			t.Errorf("%s", name)
		}
	}
}
