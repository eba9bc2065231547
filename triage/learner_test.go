package triage

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"tierdesk/desk"
)

// archive is a LearnerStore that holds what a test says, and what was committed.
type archive struct {
	*memory
	log       []desk.Event
	place     int64
	learned   map[desk.TicketID]desk.Learned
	standings []desk.Standing
	refuse    error // of the next commit
	weighed   int   // how often trials were read
}

func (a *archive) Followed(context.Context, string) (int64, error) { return a.place, nil }

func (a *archive) Events(_ context.Context, after int64, limit int) ([]desk.Event, error) {
	rest := a.log[after:]
	return rest[:min(len(rest), limit)], nil
}

func (a *archive) TicketEvents(_ context.Context, id desk.TicketID) (events []desk.Event, _ error) {
	for _, e := range a.log {
		if e.Ticket == id {
			events = append(events, e)
		}
	}
	return events, nil
}

func (a *archive) Messages(context.Context, desk.TicketID) ([]desk.Message, error) {
	return []desk.Message{{Kind: desk.FromCustomer, Text: "It drops."}}, nil
}

func (a *archive) OpenTrials(context.Context) (trials []desk.Trial, _ error) {
	a.weighed++
	for id := range desk.TicketID(len(a.tickets) + 1) {
		trials = append(trials, a.learned[id].Trials...)
	}
	return trials, nil
}

func (a *archive) Standings(context.Context) ([]desk.Standing, error) { return a.standings, nil }

func (a *archive) Commit(_ context.Context, changes []desk.Change) error {
	if err := a.refuse; err != nil {
		a.refuse = nil
		return err
	}
	for _, ch := range changes {
		if ch.Follows != nil {
			a.place = ch.Follows.Seq
		}
		if ch.Learned != nil {
			a.learned[ch.Learned.Ticket] = *ch.Learned
		}
		a.standings = append(a.standings, ch.Standings...)
		for _, e := range ch.Events {
			e.Seq = int64(len(a.log) + 1)
			a.log = append(a.log, e)
		}
	}
	return nil
}

// attentive is a Pupil that keeps what it is told.
type attentive struct {
	lessons []desk.Lesson
	modes   map[string]desk.Mode
}

func (p *attentive) Remember(lessons []desk.Lesson) { p.lessons = append(p.lessons, lessons...) }

func (p *attentive) Stand(standings []desk.Standing) {
	p.modes = map[string]desk.Mode{}
	for _, s := range standings {
		p.modes[s.Doc] = s.Mode
	}
}

// threeNos is a log in which three customers say no to a document; a ticket of
// theirs was erased.
func threeNos() []desk.Event {
	var log []desk.Event
	for id := range desk.TicketID(4) {
		answered, no := at(1, id+1, desk.L1Answered, actorL1, "vpn"), saidNo()
		no.Ticket = id + 1
		log = append(log, answered, no)
	}
	return story(log...)
}

func lessonsFrom(a *archive, p *attentive) *Learner {
	a.learned = map[desk.TicketID]desk.Learned{}
	a.memory = &memory{tickets: map[desk.TicketID]desk.Ticket{}}
	for id := range desk.TicketID(3) {
		a.tickets[id+1] = desk.Ticket{ID: id + 1, Subject: "Tunnel"}
	}
	return NewLearner(Learner{
		Store: a, Pupil: p, Gate: Gate{Start: desk.Live, Precision: 0.8},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
	})
}

func TestLearnerFollowsTheLogToItsEnd(t *testing.T) {
	a, p := &archive{log: threeNos()}, &attentive{}
	l := lessonsFrom(a, p)
	for range 2 { // the second time there is nothing new
		if err := l.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.lessons) != 3 || len(a.learned) != 3 || p.modes["vpn"] != desk.Shadow {
		t.Errorf("lessons %+v, modes %v", p.lessons, p.modes)
	}
	last := a.log[len(a.log)-1]
	if last.Type != desk.DocumentShadow || last.Data.Doc != "vpn" || last.Ticket != 0 {
		t.Errorf("the last event: %+v", last)
	}
	if a.place != int64(len(a.log)) || a.weighed != 1 {
		t.Errorf("place %d of %d, weighed %d times", a.place, len(a.log), a.weighed)
	}
}

func TestNothingIsLearnedThatIsNotKept(t *testing.T) {
	a, p := &archive{log: threeNos(), refuse: desk.ErrConflict}, &attentive{}
	l := lessonsFrom(a, p)
	if err := l.Once(t.Context()); !errors.Is(err, desk.ErrConflict) || len(p.lessons) != 0 {
		t.Fatalf("%v, learned %+v", err, p.lessons)
	}
	if err := l.Once(t.Context()); err != nil || len(p.lessons) != 3 {
		t.Errorf("%v, learned %+v", err, p.lessons)
	}
}
