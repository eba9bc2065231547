package triage

import (
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
)

// reply is a participant's answer to a mail of ticket 1.
func reply(tr *Triage, words string) *desk.Inbound {
	in := tr.issued(aMail("alice@customer.test"), desk.ForCustomer, "alice@customer.test")
	in.Reply, in.Text = words, words
	return in
}

func eventTypes(ch desk.Change) string {
	var types []string
	for _, e := range ch.Events {
		types = append(types, string(e.Type))
	}
	return strings.Join(types, " ")
}

func TestStatusTellsWhatCustomersMayKnow(t *testing.T) {
	tr, v := testDesk(), aTicket()
	ticket := v.tickets[1]
	ticket.Assignee = "tess@hd.test"
	v.tickets[1] = ticket
	due, past := now.Add(time.Hour), now.Add(-time.Hour)
	v.clocks = map[desk.TicketID][]desk.Clock{1: {
		{Kind: desk.HoldClock, State: desk.ClockRunning, Due: due},
		{Kind: desk.NextResponse, State: desk.ClockRunning, Due: due},
	}}
	o := decide(t, tr, v, reply(tr, "Status")).Outgoing[0]
	if o.Letter.Assignee != "" || !o.Letter.Answered.IsZero() || !o.Letter.Promised.IsZero() || len(o.Letter.Clocks) != 1 {
		t.Errorf("before anybody wrote: %+v", o.Letter)
	}
	v.events = map[desk.TicketID][]desk.Event{1: {
		{Type: desk.ReplySent, Actor: "technician:tess@hd.test", At: past, Raw: 3},
		{Type: desk.PromiseMade, Actor: "technician:tess@hd.test", At: past, Raw: 3, Data: desk.EventData{Due: &due}},
	}}
	v.clocks[1][1].Due = past
	o = decide(t, tr, v, reply(tr, "Status")).Outgoing[0]
	if o.Letter.Assignee != "Tess Two" || !o.Letter.Answered.Equal(past) || !o.Letter.Promised.Equal(due) || len(o.Letter.Clocks) != 0 {
		t.Errorf("after Tess wrote: %+v", o.Letter)
	}
	v.events[1] = append(v.events[1], desk.Event{Type: desk.ReplySent, Actor: "technician:tess@hd.test", At: now, Raw: 4})
	if o = decide(t, tr, v, reply(tr, "Status")).Outgoing[0]; !o.Letter.Promised.IsZero() {
		t.Error("a promise that was kept is told again")
	}
	v.events[1] = []desk.Event{
		{Type: desk.ReplySent, Actor: "technician:tess@hd.test", At: past, Data: desk.EventData{Outgoing: "key"}},
		{Type: desk.ReplyUndone, Actor: "technician:tess@hd.test", At: now, Data: desk.EventData{Outgoing: "key"}},
	}
	if o = decide(t, tr, v, reply(tr, "Status")).Outgoing[0]; o.Letter.Assignee != "" || !o.Letter.Answered.IsZero() {
		t.Errorf("a reply that was taken back is told of: %+v", o.Letter)
	}
}

func TestFollowUps(t *testing.T) {
	asked := desk.Event{Type: desk.TicketSolved, Actor: "technician:tess@hd.test", Data: desk.EventData{Outgoing: "key"}}
	closed := func(ago time.Duration) desk.Event { return desk.Event{Type: desk.TicketClosed, At: now.Add(-ago)} }
	for name, c := range map[string]struct {
		status desk.Status
		log    []desk.Event
		words  string
		events string
		after  desk.Status
	}{
		"thanks while it waits":         {desk.StatusWaiting, nil, "Vielen Dank!", "mail.received", desk.StatusWaiting},
		"success while it waits":        {desk.StatusWaiting, nil, "It works now", "mail.received", desk.StatusWaiting},
		"a plain yes while it waits":    {desk.StatusWaiting, nil, "Yes", "mail.received ticket.resumed", desk.StatusOpen},
		"thanks while we work":          {desk.StatusOpen, nil, "Thanks!", "mail.received", desk.StatusOpen},
		"thanks for a closed one":       {desk.StatusClosed, []desk.Event{closed(time.Hour)}, "Merci !", "mail.received", desk.StatusClosed},
		"again, a day after the close":  {desk.StatusClosed, []desk.Event{closed(24 * time.Hour)}, "It beeps again", "mail.received ticket.reopened", desk.StatusOpen},
		"again, a month after":          {desk.StatusClosed, []desk.Event{closed(30 * 24 * time.Hour)}, "It beeps again", "ticket.opened ticket.linked l1.abstained ticket.escalated ticket.linked", desk.StatusNew},
		"to a closed one that was spam": {desk.StatusClosed, []desk.Event{{Type: desk.MarkedSpam}, closed(time.Hour)}, "Buy now", "mail.received", desk.StatusClosed},
		"a rating":                      {desk.StatusSolved, []desk.Event{asked}, "gut", "feedback.given", desk.StatusSolved},
		"a rating that nobody asked":    {desk.StatusSolved, nil, "gut", "mail.received ticket.reopened", desk.StatusOpen},
		"a rating of an open one":       {desk.StatusOpen, []desk.Event{asked}, "gut", "mail.received", desk.StatusOpen},
		"a rating with a question":      {desk.StatusSolved, []desk.Event{asked}, "good\nCan I keep it?", "mail.received ticket.reopened", desk.StatusOpen},
		"still broken":                  {desk.StatusSolved, []desk.Event{asked}, "Toujours pas", "mail.received ticket.reopened", desk.StatusOpen},
	} {
		tr, v := testDesk(), aTicket()
		ticket := v.tickets[1]
		ticket.Status = c.status
		v.tickets[1], v.events = ticket, map[desk.TicketID][]desk.Event{1: c.log}
		ch := decide(t, tr, v, reply(tr, c.words))
		if got := eventTypes(ch); got != c.events || ch.Ticket.Status != c.after {
			t.Errorf("%s: %s, %s", name, got, ch.Ticket.Status)
		}
		for _, e := range ch.Events {
			if signal := e.Data.Signal != ""; signal != (strings.Contains(name, "thanks") && c.status != desk.StatusOpen || strings.Contains(name, "success")) {
				t.Errorf("%s: signal %q", name, e.Data.Signal)
			}
		}
	}
}

// A picture beside the thanks may show what is wrong.
func TestThanksWithAFileAreRead(t *testing.T) {
	tr, v := testDesk(), aTicket()
	ticket := v.tickets[1]
	ticket.Status = desk.StatusSolved
	v.tickets[1] = ticket
	in := reply(tr, "Thanks!")
	in.Attachments = []desk.Attachment{{Filename: "screen.png", ContentType: "image/png"}}
	if ch := decide(t, tr, v, in); ch.Ticket.Status != desk.StatusOpen {
		t.Errorf("%s", ch.Ticket.Status)
	}
}

func TestAbsences(t *testing.T) {
	day := func(n int) *desk.Away { return &desk.Away{Until: now.AddDate(0, 0, n).Truncate(24 * time.Hour)} }
	for name, c := range map[string]struct {
		from  string
		dmarc string
		away  *desk.Away
		noted bool
	}{
		"the requester":          {"alice@customer.test", "pass", day(8), true},
		"not proven":             {"alice@customer.test", "", day(8), true},
		"forged":                 {"alice@customer.test", "fail", day(8), false},
		"a stranger":             {"mallory@evil.test", "pass", day(8), false},
		"a technician":           {"tess@hd.test", "pass", day(8), true},
		"said to be one":         {"tess@hd.test", "", day(8), false},
		"for ever":               {"alice@customer.test", "pass", day(1000), false},
		"back already":           {"alice@customer.test", "pass", day(-3), false},
		"without a date":         {"alice@customer.test", "pass", &desk.Away{Delegate: "bob@customer.test"}, false},
		"a receipt of his mail":  {"alice@customer.test", "pass", nil, false},
		"back in the same night": {"alice@customer.test", "pass", day(0), true},
	} {
		tr, v := testDesk(), aTicket()
		ticket := v.tickets[1]
		ticket.Status = desk.StatusWaiting
		v.tickets[1] = ticket
		in := tr.issued(aMail(c.from), desk.ForCustomer, "alice@customer.test")
		in.Kind, in.Auth.DMARC, in.Absence = desk.KindAutoReply, c.dmarc, c.away
		ch := decide(t, tr, v, in)
		if noted := eventTypes(ch) == "absence.noted"; noted != c.noted || len(ch.Outgoing) > 0 || len(ch.Absences) > 0 != noted {
			t.Errorf("%s: %s, %+v", name, eventTypes(ch), ch.Absences)
		}
		if waits := ch.Ticket != nil && !ch.Ticket.WaitUntil.IsZero(); waits != (c.noted && c.from == "alice@customer.test") {
			t.Errorf("%s: waits %v", name, waits)
		}
	}
}

func TestForwards(t *testing.T) {
	for name, c := range map[string]struct {
		from, dmarc, original string
		requester             string
		acked                 bool
	}{
		"a customer's mail":         {"tess@hd.test", "pass", "bob@customer.test", "bob@customer.test", true},
		"of a robot":                {"tess@hd.test", "pass", "noreply@shop.test", "noreply@shop.test", false},
		"of a name alone":           {"tess@hd.test", "pass", "", "tess@hd.test", true},
		"of a colleague":            {"tess@hd.test", "pass", "theo@hd.test", "tess@hd.test", true},
		"of our own":                {"tess@hd.test", "pass", "support@hd.test", "tess@hd.test", true},
		"by nobody who is proven":   {"tess@hd.test", "", "bob@customer.test", "tess@hd.test", true},
		"by a customer":             {"alice@customer.test", "pass", "bob@customer.test", "alice@customer.test", true},
		"whose sender had too many": {"tess@hd.test", "pass", "flood@customer.test", "flood@customer.test", false},
	} {
		tr, v := testDesk(), aTicket()
		v.automatic = map[string]int{"flood@customer.test": automaticPerHour}
		in := aMail(c.from)
		in.Auth.DMARC = c.dmarc
		in.Original = &desk.Original{From: desk.Address{Name: "Bob", Address: c.original}, Subject: "Phone", Text: "It does not ring."}
		ch := decide(t, tr, v, in)
		acked := false
		for _, o := range ch.Outgoing {
			acked = acked || o.Kind == desk.SendAck && o.To.Address == c.requester
			if o.Kind == desk.SendAck && o.To.Address != c.requester {
				t.Errorf("%s: %s got an acknowledgement", name, o.To.Address)
			}
		}
		if ch.Ticket == nil || ch.Ticket.Requester.Address != c.requester || acked != c.acked {
			t.Errorf("%s: %+v, acknowledged %v", name, ch.Ticket, acked)
		}
	}
}
