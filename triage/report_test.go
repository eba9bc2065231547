package triage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
)

func at(minute int, id desk.TicketID, typ desk.EventType, actor, doc string) desk.Event {
	when := now.Add(time.Duration(minute) * time.Minute)
	e := desk.NewEvent(id, typ, actor, "", when)
	e.Data.Doc = doc
	return e
}

func TestReportCountsWhatBecameOfDocuments(t *testing.T) {
	events := []desk.Event{
		at(1, 1, desk.TicketOpened, actorCustomer, ""),
		at(1, 1, desk.L1Answered, actorL1, "vpn"),
		at(2, 1, desk.TicketSolved, actorCustomer, "vpn"),
		at(3, 2, desk.TicketOpened, actorCustomer, ""),
		at(3, 2, desk.L1Answered, actorL1, "vpn"),
		at(4, 2, desk.TicketEscalated, actorL1, ""),
		at(5, 2, desk.TicketSolved, actorCustomer, ""),
		at(6, 3, desk.TicketOpened, actorCustomer, ""),
		at(6, 3, desk.L1Abstained, actorL1, "printer"),
		at(7, 3, desk.DocumentUsed, "technician:tess@hd.test", "badge"),
		at(60, 4, desk.TicketOpened, actorCustomer, ""),
	}
	trials := []desk.Trial{
		{Doc: "vpn", Mode: desk.Live, Right: true}, {Doc: "vpn", Mode: desk.Live}, {Doc: "printer", Mode: desk.Shadow, Right: true},
	}
	got := Report([]string{"vpn", "unused"}, events, trials, func(string) desk.Mode { return desk.Live })
	want := []DocumentFigures{
		{Doc: "badge", Mode: desk.Live, Sent: 1},
		{Doc: "printer", Mode: desk.Live, ShadowRight: 1, Nearest: 1},
		{Doc: "unused", Mode: desk.Live},
		{Doc: "vpn", Mode: desk.Live, Sent: 2, Helped: 1, NotHelped: 1, Nearest: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, want := Deflect(events, now, now.Add(time.Hour)), (Deflection{Opened: 3, Answered: 2, Solved: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestEffortIsWhatWasNotedOrTheTimeOfWork(t *testing.T) {
	work := []desk.Event{at(0, 1, desk.TicketOpened, actorCustomer, ""), at(10, 1, desk.TicketClaimed, "", ""), at(40, 1, desk.TicketSolved, "", "")}
	if got := Effort(work); got != 30*time.Minute {
		t.Errorf("%s", got)
	}
	noted := at(20, 1, desk.TimeSpent, "", "")
	noted.Data.Minutes = 12
	if got := Effort(append(work, noted)); got != 12*time.Minute {
		t.Errorf("%s", got)
	}
	if got := Effort(work[:2]); got != 0 {
		t.Errorf("%s", got)
	}
}
