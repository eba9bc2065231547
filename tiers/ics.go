package tiers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"tierdesk/desk"
)

// Limits of an .ics file. Holiday files of whole countries over many years stay
// far below.
const (
	icsBytes  = 4 << 20
	icsLine   = 64 << 10
	icsEvents = 5_000
	icsSpan   = 31 // days of one event
)

// readICS returns the days that the all-day events of an iCalendar file cover
// (RFC 5545), by day number, each with the event's summary. Events with a time of
// day and cancelled ones are left out. Of recurrences only a plain FREQ=YEARLY is
// understood; any other is an error, rather than a holiday that is missed.
func readICS(r io.Reader) (map[int64]string, error) {
	days := map[int64]string{}
	var event *icsEvent
	events := 0
	err := eachICSLine(r, func(line string) error {
		name, params, value := splitICSLine(line)
		switch {
		case name == "BEGIN" && strings.EqualFold(value, "VEVENT"):
			if events++; events > icsEvents {
				return fmt.Errorf("more than %d events", icsEvents)
			}
			event = &icsEvent{}
		case event == nil:
		case name == "END" && strings.EqualFold(value, "VEVENT"):
			done := event
			event = nil
			return done.addTo(days)
		default:
			return event.property(name, params, value)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(days) == 0 {
		return nil, errors.New("no all-day event in it")
	}
	return days, nil
}

// eachICSLine calls fn with each content line, unfolded (RFC 5545 section 3.1).
func eachICSLine(r io.Reader, fn func(string) error) error {
	limited := &io.LimitedReader{R: r, N: icsBytes + 1}
	scan := bufio.NewScanner(limited)
	scan.Buffer(nil, icsLine)
	var line strings.Builder
	for scan.Scan() {
		text := strings.TrimSuffix(scan.Text(), "\r")
		if folded := strings.TrimLeft(text, " \t"); folded != text {
			if line.Len()+len(text) > icsLine {
				return errors.New("line too long")
			}
			line.WriteString(text[1:])
			continue
		}
		if err := fn(line.String()); err != nil {
			return err
		}
		line.Reset()
		line.WriteString(text)
	}
	if err := scan.Err(); err != nil {
		return err
	}
	if limited.N <= 0 {
		return fmt.Errorf("larger than %d bytes", icsBytes)
	}
	return fn(line.String())
}

// splitICSLine splits "NAME;PARAMS:VALUE". A colon in a quoted parameter does
// not end the parameters.
func splitICSLine(line string) (name, params, value string) {
	quoted := false
	for i, r := range line {
		if r == '"' {
			quoted = !quoted
		}
		if r == ':' && !quoted {
			line, value = line[:i], line[i+1:]
			break
		}
	}
	name, params, _ = strings.Cut(line, ";")
	return strings.ToUpper(name), strings.ToUpper(params), value
}

type icsEvent struct {
	start, end time.Time // end is the day after the last
	days       int       // from DURATION, when there is no end
	yearly     bool
	cancelled  bool
	summary    string
}

func (e *icsEvent) property(name, params, value string) (err error) {
	switch name {
	case "DTSTART":
		e.start, err = icsDate(params, value)
	case "DTEND":
		e.end, err = icsDate(params, value)
	case "DURATION":
		e.days = icsDays(value)
	case "SUMMARY":
		plain := strings.NewReplacer(`\,`, ",", `\;`, ";", `\n`, " ", `\N`, " ", `\\`, `\`).Replace(value)
		e.summary = desk.OneLine(plain)
	case "STATUS":
		e.cancelled = strings.EqualFold(value, "CANCELLED")
	case "RRULE":
		rule := strings.TrimSuffix(strings.ToUpper(value), ";INTERVAL=1")
		if rule != "FREQ=YEARLY" {
			return fmt.Errorf("recurrence %.80q is not understood: list the dates one by one", value)
		}
		e.yearly = true
	case "RDATE", "EXDATE":
		return fmt.Errorf("%s is not understood: list the dates one by one", name)
	}
	return err
}

// icsDate reads a date; the zero time stands for a time of day.
func icsDate(params, value string) (time.Time, error) {
	if !strings.Contains(params, "VALUE=DATE") || strings.Contains(params, "VALUE=DATE-TIME") {
		return time.Time{}, nil
	}
	t, err := time.Parse("20060102", strings.TrimSpace(value))
	if err != nil {
		return time.Time{}, fmt.Errorf("%.40q is no date", value)
	}
	return t, nil
}

// icsDays reads a duration of whole days or weeks, "P2D" or "P1W"; 0 for others.
func icsDays(value string) int {
	number, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(value)), "P")
	each := 1
	if n, weeks := strings.CutSuffix(number, "W"); weeks {
		number, each = n, 7
	} else {
		number = strings.TrimSuffix(number, "D")
	}
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 0 || n > icsSpan {
		return 0
	}
	return n * each
}

func (e *icsEvent) addTo(days map[int64]string) error {
	if e.start.IsZero() || e.cancelled {
		return nil
	}
	span := 1
	switch {
	case !e.end.IsZero():
		span = int(e.end.Sub(e.start).Hours() / 24)
	case e.days > 0:
		span = e.days
	}
	if span > icsSpan {
		return fmt.Errorf("event on %s covers more than %d days", e.start.Format(time.DateOnly), icsSpan)
	}
	e.addYear(days, e.start, span)
	for year := max(e.start.Year()+1, firstHolidayYear); e.yearly && year <= lastHolidayYear; year++ {
		start := time.Date(year, e.start.Month(), e.start.Day(), 0, 0, 0, 0, time.UTC)
		if start.Day() == e.start.Day() { // 29 February is no 1 March
			e.addYear(days, start, span)
		}
	}
	return nil
}

func (e *icsEvent) addYear(days map[int64]string, start time.Time, span int) {
	for i := range max(span, 1) {
		days[dayNumber(start.AddDate(0, 0, i).Date())] = e.summary
	}
}
