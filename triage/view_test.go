package triage

import (
	"context"
	"slices"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/triage/kb"
)

// now is when the tests' mail is decided: a Monday morning.
var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// memory is a desk.View on what a test says is there.
type memory struct {
	tickets    map[desk.TicketID]desk.Ticket
	people     map[desk.TicketID][]desk.Participant
	sent       map[string]string // recipient by Message-ID, all about ticket 1
	newcomers  int               // mails to newcomers of the last hour
	answered   map[string]bool   // by address
	automatic  map[string]int    // automatic mails of the last hour, by address
	toDomain   map[string]int    // automatic mails to customers of the last hour, by domain
	about      map[desk.TicketID]int
	duplicates map[string]desk.RawID
	notHelped  map[string]string       // document by address
	outbox     map[string]desk.OutItem // by key
	events     map[desk.TicketID][]desk.Event
	messages   map[desk.TicketID][]desk.Message
	links      map[desk.TicketID][]desk.Link
	absences   map[string]desk.Absence
	clocks     map[desk.TicketID][]desk.Clock
	files      map[string][]desk.TicketID // by content and by name
	spammers   []string
	incidents  []desk.Incident
	known      map[string]desk.TicketID // by Message-ID
}

// aTicket is a memory that holds ticket 1 of Alice, in L2.
func aTicket() *memory {
	return &memory{
		tickets: map[desk.TicketID]desk.Ticket{1: {
			ID: 1, Version: 1, Subject: "Badge reader", Requester: desk.Address{Name: "Alice", Address: "alice@customer.test"},
			Status: desk.StatusNew, Tier: desk.L2, Priority: desk.P3, Cycle: 1, LastFromCustomer: "first@customer.test",
		}},
		people: map[desk.TicketID][]desk.Participant{1: {{Address: "alice@customer.test", Role: desk.RoleRequester}}},
	}
}

func (m *memory) Incidents(context.Context) ([]desk.Incident, error) { return m.incidents, nil }

func (m *memory) Ticket(_ context.Context, id desk.TicketID) (desk.Ticket, error) {
	t, ok := m.tickets[id]
	if !ok {
		return t, desk.ErrNotFound
	}
	return t, nil
}

func (m *memory) TicketByMessageIDs(_ context.Context, ids []string) (desk.TicketID, string, error) {
	for _, id := range ids {
		if t := m.known[id]; t != 0 {
			return t, id, nil
		}
	}
	return 0, "", nil
}

func (m *memory) Participants(_ context.Context, id desk.TicketID) ([]desk.Participant, error) {
	return m.people[id], nil
}

func (m *memory) NewTicketID(context.Context) (desk.TicketID, error) {
	return desk.TicketID(len(m.tickets) + 1), nil
}

func (m *memory) DuplicateOf(_ context.Context, content string, _ desk.RawID) (desk.RawID, error) {
	return m.duplicates[content], nil
}

func (m *memory) SentAs(_ context.Context, id string) (desk.Sent, error) {
	to, ok := m.sent[id]
	if !ok {
		return desk.Sent{}, desk.ErrNotFound
	}
	return desk.Sent{Key: "key of " + id, Kind: desk.SendAnswer, To: to, Ticket: 1}, nil
}

func (m *memory) CountAutomatic(_ context.Context, to string, _ time.Time) (int, error) {
	return m.automatic[to], nil
}

func (m *memory) OutgoingItem(_ context.Context, id int64) (desk.OutItem, error) {
	for _, o := range m.outbox {
		if o.ID == id {
			return o, nil
		}
	}
	return desk.OutItem{}, desk.ErrNotFound
}

func (m *memory) OutgoingByKey(_ context.Context, key string) (desk.OutItem, error) {
	o, ok := m.outbox[key]
	if !ok {
		return o, desk.ErrNotFound
	}
	return o, nil
}

func (m *memory) TicketEvents(_ context.Context, id desk.TicketID) ([]desk.Event, error) {
	return m.events[id], nil
}

func (m *memory) Messages(_ context.Context, id desk.TicketID) ([]desk.Message, error) {
	return m.messages[id], nil
}

func (m *memory) Links(_ context.Context, id desk.TicketID) ([]desk.Link, error) {
	return m.links[id], nil
}

func (m *memory) Clocks(_ context.Context, id desk.TicketID) ([]desk.Clock, error) {
	return m.clocks[id], nil
}

func (m *memory) TicketsWithFile(_ context.Context, sha256, name string) ([]desk.TicketID, error) {
	return append(m.files[sha256], m.files[name]...), nil
}

func (m *memory) AbsenceOf(_ context.Context, address string, now time.Time) (desk.Absence, error) {
	if a := m.absences[desk.NormalAddress(address)]; a.Until.After(now) {
		return a, nil
	}
	return desk.Absence{}, nil
}

func (m *memory) HeldBy(_ context.Context, assignee string) (held []desk.Ticket, _ error) {
	for _, t := range m.tickets {
		if t.Assignee == assignee && t.Status.Active() {
			held = append(held, t)
		}
	}
	return held, nil
}

func (m *memory) MarkedSpam(_ context.Context, requester string) (bool, error) {
	return slices.Contains(m.spammers, requester), nil
}

func (m *memory) NotHelped(_ context.Context, address, doc string) (bool, error) {
	return m.notHelped[address] == doc && doc != "", nil
}

func (m *memory) CountNewcomers(_ context.Context, _ time.Time, limit int) (int, error) {
	return min(m.newcomers, limit), nil
}

func (m *memory) CountAnswers(_ context.Context, domain string, _ time.Time, limit int) (int, error) {
	return min(m.toDomain[domain], limit), nil
}

func (m *memory) CountAbout(_ context.Context, id desk.TicketID, _ string, _ time.Time) (int, error) {
	return m.about[id], nil
}

func (m *memory) Answered(_ context.Context, address string) (bool, error) {
	return m.answered[address], nil
}

// noDocuments is a library that knows nothing.
type noDocuments struct{}

func (noDocuments) Match(kb.Question) kb.Result         { return kb.Result{} }
func (noDocuments) Document(string) (kb.Document, bool) { return kb.Document{}, false }
func (noDocuments) Mode(string) desk.Mode               { return desk.Live }

// testDesk has people in L2 and L3.
func testDesk() *Triage {
	d := &desk.Desk{
		Name: "ACME Support", Address: "support@hd.test", Tag: "ACME", Language: "en", PlusAddresses: true, Newcomers: 5, Automatic: 100, Admin: "admin@hd.test", Location: time.UTC,
		Tiers: []desk.Tier{
			{Level: desk.L1}, {Level: desk.L2, List: "l2@hd.test"}, {Level: desk.L3, List: "l3@hd.test"},
		},
		Technicians: []desk.Technician{
			{Name: "Tess Two", Addresses: []string{"tess@hd.test", "tess@home.test"}, Tiers: []desk.Level{desk.L2}},
			{Name: "Theo Three", Addresses: []string{"theo@hd.test"}, Tiers: []desk.Level{desk.L2, desk.L3}},
		},
		Managers:       []desk.Manager{{Address: "boss@hd.test"}},
		OtherAddresses: []string{"help@hd.test"},
	}
	keys := desk.Keyring{{ID: 1, Secret: []byte("an old key of thirty-two bytes ..")}, {ID: 2, Secret: []byte("the key of today, also long enough")}}
	return &Triage{Desk: d, Composer: desk.Composer{Desk: d, Keys: keys}, MaxSize: 1000, Ledger: func([]desk.Event, time.Time) string { return "the account" }, Library: func() Library { return noDocuments{} }}
}

// aMail is a plain mail that a proven sender wrote to the desk.
func aMail(from string) *desk.Inbound {
	return &desk.Inbound{
		Kind: desk.KindMessage, Answerable: true, FromCount: 1, Raw: 7, MessageID: "7@client.test", Content: "seven",
		From: &desk.Address{Address: from}, To: []desk.Address{{Address: "support@hd.test"}},
		Subject: "Hello", Reply: "Hello.", Text: "Hello.", Received: now,
		Auth: desk.Auth{DMARC: "pass", Source: "authentication-results"},
	}
}

// issued ties a mail to ticket 1 by a reply address that was issued to somebody.
func (t *Triage) issued(in *desk.Inbound, p desk.Purpose, to string) *desk.Inbound {
	tok, _ := t.Composer.Keys.Verify(t.Composer.Keys.Mint(p, 1, to))
	in.Thread = desk.Thread{Ticket: 1, Rung: desk.RungToken, Token: &tok, Why: "addressed to a signed reply address"}
	return in
}

func (t *Triage) decision(v desk.View, in *desk.Inbound) *decision {
	return &decision{Triage: t, ctx: context.Background(), v: v, in: in, now: now}
}

// decide decides, and fails the test when that cannot be done.
func decide(t *testing.T, tr *Triage, v desk.View, in *desk.Inbound) desk.Change {
	t.Helper()
	ch, err := tr.Decide(t.Context(), v, in, now)
	if err != nil {
		t.Fatal(err)
	}
	if ch.Settles == nil {
		t.Fatal("the mail is not settled")
	}
	return ch
}
