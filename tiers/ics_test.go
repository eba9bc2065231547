package tiers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const companyICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20270102\r\nSUMMARY:Between\\, the\r\n  years\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20200612\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Founders' Day\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;INTERVAL=1\r\nSUMMARY:Leap day\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260701\r\nDURATION:P2D\r\nSUMMARY:Move\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260801\r\nSTATUS:CANCELLED\r\nSUMMARY:Called off\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;TZID=\"Europe/Berlin:x\":20260901T100000\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\n" +
	"END:VCALENDAR\r\n"

func TestReadICS(t *testing.T) {
	days, err := readICS(strings.NewReader(companyICS))
	if err != nil {
		t.Fatal(err)
	}
	for date, want := range map[string]string{
		"2026-12-23": "", "2026-12-24": "Between, the years", "2027-01-01": "Between, the years", "2027-01-02": "",
		"2020-06-12": "Founders' Day", "2026-06-12": "Founders' Day", "2019-06-12": "",
		"2028-02-29": "Leap day", "2027-03-01": "",
		"2026-07-01": "Move", "2026-07-02": "Move", "2026-07-03": "",
		"2026-08-01": "", "2026-09-01": "",
	} {
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		if got := days[dayNumber(day.Date())]; got != want {
			t.Errorf("%s: %q, want %q", date, got, want)
		}
	}
}

func TestReadICSRefusesWhatItWouldGetWrong(t *testing.T) {
	event := func(lines string) string {
		return "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\n" + lines + "\nEND:VEVENT\n"
	}
	for name, text := range map[string]string{
		"empty":               "",
		"monthly":             event("RRULE:FREQ=MONTHLY"),
		"until":               event("RRULE:FREQ=YEARLY;UNTIL=20280101"),
		"exceptions":          event("EXDATE;VALUE=DATE:20270101"),
		"a whole year":        event("DTEND;VALUE=DATE:20270101"),
		"bad date":            "BEGIN:VEVENT\nDTSTART;VALUE=DATE:2026-01-01\nEND:VEVENT\n",
		"endless line":        strings.Repeat("x", icsLine+1),
		"endless folded line": "x\n" + strings.Repeat(" xxxxxxxx\n", icsLine/8+1),
		"endless":             strings.Repeat("X-A:b\n", icsBytes/6+1),
		"too many events":     strings.Repeat("BEGIN:VEVENT\nEND:VEVENT\n", icsEvents+1),
	} {
		if _, err := readICS(strings.NewReader(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCalendarTakesHolidaysFromFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "company.ics"), []byte(companyICS), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := NewCalendar(CalendarConfig{
		Name: "office", Timezone: "Europe/Berlin", Dir: dir, Holidays: []string{"DE", "company.ics"},
		Hours: map[string][]string{"mon": {"09:00-17:00"}, "wed": {"09:00-17:00"}, "thu": {"09:00-17:00"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.NextOpen(berlin(t, "2026-12-23 18:00")), berlin(t, "2027-01-04 09:00"); !got.Equal(want) {
		t.Errorf("NextOpen = %s, want %s", got, want)
	}
}

func FuzzReadICS(f *testing.F) {
	f.Add(companyICS)
	f.Add("BEGIN:VEVENT\nDTSTART;VALUE=DATE:00010101\nRRULE:FREQ=YEARLY\nDURATION:P30D\nEND:VEVENT")
	f.Fuzz(func(t *testing.T, text string) {
		days, err := readICS(strings.NewReader(text))
		if err == nil && len(days) == 0 {
			t.Error("no day and no error")
		}
	})
}
