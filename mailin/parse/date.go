package parse

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads the Date field in the forms that mail shows: RFC 5322, missing
// zone or seconds, full day and month names, ISO 8601, two-digit years, month
// before day, "a.m.", zones by name. ok is false when no date is in it. A date
// without zone is taken as UTC. It is for display only.
func parseDate(s string) (t time.Time, ok bool) {
	s, _ = cutComments(s)
	if len(s) > 200 {
		s = s[:200]
	}
	d := dateParts{month: -1, year: -1, day: -1, hour: -1}
	for _, tok := range dateTokens(s) {
		d.take(tok)
	}
	if d.year < 0 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 {
		return t, false
	}
	if d.hour < 0 {
		d.hour = 0
	}
	if d.pm && d.hour < 12 {
		d.hour += 12
	}
	if d.am && d.hour == 12 {
		d.hour = 0
	}
	if d.hour > 24 || d.min > 59 || d.sec > 60 {
		return t, false
	}
	zone := time.UTC
	if d.offset != 0 {
		zone = time.FixedZone("", d.offset)
	}
	return time.Date(d.year, time.Month(d.month), d.day, d.hour, d.min, d.sec, 0, zone), true
}

type dateParts struct {
	year, month, day int
	hour, min, sec   int
	offset           int
	am, pm           bool
}

// dateTokens cuts at blanks, commas and the T of ISO 8601, and before a sign
// that follows a time.
func dateTokens(s string) []string {
	var out []string
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == ';' }) {
		if i := strings.IndexByte(f, 'T'); i > 0 && digit(f[i-1]) && i+1 < len(f) && digit(f[i+1]) {
			out = append(out, f[:i])
			f = f[i+1:]
		}
		if c := strings.IndexByte(f, ':'); c > 0 {
			if i := strings.IndexAny(f[c:], "+-Z"); i > 0 {
				out = append(out, f[:c+i])
				f = f[c+i:]
			}
		}
		out = append(out, f)
	}
	return out
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func (d *dateParts) take(tok string) {
	low := strings.ToLower(strings.TrimRight(tok, "."))
	if low == "" {
		return
	}
	switch {
	case strings.Contains(low, ":") && digit(low[0]):
		d.clock(low)
	case (low[0] == '+' || low[0] == '-') && len(low) >= 3 && digit(low[1]):
		d.zone(low)
	case digit(low[0]):
		d.number(low)
	case low == "am" || low == "a.m":
		d.am = true
	case low == "pm" || low == "p.m":
		d.pm = true
	case monthNumber(low) > 0 && d.month < 0:
		d.month = monthNumber(low)
	default:
		if off, ok := zoneNames[low]; ok && d.offset == 0 {
			d.offset = off * 60
		} else if rest, ok := strings.CutPrefix(low, "gmt"); ok && len(rest) > 1 && (rest[0] == '+' || rest[0] == '-') {
			d.zone(rest)
		} else if rest, ok := strings.CutPrefix(low, "utc"); ok && len(rest) > 1 && (rest[0] == '+' || rest[0] == '-') {
			d.zone(rest)
		}
	}
}

func (d *dateParts) clock(s string) {
	if rest, ok := strings.CutSuffix(s, "pm"); ok {
		d.pm, s = true, rest
	} else if rest, ok := strings.CutSuffix(s, "am"); ok {
		d.am, s = true, rest
	}
	for i, f := range strings.SplitN(s, ":", 3) {
		if j := strings.IndexAny(f, "., "); j > 0 {
			f = f[:j]
		}
		n, err := strconv.Atoi(f)
		if err != nil {
			continue
		}
		switch i {
		case 0:
			d.hour = n
		case 1:
			d.min = n
		case 2:
			d.sec = n
		}
	}
}

func (d *dateParts) zone(s string) {
	sign := 1
	if s[0] == '-' {
		sign = -1
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	if len(digits) > 4 {
		digits = digits[:4]
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return
	}
	if len(digits) <= 2 {
		n *= 100
	}
	if off := n/100*60 + n%100; off <= 15*60 {
		d.offset = sign * off * 60
	}
}

// number takes a token that starts with a digit: a day, a year, "12-Jan-2020",
// "2020-01-12", "12/31/2020", "31.12.2020".
func (d *dateParts) number(s string) {
	f := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	if len(f) == 3 {
		d.three(f, s)
		return
	}
	n, err := strconv.Atoi(strings.TrimRight(s, "stndrh."))
	switch {
	case err != nil:
	case d.day < 0 && n >= 1 && n <= 31 && len(f[0]) <= 2:
		d.day = n
	case d.year < 0:
		d.year = fullYear(n, len(s))
	}
}

func (d *dateParts) three(f []string, s string) {
	a, errA := strconv.Atoi(f[0])
	b, errB := strconv.Atoi(f[1])
	c, errC := strconv.Atoi(f[2])
	if errA != nil || errC != nil {
		return
	}
	switch {
	case errB != nil:
		d.day, d.month, d.year = a, monthNumber(strings.ToLower(f[1])), fullYear(c, len(f[2]))
	case len(f[0]) == 4:
		d.year, d.month, d.day = a, b, c
	case strings.Contains(s, "/") && b > 12 || strings.Contains(s, "/") && a <= 12:
		d.month, d.day, d.year = a, b, fullYear(c, len(f[2]))
	default:
		d.day, d.month, d.year = a, b, fullYear(c, len(f[2]))
	}
}

// fullYear reads two- and three-digit years as RFC 5322 section 4.3 says.
func fullYear(n, digits int) int {
	switch {
	case digits <= 2 && n < 50:
		return n + 2000
	case digits <= 3:
		return n + 1900
	}
	return n
}

func monthNumber(s string) int {
	if len(s) < 3 {
		return 0
	}
	i := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", s[:3])
	if i < 0 || i%3 != 0 {
		return monthNames[s] // some programs write their user's language
	}
	return i/3 + 1
}

// zoneNames holds minutes east of UTC. Other names count as UTC, as RFC 5322
// section 4.3 asks.
var zoneNames = map[string]int{
	"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
	"cet": 60, "mez": 60, "met": 60, "cest": 120, "mesz": 120, "mest": 120, "bst": 60, "eet": 120, "eest": 180,
	"msk": 180, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "brt": -180,
}
