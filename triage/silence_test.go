package triage

import (
	"fmt"
	"strings"
	"testing"

	"tierdesk/desk"
)

func TestSilence(t *testing.T) {
	hop := desk.TraceField{Name: "Received", Value: "from a by b"}
	for name, c := range map[string]struct {
		change func(*desk.Inbound, *memory)
		why    string // "" for: it may be answered
	}{
		"a plain mail":          {change: func(*desk.Inbound, *memory) {}},
		"copied to us":          {change: func(in *desk.Inbound, _ *memory) { in.To, in.Cc = in.Cc, in.To }},
		"to another mailbox":    {change: func(in *desk.Inbound, _ *memory) { in.To[0].Address = "Help@hd.test" }},
		"to a signed address":   {change: func(in *desk.Inbound, _ *memory) { in.To[0].Address = "support+abc@hd.test" }},
		"of an unproven sender": {change: func(in *desk.Inbound, _ *memory) { in.Auth = desk.Auth{} }},
		"the tenth this hour":   {change: func(_ *desk.Inbound, m *memory) { m.automatic = map[string]int{"alice@customer.test": 9} }},
		"one more":              {change: func(_ *desk.Inbound, m *memory) { m.automatic = map[string]int{"alice@customer.test": 10} }, why: "10 automatic mails"},
		"a newcomer's third": {change: func(in *desk.Inbound, m *memory) {
			in.Auth, m.automatic = desk.Auth{}, map[string]int{"alice@customer.test": 2}
		}},
		"a newcomer's fourth": {change: func(in *desk.Inbound, m *memory) {
			in.Auth, m.automatic = desk.Auth{}, map[string]int{"alice@customer.test": 3}
		}, why: "3 automatic mails"},
		"one newcomer too many": {change: func(in *desk.Inbound, m *memory) { in.Auth, m.newcomers = desk.Auth{}, 99 }, why: "5 automatic mails went to unproven newcomers"},
		"many newcomers, but known": {change: func(in *desk.Inbound, m *memory) {
			in.Auth, m.newcomers, m.answered = desk.Auth{}, 99, map[string]bool{"alice@customer.test": true}
		}},
		"many newcomers, but proven": {change: func(_ *desk.Inbound, m *memory) { m.newcomers = 99 }},
		"of a forged sender":         {change: func(in *desk.Inbound, _ *memory) { in.Auth.DMARC = "fail" }, why: "forged"},
		"history":                    {change: func(in *desk.Inbound, _ *memory) { in.History = true }, why: "first connection"},
		"of a list":                  {change: func(in *desk.Inbound, _ *memory) { in.Answerable, in.Why = false, []string{"List-Id"} }, why: "List-Id"},
		"of another such desk":       {change: func(in *desk.Inbound, _ *memory) { in.Loop = "abc" }, why: "another helpdesk"},
		"to nobody of us":            {change: func(in *desk.Inbound, _ *memory) { in.To = nil }, why: "not addressed"},
		"through too many hands": {change: func(in *desk.Inbound, _ *memory) {
			for range maxReceived + 1 {
				in.AuthRaw.Trace = append(in.AuthRaw.Trace, hop)
			}
		}, why: "too many servers"},
	} {
		in, v := aMail("Alice@customer.test"), aTicket()
		c.change(in, v)
		why, err := testDesk().decision(v, in).silence()
		if err != nil || (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q, %v; want %q", name, why, err, c.why)
		}
		ch := decide(t, testDesk(), v, in)
		if sent := len(ch.Outgoing); ch.Settles.Category != desk.CategoryTicket || (sent == 0) != (c.why != "") {
			t.Errorf("%s: %s with %d mails", name, ch.Settles.Category, sent)
		}
	}
}

// A ticket that is solved without a word is not announced to whom nothing may answer.
func TestSolvedSilently(t *testing.T) {
	for sent, told := range map[int]bool{0: false, 1: true, automaticPerHour - 1: true, automaticPerHour: false} {
		for _, words := range []string{"#solve", "#solve\nIt works again."} {
			tr, v := testDesk(), aTicket()
			v.automatic = map[string]int{"alice@customer.test": sent}
			in := tr.issued(aMail("tess@hd.test"), desk.ForTechnician, "l2@hd.test")
			in.Reply = words
			ch := decide(t, tr, v, in)
			solved, reply := false, false
			for _, o := range ch.Outgoing {
				solved = solved || o.Kind == desk.SendSolved
				reply = reply || o.Kind == desk.SendReply
			}
			if byWords := words != "#solve"; reply != byWords || solved != (told && !byWords) || ch.Ticket.Status != desk.StatusSolved {
				t.Errorf("%q after %d mails: reply %v, solved %v, %s", words, sent, reply, solved, ch.Ticket.Status)
			}
			if tells := strings.Contains(ch.Settles.Reason, "the customer is not told"); tells != (words == "#solve" && !told) {
				t.Errorf("%q after %d mails: %s", words, sent, ch.Settles.Reason)
			}
		}
	}
}

func TestMailThatIsNobodysIsNotDecidedOn(t *testing.T) {
	tr := testDesk()
	for name, c := range map[string]struct {
		change   func(*desk.Inbound, *memory)
		category desk.Category
		reason   string
	}{
		"without From":        {func(in *desk.Inbound, _ *memory) { in.From = nil }, desk.CategoryQuarantine, "From"},
		"in our name":         {func(in *desk.Inbound, _ *memory) { in.From.Address = "support+x@hd.test" }, desk.CategoryQuarantine, "our own"},
		"in a list's name":    {func(in *desk.Inbound, _ *memory) { in.From.Address = "l2@hd.test" }, desk.CategoryQuarantine, "our own"},
		"over the limit":      {func(in *desk.Inbound, _ *memory) { in.Incomplete, in.Size = true, 2000 }, desk.CategoryQuarantine, "size limit"},
		"not given out":       {func(in *desk.Inbound, _ *memory) { in.Incomplete, in.Size = true, 1000 }, desk.CategoryQuarantine, "did not give out"},
		"delivered before":    {func(in *desk.Inbound, m *memory) { m.duplicates = map[string]desk.RawID{in.Content: 3} }, desk.CategoryIgnored, "mail 3"},
		"ours, with the mark": {func(in *desk.Inbound, _ *memory) { in.Loop = tr.Composer.Keys.LoopMark(in.MessageID) }, desk.CategoryIgnored, "loop mark"},
		"ours, without":       {func(in *desk.Inbound, m *memory) { m.sent = map[string]string{in.MessageID: "bob@customer.test"} }, desk.CategoryIgnored, "bob@customer.test"},
		"a vacation reply":    {func(in *desk.Inbound, _ *memory) { in.Kind = desk.KindAutoReply }, desk.CategoryIgnored, "autoreply"},
		"a bounce of what?":   {func(in *desk.Inbound, _ *memory) { in.Kind, in.Bounce = desk.KindBounce, &desk.Bounce{} }, desk.CategoryBounce, "no mail of ours"},
		"a bounce of a stranger": {func(in *desk.Inbound, _ *memory) {
			in.Kind, in.Bounce = desk.KindBounce, &desk.Bounce{OriginalMessageID: "x@evil.test", Recipients: []desk.BounceRecipient{{Address: "l2@hd.test", Action: "failed"}}}
		}, desk.CategoryBounce, "no mail of ours"},
	} {
		in, v := aMail("alice@customer.test"), aTicket()
		c.change(in, v)
		ch := decide(t, tr, v, in)
		if ch.Settles.Category != c.category || !strings.Contains(ch.Settles.Reason, c.reason) {
			t.Errorf("%s: %s, %s", name, ch.Settles.Category, ch.Settles.Reason)
		}
		if len(ch.Outgoing)+len(ch.Events)+len(ch.Messages) > 0 || ch.Ticket != nil {
			t.Errorf("%s: it did something: %+v", name, ch)
		}
	}
}

// A delivery report speaks only for the recipient that the mail went to.
func TestBounceCountsForItsRecipientAlone(t *testing.T) {
	v := aTicket()
	v.sent = map[string]string{"sent@hd.test": "alice@customer.test"}
	in := aMail("mailer-daemon@customer.test")
	in.Kind = desk.KindBounce
	in.Bounce = &desk.Bounce{OriginalMessageID: "sent@hd.test", Recipients: []desk.BounceRecipient{
		{Address: "Alice@customer.test", Action: "failed", Status: "5.1.1", Diagnostic: "no such user"},
		{Address: "l2@hd.test", Action: "failed", Status: "5.1.1"},
		{Address: "alice@customer.test", Action: "delivered", Status: "2.0.0"},
		{Address: "alice@customer.test", Action: "delayed", Status: "4.4.1"},
	}}
	var types []string
	for _, e := range decide(t, testDesk(), v, in).Events {
		types = append(types, string(e.Type)+" "+e.Data.Recipient+" "+e.Data.Outgoing)
	}
	if got := strings.Join(types, ", "); got != "delivery.failed Alice@customer.test key of sent@hd.test, delivery.delayed alice@customer.test key of sent@hd.test" {
		t.Error(got)
	}
}

// The address that a report came to names ticket and recipient; with the envelope id
// it names the mail. The id alone names nothing, since anybody can guess it.
func TestBounceNamesItsMailByTheEnvelope(t *testing.T) {
	tr := testDesk()
	item := func(id int64, ticket desk.TicketID, to string) desk.OutItem {
		return desk.OutItem{ID: id, Outgoing: desk.Outgoing{Key: fmt.Sprint("key ", id), Ticket: ticket, To: desk.Address{Address: to}}}
	}
	for envelope, want := range map[string]string{"7": "key 7", "8": "", "9": "", "10": "", "x": "", "": ""} {
		for _, signed := range []bool{true, false} {
			v := aTicket()
			v.outbox = map[string]desk.OutItem{
				"a": item(7, 1, "Alice@customer.test"), "b": item(8, 1, "l2@hd.test"), "c": item(9, 2, "alice@customer.test"),
			}
			in := aMail("mailer-daemon@customer.test")
			in.Kind = desk.KindBounce
			in.Bounce = &desk.Bounce{EnvelopeID: envelope, Recipients: []desk.BounceRecipient{{Address: "alice@customer.test", Action: "failed", Status: "5.1.1"}}}
			if signed {
				tok := tr.Composer.Keys.Mint(desk.ForBounce, 1, "alice@customer.test")
				in.Thread.Token = tr.Composer.Keys.FindToken([]string{desk.Plus("support@hd.test", tok)})
			}
			events := decide(t, tr, v, in).Events
			if len(events) == 1 != signed || signed && events[0].Data.Outgoing != want {
				t.Errorf("envelope %q, signed %v: %+v", envelope, signed, events)
			}
		}
	}
}

// A report about a member of a tier's list does not say that the list is dead.
func TestBounceOfAListsMember(t *testing.T) {
	for final, want := range map[string]string{
		"":                        "l2@hd.test key of sent@hd.test",
		"L2@hd.test":              "l2@hd.test key of sent@hd.test",
		"left-the-firm@home.test": "left-the-firm@home.test ",
	} {
		v := aTicket()
		v.sent = map[string]string{"sent@hd.test": "l2@hd.test"}
		in := aMail("mailer-daemon@hd.test")
		in.Kind = desk.KindBounce
		in.Bounce = &desk.Bounce{OriginalMessageID: "sent@hd.test", Recipients: []desk.BounceRecipient{
			{Address: "l2@hd.test", Final: final, Action: "failed", Status: "5.1.1"},
		}}
		events := decide(t, testDesk(), v, in).Events
		if len(events) != 1 || events[0].Type != desk.DeliveryFailed || events[0].Data.Recipient+" "+events[0].Data.Outgoing != want {
			t.Errorf("%q: %+v", final, events)
		}
	}
}

// To somebody of whom nothing is proven goes no word that he chose himself: the
// mail may come from somebody else, who wants us to deliver it.
func TestNothingOfANewcomersMailIsSentBack(t *testing.T) {
	in := aMail("Alice@customer.test")
	in.Auth = desk.Auth{}
	in.From.Name, in.Subject, in.Reply = "Win a prize", "Click http://evil.test now", "evil words"
	for _, known := range []bool{false, true} {
		v := aTicket()
		v.answered = map[string]bool{"alice@customer.test": known}
		ch := decide(t, testDesk(), v, in)
		o := ch.Outgoing[0]
		letter := fmt.Sprint(o.Kind, o.Subject, o.To.Name, o.Letter)
		for _, word := range []string{"prize", "evil"} {
			if strings.Contains(letter, word) != known {
				t.Errorf("known %v: %q in %s", known, word, letter)
			}
		}
		if o.Newcomer == known || ch.Ticket.Subject != in.Subject {
			t.Errorf("known %v: newcomer %v, subject %q", known, o.Newcomer, ch.Ticket.Subject)
		}
	}
}
