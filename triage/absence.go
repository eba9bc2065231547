package triage

import (
	"fmt"
	"time"

	"tierdesk/desk"
)

// maxAbsence bounds how far ahead a return is believed.
const maxAbsence = 366 * 24 * time.Hour

// absence notes that the ticket's requester, or a technician, is away, as his vacation
// reply tells. While the ticket waits for the requester it waits until he is back, and
// that mail is the proof; what the desk owes him it owes all the same. It returns
// false when the mail tells no such thing.
func (d *decision) absence(ch *desk.Change, t *desk.Ticket, who principal) bool {
	away := d.in.Absence
	if d.in.Kind != desk.KindAutoReply || away == nil || away.Until.IsZero() {
		return false
	}
	until := d.endOf(away.Until)
	if !until.After(d.now) || until.Sub(d.now) > maxAbsence {
		return false
	}
	actor := ""
	switch {
	case who.technician != nil && who.strength >= proven:
		actor = "technician:" + who.technician.Address()
	case who.member && who.strength != forged && d.isRequester(t):
		actor = actorCustomer
	default:
		return false
	}
	because := fmt.Sprintf("%s is away until %s", nameOr(d.author()), away.Until.Format("2 January 2006"))
	delegate := desk.NormalAddress(desk.OneLine(away.Delegate))
	if delegate != "" {
		because += "; " + delegate + " answers instead"
	}
	ch.Absences = []desk.Absence{{Address: desk.NormalAddress(d.in.From.Address), Until: until, Delegate: delegate, Raw: d.in.Raw}}
	if actor == actorCustomer {
		d.awaitReturn(ch, t, until, because)
	}
	e := d.event(t, desk.AbsenceNoted, actor, because)
	e.Data.From, e.Data.Due = desk.OneLine(d.in.From.Address), &until
	ch.Events = []desk.Event{e}
	return true
}

// awaitReturn lets a ticket that waits for its requester wait until he is back, and
// leaves a note of it for the technician.
func (d *decision) awaitReturn(ch *desk.Change, t *desk.Ticket, until time.Time, because string) {
	t.Updated = d.now
	if t.Status == desk.StatusWaiting && until.After(t.WaitUntil) {
		t.WaitUntil = until
	}
	note := d.said(t, desk.InternalNote, because)
	note.Author = desk.Address{Name: d.Desk.Name, Address: d.Desk.Address}
	ch.Ticket, ch.Messages = t, []desk.Message{note}
}

// endOf returns the end of a day in the desk's zone.
func (d *decision) endOf(day time.Time) time.Time {
	zone := d.Desk.Location
	if zone == nil {
		zone = time.UTC
	}
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone).UTC()
}

func nameOr(a desk.Address) string {
	if a.Name != "" {
		return a.Name
	}
	return a.Address
}
