package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tierdesk/desk"
)

// claim takes what is due and returns its ids.
func claim(t *testing.T, s *Store, holder string, now time.Time) []int64 {
	t.Helper()
	items, err := s.ClaimDue(t.Context(), holder, now, time.Minute, 10)
	check(t, err)
	var ids []int64
	for _, o := range items {
		if o.State != desk.Sending || !o.Next.IsZero() {
			t.Errorf("claimed %+v", o)
		}
		ids = append(ids, o.ID)
	}
	return ids
}

// queue puts mails of the ticket in the outbox.
func queue(t *testing.T, s *Store, list ...desk.Outgoing) {
	t.Helper()
	apply(t, s, func(*Tx) desk.Change { return desk.Change{Outgoing: list} })
}

func record(t *testing.T, s *Store, id int64, state desk.Delivery, next time.Time) {
	t.Helper()
	check(t, s.Freeze(t.Context(), id, []byte("rendered")))
	check(t, s.Record(t.Context(), desk.Attempt{Item: id, At: noon, State: state, Reply: string(state) + " by peer", Next: next}))
}

func expect(t *testing.T, what string, got []int64, want ...int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestMailToOneRecipientKeepsItsOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		openTicket(t, s) // 1 to the customer, 2 to the list
		openTicket(t, s) // 3, 4
		queue(t, s, outgoing(1, "reply", "CORA@Customer.example"), outgoing(1, "page", "l2@hd.test"))
		expect(t, "first", claim(t, s, "a", noon), 1, 2, 3, 4)
		expect(t, "while sending", claim(t, s, "b", noon))
		record(t, s, 1, desk.Accepted, time.Time{})
		record(t, s, 2, desk.Deferred, noon.Add(time.Hour))
		expect(t, "behind an accepted mail", claim(t, s, "a", noon), 5)
		if next := must(s.NextOutgoing(t.Context())); !next.Equal(noon.Add(time.Hour)) {
			t.Errorf("next %v", next)
		}
		expect(t, "behind a deferred mail", claim(t, s, "a", noon.Add(time.Hour)), 2)
		record(t, s, 2, desk.Refused, time.Time{})
		expect(t, "behind a refused mail", claim(t, s, "a", noon.Add(time.Hour)), 6)
		if next := must(s.NextOutgoing(t.Context())); !next.IsZero() {
			t.Errorf("next %v", next)
		}
		sound(t, s)
	})
}

func TestMailWaitsForItsTime(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		late := outgoing(0, "digest", "boss@hd.test")
		late.NotBefore = noon.Add(time.Hour)
		early := outgoing(0, "digest2", "boss@hd.test")
		queue(t, s, late, early)
		expect(t, "at noon", claim(t, s, "a", noon), 2)
		expect(t, "before its time", claim(t, s, "a", late.NotBefore.Add(-time.Microsecond)))
		expect(t, "at its time", claim(t, s, "a", late.NotBefore), 1)
	})
}

func TestMailThatWaitsForItsTimeHoldsNothingUp(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		id := openTicket(t, s) // 1 to the customer, 2 to the list
		expect(t, "first", claim(t, s, "a", noon), 1, 2)
		record(t, s, 2, desk.Accepted, time.Time{})
		late := outgoing(id, "page", "l2@hd.test")
		late.NotBefore = noon.Add(time.Hour)
		queue(t, s, late, outgoing(id, "update", "l2@hd.test"), outgoing(id, "notice", "l2@hd.test"))
		if next := must(s.NextOutgoing(t.Context())); !next.Equal(noon) {
			t.Errorf("next %v", next)
		}
		expect(t, "before its time", claim(t, s, "a", noon), 4)
		record(t, s, 4, desk.Deferred, noon.Add(2*time.Hour))
		if next := must(s.NextOutgoing(t.Context())); !next.Equal(late.NotBefore) {
			t.Errorf("next %v", next)
		}
		expect(t, "at its time, before those behind it", claim(t, s, "a", late.NotBefore), 3)
		record(t, s, 3, desk.Deferred, noon.Add(3*time.Hour))
		expect(t, "behind one that was tried", claim(t, s, "a", noon.Add(2*time.Hour)))
	})
}

func TestAttemptsSendTheSameBytes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		queue(t, s, outgoing(0, "digest", "boss@hd.test"))
		for attempt := 1; attempt <= 2; attempt++ {
			claim(t, s, "a", noon)
			check(t, s.Freeze(ctx, 1, fmt.Appendf(nil, "attempt %d", attempt)))
			o, rendered := must(s.OutgoingItem(ctx, 1)), must(s.Rendered(ctx, 1))
			if string(rendered) != "attempt 1" || o.Attempts != attempt {
				t.Errorf("%+v with %q", o, rendered)
			}
			check(t, s.OpenDot(ctx, []int64{1}))
			record(t, s, 1, desk.Unknown, noon)
		}
		if got := must(s.Attempts(ctx, 1)); len(got) != 2 || got[1].State != desk.Unknown || !got[1].At.Equal(noon) {
			t.Errorf("attempts: %+v", got)
		}
	})
}

func TestFinishedMailKeepsNoBytes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for i, finish := range []func(id int64) error{
			func(id int64) error { return s.Record(ctx, desk.Attempt{Item: id, At: noon, State: desk.Accepted}) },
			func(id int64) error { return s.Record(ctx, desk.Attempt{Item: id, At: noon, State: desk.Refused}) },
			func(id int64) error {
				record(t, s, id, desk.Deferred, noon)
				return s.CancelOutgoing(ctx, id)
			},
		} {
			id := int64(i + 1)
			queue(t, s, outgoing(0, fmt.Sprint("digest", i), "boss@hd.test"))
			claim(t, s, "a", noon)
			check(t, s.Freeze(ctx, id, []byte("rendered")))
			check(t, finish(id))
			if b := must(s.Rendered(ctx, id)); b != nil {
				t.Errorf("mail %d still has %d bytes", id, len(b))
			}
		}
		sound(t, s)
	})
}

func TestRecordAppendsEventsAndRefusesAFinishedMail(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		claim(t, s, "a", noon)
		failed := desk.NewEvent(id, desk.DeliveryFailed, "mailout", "550 5.1.1 no such user", noon)
		check(t, s.Record(ctx, desk.Attempt{Item: 1, At: noon, State: desk.Refused, Reply: "550", Events: []desk.Event{failed}}))
		err := s.Record(ctx, desk.Attempt{Item: 1, At: noon, State: desk.Accepted, Events: []desk.Event{failed}})
		if !errors.Is(err, desk.ErrConflict) {
			t.Errorf("recorded twice: %v", err)
		}
		for name, a := range map[string]desk.Attempt{
			"no result": {Item: 2, State: desk.Queued}, "no next": {Item: 2, State: desk.Deferred}, "unknown": {Item: 99, State: desk.Accepted},
		} {
			if err := s.Record(ctx, a); err == nil || (a.Item == 99) != errors.Is(err, desk.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(must(s.TicketEvents(ctx, id))); n != 4 {
			t.Errorf("%d events, want 4", n)
		}
		sound(t, s)
	})
}

func TestReclaimAfterALapseAndAfterARestart(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for i := range 3 {
			queue(t, s, outgoing(0, fmt.Sprintf("digest%d", i), "boss@hd.test"))
		}
		claim(t, s, "a", noon)
		check(t, s.OpenDot(ctx, []int64{2}))
		record(t, s, 3, desk.Accepted, time.Time{})
		if n := must(s.Reclaim(ctx, "a", noon, time.Hour)); n != 0 {
			t.Errorf("reclaimed %d mails of this very process", n)
		}
		if n := must(s.Reclaim(ctx, "b", noon.Add(time.Minute), time.Hour)); n != 2 {
			t.Errorf("reclaimed %d lapsed mails", n)
		}
		if err := s.OpenDot(ctx, []int64{1}); !errors.Is(err, desk.ErrConflict) {
			t.Errorf("sending after the claim has lapsed: %v", err)
		}
		unknown := must(s.OutgoingItem(ctx, 2))
		if unknown.State != desk.Unknown || !unknown.Next.Equal(noon.Add(61*time.Minute)) {
			t.Errorf("%+v", unknown)
		}
		expect(t, "not being sent: due at once", claim(t, s, "b", noon.Add(time.Minute)), 1)
		expect(t, "unknown: late", claim(t, s, "a", noon.Add(61*time.Minute)), 2)
		s.instance = "after a restart"
		if n := must(s.Reclaim(ctx, "a", noon.Add(61*time.Minute), time.Hour)); n != 2 {
			t.Errorf("reclaimed %d mails", n) // 1 has lapsed, 2 was ours
		}
		sound(t, s)
	})
}

func TestALateResultStillCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		queue(t, s, outgoing(0, "digest", "boss@hd.test"))
		claim(t, s, "a", noon)
		check(t, s.OpenDot(t.Context(), []int64{1}))
		must(s.Reclaim(t.Context(), "b", noon.Add(time.Hour), time.Minute))
		record(t, s, 1, desk.Accepted, time.Time{})
		expect(t, "sent twice", claim(t, s, "b", noon.Add(9*time.Hour)))
	})
}

func TestRetryAndCancel(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for i := range 3 {
			queue(t, s, outgoing(0, fmt.Sprintf("digest%d", i), "boss@hd.test"))
		}
		check(t, s.CancelOutgoing(ctx, 3))
		expect(t, "cancelled", claim(t, s, "a", noon), 1, 2)
		var refusal *desk.Refusal
		if err := s.CancelOutgoing(ctx, 1); !errors.As(err, &refusal) {
			t.Errorf("cancel while sending: %v", err)
		}
		record(t, s, 1, desk.Accepted, time.Time{})
		record(t, s, 2, desk.Refused, time.Time{})
		if err := s.RetryOutgoing(ctx, 1, noon); !errors.As(err, &refusal) {
			t.Errorf("retry an accepted mail: %v", err)
		}
		if err := s.RetryOutgoing(ctx, 99, noon); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("retry an unknown mail: %v", err)
		}
		check(t, s.RetryOutgoing(ctx, 2, noon))
		check(t, s.RetryOutgoing(ctx, 3, noon))
		expect(t, "retried", claim(t, s, "a", noon), 2, 3)
		sound(t, s)
	})
}

func TestAHeldMailWaitsForItsAuthorAndAWithdrawnOneIsNotSent(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		held, undone := outgoing(0, "held", "cora@customer.example"), outgoing(0, "undone", "cora@customer.example")
		held.Held = true
		queue(t, s, held, undone)
		apply(t, s, func(*Tx) desk.Change { return desk.Change{Withdrawn: []string{undone.Key}} })
		expect(t, "held and withdrawn", claim(t, s, "a", noon))
		if o := must(s.OutgoingByKey(ctx, held.Key)); o.State != desk.Held || !o.Next.IsZero() {
			t.Errorf("held: %+v", o)
		}
		sound(t, s)
		apply(t, s, func(*Tx) desk.Change { return desk.Change{Released: []string{held.Key}} })
		expect(t, "released", claim(t, s, "a", noon), 1)
		for name, c := range map[string]desk.Change{
			"withdrawn twice": {Withdrawn: []string{undone.Key}}, "withdrawn too late": {Withdrawn: []string{held.Key}},
			"released twice": {Released: []string{held.Key}}, "unknown": {Released: []string{"x"}},
		} {
			err := s.Update(ctx, func(tx *Tx) error { return tx.Apply(ctx, c) })
			if !errors.Is(err, desk.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.OutgoingByKey(ctx, "x"); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("unknown key: %v", err)
		}
		sound(t, s)
	})
}

func TestAWithdrawnReplyIsNoReplyInTheConversation(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		id := openTicket(t, s)
		one, two := outgoing(id, "reply1", "cora@customer.example"), outgoing(id, "reply2", "cora@customer.example")
		said := func(o desk.Outgoing) desk.Message {
			return desk.Message{Ticket: id, Kind: desk.PublicReply, MessageID: o.MessageID, Text: o.Key}
		}
		apply(t, s, func(*Tx) desk.Change {
			return desk.Change{Outgoing: []desk.Outgoing{one, two}, Messages: []desk.Message{said(one), said(two)}}
		})
		apply(t, s, func(*Tx) desk.Change { return desk.Change{Withdrawn: []string{one.Key}} })
		kinds := map[string]desk.MessageKind{}
		for _, m := range must(s.Messages(t.Context(), id)) {
			kinds[m.Text] = m.Kind
		}
		if kinds[one.Key] != desk.WithdrawnReply || kinds[two.Key] != desk.PublicReply {
			t.Errorf("%v", kinds)
		}
		sound(t, s)
	})
}

func TestNewcomersAreCountedUntilAPersonAnswers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		for i := range 3 {
			o := outgoing(id, fmt.Sprint("ack", i), "cora@customer.example")
			o.Newcomer = i > 0
			queue(t, s, o)
		}
		for limit, want := range map[int]int{1: 1, 2: 2, 9: 2} {
			if n := must(s.CountNewcomers(ctx, noon, limit)); n != want {
				t.Errorf("up to %d: %d", limit, n)
			}
		}
		if n := must(s.CountNewcomers(ctx, noon.Add(time.Hour), 9)); n != 0 {
			t.Errorf("later: %d", n)
		}
		for _, answered := range []bool{false, true} {
			if got := must(s.Answered(ctx, "Cora@Customer.example")); got != answered {
				t.Errorf("answered %v, want %v", got, answered)
			}
			apply(t, s, func(*Tx) desk.Change {
				return desk.Change{Messages: []desk.Message{{Ticket: id, At: noon, Kind: desk.PublicReply, Text: "Hello"}}}
			})
		}
		if must(s.Answered(ctx, "other@customer.example")) {
			t.Error("a stranger was answered")
		}
	})
}

func TestAnswersAreCountedByDomainAndTicket(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		for i, to := range []string{"cleo@customer.example", "carl@Customer.Example", "odd@other.example"} {
			o := outgoing(id, fmt.Sprint("ack", i), to)
			o.Kind, o.Automatic = desk.SendAck, desk.AutoReplied
			queue(t, s, o)
		}
		receipt := outgoing(id, "receipt", "tess@customer.example")
		receipt.Kind, receipt.Automatic = desk.SendReceipt, desk.AutoReplied
		page := outgoing(id, "page", "list@customer.example")
		page.Kind, page.Automatic = desk.SendPage, desk.AutoGenerated
		queue(t, s, receipt)
		queue(t, s, page)
		for domain, want := range map[string]int{"": 3, "customer.example": 2, "other.example": 1, "example": 0} {
			if n := must(s.CountAnswers(ctx, domain, noon, 9)); n != want {
				t.Errorf("to %q: %d", domain, n)
			}
		}
		if n := must(s.CountAnswers(ctx, "", noon, 2)); n != 2 {
			t.Errorf("up to 2: %d", n)
		}
		if n := must(s.CountAnswers(ctx, "", noon.Add(time.Hour), 9)); n != 0 {
			t.Errorf("later: %d", n)
		}
		for ticket, want := range map[desk.TicketID]int{id: 1, id + 1: 0} {
			if n := must(s.CountAbout(ctx, ticket, "Cleo@customer.example", noon)); n != want {
				t.Errorf("about %d: %d", ticket, n)
			}
		}
	})
}

func TestWhatWasSentToWhom(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		sent, err := s.SentAs(ctx, "t1.ack@hd.test")
		if sent.Kind != desk.SendAck || sent.To != "cora@customer.example" || sent.Ticket != id || sent.Key == "" || err != nil {
			t.Errorf("%+v: %v", sent, err)
		}
		if _, err := s.SentAs(ctx, "x@y"); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
		human := outgoing(id, "reply", "cora@customer.example")
		human.Automatic = desk.NotAutomatic
		queue(t, s, human)
		if n := must(s.CountAutomatic(ctx, "Cora@customer.example", noon)); n != 1 {
			t.Errorf("%d automatic mails", n)
		}
		if n := must(s.CountAutomatic(ctx, "cora@customer.example", noon.Add(1000))); n != 0 {
			t.Errorf("%d automatic mails later", n)
		}
	})
}
