package precedent

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// rig is a real store with a memory of it.
type rig struct {
	t      *testing.T
	store  *store.Store
	memory *Memory
}

func newRig(t *testing.T) *rig {
	s, err := store.Open(t.Context(), store.Config{
		DSN: "sqlite:" + t.TempDir() + "/desk.db", Now: func() time.Time { return monday }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{t, s, New(s)}
}

// solve stores a ticket that a reply solved; without one nothing was said.
func (r *rig) solve(subject, question, reply, fingerprint string) desk.TicketID {
	r.t.Helper()
	var id desk.TicketID
	err := r.store.Update(r.t.Context(), func(tx *store.Tx) (err error) {
		if id, err = tx.NewTicketID(r.t.Context()); err != nil {
			return err
		}
		opened := desk.NewEvent(id, desk.TicketOpened, "customer", "a mail", monday)
		opened.Data.Diagnostics = &desk.Diagnostics{Fingerprint: fingerprint}
		c := desk.Change{
			Ticket:   &desk.Ticket{ID: id, Subject: subject, Status: desk.StatusSolved, Tier: desk.L2, Priority: desk.P3, Created: monday, Updated: monday},
			Messages: []desk.Message{{At: monday, Kind: desk.FromCustomer, Text: question}},
			Events:   []desk.Event{opened, desk.NewEvent(id, desk.TicketSolved, "technician", "#solve", monday)},
		}
		if reply != "" {
			c.Messages = append(c.Messages, desk.Message{At: monday, Kind: desk.PublicReply, Text: reply})
		}
		return tx.Apply(r.t.Context(), c)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

func (r *rig) reopen(id desk.TicketID) {
	r.t.Helper()
	err := r.store.Update(r.t.Context(), func(tx *store.Tx) error {
		t, err := tx.Ticket(r.t.Context(), id)
		if err != nil {
			return err
		}
		t.Status = desk.StatusOpen
		return tx.Apply(r.t.Context(), desk.Change{Ticket: &t, Events: []desk.Event{desk.NewEvent(id, desk.TicketReopened, "customer", "again", monday)}})
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// find lists what is found as "ticket: reply".
func (r *rig) find(m *Memory, q desk.Question) string {
	r.t.Helper()
	found, err := m.Find(context.Background(), q)
	if err != nil {
		r.t.Fatal(err)
	}
	var lines []string
	for _, p := range found {
		lines = append(lines, fmt.Sprintf("%d: %s", p.Ticket.ID, p.Reply))
	}
	return strings.Join(lines, "; ")
}

func TestSolvedTicketsThatAreAlikeAreFound(t *testing.T) {
	r := newRig(t)
	r.solve("Printer", "The printer on floor 3 shows a paper jam, but there is no paper inside.", "Hello Jana,\n\nopen the rear door and clean the sensor.\n\nKind regards\nTess", "")
	r.solve("VPN", "The VPN client says error 809 since this morning.", "Restart the router.", "f809")
	r.solve("Invoice", "The invoice of March has the wrong address of our office.", "Corrected.", "")
	r.solve("Paper jam", "Printer floor 3: paper jam again", "", "")
	for _, c := range []struct {
		q    desk.Question
		want string
	}{
		{desk.Question{Subject: "Paper jam", Text: "Our printer shows a paper jam and I see no paper."}, "1: open the rear door and clean the sensor."},
		{desk.Question{Subject: "No connection", Text: "Nothing goes", Fingerprint: "f809"}, "2: Restart the router."},
		{desk.Question{Subject: "Holidays", Text: "How many days of holidays do I have left this year?"}, ""},
		{desk.Question{Ticket: 1, Subject: "Printer", Text: "The printer on floor 3 shows a paper jam, but there is no paper inside."}, ""},
	} {
		if got := r.find(r.memory, c.q); got != c.want {
			t.Errorf("%s: found %q, want %q", c.q.Subject, got, c.want)
		}
	}
}

// What is found depends on what is stored, not on when it was looked at first.
func TestMemoryKeepsUpWithTheLog(t *testing.T) {
	r := newRig(t)
	q := desk.Question{Subject: "Printer", Text: "The printer shows a paper jam on floor 3"}
	if got := r.find(r.memory, q); got != "" {
		t.Errorf("found %q in an empty store", got)
	}
	id := r.solve("Printer", "The printer shows a paper jam on floor 3", "Clean it.", "")
	other := r.solve("Printer", "The printer shows a paper jam on floor 4", "Dust it.", "")
	r.reopen(id)
	want := fmt.Sprintf("%d: Dust it.", other)
	for name, m := range map[string]*Memory{"old": r.memory, "new": New(r.store)} {
		if got := r.find(m, q); got != want {
			t.Errorf("the %s memory found %q, want %q", name, got, want)
		}
	}
}

func TestRepliesAreShownAsOneParagraph(t *testing.T) {
	long := strings.Repeat("Open the door and look. ", 60)
	if got := paragraph("Hello,\n\n" + long); len(got) > maxReply || !strings.HasSuffix(got, "look.") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
	if got := paragraph("Hi Jana,\n\nfirst line\nsecond line\n\nRegards\nTess"); got != "first line second line" {
		t.Errorf("%q", got)
	}
}
