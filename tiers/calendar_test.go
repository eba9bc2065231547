package tiers

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func office(t testing.TB) *Calendar {
	t.Helper()
	day := []string{"09:00-12:00", "13:00-17:30"}
	c, err := NewCalendar(CalendarConfig{
		Name: "office", Timezone: "Europe/Berlin", Holidays: []string{"de"},
		Hours: map[string][]string{"mon": day, "tue": day, "wed": day, "thu": day, "fri": {"09:00-15:00"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func berlin(t testing.TB, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestAddCountsBusinessTimeOnly(t *testing.T) {
	c := office(t)
	for _, test := range []struct {
		from, add, want string
	}{
		{"2026-11-23 09:00", "1h", "2026-11-23 10:00"},
		{"2026-11-23 11:30", "1h", "2026-11-23 13:30"},    // over lunch
		{"2026-11-23 11:00", "1h", "2026-11-23 12:00"},    // exactly to the end of a window
		{"2026-11-23 17:00", "1h", "2026-11-24 09:30"},    // over night
		{"2026-11-27 14:00", "2h", "2026-11-30 10:00"},    // Friday closes at 15:00
		{"2026-11-29 03:00", "30m", "2026-11-30 09:30"},   // Sunday
		{"2026-12-24 17:00", "1h", "2026-12-28 09:30"},    // 25 and 26 December, and the weekend
		{"2026-11-23 09:00", "24h", "2026-11-26 10:30"},   // a day is 24 hours of business time
		{"2026-11-23 20:00", "0s", "2026-11-23 20:00"},    // nothing to add
		{"2026-03-27 14:30", "1h", "2026-03-30 09:30"},    // clocks go forward on the 29th
		{"2026-10-23 14:59", "90m", "2026-10-26 10:29"},   // and back on 25 October
		{"2026-11-23 10:00", "7h30m", "2026-11-24 10:00"}, // a full day further
	} {
		d, err := time.ParseDuration(test.add)
		if err != nil {
			t.Fatal(err)
		}
		from, want := berlin(t, test.from), berlin(t, test.want)
		if got := c.Add(from, d); !got.Equal(want) {
			t.Errorf("%s + %s = %s, want %s", test.from, test.add, got, want)
		}
		if got := c.Between(from, want); got != d {
			t.Errorf("between %s and %s: %s, want %s", test.from, test.want, got, d)
		}
	}
}

func TestNilCalendarIsAlwaysOpen(t *testing.T) {
	var c *Calendar
	from := berlin(t, "2026-11-22 03:00")
	if got := c.Add(from, time.Hour); !got.Equal(from.Add(time.Hour)) {
		t.Errorf("Add = %s", got)
	}
	if got := c.Between(from, from.Add(time.Hour)); got != time.Hour {
		t.Errorf("Between = %s", got)
	}
	if got := c.NextOpen(from); !got.Equal(from) || c.Name() != Always || c.Holiday(from) != "" {
		t.Errorf("NextOpen = %s, Name = %s", got, c.Name())
	}
}

func TestNextOpenAndHoliday(t *testing.T) {
	c := office(t)
	if got, want := c.NextOpen(berlin(t, "2026-12-24 18:00")), berlin(t, "2026-12-28 09:00"); !got.Equal(want) {
		t.Errorf("NextOpen = %s, want %s", got, want)
	}
	if got := c.NextOpen(berlin(t, "2026-11-23 10:10")); !got.Equal(berlin(t, "2026-11-23 10:10")) {
		t.Errorf("NextOpen moved an open instant to %s", got)
	}
	if c.Holiday(berlin(t, "2026-12-25 12:00")) == "" || c.Holiday(berlin(t, "2026-12-23 12:00")) != "" {
		t.Error("Christmas Day is not the holiday")
	}
}

func TestNewCalendarNamesEveryProblem(t *testing.T) {
	_, err := NewCalendar(CalendarConfig{
		Name: "24x7", Timezone: "Mars/Base",
		Hours:    map[string][]string{"mon": {"9-10"}, "tue": {"09:00-12:00", "11:00-13:00"}, "moonday": nil, "wed": {"22:00-06:00"}},
		Holidays: []string{"atlantis", "missing.ics"},
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"24x7", "Mars/Base", `"9"`, "overlap", "moonday", "split it", "atlantis", "missing.ics"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not name %s: %v", want, err)
		}
	}
	if _, err := NewCalendar(CalendarConfig{Name: "x", Timezone: "UTC"}); err == nil {
		t.Error("a calendar without hours was accepted")
	}
}

func TestEveryCountryHasHolidays(t *testing.T) {
	for _, code := range strings.Fields("at be bg br ca ch cz de dk es fr gb gr hr ie it jp lt lv nl no nz pl ro se si sk ua us za") {
		c := &Calendar{holidays: map[int64]string{}}
		if err := c.addCountry(code); err != nil {
			t.Error(err)
		}
		in2026 := 0
		for day := range c.holidays {
			if time.Unix(day*24*60*60, 0).UTC().Year() == 2026 {
				in2026++
			}
		}
		if in2026 < 4 {
			t.Errorf("%s has %d holidays in 2026", code, in2026)
		}
	}
}

// clockChanges returns the instants from 2016 to 2025 at which the zone's offset
// changes.
func clockChanges(loc *time.Location) []time.Time {
	var changes []time.Time
	end := time.Date(2026, 1, 1, 0, 0, 0, 0, loc)
	for t := time.Date(2016, 1, 1, 0, 0, 0, 0, loc); t.Before(end); {
		_, next := t.ZoneBounds()
		if next.IsZero() || !next.Before(end) {
			break
		}
		changes = append(changes, next)
		t = next
	}
	return changes
}

// The oracle knows nothing of offsets: it looks at the wall clock of each minute.
func TestCalendarAgreesWithCountingMinutes(t *testing.T) {
	zones := strings.Fields(`Europe/Berlin Europe/London Europe/Dublin Europe/Lisbon Europe/Athens
		America/New_York America/Los_Angeles America/St_Johns America/Sao_Paulo America/Santiago
		America/Havana America/Asuncion Asia/Tehran Asia/Amman Asia/Beirut Africa/Casablanca
		Australia/Sydney Australia/Lord_Howe Pacific/Auckland Pacific/Apia`)
	random := rand.New(rand.NewPCG(1, 2))
	checked := 0
	for _, name := range zones {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range clockChanges(loc) {
			checkAround(t, random, loc, change)
			checked++
		}
	}
	if checked < 200 {
		t.Errorf("only %d clock changes checked", checked)
	}
}

func checkAround(t *testing.T, random *rand.Rand, loc *time.Location, change time.Time) {
	t.Helper()
	c := randomCalendar(random, loc, change)
	const minutes = 60 * 60 // 30 hours before and after the change
	start := change.Add(-minutes / 2 * time.Minute)
	// counted[i] is the number of open minutes among the first i.
	counted := make([]int, minutes+1)
	for i := range minutes {
		counted[i+1] = counted[i]
		if c.openByTheWallClock(start.Add(time.Duration(i) * time.Minute)) {
			counted[i+1]++
		}
	}
	for range 25 {
		a, b := random.IntN(minutes), random.IntN(minutes)
		if a > b {
			a, b = b, a
		}
		from, to := start.Add(time.Duration(a)*time.Minute), start.Add(time.Duration(b)*time.Minute)
		want := time.Duration(counted[b]-counted[a]) * time.Minute
		if got := c.Between(from, to); got != want {
			t.Errorf("%s at %s: Between(%s, %s) = %s, the minutes say %s", loc, change, from, to, got, want)
		}
		first := a // the first minute after which as much has passed
		for counted[first]-counted[a] < counted[b]-counted[a] {
			first++
		}
		if got, want := c.Add(from, want), start.Add(time.Duration(first)*time.Minute); !got.Equal(want) {
			t.Errorf("%s at %s: Add from %s gives %s, the minutes say %s", loc, change, from, got, want)
		}
	}
}

// randomCalendar has windows with edges all over the night, when clocks change,
// and a holiday on some of the days around the change.
func randomCalendar(random *rand.Rand, loc *time.Location, change time.Time) *Calendar {
	c := &Calendar{name: "random", location: loc, holidays: map[int64]string{}}
	for day := range c.week {
		var edge int64
		for edge < 24*60 {
			from := edge + random.Int64N(150)
			to := from + 1 + random.Int64N(200)
			if to > 24*60 {
				break
			}
			c.week[day] = append(c.week[day], window{from * 60_000_000, to * 60_000_000})
			edge = to
		}
	}
	if random.IntN(4) == 0 {
		c.holidays[dayNumber(change.In(loc).AddDate(0, 0, random.IntN(3)-1).Date())] = "holiday"
	}
	return c
}

func (c *Calendar) openByTheWallClock(t time.Time) bool {
	local := t.In(c.location)
	year, month, day := local.Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if _, off := c.holidays[midnight.Unix()/(24*60*60)]; off {
		return false
	}
	clock := int64(local.Hour()*60+local.Minute()) * 60_000_000
	for _, w := range c.week[local.Weekday()] {
		if clock >= w.from && clock < w.to {
			return true
		}
	}
	return false
}

// Adding in two steps is adding at once, and Between undoes Add.
func FuzzAddAndBetween(f *testing.F) {
	f.Add(int64(1_763_800_000), uint32(3600), uint32(7200))
	f.Add(int64(1_774_700_000), uint32(1), uint32(400_000))
	c := office(f)
	f.Fuzz(func(t *testing.T, unix int64, a, b uint32) {
		from := time.Unix(unix%4_000_000_000, 0)
		one, two := time.Duration(a%1_000_000)*time.Second, time.Duration(b%1_000_000)*time.Second
		end := c.Add(from, one+two)
		if got := c.Add(c.Add(from, one), two); !got.Equal(end) {
			t.Errorf("in two steps %s, at once %s", got, end)
		}
		if got := c.Between(from, end); got != one+two {
			t.Errorf("Between = %s, want %s", got, one+two)
		}
	})
}

func ExampleCalendar_Add() {
	c, err := NewCalendar(CalendarConfig{
		Name: "office", Timezone: "Europe/Berlin",
		Hours: map[string][]string{"fri": {"09:00-17:00"}, "mon": {"09:00-17:00"}},
	})
	if err != nil {
		panic(err)
	}
	friday := time.Date(2026, 11, 27, 15, 30, 0, 0, time.UTC) // 16:30 in Berlin
	fmt.Println(c.Add(friday, time.Hour))
	// Output: 2026-11-30 08:30:00 +0000 UTC
}

func BenchmarkAddThreeDays(b *testing.B) {
	c := office(b)
	from := berlin(b, "2026-12-23 16:00")
	for b.Loop() {
		c.Add(from, 72*time.Hour)
	}
}
