package tiers

import (
	"fmt"
	"testing"
	"time"

	"tierdesk/desk"
)

func TestDigestIsQueuedOncePerManagerAndPeriod(t *testing.T) {
	b := newRig(t, "2026-10-23 09:00")
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
	b := newRig(t, "2026-11-23 09:00")
	b.open(desk.P3)
	b.at("2026-11-23 09:00")
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test"})
}

func TestFiguresTellNewOwedLateAndAtRisk(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	late := b.open(desk.P3)
	owed := b.open(desk.P3)
	b.claim(late)
	b.claim(owed)
	b.at("2026-11-23 14:00") // both break
	b.now = berlin(t, "2026-11-23 15:00")
	b.happen(late, func(t *desk.Ticket) { t.Status = desk.StatusWaiting },
		desk.Event{Type: desk.ReplySent, Actor: "technician:tech1@hd.test", Because: "a reply"})
	b.now = berlin(t, "2026-11-24 09:00")
	risk := b.open(desk.P3)
	b.claim(risk)
	alone := b.open(desk.P4)
	b.happen(alone, func(t *desk.Ticket) { t.Status, t.Answered, t.Cycle, t.Tier = desk.StatusSolved, "doc", 0, desk.L1 },
		desk.Event{Type: desk.TicketSolved, Actor: "customer", Because: "said yes"})
	b.at("2026-11-24 12:30")

	figures := func(from, to string) *desk.Digest {
		t.Helper()
		d, err := Figures(t.Context(), b.store, b.engine.InForce(), Query{Name: "daily", From: berlin(t, from), To: berlin(t, to), By: desk.ByTier, Now: b.now})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	row := func(r desk.DigestRow) string {
		return fmt.Sprintf("%s %s %s %s", r.Number, r.Clock, r.Late.Round(time.Minute), r.Note)
	}
	rows := func(list []desk.DigestRow) (lines []string) {
		for _, r := range list {
			lines = append(lines, row(r))
		}
		return lines
	}
	d := figures("2026-11-23 08:00", "2026-11-24 08:00")
	check(t, "breaches of the day", rows(d.Breaches), []string{
		desk.Number(late) + " first_response 1h0m0s answered late",
		desk.Number(owed) + " first_response 22h30m0s new",
	})
	d = figures("2026-11-24 08:00", "2026-11-25 08:00")
	check(t, "breaches of the next day", rows(d.Breaches), []string{desk.Number(owed) + " first_response 22h30m0s still open"})
	check(t, "at risk", rows(d.AtRisk), []string{desk.Number(risk) + " first_response -1h30m0s "})
	if d.Opened != 2 || d.Solved != 1 || d.L1Solved != 1 {
		t.Errorf("opened %d, solved %d, by L1 %d", d.Opened, d.Solved, d.L1Solved)
	}
}
