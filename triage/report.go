package triage

import (
	"cmp"
	"slices"
	"time"

	"tierdesk/desk"
)

// DocumentFigures are what became of one document.
type DocumentFigures struct {
	Doc         string
	Mode        desk.Mode
	Sent        int // by L1 or by a technician
	Helped      int // the customer said so
	NotHelped   int
	ShadowRight int // would have been the right answer, by a technician's word
	ShadowWrong int
	Nearest     int // was the nearest document of a mail, sent or not
}

// ReportEvents are the types of events that Report and Deflect read.
func ReportEvents() []desk.EventType {
	return []desk.EventType{desk.TicketOpened, desk.L1Answered, desk.L1Abstained, desk.L1Shadowed, desk.DocumentUsed, desk.TicketEscalated, desk.TicketSolved}
}

// Report counts what became of each document, by document: of those listed and of
// those that the events or trials name.
func Report(docs []string, events []desk.Event, trials []desk.Trial, mode func(doc string) desk.Mode) []DocumentFigures {
	all := map[string]*DocumentFigures{}
	of := func(doc string) *DocumentFigures {
		if all[doc] == nil {
			all[doc] = &DocumentFigures{Doc: doc, Mode: mode(doc)}
		}
		return all[doc]
	}
	for _, d := range docs {
		of(d)
	}
	for i := range events {
		e := &events[i]
		if e.Data.Doc == "" {
			continue
		}
		switch e.Type {
		case desk.L1Answered:
			of(e.Data.Doc).Sent++
			of(e.Data.Doc).Nearest++
		case desk.DocumentUsed:
			of(e.Data.Doc).Sent++
		case desk.L1Abstained, desk.L1Shadowed:
			of(e.Data.Doc).Nearest++
		}
	}
	for _, t := range trials {
		f := of(t.Doc)
		switch {
		case t.Mode == desk.Live && t.Right:
			f.Helped++
		case t.Mode == desk.Live:
			f.NotHelped++
		case t.Right:
			f.ShadowRight++
		default:
			f.ShadowWrong++
		}
	}
	out := make([]DocumentFigures, 0, len(all))
	for _, f := range all {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b DocumentFigures) int { return cmp.Compare(a.Doc, b.Doc) })
	return out
}

// Deflection counts what L1 took off people in a period.
type Deflection struct {
	Opened   int // tickets
	Answered int // of these by L1
	Solved   int // of these without a person: the customer said that the document helped
}

// Share is the part of the opened tickets that no person had to touch, 0 to 1.
func (d Deflection) Share() float64 {
	if d.Opened == 0 {
		return 0
	}
	return float64(d.Solved) / float64(d.Opened)
}

// Deflect counts the tickets opened in [from, to). events are all of that time and
// later, oldest first, of the types that ReportEvents lists.
func Deflect(events []desk.Event, from, to time.Time) Deflection {
	var d Deflection
	const (
		opened = iota + 1
		answered
	)
	state := map[desk.TicketID]int{}
	for i := range events {
		e := &events[i]
		switch {
		case e.Type == desk.TicketOpened && !e.At.Before(from) && e.At.Before(to):
			state[e.Ticket] = opened
			d.Opened++
		case e.Type == desk.L1Answered && state[e.Ticket] == opened:
			state[e.Ticket] = answered
			d.Answered++
		case e.Type == desk.TicketSolved && state[e.Ticket] == answered && e.Actor == actorCustomer:
			delete(state, e.Ticket)
			d.Solved++
		case e.Type == desk.TicketEscalated:
			delete(state, e.Ticket)
		}
	}
	return d
}

// Effort is how much people had to do with a ticket: the minutes that they noted, or
// the time from the first claim to the last solution.
func Effort(log []desk.Event) time.Duration {
	var noted time.Duration
	var claimed, solved time.Time
	for i := range log {
		switch e := &log[i]; e.Type {
		case desk.TimeSpent:
			noted += time.Duration(e.Data.Minutes) * time.Minute
		case desk.TicketClaimed:
			if claimed.IsZero() {
				claimed = e.Occurred
			}
		case desk.TicketSolved:
			solved = e.Occurred
		}
	}
	if noted > 0 || claimed.IsZero() || solved.Before(claimed) {
		return noted
	}
	return solved.Sub(claimed)
}
