package tiers

import (
	"testing"
	"time"

	"tierdesk/desk"
)

const carl = "carl@customer.test"

// answers commits a claim and an answer of a technician.
func (b *rig) answers(id desk.TicketID, typ desk.EventType, status desk.Status, key string) {
	b.t.Helper()
	if b.ticket(id).Assignee == "" {
		b.claim(id)
	}
	b.happen(id, func(t *desk.Ticket) { t.Status = status }, desk.Event{
		Type: typ, Actor: "technician:tech1@hd.test", Because: "test", Data: desk.EventData{Outgoing: key, Recipient: carl},
	})
}

// refused is how the relay's refusal of a mail shows in the log.
func refused(key string) desk.Event {
	return desk.Event{Type: desk.DeliveryFailed, Actor: "mailout", Because: "not delivered",
		Data: desk.EventData{Outgoing: key, Recipient: carl, Reply: "550 5.1.1 user unknown"}}
}

// reported is how a report by mail shows that does not say which mail came back.
func reported() desk.Event {
	return desk.Event{Type: desk.DeliveryFailed, Actor: "machine", Because: "552 5.2.2 mailbox full", Raw: 9,
		Data: desk.EventData{Recipient: "Carl@customer.test", Reply: "5.2.2"}}
}

func TestLostReplyIsTakenBack(t *testing.T) {
	for want, failed := range map[string]desk.Event{
		"the customer did not get the reply: 550 5.1.1 user unknown": refused("reply:1"),
		"the customer did not get the reply: 552 5.2.2 mailbox full": reported(),
	} {
		b := newRig(t, "2026-11-23 09:00")
		id := b.open(desk.P3)
		b.at("2026-11-23 09:10")
		b.answers(id, desk.ReplySent, desk.StatusWaiting, "reply:1")
		b.at("2026-11-23 09:20")
		b.now = berlin(t, "2026-11-23 11:00")
		b.happen(id, func(*desk.Ticket) {}, failed)
		b.at("2026-11-23 11:00")
		if got := b.ticket(id); got.Status != desk.StatusOpen || got.Tier != desk.L2 || got.Assignee != "tech1@hd.test" {
			t.Errorf("ticket %+v", got)
		}
		if o := b.last(); o.To.Address != "tech1@hd.test" || o.Letter.Because != want || o.Letter.Status != desk.StatusOpen {
			t.Errorf("%s to %s: %s", o.Kind, o.To.Address, o.Letter.Because)
		}
		// The same news again is none.
		b.happen(id, func(*desk.Ticket) {}, refused("reply:1"))
		b.at("2026-11-23 11:01")
		check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test", "notice tech1@hd.test"})
		check(t, "history", b.history(id), append(openedAndHanded, "ticket.claimed", "reply.sent", "delivery.failed",
			"ticket.resumed", "delivery.failed"))
		// The tier's patience of four hours began again at eleven.
		log, err := b.store.TicketEvents(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		a := b.rules.Account(log)
		for kind, start := range map[desk.ClockKind]string{desk.HoldClock: "11:00", desk.FirstResponse: "09:00", desk.Resolution: "09:00"} {
			if c := clock(t, a, kind); c.State != desk.ClockRunning || !c.Start.Equal(berlin(t, "2026-11-23 "+start)) {
				t.Errorf("%s: %+v", kind, c)
			}
		}
	}
}

func TestOtherMailThatIsLostChangesNothing(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:10")
	b.happen(id, func(*desk.Ticket) {}, reported(), refused("ack:1"))
	b.answers(id, desk.ReplySent, desk.StatusWaiting, "reply:1")
	b.happen(id, func(*desk.Ticket) {}, refused("ack:2"))
	b.at("2026-11-23 09:11")
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test"})
	if got := b.ticket(id); got.Status != desk.StatusWaiting {
		t.Errorf("ticket %+v", got)
	}
}

func TestLostAnswerOfL1GoesToPeople(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	id := b.answeredByL1()
	b.at("2026-11-23 09:10")
	check(t, "outbox before", b.outbox(), nil)
	b.happen(id, func(*desk.Ticket) {}, reported())
	b.at("2026-11-23 09:20")
	if got := b.ticket(id); got.Status != desk.StatusOpen || got.Tier != desk.L2 || got.Cycle != 1 {
		t.Errorf("ticket %+v", got)
	}
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test"})
	if got := b.last().Letter.Because; got != `the customer did not get the document "printer-paper": 552 5.2.2 mailbox full` {
		t.Error(got)
	}
	b.at("2026-11-23 09:50")
	check(t, "outbox after the ack time", b.outbox(), []string{"escalation l2@hd.test", "page l2@hd.test"})
}

func TestLostNewsOfASolution(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:10")
	b.answers(id, desk.TicketSolved, desk.StatusSolved, "solved:1")
	b.happen(id, func(*desk.Ticket) {}, refused("solved:1"))
	b.at("2026-11-23 09:20")
	if got := b.ticket(id); got.Status != desk.StatusOpen {
		t.Errorf("ticket %+v", got)
	}
	if got := b.last(); got.Letter.Because != "the customer did not get the mail that it is solved: 550 5.1.1 user unknown" {
		t.Errorf("%+v", got)
	}
	// Who solves it now knows that nobody is told.
	b.answers(id, desk.TicketSolved, desk.StatusSolved, "solved:2")
	b.happen(id, func(*desk.Ticket) {}, refused("solved:2"))
	b.at("2026-11-23 09:30")
	if got := b.ticket(id); got.Status != desk.StatusSolved {
		t.Errorf("ticket %+v", got)
	}
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test", "notice tech1@hd.test"})
}

// A ticket may change between the look at it and the commit.
func TestLostReplyOfATicketThatChangesMeanwhile(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:10")
	b.answers(id, desk.ReplySent, desk.StatusWaiting, "reply:1")
	b.happen(id, func(*desk.Ticket) {}, refused("reply:1"))
	interfered := false
	b.engine = b.restart(func(committed bool) error {
		if !committed && !interfered {
			interfered = true
			b.happen(id, func(t *desk.Ticket) { t.Updated = b.now.Add(time.Second) })
		}
		return nil
	})
	b.at("2026-11-23 09:20")
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test", "notice tech1@hd.test"})
	if got := b.ticket(id); got.Status != desk.StatusOpen {
		t.Errorf("ticket %+v", got)
	}
}
