package triage

import (
	"bytes"
	"os"
	"path/filepath"
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
		"answers the command address":     {from: "tess@hd.test", to: "l2@hd.test", purpose: desk.ForCommand, proven: true},
		"answers a question of ours":      {from: "tess@hd.test", to: "tess@hd.test", purpose: desk.ForFeedback, why: "issued to a customer"},
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
		who, err := tr.decision(aTicket(), in).who()
		if err != nil || (who.strength == entitled) != c.proven || !strings.Contains(who.why, c.why) {
			t.Errorf("%s: strength %d (%s), want power %v (%s)", name, who.strength, who.why, c.proven, c.why)
		}
	}
}

// Who somebody is follows from the address in From; how surely, from the proof.
func TestWhoSpeaks(t *testing.T) {
	none := func(*desk.Inbound) {}
	for name, c := range map[string]struct {
		from     string
		change   func(*desk.Inbound)
		role     role
		member   bool
		strength strength
	}{
		"a technician":                 {"tess@hd.test", none, roleTechnician, false, entitled},
		"behind a list, restored":      {"tess@hd.test", func(in *desk.Inbound) { in.List = "l2@hd.test" }, roleTechnician, false, entitled},
		"behind a list, claimed":       {"l2@hd.test", func(in *desk.Inbound) { in.Claimed = &desk.Address{Address: "tess@hd.test"} }, roleList, false, unknown},
		"a manager":                    {"boss@hd.test", none, roleManager, false, proven},
		"the requester":                {"alice@customer.test", none, roleCustomer, true, proven},
		"the requester, forged":        {"alice@customer.test", func(in *desk.Inbound) { in.Auth.DMARC = "fail" }, roleCustomer, true, forged},
		"the requester, nothing known": {"alice@customer.test", func(in *desk.Inbound) { in.Auth = desk.Auth{} }, roleCustomer, true, unknown},
		"a stranger":                   {"mallory@evil.test", none, roleCustomer, false, proven},
		"the desk":                     {"support+x@hd.test", none, roleDesk, false, proven},
		"a list":                       {"l3@hd.test", none, roleDesk, false, proven},
		"by his name only":             {"mallory@evil.test", func(in *desk.Inbound) { in.From.Name = "tess@hd.test" }, roleCustomer, false, proven},
		"by Sender and Reply-To": {"mallory@evil.test", func(in *desk.Inbound) {
			in.Sender, in.ReplyTo = &desk.Address{Address: "tess@hd.test"}, []desk.Address{{Address: "tess@hd.test"}}
		}, roleCustomer, false, proven},
	} {
		tr := testDesk()
		in := tr.issued(aMail(c.from), desk.ForTechnician, "l2@hd.test")
		c.change(in)
		who, err := tr.decision(aTicket(), in).who()
		if err != nil || who.role != c.role || who.member != c.member || who.strength != c.strength || who.why == "" {
			t.Errorf("%s: %+v, %v", name, who, err)
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
	if who, err := tr.decision(aTicket(), in).who(); err != nil || who.strength != entitled {
		t.Error(who.why, err)
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
		"a technician's list":      {mail: behindList(tr.issued(aMail("l2@hd.test"), desk.ForTechnician, "l2@hd.test")), told: true},
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

// behindList makes it a mail in whose From a list stands for Tess.
func behindList(in *desk.Inbound) *desk.Inbound {
	in.Claimed, in.Answerable, in.Auth = &desk.Address{Address: "tess@hd.test"}, false, desk.Auth{}
	return in
}

// Nothing else in this package weighs what authentication has found.
func TestOnlyWhoWeighsProof(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file == "who.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(code, []byte(".Auth.")) {
			t.Errorf("%s weighs the authentication of a mail; d.proof does", file)
		}
	}
}
