package tiers

import (
	"testing"
	"time"

	"tierdesk/desk"
)

func promised(t testing.TB, due string) func(*desk.Event) {
	at := berlin(t, due)
	return func(e *desk.Event) { e.Data.Due = &at }
}

func TestTierIsPagedAsOftenAsItsRepeatBeforeItClimbs(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	b.rules.Desk.Tiers[1].Repeat = 3
	b.engine = b.restart(nil)
	id := b.open(desk.P3)
	for _, when := range []string{"09:00", "09:30", "10:00", "10:30", "11:00"} {
		b.at("2026-11-23 " + when)
	}
	check(t, "history", b.history(id), []string{"ticket.opened", "l1.abstained", "ticket.escalated L2",
		"tier.paged L2", "tier.paged L2", "tier.paged L2", "ticket.escalated L3"})
}

func TestReturnedTicketGetsTheLowerTiersPatienceAgain(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 09:00", desk.P3).
		add("2026-11-23 09:00", desk.TicketEscalated, to(desk.L2)).
		add("2026-11-23 10:00", desk.TicketEscalated, to(desk.L3)).
		add("2026-11-23 11:00", desk.TicketReturned, to(desk.L2), by("technician:tech3@hd.test"))
	a := r.Account(h.events)
	checkClock(t, a, desk.ClaimClock, desk.ClockRunning, "2026-11-23 11:30", "2026-11-23 11:30")
	if a.Returns != 1 || a.level != desk.L2 || a.cycle != 3 {
		t.Errorf("%d returns, at %s in cycle %d", a.Returns, a.level, a.cycle)
	}
}

func TestReleasedTicketIsAskedForAgain(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 09:00", desk.P3).
		add("2026-11-23 09:00", desk.TicketEscalated, to(desk.L2)).
		add("2026-11-23 09:30", desk.TierPaged, to(desk.L2)).
		add("2026-11-23 09:40", desk.TicketClaimed).
		add("2026-11-23 11:00", desk.TicketReleased)
	checkClock(t, r.Account(h.events), desk.ClaimClock, desk.ClockRunning, "2026-11-23 11:30", "2026-11-23 11:30")
	change := r.Step(desk.Ticket{ID: 7, Tier: desk.L2, Status: desk.StatusOpen, Cycle: 1}, h.events, berlin(t, "2026-11-23 11:30"))
	if len(change.Events) != 1 || change.Events[0].Type != desk.TierPaged || change.Events[0].Data.Count != 2 {
		t.Errorf("%+v, want the second page of this cycle", change.Events)
	}
}

func TestSnoozeSilencesTheLadderAndNotThePromises(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 09:00", desk.P3).
		add("2026-11-23 09:00", desk.TicketEscalated, to(desk.L2)).
		add("2026-11-23 09:10", desk.TicketClaimed, status(desk.StatusOpen)).
		add("2026-11-23 09:20", desk.TicketSnoozed, promised(t, "2026-11-23 13:30"))
	a := r.Account(h.events)
	checkClock(t, a, desk.HoldClock, desk.ClockPaused, "", "")
	checkClock(t, a, desk.FirstResponse, desk.ClockRunning, "2026-11-23 14:00", "2026-11-23 12:00")
	checkClock(t, a, desk.WakeClock, desk.ClockRunning, "2026-11-23 13:30", "2026-11-23 13:30")
	until := berlin(t, "2026-11-23 13:30")
	change := r.Step(desk.Ticket{ID: 7, Tier: desk.L2, Status: desk.StatusOpen, WaitUntil: until}, h.events, until)
	woken := change.Events[0]
	if woken.Type != desk.TicketWoken || !change.Ticket.WaitUntil.IsZero() {
		t.Errorf("%+v", change.Events)
	}
	woken.Seq = 5
	checkClock(t, r.Account(append(h.events, woken)), desk.HoldClock, desk.ClockRunning, "2026-11-23 17:10", "2026-11-23 17:10")
}

func TestWaitForTheCustomerEnds(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 09:00", desk.P3).
		add("2026-11-23 10:00", desk.TicketWaiting, promised(t, "2026-11-25 09:00"))
	change := r.Step(desk.Ticket{ID: 7, Status: desk.StatusWaiting}, h.events, berlin(t, "2026-11-25 09:00"))
	if len(change.Events) != 1 || change.Events[0].Type != desk.TicketWoken || change.Ticket.Status != desk.StatusOpen {
		t.Errorf("%+v", change.Events)
	}
	h.add("2026-11-24 12:00", desk.TicketResumed) // he wrote before
	for _, c := range r.Account(h.events).Clocks() {
		if c.Kind == desk.WakeClock {
			t.Error("still to be woken")
		}
	}
}

func TestWaitLastsUntilAnAbsentCustomerIsBack(t *testing.T) {
	r := testRules(t)
	wakes := func(events ...desk.EventType) bool {
		h := opened(t, "2026-11-23 09:00", desk.P3)
		for _, typ := range events {
			h.add("2026-11-23 10:00", typ, to(desk.L2))
		}
		h.add("2026-11-23 10:01", desk.AbsenceNoted, promised(t, "2026-12-01 00:00"))
		return !r.Account(h.events).wake.IsZero()
	}
	if !wakes(desk.TicketEscalated, desk.TicketWaiting) {
		t.Error("nobody looks at the ticket when the customer is back")
	}
	if wakes(desk.L1Answered) {
		t.Error("a ticket that nobody has is woken")
	}
	if wakes(desk.TicketEscalated) {
		t.Error("a ticket that waits for nobody is woken")
	}
}

func TestPromiseIsKeptByTheNextAnswerAndNotByItsOwn(t *testing.T) {
	r := testRules(t)
	mail := func(id desk.RawID) func(*desk.Event) { return func(e *desk.Event) { e.Raw = id } }
	h := opened(t, "2026-11-23 09:00", desk.P3).
		add("2026-11-23 10:00", desk.PromiseMade, promised(t, "2026-11-24 18:00"), mail(3)).
		add("2026-11-23 10:00", desk.ReplySent, status(desk.StatusWaiting), mail(3))
	checkClock(t, r.Account(h.events), desk.PromiseClock, desk.ClockRunning, "2026-11-24 18:00", "2026-11-24 10:00")
	late := *h
	late.add("2026-11-24 18:30", desk.ReplySent, mail(4))
	checkClock(t, r.Account(late.events), desk.PromiseClock, desk.ClockBreached, "2026-11-24 18:00", "2026-11-24 18:00")
	h.events = h.events[:3]
	h.add("2026-11-24 17:00", desk.ReplySent, mail(4))
	checkClock(t, r.Account(h.events), desk.PromiseClock, desk.ClockMet, "", "")
}

func TestWithdrawnReplyGivesNoCredit(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 11:00", desk.P3).
		add("2026-11-23 12:00", desk.ReplySent, outgoing("reply:7:x"), status(desk.StatusWaiting)).
		add("2026-11-23 12:01", desk.ReplyUndone, outgoing("reply:7:x"), status(desk.StatusOpen))
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockRunning, "2026-11-23 16:00", "2026-11-23 15:00")
}

func TestMergedTicketStopsItsClocks(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 11:00", desk.P3).add("2026-11-23 12:00", desk.TicketMerged, status(desk.StatusClosed))
	for _, kind := range []desk.ClockKind{desk.FirstResponse, desk.Resolution} {
		checkClock(t, r.Account(h.events), kind, desk.ClockStopped, "", "")
	}
}

func TestInformedTierIsToldAndNotAsked(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	b.rules.Desk.Tiers = append(b.rules.Desk.Tiers, desk.Tier{Level: desk.L4, List: "l4@hd.test"})
	b.engine = b.restart(nil)
	id := b.open(desk.P1)
	b.at("2026-11-23 09:01")
	b.happen(id, func(t *desk.Ticket) { t.Tier, t.Cycle = desk.L3, 2 },
		desk.Event{Type: desk.TicketEscalated, Actor: "l1", Because: "mission critical",
			Data: desk.EventData{FromTier: desk.L2, ToTier: desk.L3, Cycle: 2, Inform: desk.L4}})
	b.now = b.now.Add(time.Second)
	b.follow()
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test", "escalation l3@hd.test", "notice l4@hd.test"})
}
