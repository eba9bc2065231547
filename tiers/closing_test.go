package tiers

import (
	"testing"
	"time"

	"tierdesk/desk"
)

// A solved ticket is closed once, after the time that its rules give the customer.
func TestSolvedTicketsAreClosed(t *testing.T) {
	day := 24 * time.Hour
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	event := func(typ desk.EventType, after time.Duration, status desk.Status) desk.Event {
		return desk.Event{Ticket: 1, Type: typ, At: start.Add(after), Occurred: start.Add(after), Actor: "customer", Data: desk.EventData{Status: status}}
	}
	opened, solved := event(desk.TicketOpened, 0, desk.StatusNew), event(desk.TicketSolved, day, desk.StatusSolved)
	thanks := event(desk.MailReceived, 2*day, desk.StatusSolved)
	thanks.Data.Signal = desk.SignalThanks
	away := event(desk.AbsenceNoted, 2*day, desk.StatusSolved)
	back := start.Add(9 * day)
	away.Data.Due = &back
	for name, c := range map[string]struct {
		log   []desk.Event
		after time.Duration // from start; 0: never
	}{
		"open":           {[]desk.Event{opened}, 0},
		"solved":         {[]desk.Event{opened, solved}, 15 * day},
		"thanked for":    {[]desk.Event{opened, solved, thanks}, 15 * day},
		"customer away":  {[]desk.Event{opened, solved, away}, 23 * day},
		"opened again":   {[]desk.Event{opened, solved, event(desk.TicketReopened, 3*day, desk.StatusOpen)}, 0},
		"solved again":   {[]desk.Event{opened, solved, event(desk.TicketReopened, 3*day, desk.StatusOpen), event(desk.TicketSolved, 4*day, desk.StatusSolved)}, 18 * day},
		"closed already": {[]desk.Event{opened, solved, event(desk.TicketClosed, 2*day, desk.StatusClosed)}, 0},
	} {
		r := &Rules{Desk: &desk.Desk{}, CloseAfter: 14 * day}
		clocks := r.Account(c.log).closeClock()
		if c.after == 0 {
			if len(clocks) != 0 {
				t.Errorf("%s: %+v", name, clocks)
			}
			continue
		}
		if due := start.Add(c.after); len(clocks) != 1 || !clocks[0].Due.Equal(due) || !clocks[0].Next.Equal(due) {
			t.Errorf("%s: %+v, want %v", name, clocks, due)
			continue
		}
		ticket := desk.Ticket{ID: 1, Status: desk.StatusSolved}
		if ch := r.Step(ticket, c.log, start.Add(c.after-time.Second)); len(ch.Events) != 0 {
			t.Errorf("%s: closed too early: %+v", name, ch.Events)
		}
		ch := r.Step(ticket, c.log, start.Add(c.after))
		if len(ch.Events) != 1 || ch.Events[0].Type != desk.TicketClosed || ch.Ticket.Status != desk.StatusClosed || len(r.Account(append(c.log, ch.Events...)).closeClock()) != 0 {
			t.Errorf("%s: %+v", name, ch.Events)
		}
		r.CloseAfter = 0
		if clocks := r.Account(c.log).closeClock(); len(clocks) != 0 {
			t.Errorf("%s: a clock without close_after", name)
		}
	}
}
