package tiers

import (
	"strings"
	"testing"
	"time"
)

func TestScheduleNamesEveryBadSpec(t *testing.T) {
	err := Schedule{SLACheck: "TZ=x", DigestDaily: "0 8 * * 7", DigestWeekly: "0 0 31 2 *"}.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"TZ=x", "0 8 * * 7", "0 0 31 2 *"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not name %s: %v", want, err)
		}
	}
	if err := (Schedule{SLACheck: "@every 15s", DigestDaily: "0 8 * * 1-5"}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestLastTwoTimesOfASchedule(t *testing.T) {
	for _, test := range []struct{ spec, now, from, to string }{
		{"0 8 * * 1-5", "2026-11-23 08:00", "2026-11-20 08:00", "2026-11-23 08:00"}, // Friday to Monday
		{"0 8 * * 1-5", "2026-11-23 07:59", "2026-11-19 08:00", "2026-11-20 08:00"},
		{"0 8 * * 1", "2026-11-25 12:00", "2026-11-16 08:00", "2026-11-23 08:00"},
		{"0 8 1 * *", "2026-11-25 12:00", "2026-10-01 08:00", "2026-11-01 08:00"},
		{"0 8 1 1 *", "2026-11-25 12:00", "2025-01-01 08:00", "2026-01-01 08:00"},
		{"@every 10m", "2026-11-25 12:03", "2026-11-25 11:50", "2026-11-25 12:00"},
		{"*/5 * * * *", "2026-11-25 12:03", "2026-11-25 11:55", "2026-11-25 12:00"},
		{"0 8 * * *", "2026-03-29 09:00", "2026-03-28 08:00", "2026-03-29 08:00"}, // 23 hours
	} {
		now := berlin(t, test.now)
		s, err := parseSpec(test.spec, now.Location())
		if err != nil {
			t.Fatal(err)
		}
		from, to, ok := lastTwo(s, now)
		if !ok || !from.Equal(berlin(t, test.from)) || !to.Equal(berlin(t, test.to)) {
			t.Errorf("%s at %s: %s to %s (%v)", test.spec, test.now, from, to, ok)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	f.Add("TZ=x")
	f.Add("CRON_TZ=Europe/Berlin 0 8 * * 1-5")
	f.Fuzz(func(t *testing.T, spec string) {
		s, err := parseSpec(spec, time.UTC)
		if err != nil {
			return
		}
		now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		if from, to, ok := lastTwo(s, now); ok && (to.After(now) || !from.Before(to)) {
			t.Errorf("%q: %s to %s", spec, from, to)
		}
	})
}
