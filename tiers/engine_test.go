package tiers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

// storeOf gives a real store the Commit that the engine wants. fail, if set, is
// asked around every commit.
type storeOf struct {
	*store.Store
	fail func(committed bool) error
}

func (s storeOf) Commit(ctx context.Context, changes []desk.Change) error {
	if s.fail != nil {
		if err := s.fail(false); err != nil {
			return err
		}
	}
	err := s.Update(ctx, func(tx *store.Tx) error {
		for _, c := range changes {
			if err := tx.Apply(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && s.fail != nil {
		err = s.fail(true)
	}
	return err
}

// office hours: a desk with a real store, a handed-in clock and an engine.
type bench struct {
	t      testing.TB
	rules  *Rules
	store  *store.Store
	engine *Engine
	log    *bytes.Buffer
	now    time.Time
}

func newBench(t testing.TB, now string) *bench {
	t.Helper()
	b := &bench{t: t, rules: testRules(t), log: &bytes.Buffer{}, now: berlin(t, now)}
	var err error
	b.store, err = store.Open(t.Context(), store.Config{
		DSN: "sqlite:" + t.TempDir() + "/desk.db", Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.store.Close(); err != nil {
			t.Error(err)
		}
	})
	b.engine = b.restart(nil)
	return b
}

// restart returns a new engine on the same store, as after a restart.
func (b *bench) restart(fail func(committed bool) error) *Engine {
	b.t.Helper()
	keys, err := b.store.Keys(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	e, err := New(Config{
		Rules: *b.rules, Composer: desk.Composer{Desk: b.rules.Desk, Keys: keys},
		Schedule: Schedule{DigestDaily: "0 8 * * 1-5", DigestWeekly: "0 8 * * 1"},
		Store:    storeOf{b.store, fail}, Holder: "test",
		Log: slog.New(slog.NewTextHandler(b.log, nil)), Now: func() time.Time { return b.now },
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// at moves the clock and lets the engine do what is due.
func (b *bench) at(when string) {
	b.t.Helper()
	b.now = berlin(b.t, when)
	if err := b.engine.Once(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// open commits a new ticket that L1 could not answer and gave to L2.
func (b *bench) open(p desk.Priority) desk.TicketID {
	b.t.Helper()
	var id desk.TicketID
	err := b.store.Update(b.t.Context(), func(tx *store.Tx) (err error) {
		if id, err = tx.NewTicketID(b.t.Context()); err != nil {
			return err
		}
		return tx.Apply(b.t.Context(), newTicket(id, p, b.now))
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func newTicket(id desk.TicketID, p desk.Priority, now time.Time) desk.Change {
	customer := desk.Address{Name: "Carl Customer", Address: "carl@customer.test"}
	opened := desk.NewEvent(id, desk.TicketOpened, "customer", "a new mail", now)
	opened.Data = desk.EventData{Priority: p, ToTier: desk.L1, Subject: "Printer on fire", Status: desk.StatusNew}
	abstained := desk.NewEvent(id, desk.L1Abstained, "l1", "no document is sure enough", now)
	abstained.Data.Doc = "printer-paper"
	handed := desk.NewEvent(id, desk.TicketEscalated, "l1", "no document is sure enough", now)
	handed.Data = desk.EventData{FromTier: desk.L1, ToTier: desk.L2, Cycle: 1, Status: desk.StatusNew}
	return desk.Change{
		Ticket: &desk.Ticket{
			ID: id, Subject: "Printer on fire", Requester: customer, Status: desk.StatusNew, Tier: desk.L2,
			Priority: p, Cycle: 1, Created: now, Updated: now, LastFromCustomer: "a@customer.test",
		},
		Messages: []desk.Message{{
			Ticket: id, At: now, Kind: desk.FromCustomer, Author: customer, MessageID: "a@customer.test",
			Text: "It burns.\nPlease come quickly.",
		}},
		Events: []desk.Event{opened, abstained, handed},
	}
}

// happen commits events of a ticket and what they change.
func (b *bench) happen(id desk.TicketID, change func(*desk.Ticket), events ...desk.Event) {
	b.t.Helper()
	ticket := b.ticket(id)
	change(&ticket)
	for i := range events {
		events[i].Ticket, events[i].At, events[i].Occurred = id, b.now, b.now
		events[i].Data.Status = ticket.Status
	}
	err := b.store.Update(b.t.Context(), func(tx *store.Tx) error {
		return tx.Apply(b.t.Context(), desk.Change{Ticket: &ticket, Events: events})
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) claim(id desk.TicketID) {
	b.t.Helper()
	b.happen(id, func(t *desk.Ticket) { t.Assignee, t.Status = "tech1@hd.test", desk.StatusOpen },
		desk.Event{Type: desk.TicketClaimed, Actor: "technician:tech1@hd.test", Because: "#claim",
			Data: desk.EventData{Assignee: "tech1@hd.test"}})
}

func (b *bench) ticket(id desk.TicketID) desk.Ticket {
	b.t.Helper()
	t, err := b.store.Ticket(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

// outbox lists all queued mail as "kind to".
func (b *bench) outbox() []string {
	b.t.Helper()
	var list []string
	for _, o := range b.items() {
		list = append(list, fmt.Sprintf("%s %s", o.Kind, o.To.Address))
	}
	return list
}

func (b *bench) items() []desk.Outgoing {
	b.t.Helper()
	items, err := b.store.Outbox(b.t.Context(), store.OutboxFilter{Limit: 100_000})
	if err != nil {
		b.t.Fatal(err)
	}
	var list []desk.Outgoing
	for _, item := range items {
		list = append(list, item.Outgoing)
	}
	return list
}

func (b *bench) last() desk.Outgoing {
	b.t.Helper()
	items := b.items()
	return items[len(items)-1]
}

// history lists a ticket's events as types, those of a tier with it.
func (b *bench) history(id desk.TicketID) []string {
	b.t.Helper()
	events, err := b.store.TicketEvents(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	var list []string
	for _, e := range events {
		name := string(e.Type)
		switch {
		case e.Data.Clock != "":
			name += " " + string(e.Data.Clock)
		case e.Data.ToTier != 0 && e.Type != desk.TicketOpened:
			name += " " + e.Data.ToTier.String()
		}
		list = append(list, name)
	}
	return list
}

func check(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, ", "), strings.Join(want, ", "))
	}
}

var openedAndHanded = []string{"ticket.opened", "l1.abstained", "ticket.escalated L2"}

func TestUnclaimedTicketIsPagedClimbsAndIsReported(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:00")
	check(t, "outbox at once", b.outbox(), []string{"escalation l2@hd.test"})
	b.at("2026-11-23 09:29")
	check(t, "outbox before the ack time", b.outbox(), []string{"escalation l2@hd.test"})
	b.at("2026-11-23 09:30")
	b.at("2026-11-23 10:00")
	check(t, "outbox after the climb", b.outbox(), []string{"escalation l2@hd.test", "page l2@hd.test", "escalation l3@hd.test"})
	for _, when := range []string{"11:00", "12:00", "14:00", "15:00", "17:00"} {
		b.at("2026-11-23 " + when)
	}
	want := append(openedAndHanded, "tier.paged L2", "ticket.escalated L3", "tier.paged L3", "sla.warned first_response",
		"ladder.ended L3", "sla.breached first_response")
	check(t, "history", b.history(id), want)
	check(t, "outbox at the end", b.outbox(), []string{
		"escalation l2@hd.test", "page l2@hd.test", "escalation l3@hd.test", "page l3@hd.test",
		"notice l3@hd.test", "page l3@hd.test", "notice boss@hd.test", "notice l3@hd.test",
	})
	b.at("2026-11-24 08:00")
	d := b.last().Letter.Digest
	if d == nil || len(d.Breaches) != 1 || d.Breaches[0].Note != "new" || d.Opened != 1 || d.Late || d.Head == "" {
		t.Fatalf("digest %+v", d)
	}
	if late := d.Breaches[0].Late; late != 18*time.Hour || d.Tiers[2].Open != 1 || d.Tiers[2].Unclaimed != 1 {
		t.Errorf("late %s, tiers %+v", late, d.Tiers)
	}
	b.at("2026-11-25 08:00")
	if d := b.last().Letter.Digest; len(d.Breaches) != 1 || d.Breaches[0].Note != "still open" || d.Opened != 0 {
		t.Errorf("the next digest: %+v", d)
	}
}

func TestEscalationMailSaysWhatIsKnown(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:00")
	o := b.last()
	l := o.Letter
	if l.Because != "no document is sure enough" || l.Text != "It burns.\nPlease come quickly." || len(l.Thread) != 1 {
		t.Errorf("letter %+v", l)
	}
	check(t, "tried", l.Tried, []string{
		"L1 knew no answer: no document is sure enough; nearest document printer-paper", "handed to L2: no document is sure enough",
	})
	var clocks []string
	for _, c := range l.Clocks {
		clocks = append(clocks, fmt.Sprintf("%s %s", c.Kind, c.Left))
	}
	check(t, "clocks", clocks, []string{
		"claim in 30m of business time", "first_response in 4h of business time",
		"hold in 4h of business time", "resolution in 24h of business time",
	})
	var labels []string
	for _, button := range l.Buttons {
		labels = append(labels, button.Label)
		if !strings.HasPrefix(button.Href, "mailto:support%2B") || !strings.Contains(button.Href, "body=%23") {
			t.Errorf("button %s: %s", button.Label, button.Href)
		}
	}
	check(t, "buttons", labels, []string{"claim", "solve", "escalate", "note"})
	if !strings.Contains(o.Subject, desk.Number(id)) || o.To.Name != "L2 Technical support" || o.Automatic != desk.AutoGenerated {
		t.Errorf("mail %+v", o)
	}
}

func TestClaimStopsTheClaimClock(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:20")
	b.claim(id)
	b.at("2026-11-23 11:00")
	check(t, "history", b.history(id), append(openedAndHanded, "ticket.claimed"))
	// hold is 4 hours of the office, the first response is warned of before.
	b.at("2026-11-23 13:10")
	b.at("2026-11-23 14:00")
	check(t, "history", b.history(id), append(openedAndHanded, "ticket.claimed", "sla.warned first_response",
		"sla.breached first_response", "ticket.escalated L3"))
	if got := b.ticket(id); got.Assignee != "" || got.Tier != desk.L3 || got.Cycle != 2 {
		t.Errorf("ticket %+v", got)
	}
	check(t, "outbox", b.outbox(), []string{
		"escalation l2@hd.test", "notice tech1@hd.test", "notice l2@hd.test", "escalation l3@hd.test", "notice tech1@hd.test",
	})
}

func TestUpdateGoesToTheAssigneeElseToTheList(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	writes := func() {
		b.happen(id, func(*desk.Ticket) {}, desk.Event{Type: desk.MailReceived, Actor: "customer", Because: "a further mail"})
	}
	b.at("2026-11-23 09:01")
	writes()
	b.at("2026-11-23 09:02")
	b.claim(id)
	writes()
	b.at("2026-11-23 09:03")
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test", "update l2@hd.test", "update tech1@hd.test"})
}

func TestPageOfAnOutageWaitsForTheTiersHours(t *testing.T) {
	b := newBench(t, "2026-11-23 17:00")
	id := b.open(desk.P3)
	urgent := b.open(desk.P1)
	b.at("2026-11-23 17:01")
	b.at("2026-11-24 03:00")
	pages := map[desk.TicketID]time.Time{}
	for _, o := range b.items() {
		if o.Kind == desk.SendPage {
			pages[o.Ticket] = o.NotBefore
		}
	}
	if got, want := pages[id], berlin(t, "2026-11-24 09:00"); !got.Equal(want) {
		t.Errorf("the page for P3 may go %s, want %s", got, want)
	}
	if b.ticket(urgent).Tier != desk.L3 {
		t.Errorf("P1 history: %v", b.history(urgent))
	}
}

// After days without anybody sweeping, each ticket takes one step, and every
// broken promise is recorded once.
func TestOutageIsCaughtUpOneStepAtATime(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:00")
	b.at("2026-11-30 10:00")
	check(t, "history", b.history(id), append(openedAndHanded,
		"sla.breached first_response", "sla.breached resolution", "ticket.escalated L3"))
	b.at("2026-11-30 10:00")
	b.at("2026-11-30 10:30")
	if got := len(b.history(id)); got != 6 {
		t.Errorf("went on before L3's time: %v", b.history(id))
	}
	// Of the week's reports only the last period's goes out, late.
	var digests []string
	for _, o := range b.items() {
		if o.Kind == desk.SendDigest {
			digests = append(digests, fmt.Sprintf("%s late=%v", o.Letter.Digest.Name, o.Letter.Digest.Late))
		}
	}
	check(t, "digests", digests, []string{"daily late=true", "weekly late=true"})
}

func TestUndeliverableEscalationClimbs(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:00")
	b.happen(id, func(*desk.Ticket) {}, desk.Event{
		Type: desk.DeliveryFailed, Actor: "relay", Because: "550 no such user",
		Data: desk.EventData{Recipient: "l2@hd.test", Outgoing: b.last().Key},
	})
	b.at("2026-11-23 09:01")
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test", "escalation l3@hd.test"})
}

func TestSolvedTicketIsLeftAlone(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:00")
	b.happen(id, func(t *desk.Ticket) { t.Status = desk.StatusSolved },
		desk.Event{Type: desk.TicketSolved, Actor: "technician:tech1@hd.test", Because: "#solve"})
	b.at("2026-12-23 09:00")
	check(t, "history", b.history(id), append(openedAndHanded, "ticket.solved"))
}

// story plays the same hours with an engine that fails as told, and restarts it
// after each failure.
func story(t *testing.T, fail func(n int, committed bool) error) (*bench, desk.TicketID) {
	b := newBench(t, "2026-11-23 09:00")
	n := 0
	failing := func(committed bool) error {
		if committed {
			n++
		}
		return fail(n, committed)
	}
	id := b.open(desk.P3)
	for _, when := range []string{"09:00", "09:30", "10:00", "11:00", "12:00", "14:00"} {
		b.now = berlin(t, "2026-11-23 "+when)
		for try := 0; ; try++ {
			err := b.restart(failing).Once(t.Context())
			if err == nil {
				break
			}
			if !errors.Is(err, errCrash) || try > 50 {
				t.Fatal(err)
			}
		}
	}
	b.at("2026-11-24 08:00")
	return b, id
}

var errCrash = errors.New("crash")

func TestCrashAroundAnyCommitRepeatsNothing(t *testing.T) {
	calm, id := story(t, func(int, bool) error { return nil })
	for _, after := range []bool{false, true} {
		for at := range 14 {
			crashed := false
			b, _ := story(t, func(n int, committed bool) error {
				if n == at && committed == after && !crashed {
					crashed = true
					return errCrash
				}
				return nil
			})
			check(t, fmt.Sprintf("history, crash at %d", at), b.history(id), calm.history(id))
			check(t, fmt.Sprintf("outbox, crash at %d", at), b.outbox(), calm.outbox())
		}
	}
}

func TestTicketThatChangesMeanwhileIsLeftForTheNextSweep(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	first, second := b.open(desk.P3), b.open(desk.P3)
	b.at("2026-11-23 09:00")
	b.now = berlin(t, "2026-11-23 09:30")
	claimed := false
	e := b.restart(func(committed bool) error {
		if !committed && !claimed {
			claimed = true
			b.claim(first)
		}
		return nil
	})
	swept, err := e.Sweep(t.Context(), b.now)
	if err != nil || swept != 1 {
		t.Fatalf("swept %d, %v; want the other one", swept, err)
	}
	check(t, "first", b.history(first), append(openedAndHanded, "ticket.claimed"))
	check(t, "second", b.history(second), append(openedAndHanded, "tier.paged L2"))
}

func TestOnlyTheHolderOfTheLeaseWorks(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	other := b.restart(nil)
	other.Holder = "another"
	if err := other.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.open(desk.P3)
	b.at("2026-11-23 09:00")
	check(t, "outbox while the other has it", b.outbox(), nil)
	b.at("2026-11-23 09:02")
	check(t, "outbox after it lapsed", b.outbox(), []string{"escalation l2@hd.test"})
}

func TestDigestIsQueuedOncePerManagerAndPeriod(t *testing.T) {
	b := newBench(t, "2026-10-23 09:00")
	b.open(desk.P3)
	for range 3 {
		b.engine = b.restart(nil)
		b.at("2026-10-26 08:00") // after the night in which clocks went back
		b.at("2026-10-26 08:30")
	}
	var periods []string
	for _, o := range b.items() {
		if d := o.Letter.Digest; d != nil {
			periods = append(periods, fmt.Sprintf("%s %s late=%v", d.Name, d.To.Sub(d.From), d.Late))
		}
	}
	check(t, "digests", periods, []string{"daily 73h0m0s late=false", "weekly 169h0m0s late=false"})
}

func TestFreshDeskSendsNoDigestOfThePast(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	b.open(desk.P3)
	b.at("2026-11-23 09:00")
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test"})
}

func TestRunFollowsANudgeAndStops(t *testing.T) {
	b := newBench(t, "2026-11-23 09:00")
	queued := make(chan struct{}, 8)
	b.engine.Queued = func() { queued <- struct{}{} }
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- b.engine.Run(ctx) }()
	b.open(desk.P3)
	b.engine.Nudge()
	select {
	case <-queued:
	case <-time.After(10 * time.Second):
		t.Error("nothing was queued")
	}
	cancel()
	select {
	case err := <-stopped:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Run did not stop")
	}
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test"})
	if b.log.Len() > 0 {
		t.Errorf("log: %s", b.log)
	}
	if _, ok, err := b.store.Lease(t.Context(), follower, "next", b.now, time.Minute); err != nil || !ok {
		t.Errorf("the lease was not given back: %v", err)
	}
}
