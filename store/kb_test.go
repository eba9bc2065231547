package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
)

func TestWhatATicketTaughtIsReplacedAsAWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		one, two := openTicket(t, s), openTicket(t, s)
		lesson := func(id desk.TicketID, seq int64, doc string, wrong bool) desk.Lesson {
			return desk.Lesson{Seq: seq, Ticket: id, Doc: doc, Wrong: wrong, Text: "error 812", At: noon.Add(time.Duration(seq))}
		}
		trial := func(id desk.TicketID, seq int64, right bool) desk.Trial {
			return desk.Trial{Seq: seq, Ticket: id, Doc: "vpn", Mode: desk.Live, Right: right, Requester: "cora@customer.example", At: noon}
		}
		learn := func(l desk.Learned) {
			t.Helper()
			apply(t, s, func(*Tx) desk.Change { return desk.Change{Learned: &l} })
		}
		learn(desk.Learned{Ticket: one, Lessons: []desk.Lesson{lesson(one, 3, "vpn", false)}, Trials: []desk.Trial{trial(one, 3, true)}})
		if wrong := must(s.NotHelped(ctx, "cora@customer.example", "vpn")); wrong {
			t.Error("it helped")
		}
		learn(desk.Learned{Ticket: two, Lessons: []desk.Lesson{lesson(two, 5000, "", false)}})
		learn(desk.Learned{
			Ticket:  one,
			Lessons: []desk.Lesson{lesson(one, 4000, "", false), lesson(one, 4000, "vpn", true)},
			Trials:  []desk.Trial{trial(one, 4000, false)},
		})
		want := []desk.Lesson{lesson(one, 4000, "", false), lesson(one, 4000, "vpn", true), lesson(two, 5000, "", false)}
		for i := range want {
			want[i].At = want[i].At.Truncate(time.Microsecond)
		}
		if diff := cmp.Diff(want, must(s.Lessons(ctx, noon, 10))); diff != "" {
			t.Error(diff)
		}
		if got := must(s.Lessons(ctx, noon, 1)); len(got) != 1 || got[0].Ticket != two {
			t.Errorf("the newest: %+v", got)
		}
		if wrong := must(s.NotHelped(ctx, "Cora@Customer.example", "vpn")); !wrong {
			t.Error("it did not help")
		}
	})
}

func TestTrialsBeforeAStandingCountNoMore(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := openTicket(t, s)
		var l desk.Learned
		l.Ticket = id
		for seq := range int64(3) {
			l.Trials = append(l.Trials, desk.Trial{Seq: 7 + seq, Ticket: id, Doc: "vpn", Mode: desk.Shadow, Right: true, At: noon})
		}
		apply(t, s, func(*Tx) desk.Change { return desk.Change{Learned: &l} })
		if n := len(must(s.OpenTrials(ctx))); n != 3 {
			t.Errorf("%d open", n)
		}
		standing := desk.Standing{Doc: "vpn", Mode: desk.Live, Since: 8, At: noon, Because: "two of two"}
		for _, mode := range []desk.Mode{desk.Shadow, desk.Live} {
			standing.Mode = mode
			apply(t, s, func(*Tx) desk.Change { return desk.Change{Standings: []desk.Standing{standing}} })
		}
		if diff := cmp.Diff(l.Trials[2:], must(s.OpenTrials(ctx))); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]desk.Standing{standing}, must(s.Standings(ctx))); diff != "" {
			t.Error(diff)
		}
		if n := len(must(s.Trials(ctx))); n != 3 {
			t.Errorf("%d in all", n)
		}
	})
}
