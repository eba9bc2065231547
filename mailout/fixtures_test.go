package mailout

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/templates"
)

// created is when the mails of the tests were decided: a Monday, 10:05 in Berlin.
var created = time.Date(2026, 3, 2, 9, 5, 0, 0, time.UTC)

func testDesk(t testing.TB) *desk.Desk {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return &desk.Desk{
		Name: "ACME Support", Address: "support@hd.test", Tag: "ACME", Language: "en", Location: berlin, PlusAddresses: true,
		OtherAddresses: []string{"billing@hd.test"},
		Tiers: []desk.Tier{
			{Level: desk.L1, Name: "Front line"},
			{Level: desk.L2, Name: "Technical support", List: "l2@hd.test"},
			{Level: desk.L3, Name: "Engineers", List: "l3@hd.test"},
		},
		Technicians: []desk.Technician{{Name: "Tess Two", Addresses: []string{"tess@staff.example"}, Tiers: []desk.Level{desk.L2}}},
		Managers:    []desk.Manager{{Address: "boss@staff.example", Digests: []string{"daily"}}},
	}
}

func testKeys() desk.Keyring {
	return desk.Keyring{{ID: 1, Secret: bytes.Repeat([]byte{7}, 32)}}
}

func testRenderer(t testing.TB) *Renderer {
	t.Helper()
	set, err := LoadTemplates("")
	if err != nil {
		t.Fatal(err)
	}
	return &Renderer{
		Desk: testDesk(t), Keys: testKeys(),
		Templates: func() *templates.Set { return set },
		Attachments: func(_ context.Context, ref desk.AttachmentRef) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("content of " + ref.Filename)), nil
		},
	}
}

func testTicket() *desk.Ticket {
	return &desk.Ticket{
		ID: 1234, Subject: "VPN zeigt Fehler 809 – since this morning", Status: desk.StatusOpen, Tier: desk.L2, Priority: desk.P2,
		Requester: desk.Address{Name: "Jana Müller", Address: "jana@customer.example"}, Category: "network", Language: "en",
		Created: created.Add(-45 * time.Minute), LastFromCustomer: "abc.123@customer.example",
	}
}

// outgoing returns a complete mail of each kind, as the stages compose them.
func outgoing(t testing.TB, r *Renderer, kind desk.OutgoingKind, language string) desk.Outgoing {
	t.Helper()
	c := desk.Composer{Desk: r.Desk, Keys: r.Keys, Commands: []string{"#claim", "#note", "#solve", "#escalate"}}
	ticket := testTicket()
	var o desk.Outgoing
	switch kind {
	case desk.SendDigest:
		o = c.ToManager(kind, "boss@staff.example", "Daily report, 2 broken promises", "2026-03-02")
		o.Letter.Digest = testDigest()
	case desk.SendAnswer, desk.SendAck, desk.SendReply, desk.SendSolved, desk.SendStatus, desk.SendIncident:
		o = c.ToCustomer(ticket, kind, "raw 17")
	default:
		o = c.ToTechnician(ticket, kind, desk.Address{Name: "L2", Address: "l2@hd.test"}, "raw 17")
	}
	o.Letter.Language = language
	fill(c, &o)
	return o
}

// fill adds what the stages put into each kind of letter.
func fill(c desk.Composer, o *desk.Outgoing) {
	l := &o.Letter
	words := "Hello,\n\nsince 8 o'clock the VPN says \"error 809\" & closes.\n  - laptop: LT-0815\n  - <b>home office</b>\n\nIt is urgent, I have customers waiting.\nJana"
	clocks := []desk.LetterClock{
		{Kind: desk.FirstResponse, Due: created.Add(15 * time.Minute), Left: "in 15m of business time"},
		{Kind: desk.Resolution, Due: created.Add(31 * time.Hour), Left: "in 7h15m of business time"},
	}
	switch o.Kind {
	case desk.SendAnswer:
		l.Title = "Reconnect the VPN after error 809"
		l.Text = "Error 809 means that the way to the VPN server is blocked.\n\n1. Switch the phone's hotspot on and try again.\n2. If it works there, restart the router at home.\n3. Open https://vpn.hd.test/status and check that all is green.\n\nAfter that, connect again."
		l.HTML = "<p>Error <code>809</code> means that the way to the VPN server is blocked.</p><ol><li>Switch the phone's hotspot on and try again.</li><li>If it works there, restart the router at home.</li><li>Open <a href=\"https://vpn.hd.test/status\">the status page</a> and check that all is green.</li></ol><pre><code>ping vpn.hd.test\n</code></pre><p>After that, connect again.</p>"
		l.Buttons = []desk.Button{c.Mailto(o, "solved", "yes"), c.Mailto(o, "notsolved", "no")}
	case desk.SendAck:
		l.Clocks = clocks[:1]
	case desk.SendSolved:
		l.Buttons = []desk.Button{c.Mailto(o, "good", "good"), c.Mailto(o, "bad", "bad")}
	case desk.SendIncident:
		c.TellIncident(o, &desk.Incident{State: "The VPN server in Hamburg is down. A spare one is being started; we expect it back at 11."})
	case desk.SendProposal:
		l.Tried = []string{"5 people of 3 organisations within 40m; usual at this hour: 0.2", "in common: vpn (5), 809 (3)"}
		l.Brief = &desk.Brief{Recent: testBrief().Recent}
		l.Buttons = []desk.Button{c.Order(o, "confirm", "confirm"), c.Order(o, "dismiss", "dismiss")}
	case desk.SendStatus:
		l.Assignee, l.Answered, l.Promised = "Tess Two", created.Add(-time.Hour), created.Add(24*time.Hour)
		l.Clocks = clocks[:1]
	case desk.SendReply:
		o.From.Name = "Tess (ACME Support)"
		l.Text = "Hello Jana,\n\nwe have opened the port again. Please try once more.\n\nKind regards\nTess"
	case desk.SendEscalation, desk.SendPage, desk.SendUpdate:
		l.Because = "The customer says that the document did not help."
		l.Text, l.Clocks = words, clocks
		l.Tried = []string{"Document \"Reconnect the VPN after error 809\" sent on Monday, 9:21", "Jana answered: no"}
		l.Files = []desk.LetterFile{{Name: "screenshot.png", Size: 120_304}, {Name: "setup <1>.exe", Size: 2_412_000, Note: desk.FileActive}}
		l.Brief = &desk.Brief{Diagnostics: testDiagnostics()}
		if o.Kind == desk.SendEscalation {
			l.Brief = testBrief()
		}
		if o.Kind == desk.SendPage {
			l.Files[0].Note, l.MoreFiles = desk.FileEarlier, 2
		}
		l.Thread = []desk.LetterMessage{
			{At: created.Add(-45 * time.Minute), Who: "Jana Müller", Kind: desk.FromCustomer, Text: words},
			{At: created.Add(-30 * time.Minute), Who: "Tess Two", Kind: desk.InternalNote, Text: "Looks like the router in Hamburg."},
		}
		l.Buttons = []desk.Button{c.Mailto(o, "claim", "#claim"), c.Mailto(o, "solve", "#solve"), c.Mailto(o, "escalate", "#escalate"), c.Mailto(o, "note", "#note")}
	case desk.SendNotice:
		l.Because = "the customer did not get the reply: 550 5.1.1 user unknown"
		l.Loss = &desk.LetterLoss{Address: "jana@customre.example", Cause: desk.LostNoMailbox, Meant: "jana@customer.example"}
		l.Clocks = clocks
	case desk.SendReceipt:
		l.Because = "Your reply went to the customer, and the ticket is yours."
		l.Text = "Sent to jana@customer.example."
	}
}

func testDiagnostics() *desk.Diagnostics {
	return &desk.Diagnostics{
		Findings: []desk.Finding{
			{Kind: desk.FoundCode, Values: []string{"error 809", "0x80070005"}}, {Kind: desk.FoundException, Values: []string{"com.acme.VpnException"}},
			{Kind: desk.FoundVersion, Values: []string{"Windows 11 23H2", "AnyConnect 4.10.0728"}}, {Kind: desk.FoundHost, Values: []string{"LT-0815"}},
			{Kind: desk.FoundTime, Values: []string{"2026-03-02 08:01:13", "2026-03-02 08:03:40"}}, {Kind: desk.FoundScreenshot, Values: []string{"screenshot.png"}},
		},
		Trace:    []string{"com.acme.VpnException: no route to <vpn.hd.test>", "    at com.acme.Tunnel.open(Tunnel.java:42)", "    at com.acme.Main.main(Main.java:7)"},
		Excerpts: []desk.Excerpt{{File: "vpn.log", Line: 118, Text: "08:01:12 INFO  connecting\n08:01:13 ERROR no route to <vpn.hd.test>\n08:01:13 INFO  closing"}},
	}
}

func testBrief() *desk.Brief {
	other := func(number, subject string, s desk.Status, age time.Duration) desk.LetterTicket {
		return desk.LetterTicket{Number: number, Subject: subject, Status: s, Age: age}
	}
	return &desk.Brief{
		Diagnostics: testDiagnostics(), Missing: []string{desk.NeedTried, "scope"},
		Recent:       []desk.LetterTicket{other("1101-B", "VPN drops at noon", desk.StatusSolved, 9*24*time.Hour), other("1222-F", "New headset", desk.StatusWaiting, 26*time.Hour)},
		Organisation: "customer.example", Colleagues: []desk.LetterTicket{other("1230-A", "Fehler 809 beim VPN", desk.StatusOpen, 20*time.Minute)},
		Precedents: []desk.LetterPrecedent{
			{LetterTicket: other("1044-M", "VPN error 809 in the home office", desk.StatusClosed, 31*24*time.Hour), Why: "the same failure", Reply: "The router blocked UDP 500 & 4500. After its update the VPN works again."},
			{LetterTicket: other("1090-W", "VPN closes", desk.StatusSolved, 12*24*time.Hour), Why: "alike in: vpn, closes, home, office", Reply: "Certificate renewed.", Note: true},
		},
		Passages: []desk.Passage{{Doc: "vpn-internals", Title: "VPN gateways", Text: "Error 809\nCheck UDP 500 and 4500 on the gateway in Hamburg first.", Internal: true}},
	}
}

func testDigest() *desk.Digest {
	row := func(number, subject string, p desk.Priority, tier desk.Level, late time.Duration, note string) desk.DigestRow {
		return desk.DigestRow{
			Number: number, Subject: subject, Tier: tier, Priority: p, Status: desk.StatusOpen, Clock: desk.Resolution,
			Due: created.Add(-late), Late: late, Note: note,
		}
	}
	claimed := row("1198-C", "Invoice 4711 shows the wrong address, and the reminder too although we have paid in January", desk.P3, desk.L2, -40*time.Minute, "")
	claimed.Assignee, claimed.Clock = "Tess Two", desk.NextResponse
	spread := func(n, median, p90 time.Duration) desk.Spread {
		return desk.Spread{N: int(n), Median: median * time.Minute, P90: p90 * time.Minute}
	}
	l2 := desk.DigestGroup{
		Name: "L2 Technical support", Opened: 0, Solved: 16, Share: 42, Reopened: 2, Breached: 1, Promises: 1, Lower: 3,
		FirstResponse: spread(30, 45, 200), Resolution: spread(16, 310, 1900), Claim: spread(24, 12, 41),
		Held: 97 * time.Hour, Cost: 4365, Good: 9, Bad: 2, Open: 23,
	}
	l3 := desk.DigestGroup{Name: "L3 Engineers", Solved: 5, Share: 13, Breached: 1, Returned: 1, Claim: spread(6, 55, 240), Held: 40 * time.Hour, Cost: 3800, Open: 6}
	total := desk.DigestGroup{
		Opened: 41, Solved: 38, Share: 100, FirstContact: 17, Reopened: 2, Breached: 2, Promises: 1, Returned: 1, Lower: 3,
		FirstResponse: spread(41, 20, 180), Resolution: spread(38, 190, 2300), Claim: spread(30, 18, 90),
		Held: 137 * time.Hour, Cost: 8165, Good: 12, Bad: 2, Open: 29,
	}
	return &desk.Digest{
		By: desk.ByTier, Groups: []desk.DigestGroup{{Name: "L1 Front line", Opened: 41, Solved: 17, Share: 45, FirstContact: 17, Good: 3}, l2, l3}, Total: total,
		Name: "daily", From: created.Add(-24 * time.Hour), To: created,
		Breaches: []desk.DigestRow{
			row("1201-D", "Nobody can log in since the update", desk.P1, desk.L3, 3*time.Hour+12*time.Minute, "new"),
			row("1177-P", "VPN: error 809", desk.P2, desk.L2, 51*time.Hour, "still open"),
		},
		AtRisk: []desk.DigestRow{claimed},
		Tiers: []desk.DigestTier{
			{Level: desk.L1, Name: "Front line"},
			{Level: desk.L2, Name: "Technical support", Open: 23, Unclaimed: 4, Day: 14, Week: 7, Older: 2, Oldest: 11 * 24 * time.Hour},
			{Level: desk.L3, Name: "Engineers", Open: 6, Unclaimed: 1, Day: 1, Week: 2, Older: 3, Oldest: 19*24*time.Hour + 4*time.Hour},
		},
		Opened: 41, Solved: 38, L1Solved: 17, Head: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}
}

var allKinds = []desk.OutgoingKind{
	desk.SendAnswer, desk.SendAck, desk.SendReply, desk.SendSolved, desk.SendStatus, desk.SendEscalation,
	desk.SendPage, desk.SendUpdate, desk.SendNotice, desk.SendReceipt, desk.SendDigest, desk.SendClaim,
	desk.SendProposal, desk.SendIncident,
}
