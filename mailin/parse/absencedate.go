package parse

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// namedDay is a day that a text names, at its place in the text. A day that is
// named by its weekday is relative: it only counts as the day of a return.
type namedDay struct {
	start, end int
	date       time.Time // zero when it is not clear which day is meant
	relative   bool
}

// The forms in which people write days, in lower case. They are only looked for in
// vacation replies, which are short.
var (
	isoDay     = regexp.MustCompile(`\b(20\d\d)(?:-|/|\. ?)(\d{1,2})(?:-|/|\. ?)(\d{1,2})\b`)
	asianDay   = regexp.MustCompile(`(?:(20\d\d)\s?[年년]\s?)?\b(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号號]`)
	pointedDay = regexp.MustCompile(`\b(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(20\d\d|\d\d)\b)?`)
	slashedDay = regexp.MustCompile(`\b(\d{1,2})[/-](\d{1,2})(?:[/-](20\d\d|\d\d)\b)?`)
	dayMonth   = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th|er|º|°|\.|:e)?\s(?:of |de |di |d')?(\p{L}{3,})\.?,?(?:\s(?:de |del )?(20\d\d))?`)
	monthDay   = regexp.MustCompile(`(?:\b(20\d\d)\.\s)?(\p{L}{3,})\.?\s(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s(20\d\d)\b)?`)
	dayWord    = regexp.MustCompile(`\p{L}{3,}`)
)

// days returns the days that the text names, in their order.
func (r *absenceReader) days() []namedDay {
	var out []namedDay
	add := func(form *regexp.Regexp, read func(g []string) (time.Time, bool)) {
		for _, at := range form.FindAllStringSubmatchIndex(r.text, 100) {
			g := make([]string, len(at)/2)
			for i := range g {
				if at[2*i] >= 0 {
					g[i] = r.text[at[2*i]:at[2*i+1]]
				}
			}
			d := namedDay{start: at[0], end: at[1]}
			if date, ok := read(g); ok && !overlaps(out, d) {
				d.date = date
				out = append(out, d)
			}
		}
	}
	add(isoDay, func(g []string) (time.Time, bool) { return r.day(g[1], number(g[2]), g[3]) })
	add(asianDay, func(g []string) (time.Time, bool) { return r.day(g[1], number(g[2]), g[3]) })
	add(pointedDay, func(g []string) (time.Time, bool) { return r.day(g[3], number(g[2]), g[1]) })
	add(slashedDay, func(g []string) (time.Time, bool) { return r.slashed(g[1], g[2], g[3]) })
	add(dayMonth, func(g []string) (time.Time, bool) { return r.day(g[3], monthNames[g[2]], g[1]) })
	add(monthDay, func(g []string) (time.Time, bool) { return r.day(g[1]+g[4], monthNames[g[2]], g[3]) })
	out = append(out, r.weekdays(out)...)
	slices.SortFunc(out, func(a, b namedDay) int { return a.start - b.start })
	return out
}

func overlaps(days []namedDay, d namedDay) bool {
	return slices.ContainsFunc(days, func(o namedDay) bool { return d.start < o.end && o.start < d.end })
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// day returns a day; without a year the next one that comes, or zero when that is
// not soon. ok is false when there is no such day.
func (r *absenceReader) day(year string, month int, dayText string) (t time.Time, ok bool) {
	day, y := number(dayText), number(year)
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return t, false
	}
	if year != "" {
		if y < 100 {
			y += 2000
		}
		t = time.Date(y, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		return t, t.Day() == day
	}
	for y = r.today.Year(); y < r.today.Year()+2; y++ {
		t = time.Date(y, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if !t.Before(r.today) && t.Before(r.today.AddDate(0, 0, maxGuess)) {
			return t, t.Day() == day
		}
	}
	return time.Time{}, true
}

// slashed reads 3/4 and 3-4-2026 as the sender's country does; where that is not
// known, only when one reading alone is a day that comes soon.
func (r *absenceReader) slashed(a, b, year string) (t time.Time, ok bool) {
	byDay, okDay := r.day(year, number(b), a)
	byMonth, okMonth := r.day(year, number(a), b)
	switch {
	case !okMonth || byDay.Equal(byMonth):
		return byDay, okDay
	case !okDay || r.order == monthFirst:
		return byMonth, true
	case r.order == dayFirst:
		return byDay, true
	case r.soon(byDay) && !r.soon(byMonth):
		return byDay, true
	case r.soon(byMonth) && !r.soon(byDay):
		return byMonth, true
	}
	return time.Time{}, true
}

func (r *absenceReader) soon(t time.Time) bool {
	return !t.Before(r.today) && t.Before(r.today.AddDate(0, 0, 60))
}

// weekdays returns the days that are named by their weekday only, or as tomorrow.
// "Next Friday", said on a Monday, may be in this week or in the next: it counts
// only when both readings are the same day.
func (r *absenceReader) weekdays(known []namedDay) []namedDay {
	var out []namedDay
	for _, at := range dayWord.FindAllStringIndex(r.text, -1) {
		word := r.text[at[0]:at[1]]
		d := namedDay{start: at[0], end: at[1], relative: true}
		if tomorrowWords[word] {
			d.date = r.today.AddDate(0, 0, 1)
		} else if weekday, ok := weekdayNames[word]; ok {
			ahead := (int(weekday)-int(r.today.Weekday())+6)%7 + 1
			d.date = r.today.AddDate(0, 0, ahead)
			sameWeek := (int(r.today.Weekday())+6)%7+ahead < 7
			if around := r.text[max(0, at[0]-16):min(len(r.text), at[1]+12)]; sameWeek && hasCue(around, nextWords) {
				d.date = time.Time{}
			}
		} else {
			continue
		}
		if !nearFigure(known, d) {
			out = append(out, d)
		}
	}
	return out
}

// nearFigure reports a weekday that only goes with a date: "Monday, 3 March".
func nearFigure(known []namedDay, d namedDay) bool {
	return slices.ContainsFunc(known, func(o namedDay) bool { return d.start < o.end+8 && o.start < d.end+14 })
}

// byWord turns lists of words, separated by blanks, into a table from each word to
// the place of its list.
func byWord(lists ...string) map[string]int {
	m := map[string]int{}
	for i, list := range lists {
		for _, w := range strings.Fields(list) {
			m[w] = i + 1
		}
	}
	return m
}
