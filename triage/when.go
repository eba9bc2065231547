package triage

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tierdesk/desk"
)

const (
	// morning and evening are the hours that a day without a time means: to begin on
	// it, or to be done by it.
	morning, evening = 9, 17
	// maxAhead bounds how far away a time may be.
	maxAhead = 366 * 24 * time.Hour
	// maxUnsaid bounds how far away a date without a year may be: past it, the day
	// was more likely meant that has just gone.
	maxUnsaid = 300 * 24 * time.Hour
)

// dater reads times as people write them, see readWhen.
type dater struct {
	now  time.Time // in the desk's zone
	hour int       // of a day without a time
}

// readWhen reads a time to come: "2h", "1d 4h", "1w", "15:00", "tomorrow 15:00",
// "friday", "2026-03-05 12:00", "3 march", "5.3.". Days and weeks are those of the
// calendar in the zone, at the same time of day; hours and minutes are hours and
// minutes. A day of the week is the next one, and today only with a time to come. A
// day without a time is at the given hour.
func readWhen(text string, now time.Time, zone *time.Location, hour int) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	w := dater{now: now.In(zone), hour: hour}
	at, ok := w.read(timeWords(text))
	switch {
	case !ok:
		return time.Time{}, desk.Refuse("%q is not a time; write 2h, 2d, 1w, 15:00, tomorrow 15:00, friday 12:00, 2026-03-05 or 5.3.", clip(text, 60))
	case !at.After(now):
		return time.Time{}, desk.Refuse("%q was %s, which is over", clip(text, 60), told(at))
	case at.Sub(now) > maxAhead:
		return time.Time{}, desk.Refuse("%q is more than a year away", clip(text, 60))
	}
	return at.UTC(), nil
}

// told writes a time for a person.
func told(t time.Time) string { return t.Format("Mon 2 Jan 2006 15:04") }

// timeWords splits a time into its words, without those that only lead to it.
func timeWords(text string) []string {
	if len(text) > 100 {
		return nil
	}
	list := strings.Fields(strings.ToLower(strings.ReplaceAll(text, ",", " ")))
	return slices.DeleteFunc(list, func(w string) bool {
		return slices.Contains([]string{"on", "at", "by", "in", "for", "until", "till", "the", "of"}, w)
	})
}

func (w dater) read(words []string) (time.Time, bool) {
	if len(words) == 0 {
		return time.Time{}, false
	}
	if at, ok := w.duration(strings.Join(words, "")); ok {
		return at, true
	}
	if day, clock, ok := strings.Cut(words[0], "t"); ok && len(words) == 1 && isoDate.MatchString(day) {
		words = []string{day, clock}
	}
	hour, minute, timed := clockTime(words[len(words)-1])
	if timed {
		words = words[:len(words)-1]
	} else {
		hour = w.hour
	}
	day, ok := w.day(strings.Join(words, " "), hour, minute, timed)
	if !ok {
		return time.Time{}, false
	}
	return atHour(day, hour, minute), true
}

func atHour(day time.Time, hour, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location())
}

var (
	durationText = regexp.MustCompile(`^(?:\d{1,5}(?:minutes?|mins?|m|hours?|h|days?|d|weeks?|w))+$`)
	durationPart = regexp.MustCompile(`(\d+)([mhdw])[a-z]*`)
	clockText    = regexp.MustCompile(`^(\d{1,2})(?::(\d{2}))?(am|pm)?$`)
	isoDate      = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	dottedDate   = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.?(\d{4})?$`)
	dayAndMonth  = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|\.)? ([a-z]{3,9})(?: (\d{4}))?$`)
	monthAndDay  = regexp.MustCompile(`^([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?$`)
)

func (w dater) duration(text string) (time.Time, bool) {
	if !durationText.MatchString(text) {
		return time.Time{}, false
	}
	at := w.now
	for _, m := range durationPart.FindAllStringSubmatch(text, -1) {
		switch n := number(m[1]); m[2] {
		case "m":
			at = at.Add(time.Duration(n) * time.Minute)
		case "h":
			at = at.Add(time.Duration(n) * time.Hour)
		case "d":
			at = at.AddDate(0, 0, n)
		case "w":
			at = at.AddDate(0, 0, 7*n)
		}
		if at.Sub(w.now) > 2*maxAhead { // far enough to be refused, and not to overflow
			break
		}
	}
	return at, true
}

// number reads digits that a pattern has bounded.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// clockTime reads "15:00", "9:30am" or "3pm".
func clockTime(text string) (hour, minute int, ok bool) {
	m := clockText.FindStringSubmatch(text)
	if m == nil || m[2] == "" && m[3] == "" {
		return 0, 0, false
	}
	hour, minute = number(m[1]), number(m[2])
	if m[3] != "" {
		if hour < 1 || hour > 12 {
			return 0, 0, false
		}
		hour %= 12
		if m[3] == "pm" {
			hour += 12
		}
	}
	return hour, minute, hour < 24 && minute < 60
}

// day reads a day; its hour and minute are those that it is meant for.
func (w dater) day(text string, hour, minute int, timed bool) (time.Time, bool) {
	switch text {
	case "":
		return w.now, timed
	case "today":
		return w.now, true
	case "tomorrow":
		return w.now.AddDate(0, 0, 1), true
	}
	if weekday, ok := named(strings.TrimPrefix(text, "next "), weekdays); ok {
		ahead := (weekday - int(w.now.Weekday()) + 7) % 7
		if ahead == 0 && (!timed || !atHour(w.now, hour, minute).After(w.now)) {
			ahead = 7
		}
		return w.now.AddDate(0, 0, ahead), true
	}
	if m := isoDate.FindStringSubmatch(text); m != nil {
		return w.date(m[1], number(m[2]), m[3])
	}
	if m := dottedDate.FindStringSubmatch(text); m != nil {
		return w.date(m[3], number(m[2]), m[1])
	}
	if m := dayAndMonth.FindStringSubmatch(text); m != nil {
		month, ok := named(m[2], months)
		day, valid := w.date(m[3], month+1, m[1])
		return day, ok && valid
	}
	if m := monthAndDay.FindStringSubmatch(text); m != nil {
		month, ok := named(m[1], months)
		day, valid := w.date(m[3], month+1, m[2])
		return day, ok && valid
	}
	return time.Time{}, false
}

var (
	weekdays = strings.Fields("sunday monday tuesday wednesday thursday friday saturday")
	months   = strings.Fields("january february march april may june july august september october november december")
)

// named returns the place of a name that is written out or shortened to three
// letters or more.
func named(text string, names []string) (int, bool) {
	i := slices.IndexFunc(names, func(name string) bool { return len(text) >= 3 && strings.HasPrefix(name, text) })
	return i, i >= 0
}

// date returns a day that exists. Without a year it is the next such day, unless
// that is so far away that the last one was meant.
func (w dater) date(year string, month int, day string) (time.Time, bool) {
	y, d := w.now.Year(), number(day)
	if year != "" {
		y = number(year)
	}
	at := time.Date(y, time.Month(month), d, 0, 0, 0, 0, w.now.Location())
	if at.Day() != d || int(at.Month()) != month {
		return time.Time{}, false
	}
	if year == "" && at.AddDate(0, 0, 1).Before(w.now) {
		if next := at.AddDate(1, 0, 0); next.Sub(w.now) < maxUnsaid {
			return next, true
		}
	}
	return at, true
}

// readMinutes reads how long somebody worked: "15m", "1h30m", "1.5h" or minutes
// alone.
func readMinutes(text string) (int, error) {
	short := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), ",", "."))
	if len(short) > 20 {
		short = ""
	}
	if _, err := strconv.Atoi(short); err == nil {
		short += "m"
	}
	d, err := time.ParseDuration(strings.TrimSuffix(short, "in"))
	if err != nil || d < time.Minute || d > 24*time.Hour {
		return 0, desk.Refuse("%q is no time from a minute to a day; write 15m, 1h30m or 1.5h", clip(text, 60))
	}
	return int(d.Round(time.Minute) / time.Minute), nil
}
