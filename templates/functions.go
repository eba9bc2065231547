package templates

import (
	"fmt"
	"html"
	htmltemplate "html/template"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// functions returns what a structure file may call.
func (l *language) functions() map[string]any {
	f := l.formatting()
	f["say"] = l.say
	f["name"] = l.name
	f["delimiter"] = l.delimiter
	return f
}

// formatting returns what a phrase may call as well.
func (l *language) formatting() map[string]any {
	return map[string]any{
		"date":       l.date,
		"day":        l.day,
		"duration":   duration,
		"hours":      hours,
		"size":       size,
		"upper":      upper,
		"cut":        cut,
		"left":       left,
		"right":      right,
		"quote":      quote,
		"underline":  underline,
		"paragraphs": paragraphs,
		"lines":      lines,
		"joined":     joined,
		"percent":    percent,
		"number":     number,
		"picture":    picture,
	}
}

// say returns a phrase in the reader's language.
func (l *language) say(phrase string, data ...any) (string, error) {
	var value any
	if len(data) > 0 {
		value = data[0]
	}
	var b strings.Builder
	if err := l.phrases.ExecuteTemplate(&b, phrase, value); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()), nil
}

// name returns the word for a value of a fixed set, such as name "status"
// "open"; a value without a word stands for itself.
func (l *language) name(set string, value any) (string, error) {
	key := fmt.Sprintf("%s.%v", set, value)
	if l.phrases.Lookup(key) == nil {
		return fmt.Sprint(value), nil
	}
	return l.say(key)
}

// delimiter returns the line above which a reply is written.
func (l *language) delimiter() (string, error) {
	words, err := l.say("delimiter")
	return Delimiter + " " + words + " -##", err
}

// dates are a language's names of days and months and its order of a date's
// parts, read from its phrases.
type dates struct {
	days, months []string
	layout       string // Go's layout with "Mon", "2", "Jan", "2006" where they belong
}

func (l *language) readDates() error {
	for phrase, put := range map[string]func(string){
		"date.days":   func(s string) { l.dates.days = strings.Fields(s) },
		"date.months": func(s string) { l.dates.months = strings.Fields(s) },
		"date.layout": func(s string) { l.dates.layout = s },
	} {
		s, err := l.say(phrase)
		if err != nil {
			return err
		}
		put(s)
	}
	if len(l.dates.days) != 7 || len(l.dates.months) != 12 {
		return fmt.Errorf("date.days needs 7 names and date.months 12, not %d and %d", len(l.dates.days), len(l.dates.months))
	}
	return nil
}

// date formats a time with its day and zone. A time carries the zone it is to be
// shown in.
func (l *language) date(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return l.day(t) + t.Format(", 15:04 MST")
}

// day formats the day of a time.
func (l *language) day(t time.Time) string {
	s := t.Format(l.dates.layout)
	s = strings.Replace(s, t.Format("Jan"), l.dates.months[t.Month()-1], 1)
	return strings.Replace(s, t.Format("Mon"), l.dates.days[t.Weekday()], 1)
}

// duration formats a duration, whatever its sign, by its two largest units.
func duration(d time.Duration) string {
	d = d.Abs().Round(time.Minute)
	days, hours, minutes := d/(24*time.Hour), d%(24*time.Hour)/time.Hour, d%time.Hour/time.Minute
	switch {
	case d < time.Minute:
		return "< 1 min"
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case days > 0:
		return fmt.Sprintf("%d d", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d min", minutes)
}

// hours formats a duration of business time, in which a day has no fixed length.
func hours(d time.Duration) string {
	d = d.Round(time.Minute)
	switch {
	case d < time.Minute:
		return "< 1 min"
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 10*time.Hour && d%time.Hour != 0:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
}

// size formats a number of bytes.
func size(n int64) string {
	switch {
	case n < 1000:
		return "< 1 kB"
	case n < 10_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d MB", n/1_000_000)
}

// upper writes a value in capitals.
func upper(v any) string { return strings.ToUpper(fmt.Sprint(v)) }

// cut shortens s to at most n characters.
func cut(n int, s string) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:n-1]), " ") + "…"
}

// left and right fill v with spaces to n characters, for tables in text.
func left(n int, v any) string {
	s := fmt.Sprint(v)
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}

func right(n int, v any) string {
	s := fmt.Sprint(v)
	return strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s))) + s
}

// quote marks each line as somebody else's words.
func quote(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("> "+line, " ")
	}
	return strings.Join(lines, "\n")
}

// underline writes a heading for text.
func underline(s string) string {
	return s + "\n" + strings.Repeat("-", min(72, utf8.RuneCountInString(s)))
}

// joined puts the lines of a phrase that say something on one.
func joined(s string) string {
	said := slices.DeleteFunc(strings.Split(s, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	return strings.Join(said, " · ")
}

// paragraphs returns plain text as HTML, with blank lines between paragraphs.
func paragraphs(text string) htmltemplate.HTML {
	var b strings.Builder
	for p := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		p = strings.Trim(p, "\n")
		if p == "" {
			continue
		}
		b.WriteString(`<p style="margin:0 0 12px 0">`)
		b.WriteString(string(lines(p)))
		b.WriteString("</p>\n")
	}
	return htmltemplate.HTML(b.String())
}

// lines returns plain text as HTML that keeps line breaks and the spaces at the
// start of a line.
func lines(text string) htmltemplate.HTML {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("<br>\n")
		}
		words := strings.TrimLeft(line, " ")
		b.WriteString(strings.Repeat("&nbsp;", len(line)-len(words)))
		b.WriteString(html.EscapeString(words))
	}
	return htmltemplate.HTML(b.String())
}

// number returns the number that people give the i-th of a list.
func number(i int) int { return i + 1 }

// picture shows the part of the mail with the content id (RFC 2392), and the words
// instead where pictures are off.
func picture(id, words string) htmltemplate.HTML {
	return htmltemplate.HTML(fmt.Sprintf(`<img src="cid:%s" alt="%s" width="596" style="display:block;width:100%%;max-width:596px;height:auto;border:0">`,
		html.EscapeString(id), html.EscapeString(words)))
}

// percent returns part of whole as a percentage from 0 to 100 for the width of a
// bar; what is there at all shows.
func percent(part, whole int) int {
	if part <= 0 || whole <= 0 {
		return 0
	}
	return min(100, max(2, part*100/whole))
}
