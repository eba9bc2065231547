package desk

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Periods names the periods that ReadPeriod knows, for messages.
const Periods = "today, yesterday, this week, last week, this month, last month, last N days"

// maxPeriodDays bounds "last N days".
const maxPeriodDays = 3660

// ReadPeriod returns the period that words such as "last week" or "last-7-days" name
// at an instant: whole days, weeks from Monday and months of the zone, the present
// ones up to the end of today.
func ReadPeriod(words string, now time.Time, loc *time.Location) (from, to time.Time, err error) {
	year, month, day := now.In(loc).Date()
	date := func(month time.Month, day int) time.Time { return time.Date(year, month, day, 0, 0, 0, 0, loc) }
	monday := day - (int(now.In(loc).Weekday())+6)%7
	name := strings.Join(strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return r == ' ' || r == '-' }), " ")
	switch name {
	case "today":
		return date(month, day), date(month, day+1), nil
	case "yesterday":
		return date(month, day-1), date(month, day), nil
	case "this week":
		return date(month, monday), date(month, day+1), nil
	case "last week":
		return date(month, monday-7), date(month, monday), nil
	case "this month":
		return date(month, 1), date(month, day+1), nil
	case "last month":
		return date(month-1, 1), date(month, 1), nil
	}
	number, ok := strings.CutPrefix(name, "last ")
	number, days := strings.CutSuffix(number, " days")
	n, err := strconv.Atoi(number)
	if !ok || !days || err != nil || n < 1 || n > maxPeriodDays {
		return from, to, fmt.Errorf("%q is no period; there are %s", words, Periods)
	}
	return date(month, day-n), date(month, day), nil
}
