package triage

import (
	"strings"
	"time"

	"tierdesk/desk"
)

// asks returns the line with which a manager asks for figures, or "". It stands in
// the subject, or above all that he writes. What begins like one and cannot be read
// is meant as one when the mail says nothing else.
func (d *decision) asks(who principal) string {
	if who.strength < proven || d.Desk.Manager(d.in.From.Address) == nil || d.in.Automatic {
		return ""
	}
	text := strings.TrimSpace(d.in.Reply)
	first, rest, _ := strings.Cut(text, "\n")
	for _, line := range []string{first, desk.BaseSubject(d.in.Subject, d.Desk.Tag)} {
		line = desk.OneLine(line)
		if _, err := desk.ReadAsk(line); err == nil {
			return line
		}
		if desk.IsAsk(line) && strings.TrimSpace(rest) == "" && (line == desk.OneLine(first) || text == "") {
			return line
		}
	}
	return ""
}

// ask notes what a manager wants to know. The answer is made where the event is
// followed, since it may read the whole log.
func (d *decision) ask(line string) (desk.Change, error) {
	to := desk.NormalAddress(d.in.From.Address)
	n, err := d.v.CountAutomatic(d.ctx, to, d.now.Add(-time.Hour))
	if err != nil {
		return desk.Change{}, err
	}
	if n >= receiptsPerHour {
		return d.ignore("a manager asks too often: " + tooMany(n)), nil
	}
	ch := d.ignore("a manager asks: " + clip(line, 80))
	e := desk.NewEvent(0, desk.ReportAsked, "manager:"+to, "he asks: "+clip(line, 80), d.now)
	e.Raw, e.Occurred = d.in.Raw, d.occurred()
	e.Data.Recipient, e.Data.Subject, e.Data.MessageID = to, clip(line, 200), d.in.MessageID
	ch.Events = append(ch.Events, e)
	return ch, nil
}
