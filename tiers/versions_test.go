package tiers

import (
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
)

// kept returns the rules as they are read again from the versions that were kept.
func kept(t testing.TB, versions ...*Rules) *Rules {
	t.Helper()
	var list []desk.RulesVersion
	for _, r := range versions {
		v, err := r.Text(r.Since)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	r, err := InForce(versions[len(versions)-1], list)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// changed returns test rules that came into force later.
func changed(t testing.TB, since string, change func(*Rules)) *Rules {
	r := testRules(t)
	r.Since = berlin(t, since)
	change(r)
	return r
}

// shorter lets the office close at noon.
func shorter(t testing.TB) func(*Rules) {
	return func(r *Rules) {
		c, err := NewCalendar(CalendarConfig{Name: "office", Timezone: "Europe/Berlin", Hours: map[string][]string{
			"mon": {"09:00-12:00"}, "tue": {"09:00-12:00"}, "wed": {"09:00-12:00"}, "thu": {"09:00-12:00"}, "fri": {"09:00-12:00"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		r.Calendars["office"] = c
	}
}

func TestEditedCalendarCountsFromItsDateOn(t *testing.T) {
	first, second := testRules(t), changed(t, "2026-11-24 10:00", shorter(t))
	r := kept(t, first, second)
	// Four hours: three on Monday afternoon by the old hours, one on Tuesday.
	h := opened(t, "2026-11-23 14:30", desk.P3)
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockRunning, "2026-11-24 10:00", "2026-11-23 17:30")
	// Of 24 hours of resolution, four are used when the office begins to close at noon.
	if got, want := r.Account(h.events).current[desk.Resolution].Used(berlin(t, "2026-11-25 12:00")), 9*time.Hour; got != want {
		t.Errorf("used %s, want %s: 3h, 1h, and then 2h and 3h before noon", got, want)
	}
	if got, want := first.Account(h.events).current[desk.Resolution].Used(berlin(t, "2026-11-25 12:00")), 13*time.Hour+30*time.Minute; got != want {
		t.Errorf("without the edit: used %s, want %s", got, want)
	}
}

func TestShorterTargetBreaksWhenItComesIntoForceNotBefore(t *testing.T) {
	tighter := func(r *Rules) { r.Policies[0].Targets[desk.P3] = Target{FirstResponse: time.Hour} }
	r := kept(t, testRules(t), changed(t, "2026-11-23 12:00", tighter))
	h := opened(t, "2026-11-23 09:00", desk.P3)
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockRunning, "2026-11-23 12:00", "2026-11-23 12:00")
	checkClock(t, r.Account(h.events), desk.Resolution, desk.ClockStopped, "", "")
	// What was answered before keeps its terms.
	h.add("2026-11-23 11:30", desk.ReplySent)
	checkClock(t, r.Account(h.events), desk.FirstResponse, desk.ClockMet, "", "")
}

func TestRulesThatComeBackAreANewVersion(t *testing.T) {
	r := kept(t, testRules(t), changed(t, "2026-11-23 10:00", shorter(t)), changed(t, "2026-11-24 00:00", func(*Rules) {}))
	h := opened(t, "2026-11-23 09:00", desk.P3)
	if got, want := r.Account(h.events).current[desk.Resolution].Used(berlin(t, "2026-11-24 10:00")), 4*time.Hour; got != want {
		t.Errorf("used %s, want %s: three on the short Monday and one on Tuesday", got, want)
	}
	if r.Version != r.Before.Before.Version || r.Version == r.Before.Version {
		t.Errorf("versions %s, %s, %s", r.Before.Before.Version, r.Before.Version, r.Version)
	}
}

func TestChangedVersionIsRefused(t *testing.T) {
	v, err := testRules(t).Text(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	v.Body = []byte(strings.Replace(string(v.Body), "office", "beach!", 1))
	if _, err := InForce(testRules(t), []desk.RulesVersion{v}); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("error %v", err)
	}
}

func TestPriorityAtNightKeepsWhatWasUsedInTheOffice(t *testing.T) {
	r := testRules(t)
	h := opened(t, "2026-11-23 17:10", desk.P3).add("2026-11-23 17:10", desk.TicketEscalated, by("l1"), to(desk.L2)).
		add("2026-11-23 23:00", desk.PriorityChanged, prioritised(desk.P1))
	// Twenty of thirty minutes are used in the office; a P1 does not wait for morning.
	checkClock(t, r.Account(h.events), desk.ClaimClock, desk.ClockRunning, "2026-11-23 23:10", "2026-11-23 23:10")
}

// A gateway that starts with other rules sets the clocks of the tickets that nobody
// touches, and everything adds up before and after.
func TestRestartWithOtherRulesSetsEveryClock(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 10:00")
	b.rules.Policies[0].Targets[desk.P3] = Target{FirstResponse: 6 * time.Hour}
	b.engine = b.restart(nil)
	b.at("2026-11-23 10:20")
	clocks, err := b.store.Clocks(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clocks {
		if c.Kind == desk.FirstResponse && !c.Due.Equal(berlin(t, "2026-11-23 16:00")) {
			t.Errorf("due %s, want six hours after the opening", c.Due)
		}
	}
	b.engine = b.restart(nil)
	b.at("2026-11-23 10:21")
	versions, err := b.store.RulesVersions(t.Context())
	if err != nil || len(versions) != 2 {
		t.Errorf("%d versions, %v; want one for each of the rules, and none for a plain restart", len(versions), err)
	}
	b.audit()
}
