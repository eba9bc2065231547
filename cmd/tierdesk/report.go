package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"tierdesk/desk"
	"tierdesk/mailout"
	"tierdesk/store"
	"tierdesk/templates"
	"tierdesk/tiers"
)

type reportCmd struct {
	Period string `help:"today, yesterday, this-week, last-week, this-month, last-month, or last-30-days." default:"last-week"`
	From   string `help:"First day, 2026-03-02; instead of a period." placeholder:"DAY"`
	To     string `help:"Day after the last one; today when left out." placeholder:"DAY"`
	By     string `help:"What the figures are split by: tier, category, priority, technician or organisation." enum:"tier,category,priority,technician,organisation" default:"tier"`
	Format string `help:"text, json, csv or html." enum:"text,json,csv,html" default:"text"`
}

// Run adds up the figures of a period, as the digests have them.
func (c reportCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(cfg *config, s *store.Store) error {
		rules, err := rulesInForce(ctx, cfg, s)
		if err != nil {
			return err
		}
		q := tiers.Query{Name: "report", By: desk.Grouping(c.By), Now: time.Now()}
		if q.From, q.To, err = c.period(q.Now, rules.Desk.Location); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		d, err := tiers.Figures(ctx, s, rules, q)
		if err != nil {
			return err
		}
		switch c.Format {
		case "json":
			return jsonLines(std.out, []reportJSON{describeReport(d)})
		case "csv":
			return writeGroups(std.out, d)
		}
		return writeReport(std.out, cfg, rules.Desk, d, c.Format == "html")
	})
}

func (c reportCmd) period(now time.Time, loc *time.Location) (from, to time.Time, err error) {
	if c.From == "" && c.To == "" {
		return desk.ReadPeriod(c.Period, now, loc)
	}
	if from, err = time.ParseInLocation(time.DateOnly, c.From, loc); err != nil {
		return from, to, fmt.Errorf("--from %q is no day such as 2026-03-02", c.From)
	}
	to = now
	if c.To != "" {
		if to, err = time.ParseInLocation(time.DateOnly, c.To, loc); err != nil {
			return from, to, fmt.Errorf("--to %q is no day such as 2026-03-02", c.To)
		}
	}
	if !from.Before(to) {
		return from, to, fmt.Errorf("the period ends before it begins")
	}
	return from, to, nil
}

// writeReport writes the text that a manager's mail has.
func writeReport(w io.Writer, c *config, d *desk.Desk, figures *desk.Digest, html bool) error {
	set, err := mailout.LoadTemplates(c.path(c.Templates.Dir))
	if err != nil {
		return err
	}
	r := mailout.Renderer{Desk: d, Templates: func() *templates.Set { return set }}
	text, page, err := r.Texts(&desk.Outgoing{Kind: desk.SendDigest, Letter: desk.Letter{Desk: d.Name, Subject: "Report", Digest: figures}})
	if err != nil {
		return err
	}
	if html {
		text = page
	}
	_, err = fmt.Fprintln(w, strings.TrimSpace(text))
	return err
}

// reportJSON is a report as scripts read it. Durations are in seconds.
type reportJSON struct {
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	By       desk.Grouping   `json:"by"`
	Breaches []reportRowJSON `json:"breaches"`
	AtRisk   []reportRowJSON `json:"at_risk"`
	Total    groupJSON       `json:"total"`
	Groups   []groupJSON     `json:"groups"`
	Backlog  []backlogJSON   `json:"backlog"`
	Head     string          `json:"head"`
}

type reportRowJSON struct {
	Ticket   string         `json:"ticket"`
	Subject  string         `json:"subject"`
	Tier     desk.Level     `json:"tier"`
	Priority desk.Priority  `json:"priority"`
	Status   desk.Status    `json:"status"`
	Assignee string         `json:"assignee"`
	Clock    desk.ClockKind `json:"clock"`
	Due      *time.Time     `json:"due"`
	Late     int64          `json:"late"`
	Note     string         `json:"note"`
}

type backlogJSON struct {
	Tier      desk.Level `json:"tier"`
	Open      int        `json:"open"`
	Unclaimed int        `json:"unclaimed"`
	Day       int        `json:"day"`
	Week      int        `json:"week"`
	Older     int        `json:"older"`
	Oldest    int64      `json:"oldest"`
}

// groupJSON has the columns of the CSV form, by the same names.
type groupJSON map[string]any

func describeReport(d *desk.Digest) reportJSON {
	j := reportJSON{
		From: d.From.UTC(), To: d.To.UTC(), By: d.By, Total: describeGroup(&d.Total), Groups: []groupJSON{},
		Breaches: describeRows(d.Breaches), AtRisk: describeRows(d.AtRisk), Backlog: []backlogJSON{}, Head: d.Head,
	}
	for i := range d.Groups {
		j.Groups = append(j.Groups, describeGroup(&d.Groups[i]))
	}
	for _, t := range d.Tiers {
		j.Backlog = append(j.Backlog, backlogJSON{t.Level, t.Open, t.Unclaimed, t.Day, t.Week, t.Older, int64(t.Oldest.Seconds())})
	}
	return j
}

func describeRows(rows []desk.DigestRow) []reportRowJSON {
	list := []reportRowJSON{}
	for _, r := range rows {
		list = append(list, reportRowJSON{
			r.Number, r.Subject, r.Tier, r.Priority, r.Status, r.Assignee, r.Clock, stamp(r.Due), int64(r.Late.Seconds()), r.Note,
		})
	}
	return list
}

func describeGroup(g *desk.DigestGroup) groupJSON {
	j := groupJSON{}
	for _, c := range groupColumns(g) {
		j[c.name] = c.value
	}
	return j
}

type column struct {
	name  string
	value any
}

// groupColumns are the figures of a group in the order of the CSV form.
func groupColumns(g *desk.DigestGroup) []column {
	seconds := func(d time.Duration) int64 { return int64(d.Seconds()) }
	columns := []column{
		{"name", g.Name}, {"opened", g.Opened}, {"solved", g.Solved}, {"share_percent", g.Share}, {"first_contact", g.FirstContact},
		{"reopened", g.Reopened}, {"breached", g.Breached}, {"promises_broken", g.Promises}, {"returned", g.Returned},
		{"could_be_lower", g.Lower}, {"open", g.Open}, {"held_seconds", seconds(g.Held)}, {"cost", g.Cost},
		{"good", g.Good}, {"bad", g.Bad},
	}
	for _, s := range []struct {
		name string
		desk.Spread
	}{{"first_response", g.FirstResponse}, {"resolution", g.Resolution}, {"claim", g.Claim}} {
		columns = append(columns, column{s.name + "_count", s.N},
			column{s.name + "_median_seconds", seconds(s.Median)}, column{s.name + "_p90_seconds", seconds(s.P90)})
	}
	return columns
}

// writeGroups writes a line for each group and one for all.
func writeGroups(w io.Writer, d *desk.Digest) error {
	out := csv.NewWriter(w)
	total := d.Total
	total.Name = "(all)"
	for i, g := range append(d.Groups[:len(d.Groups):len(d.Groups)], total) {
		var head, line []string
		for _, c := range groupColumns(&g) {
			head = append(head, c.name)
			line = append(line, cell(c.value))
		}
		if i == 0 {
			if err := out.Write(head); err != nil {
				return err
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cell writes a value for CSV. A text that a spreadsheet would take for a formula
// gets an apostrophe in front.
func cell(v any) string {
	switch v := v.(type) {
	case string:
		text := desk.OneLine(v)
		if text != "" && strings.ContainsRune("=+-@\t\r|%", rune(text[0])) {
			return "'" + text
		}
		return text
	case float64:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return fmt.Sprint(v)
}
