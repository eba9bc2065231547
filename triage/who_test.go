package triage

import (
	"strings"
	"testing"

	"tierdesk/desk"
)

func TestWhoHasATechniciansPower(t *testing.T) {
	for name, c := range map[string]struct {
		from    string
		to      string // whom the reply address was issued to
		purpose desk.Purpose
		change  func(*desk.Inbound)
		proven  bool
		why     string
	}{
		"answers the list of his tier":    {from: "tess@hd.test", to: "l2@hd.test", proven: true, why: "roster"},
		"answers a mail of his own":       {from: "tess@hd.test", to: "tess@hd.test", proven: true},
		"writes from his other address":   {from: "tess@home.test", to: "tess@hd.test", proven: true},
		"writes his address in capitals":  {from: "Tess@HD.test", to: "l2@hd.test", proven: true},
		"answers the note address":        {from: "tess@hd.test", to: "l2@hd.test", purpose: desk.ForNote, proven: true},
		"has DKIM aligned, without DMARC": {from: "tess@hd.test", to: "l2@hd.test", proven: true, change: func(in *desk.Inbound) { in.Auth = desk.Auth{DKIM: "pass", Aligned: true} }},
		"is in several tiers":             {from: "theo@hd.test", to: "l2@hd.test", proven: true},
		"is not on the roster":            {from: "bob@hd.test", to: "l2@hd.test", why: "not on the roster"},
		"looks like one":                  {from: "tеss@hd.test", to: "l2@hd.test", why: "not on the roster"}, // a Cyrillic e
		"answers another tier's list":     {from: "tess@hd.test", to: "l3@hd.test", why: "issued to somebody else"},
		"answers a colleague's mail":      {from: "tess@hd.test", to: "theo@hd.test", why: "issued to somebody else"},
		"answers a customer's mail":       {from: "tess@hd.test", to: "tess@hd.test", purpose: desk.ForCustomer, why: "issued to a customer"},
		"answers a return path":           {from: "tess@hd.test", to: "tess@hd.test", purpose: desk.ForBounce, why: "issued to a customer"},
		"answers nothing":                 {from: "tess@hd.test", to: "l2@hd.test", why: "not an answer", change: func(in *desk.Inbound) { in.Thread.Token = nil }},
		"is not authenticated":            {from: "tess@hd.test", to: "l2@hd.test", why: "no trusted Authentication-Results", change: func(in *desk.Inbound) { in.Auth = desk.Auth{} }},
		"fails DMARC":                     {from: "tess@hd.test", to: "l2@hd.test", why: "not authenticated", change: func(in *desk.Inbound) { in.Auth.DMARC = "fail" }},
		"writes with a second From":       {from: "tess@hd.test", to: "l2@hd.test", why: "several From", change: func(in *desk.Inbound) { in.FromCount = 2 }},
	} {
		tr := testDesk()
		if c.purpose == 0 {
			c.purpose = desk.ForTechnician
		}
		in := tr.issued(aMail(c.from), c.purpose, c.to)
		if c.change != nil {
			c.change(in)
		}
		who := tr.decision(aTicket(), in).who()
		if who.proven != c.proven || !strings.Contains(who.why, c.why) {
			t.Errorf("%s: proven %v (%s), want %v (%s)", name, who.proven, who.why, c.proven, c.why)
		}
	}
}

// A key that was replaced still proves the mail that was sent under it.
func TestReplyAddressOutlivesItsKey(t *testing.T) {
	tr := testDesk()
	old := tr.Composer.Keys[:1]
	tok, _ := tr.Composer.Keys.Verify(old.Mint(desk.ForTechnician, 1, "l2@hd.test"))
	in := aMail("tess@hd.test")
	in.Thread = desk.Thread{Ticket: 1, Token: &tok}
	if who := tr.decision(aTicket(), in).who(); !who.proven {
		t.Error(who.why)
	}
}

// Who is not proven changes nothing on the ticket but the note that is kept.
func TestUnprovenMailChangesNothing(t *testing.T) {
	tr := testDesk()
	for name, c := range map[string]struct {
		mail *desk.Inbound
		told bool
	}{
		"a stranger":               {mail: tr.issued(aMail("mallory@evil.test"), desk.ForTechnician, "l2@hd.test")},
		"an unproven technician":   {mail: unproven(tr.issued(aMail("tess@hd.test"), desk.ForTechnician, "l2@hd.test"), ""), told: true},
		"a forged technician":      {mail: unproven(tr.issued(aMail("tess@hd.test"), desk.ForTechnician, "l2@hd.test"), "fail")},
		"a forged requester":       {mail: unproven(tr.issued(aMail("alice@customer.test"), desk.ForCustomer, "alice@customer.test"), "fail")},
		"a technician's bystander": {mail: tr.issued(aMail("theo@hd.test"), desk.ForTechnician, "tess@hd.test"), told: true},
	} {
		c.mail.Reply = "#solve\nyes"
		v := aTicket()
		before := v.tickets[1]
		ch := decide(t, tr, v, c.mail)
		after := *ch.Ticket
		after.Updated = before.Updated
		if after != before {
			t.Errorf("%s: the ticket became %+v", name, after)
		}
		if len(ch.Messages) != 1 || ch.Messages[0].Kind != desk.UnverifiedMail || len(ch.Participants) != 0 {
			t.Errorf("%s: %+v, %+v", name, ch.Messages, ch.Participants)
		}
		if told := len(ch.Outgoing) > 0; told != c.told || told && ch.Outgoing[0].Kind != desk.SendReceipt {
			t.Errorf("%s: mail %+v", name, ch.Outgoing)
		}
	}
}

func unproven(in *desk.Inbound, dmarc string) *desk.Inbound {
	in.Auth = desk.Auth{DMARC: dmarc}
	return in
}

func TestScrubKeepsInternalAddressesFromCustomers(t *testing.T) {
	d := testDesk().decision(aTicket(), aMail("tess@hd.test"))
	for text, want := range map[string]string{
		"Write to tess@hd.test.":              "Write to support@hd.test.",
		"mailto:Tess@Home.TEST, please":       "mailto:support@hd.test, please",
		"<l2@hd.test>\n(L3@hd.test)":          "<support@hd.test>\n(support@hd.test)",
		"to bob@customer.test or a@b":         "to bob@customer.test or a@b",
		"xtess@hd.test is somebody":           "xtess@hd.test is somebody",
		"tess@hd.testing.example is no desk":  "tess@hd.testing.example is no desk",
		"the price @ home is 3 € per @person": "the price @ home is 3 € per @person",
	} {
		if got := d.scrub(text); got != want {
			t.Errorf("scrub(%q) = %q, want %q", text, got, want)
		}
	}
}

// A machine behind a technician's address could be answered for ever.
func TestReceiptsEnd(t *testing.T) {
	tr := testDesk()
	for sent, told := range map[int]bool{receiptsPerHour - 1: true, receiptsPerHour: false} {
		v := aTicket()
		v.automatic = map[string]int{"tess@hd.test": sent}
		for _, words := range []string{"#nothing", "#note\nA note."} {
			in := tr.issued(aMail("tess@hd.test"), desk.ForTechnician, "l2@hd.test")
			in.Reply = words
			if ch := decide(t, tr, v, in); len(ch.Outgoing) > 0 != told {
				t.Errorf("%q after %d mails: %d receipts", words, sent, len(ch.Outgoing))
			}
		}
	}
}
