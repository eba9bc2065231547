package triage

import (
	"errors"
	"testing"
	"time"

	"tierdesk/desk"
)

func TestReadWhen(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 3, 2, 9, 30, 0, 0, berlin)
	for text, want := range map[string]string{
		"30m":                     "2026-03-02 10:00",
		"2h":                      "2026-03-02 11:30",
		"1h30m":                   "2026-03-02 11:00",
		"2d":                      "2026-03-04 09:30",
		"1d 4h":                   "2026-03-03 13:30",
		"in 2 days":               "2026-03-04 09:30",
		"1w":                      "2026-03-09 09:30",
		"4w":                      "2026-03-30 09:30", // the same time of day across the change to summer time
		"15:00":                   "2026-03-02 15:00",
		"today 5pm":               "2026-03-02 17:00",
		"tomorrow":                "2026-03-03 09:00",
		"Tomorrow, 15:00":         "2026-03-03 15:00",
		"monday":                  "2026-03-09 09:00",
		"monday 12:00":            "2026-03-02 12:00",
		"monday 9:00":             "2026-03-09 09:00",
		"Friday 12:00":            "2026-03-06 12:00",
		"by next fri":             "2026-03-06 09:00",
		"2026-03-05":              "2026-03-05 09:00",
		"2026-03-05T18:15":        "2026-03-05 18:15",
		"2026-03-05 18:15":        "2026-03-05 18:15",
		"3 march":                 "2026-03-03 09:00",
		"3rd of March 2026 16:00": "2026-03-03 16:00",
		"Mar 3":                   "2026-03-03 09:00",
		"5.3.":                    "2026-03-05 09:00",
		"05.03.2026 at 8:30am":    "2026-03-05 08:30",
		"3 nov":                   "2026-11-03 09:00",
		"29 march 2:30":           "2026-03-29 03:30", // which is left out that night
	} {
		at, err := readWhen(text, monday, berlin, morning)
		if err != nil || at.In(berlin).Format("2006-01-02 15:04") != want {
			t.Errorf("%q: %s, %v; want %s", text, at.In(berlin), err, want)
		}
	}
	if at, err := readWhen("3 january", time.Date(2026, 12, 20, 9, 0, 0, 0, berlin), berlin, morning); err != nil || at.Year() != 2027 {
		t.Errorf("3 january in December: %s, %v", at, err)
	}
	if at, err := readWhen("friday", monday, nil, evening); err != nil || at.Hour() != evening {
		t.Errorf("without a zone: %s, %v", at, err)
	}
	for _, text := range []string{
		"", "soon", "2", "2x", "-2h", "0m", "9:00", "today 9:00", "1 march", "2026-02-30", "31.2.", "2026-13-01", "3/4",
		"25:00", "12:60", "13pm", "2020-01-01", "2028-01-01", "400d", "99999w", "tomorrow tomorrow", "march", "3 mars", "friday 3",
	} {
		at, err := readWhen(text, monday, berlin, morning)
		var refusal *desk.Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("%q: %s, %v; want a refusal", text, at, err)
		}
	}
}

func TestReadMinutes(t *testing.T) {
	for text, want := range map[string]int{"15m": 15, "15 min": 15, "1h": 60, "1h30m": 90, "1.5h": 90, "1,5h": 90, "20": 20, "24h": 1440} {
		if got, err := readMinutes(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "-5m", "25h", "soon", "1d", "99999999999999999999h", "30s"} {
		if got, err := readMinutes(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func FuzzReadWhen(f *testing.F) {
	for _, text := range []string{"2d", "tomorrow 15:00", "3 march 2026 9:00", "05.03.", "2026-03-05T18:15", "99999w99999w"} {
		f.Add(text, int64(1772440200))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		now := time.Unix(unix%(1<<33), 0)
		at, err := readWhen(text, now, time.UTC, evening)
		if err == nil && (!at.After(now) || at.Sub(now) > maxAhead) {
			t.Errorf("%q at %s is %s", text, now, at)
		}
		if n, err := readMinutes(text); err == nil && (n < 1 || n > 24*60) {
			t.Errorf("%q is %d minutes", text, n)
		}
	})
}
