package tiers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Always names the calendar that is open day and night. It need not be configured.
const Always = "24x7"

// CalendarConfig describes a Calendar as the configuration file does.
type CalendarConfig struct {
	Name     string
	Timezone string // IANA name
	// Hours lists windows "09:00-12:30" by weekday "mon" to "sun". A window ends
	// before its second time; "24:00" is the end of the day.
	Hours map[string][]string
	// Holidays are country codes ("de") and .ics files.
	Holidays []string
	// Dir is the folder that relative names of .ics files start from.
	Dir string
}

// NewCalendar builds a calendar and reads its holiday files. The error names
// every problem.
func NewCalendar(cfg CalendarConfig) (*Calendar, error) {
	c := &Calendar{name: cfg.Name, holidays: map[int64]string{}}
	var problems []error
	if cfg.Name == "" || cfg.Name == Always {
		problems = append(problems, fmt.Errorf("name %q is not usable", cfg.Name))
	}
	var err error
	if c.location, err = zone(cfg.Timezone); err != nil {
		problems = append(problems, err)
	}
	if err := c.readHours(cfg.Hours); err != nil {
		problems = append(problems, err)
	}
	for _, h := range cfg.Holidays {
		if err := c.addHolidays(h, cfg.Dir); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("calendar %q: %w", cfg.Name, err)
	}
	return c.sealed()
}

// zone loads a time zone by name. The names that mean "where this machine
// stands" are refused: a calendar must not change with the machine.
func zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("timezone %q: name one like Europe/Berlin", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("timezone %q: %w", name, err)
	}
	return loc, nil
}

func (c *Calendar) readHours(hours map[string][]string) error {
	var problems []error
	total := 0
	for name, texts := range hours {
		weekday, ok := parseWeekday(name)
		if !ok {
			problems = append(problems, fmt.Errorf("hours: %q is no weekday, want mon … sun", name))
			continue
		}
		windows, err := parseWindows(texts)
		if err != nil {
			problems = append(problems, fmt.Errorf("hours on %s: %w", name, err))
		}
		c.week[weekday] = windows
		total += len(windows)
	}
	if total == 0 && len(problems) == 0 {
		problems = append(problems, errors.New("hours: no window in the whole week"))
	}
	return errors.Join(problems...)
}

func parseWeekday(name string) (time.Weekday, bool) {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	i := slices.Index(names, strings.ToLower(name))
	return time.Weekday(i), i >= 0
}

// parseWindows reads the windows of one day, sorts them and refuses overlaps.
func parseWindows(texts []string) ([]window, error) {
	var windows []window
	for _, text := range texts {
		w, err := parseWindow(text)
		if err != nil {
			return nil, err
		}
		windows = append(windows, w)
	}
	slices.SortFunc(windows, func(a, b window) int { return int(a.from/1_000_000 - b.from/1_000_000) })
	for i := 1; i < len(windows); i++ {
		if windows[i].from < windows[i-1].to {
			return nil, fmt.Errorf("windows %v overlap", texts)
		}
	}
	return windows, nil
}

func parseWindow(text string) (window, error) {
	from, to, ok := strings.Cut(text, "-")
	if !ok {
		return window{}, fmt.Errorf("%q is no window, want 09:00-17:30", text)
	}
	a, err := parseClock(from)
	if err != nil {
		return window{}, err
	}
	b, err := parseClock(to)
	if err != nil {
		return window{}, err
	}
	if b <= a {
		return window{}, fmt.Errorf("window %q ends before it starts; split it at 24:00 over two days", text)
	}
	return window{a, b}, nil
}

// parseClock reads "HH:MM" as microseconds since midnight; "24:00" is allowed.
func parseClock(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "24:00" {
		return dayMicros, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is no time of day, want 09:00", text)
	}
	return int64(t.Hour()*60+t.Minute()) * 60_000_000, nil
}

func (c *Calendar) addHolidays(source, dir string) error {
	if !strings.HasSuffix(strings.ToLower(source), ".ics") {
		return c.addCountry(source)
	}
	path := source
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("holidays: %w", err)
	}
	defer f.Close()
	days, err := readICS(f)
	if err != nil {
		return fmt.Errorf("holidays %s: %w", source, err)
	}
	for day, name := range days {
		c.holidays[day] = name
	}
	return nil
}
