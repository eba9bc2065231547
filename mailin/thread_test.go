package mailin

import (
	"context"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
)

// shelf is a desk.Lookup with two tickets: 1 of Alice, who copied Bob, and 2 of
// Carol; and with 3 of Carol, which is revoked.
type shelf struct {
	ids map[string]desk.TicketID
}

func (shelf) Ticket(_ context.Context, id desk.TicketID) (desk.Ticket, error) {
	if id < 1 || id > 3 {
		return desk.Ticket{}, desk.ErrNotFound
	}
	return desk.Ticket{ID: id, Revoked: id == 3}, nil
}

func (s shelf) TicketByMessageIDs(_ context.Context, ids []string) (desk.TicketID, string, error) {
	for _, id := range ids {
		if t := s.ids[id]; t != 0 {
			return t, id, nil
		}
	}
	return 0, "", nil
}

func (shelf) Participants(_ context.Context, id desk.TicketID) ([]desk.Participant, error) {
	if id == 1 {
		return []desk.Participant{{Address: "alice@customer.test"}, {Address: "bob@customer.test"}}, nil
	}
	return []desk.Participant{{Address: "carol@customer.test"}}, nil
}

var threadKeys = desk.Keyring{{ID: 1, Secret: []byte("thirty-two bytes that nobody knows")}}

func testThreader() Threader {
	return Threader{Desk: &desk.Desk{Address: "support@hd.test", Tag: "ACME"}, Keys: threadKeys}
}

// replyAddress is what Alice answers to, about a ticket.
func replyAddress(id desk.TicketID) string {
	return desk.Plus("support@hd.test", threadKeys.Mint(desk.ForCustomer, id, "alice@customer.test"))
}

// ourID is the Message-ID of a mail of ours to Alice about a ticket.
func ourID(id desk.TicketID) string {
	return threadKeys.MessageID(desk.ForCustomer, id, "alice@customer.test", "key", "hd.test")
}

// fromAlice is a mail of Alice's, proven, that belongs to nothing yet.
func fromAlice() *desk.Inbound {
	return &desk.Inbound{
		From: &desk.Address{Address: "Alice@customer.test"}, To: []desk.Address{{Address: "support@hd.test"}},
		MessageID: "new@customer.test", Auth: desk.Auth{DMARC: "pass"},
	}
}

func TestThread(t *testing.T) {
	known := shelf{ids: map[string]desk.TicketID{desk.AwaitedID("alice@customer.test", "early@customer.test"): 1, "alices@customer.test": 1, "carols@customer.test": 2, "gone@customer.test": 9}}
	for name, c := range map[string]struct {
		change func(*desk.Inbound)
		ticket desk.TicketID
		rung   desk.Rung
		claims desk.TicketID
		token  bool
	}{
		"nothing": {change: func(*desk.Inbound) {}},

		"signed address":                   {change: func(in *desk.Inbound) { in.To[0].Address = replyAddress(1) }, ticket: 1, rung: desk.RungToken, token: true},
		"signed address in capitals":       {change: func(in *desk.Inbound) { in.To[0].Address = strings.ToUpper(replyAddress(1)) }, ticket: 1, rung: desk.RungToken, token: true},
		"signed address in Cc":             {change: func(in *desk.Inbound) { in.Cc = []desk.Address{{Address: replyAddress(1)}} }, ticket: 1, rung: desk.RungToken, token: true},
		"signed address in Delivered-To":   {change: func(in *desk.Inbound) { in.Delivered = []string{"x@hd.test", replyAddress(1)} }, ticket: 1, rung: desk.RungToken, token: true},
		"signed address of a stranger":     {change: func(in *desk.Inbound) { in.To[0].Address, in.From.Address = replyAddress(1), "mallory@evil.test" }, ticket: 1, rung: desk.RungToken, token: true},
		"signed address without a sender":  {change: func(in *desk.Inbound) { in.To[0].Address, in.From = replyAddress(1), nil }, ticket: 1, rung: desk.RungToken, token: true},
		"signed address, one letter wrong": {change: func(in *desk.Inbound) { in.To[0].Address = wrong(replyAddress(1)) }},
		"signed address of no ticket here": {change: func(in *desk.Inbound) { in.To[0].Address = replyAddress(9) }},
		"other plus-address":               {change: func(in *desk.Inbound) { in.To[0].Address = "support+sales@hd.test" }},
		"envelope wins over To":            {change: func(in *desk.Inbound) { in.Delivered, in.To[0].Address = []string{replyAddress(1)}, replyAddress(2) }, ticket: 1, rung: desk.RungToken, token: true},
		"signed address wins over the tag": {change: func(in *desk.Inbound) { in.To[0].Address, in.Subject = replyAddress(1), "[ACME #2-"+check(2)+"]" }, ticket: 1, rung: desk.RungToken, token: true},
		"signed address wins over ids": {change: func(in *desk.Inbound) {
			in.To[0].Address, in.InReplyTo = replyAddress(1), desk.IDs{"carols@customer.test"}
		}, ticket: 1, rung: desk.RungToken, token: true},

		"answers our mail":                     {change: func(in *desk.Inbound) { in.InReplyTo = desk.IDs{ourID(1)} }, ticket: 1, rung: desk.RungReference, token: true},
		"answers our mail among others":        {change: func(in *desk.Inbound) { in.InReplyTo = desk.IDs{"x@y.test", "junk", ourID(1)} }, ticket: 1, rung: desk.RungReference, token: true},
		"refers to our mail":                   {change: func(in *desk.Inbound) { in.References = []string{ourID(1), "x@y.test"} }, ticket: 1, rung: desk.RungReference, token: true},
		"newest reference first":               {change: func(in *desk.Inbound) { in.References = []string{ourID(2), ourID(1)} }, ticket: 1, rung: desk.RungReference, token: true},
		"In-Reply-To before References":        {change: func(in *desk.Inbound) { in.InReplyTo, in.References = desk.IDs{ourID(1)}, []string{ourID(2)} }, ticket: 1, rung: desk.RungReference, token: true},
		"our id with another number":           {change: func(in *desk.Inbound) { in.InReplyTo = desk.IDs{strings.Replace(ourID(1), "t1.", "t2.", 1)} }},
		"our id wins over the tag":             {change: func(in *desk.Inbound) { in.InReplyTo, in.Subject = desk.IDs{ourID(1)}, "[ACME #2-"+check(2)+"]" }, ticket: 1, rung: desk.RungReference, token: true},
		"answers her own mail":                 {change: func(in *desk.Inbound) { in.InReplyTo = desk.IDs{"alices@customer.test"} }, ticket: 1, rung: desk.RungReference},
		"answers the mail of another's ticket": {change: func(in *desk.Inbound) { in.InReplyTo = desk.IDs{"carols@customer.test"} }, claims: 2},
		"answers the mail of a ticket gone":    {change: func(in *desk.Inbound) { in.InReplyTo = desk.IDs{"gone@customer.test"} }},
		"was answered before it came":          {change: func(in *desk.Inbound) { in.MessageID = "early@customer.test" }, ticket: 1, rung: desk.RungReference},
		"was answered by somebody else":        {change: func(in *desk.Inbound) { in.MessageID, in.From.Address = "early@customer.test", "bob@customer.test" }},
		"answers unknown mail":                 {change: func(in *desk.Inbound) { in.InReplyTo = desk.IDs{"x@y.test", ""} }},
		"refers to it further back than we look": {change: func(in *desk.Inbound) {
			in.References = append([]string{"alices@customer.test"}, numbered(maxThreadIDs)...)
		}},

		"tag": {change: func(in *desk.Inbound) { in.Subject = "Re: [ACME #1-" + check(1) + "] Lamp" }, ticket: 1, rung: desk.RungSubjectTag},
		"tag, other forms": {change: func(in *desk.Inbound) {
			in.Subject = "[EXTERNAL] AW: [ acme # 1 - " + strings.ToLower(check(1)) + " ] Lamp"
		}, ticket: 1, rung: desk.RungSubjectTag},
		"tag, second of two":         {change: func(in *desk.Inbound) { in.Subject = "[OTHER #2-" + check(2) + "] [ACME #1-" + check(1) + "]" }, ticket: 1, rung: desk.RungSubjectTag},
		"tag, by a copied person":    {change: func(in *desk.Inbound) { in.Subject, in.From.Address = "[ACME #1-"+check(1)+"]", "bob@customer.test" }, ticket: 1, rung: desk.RungSubjectTag},
		"tag, by a stranger":         {change: func(in *desk.Inbound) { in.Subject = "[ACME #2-" + check(2) + "]" }, claims: 2},
		"tag, unproven":              {change: func(in *desk.Inbound) { in.Subject, in.Auth = "[ACME #1-"+check(1)+"]", desk.Auth{} }, claims: 1},
		"tag, forged":                {change: func(in *desk.Inbound) { in.Subject, in.Auth.DMARC = "[ACME #1-"+check(1)+"]", "fail" }, claims: 1},
		"tag, wrong check character": {change: func(in *desk.Inbound) { in.Subject = "[ACME #1-" + check(2) + "]" }},
		"tag of another desk":        {change: func(in *desk.Inbound) { in.Subject = "[OTHER #1-" + check(1) + "]" }},
		"tag of no ticket":           {change: func(in *desk.Inbound) { in.Subject = "[ACME #" + desk.Number(9) + "]" }},
		"revoked, signed address":    {change: func(in *desk.Inbound) { in.To[0].Address = replyAddress(3) }},
		"revoked, our id":            {change: func(in *desk.Inbound) { in.InReplyTo = desk.IDs{ourID(3)} }},
		"revoked, tag of its own": {change: func(in *desk.Inbound) {
			in.Subject, in.From.Address = "[ACME #"+desk.Number(3)+"]", "carol@customer.test"
		}},
		"number alone": {change: func(in *desk.Inbound) { in.Subject = "Ticket #1, 1-" + check(1) }},
	} {
		in := fromAlice()
		c.change(in)
		got, err := testThreader().Thread(t.Context(), known, in)
		if err != nil {
			t.Fatal(err)
		}
		if got.Ticket != c.ticket || got.Rung != c.rung || got.Claims != c.claims || (got.Token != nil) != c.token || got.Why == "" {
			t.Errorf("%s: ticket %d by %q, claims %d, token %v (%s)", name, got.Ticket, got.Rung, got.Claims, got.Token != nil, got.Why)
		}
	}
}

// check returns the check character of a ticket number.
func check(id desk.TicketID) string {
	_, c, _ := strings.Cut(desk.Number(id), "-")
	return c
}

// wrong changes a letter of a signed address.
func wrong(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	last := byte('a')
	if local[len(local)-1] == last {
		last = 'b'
	}
	return local[:len(local)-1] + string(last) + "@" + domain
}

// numbered returns n ids that nobody knows.
func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strings.Repeat("x", i+1) + "@y.test"
	}
	return ids
}

// A signed address and Message-ID count while their key does, judged by when the mail
// arrived.
func TestSignaturesExpire(t *testing.T) {
	replaced := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	retired := replaced.Add(time.Hour)
	keys := func(oldRetired time.Time) desk.Keyring {
		old := threadKeys[0]
		old.Retired = oldRetired
		return desk.Keyring{old, {ID: 2, Secret: []byte("another thirty-two bytes to sign"), Created: replaced}}
	}
	for name, c := range map[string]struct {
		keys   desk.Keyring
		at     time.Time
		counts bool
	}{
		"before the key was replaced": {keys(time.Time{}), replaced.Add(-time.Hour), true},
		"in the year after":           {keys(time.Time{}), replaced.Add(desk.TokenLife - time.Second), true},
		"later":                       {keys(time.Time{}), replaced.Add(desk.TokenLife), false},
		"once it is retired":          {keys(retired), retired, false},
	} {
		th := testThreader()
		th.Keys = c.keys
		for _, in := range []*desk.Inbound{{To: []desk.Address{{Address: replyAddress(1)}}}, {InReplyTo: desk.IDs{ourID(1)}}} {
			in.Received = c.at
			got, err := th.Thread(t.Context(), shelf{}, in)
			if err != nil || (got.Ticket == 1) != c.counts {
				t.Errorf("%s: ticket %d (%s), %v", name, got.Ticket, got.Why, err)
			}
		}
	}
}
