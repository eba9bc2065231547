package tiers

import (
	"bytes"
	"fmt"
	"image/png"
	"slices"
	"testing"
	"time"

	"tierdesk/desk"
)

// figures adds up some histories of tickets.
func figures(t *testing.T, r *Rules, by desk.Grouping, list ...desk.History) *desk.Digest {
	t.Helper()
	tally := newTally(r, Query{Name: "report", From: berlin(t, "2026-11-23 00:00"), To: berlin(t, "2026-11-28 00:00"), By: by, Now: berlin(t, "2026-11-28 00:00")})
	for i := range list {
		tally.add(&list[i])
	}
	return tally.digest()
}

func group(t *testing.T, d *desk.Digest, name string) desk.DigestGroup {
	t.Helper()
	i := slices.IndexFunc(d.Groups, func(g desk.DigestGroup) bool { return g.Name == name })
	if i < 0 {
		t.Fatalf("no group %q", name)
	}
	return d.Groups[i]
}

func TestFiguresOfATicketThatWentUpAndDown(t *testing.T) {
	r := testRules(t)
	r.Desk.Tiers[1].CostPerHour, r.Desk.Tiers[2].CostPerHour = 40, 100
	data := func(f func(*desk.EventData)) func(*desk.Event) { return func(e *desk.Event) { f(&e.Data) } }
	h := opened(t, "2026-11-23 09:00", desk.P3).
		add("2026-11-23 09:00", desk.TicketEscalated, to(desk.L2)).
		add("2026-11-23 09:30", desk.TierPaged, to(desk.L2)).
		add("2026-11-23 09:45", desk.TicketClaimed, status(desk.StatusOpen)).
		add("2026-11-23 11:00", desk.TicketEscalated, to(desk.L3), by("technician:tech1@hd.test")).
		add("2026-11-23 11:30", desk.TimeSpent, data(func(d *desk.EventData) { d.Minutes = 15 })).
		add("2026-11-23 12:00", desk.TicketReturned, to(desk.L2), by("technician:tech3@hd.test")).
		add("2026-11-23 14:00", desk.DocumentUsed, data(func(d *desk.EventData) { d.Doc = "printer-paper" })).
		add("2026-11-23 14:00", desk.ReplySent).
		add("2026-11-23 14:00", desk.TicketSolved, by("technician:tech1@hd.test")).
		add("2026-11-24 10:00", desk.FeedbackGiven, data(func(d *desk.EventData) { d.Rating = "bad" })).
		add("2026-11-24 10:00", desk.TicketReopened)
	ticket := desk.Ticket{ID: 7, Status: desk.StatusOpen, Tier: desk.L2, Priority: desk.P3, Category: "hardware", Cycle: 3,
		Requester: desk.Address{Address: "carl@customer.test"}, Assignee: "tech1@hd.test", Created: h.events[0].At}
	d := figures(t, r, desk.ByTier, desk.History{Ticket: ticket, Events: h.events})
	l2, l3 := group(t, d, "L2 Technical support"), group(t, d, "L3 Engineering")
	if l2.Solved != 1 || l2.Lower != 1 || l2.Reopened != 1 || l2.Bad != 1 || l2.Open != 1 || l2.Share != 100 {
		t.Errorf("L2: %+v", l2)
	}
	// Half an hour up to the page, and a quarter after it.
	if want := (desk.Spread{N: 2, Median: 45 * time.Minute, P90: time.Hour}); l2.Claim != want {
		t.Errorf("claims of L2: %+v, want %+v", l2.Claim, want)
	}
	if l3.Returned != 1 || l3.Held != time.Hour || l3.Cost != 25 {
		t.Errorf("L3: %+v; an hour in hand, of which a quarter was worked", l3)
	}
	byCategory := figures(t, r, desk.ByCategory, desk.History{Ticket: ticket, Events: h.events})
	if g := group(t, byCategory, "hardware"); g.Opened != 1 || g.Cost != l2.Cost+25 {
		t.Errorf("hardware: %+v", g)
	}
	for by, name := range map[desk.Grouping]string{
		desk.ByPriority: "p3", desk.ByTechnician: "Tess Two", desk.ByOrganisation: "customer.test",
	} {
		if g := group(t, figures(t, r, by, desk.History{Ticket: ticket, Events: h.events}), name); g.Solved != 1 {
			t.Errorf("by %s: %+v", by, g)
		}
	}
}

func TestSpreadIsByNearestRank(t *testing.T) {
	var list []time.Duration
	for i := range 10 {
		list = append(list, time.Duration(10-i)*time.Minute)
	}
	if got, want := spread(list), (desk.Spread{N: 10, Median: 5 * time.Minute, P90: 9 * time.Minute}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := spread(nil); got != (desk.Spread{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

func TestDigestCarriesAPicture(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	b.open(desk.P3)
	b.at("2026-11-24 08:00")
	o := b.last()
	if o.Letter.Digest == nil || len(o.Parts) != 1 || o.Letter.Digest.Chart != o.Parts[0].ContentID {
		t.Fatalf("%+v", o)
	}
	picture, err := png.Decode(bytes.NewReader(o.Parts[0].Content))
	if err != nil || picture.Bounds().Dx() < 500 || len(o.Parts[0].Content) > 40_000 {
		t.Errorf("%v, %d bytes, %v", picture.Bounds(), len(o.Parts[0].Content), err)
	}
}

func TestLongDigestIsCutAndCounts(t *testing.T) {
	d := &desk.Digest{Breaches: make([]desk.DigestRow, 120)}
	bound(d)
	if got := fmt.Sprint(len(d.Breaches), d.MoreBreaches, d.BreachCount(), d.RiskCount()); got != "50 70 120 0" {
		t.Error(got)
	}
}
