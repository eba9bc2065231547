package desk

import (
	"testing"
	"time"
)

func TestReadPeriod(t *testing.T) {
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC) // a Wednesday
	for words, want := range map[string]string{
		"today": "11-25 00:00 11-26 00:00", "yesterday": "11-24 00:00 11-25 00:00",
		"this week": "11-23 00:00 11-26 00:00", "Last-Week": "11-16 00:00 11-23 00:00",
		"last month": "10-01 00:00 11-01 00:00", "last 3 days": "11-22 00:00 11-25 00:00",
		"": "error", "last": "error", "last 0 days": "error", "last 99999 days": "error", "next week": "error",
	} {
		from, to, err := ReadPeriod(words, now, now.Location())
		got := from.Format("01-02 15:04") + " " + to.Format("01-02 15:04")
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q is %s, want %s", words, got, want)
		}
	}
}

func TestReadAsk(t *testing.T) {
	for line, want := range map[string]string{
		"report":                          "report last 7 days by tier",
		"Report last week by Category.":   "report last week by category",
		"report by organization":          "report last 7 days by organisation",
		"breaches":                        "breaches last 7 days",
		"Breaches yesterday?":             "breaches yesterday",
		"ticket " + Number(12):            "ticket " + Number(12),
		"ticket #12":                      "ticket " + Number(12),
		"report the weather":              "",
		"report last week by hair colour": "",
		"ticket":                          "",
		"reporting is fun":                "",
		"the report is wrong":             "",
	} {
		ask, err := ReadAsk(line)
		got := ask.String()
		if err != nil {
			got = ""
		}
		if got != want {
			t.Errorf("%q reads as %q (%v), want %q", line, got, err, want)
		}
	}
}

func FuzzReadAsk(f *testing.F) {
	f.Add("report last week by tier")
	f.Add("ticket 1234-K")
	f.Fuzz(func(t *testing.T, line string) {
		ask, err := ReadAsk(line)
		if err != nil {
			return
		}
		if again, err := ReadAsk(ask.String()); err != nil || again.What != ask.What || again.Ticket != ask.Ticket || again.By != ask.By {
			t.Errorf("%q reads as %q, which reads as %q, %v", line, ask, again, err)
		}
	})
}
