package triage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tierdesk/desk"
)

const (
	// learner is the name under which the place in the log is stored.
	learner = "l1"
	// learnBatch is how many events are read at a time.
	learnBatch = 500
	// learnTimeout bounds the database work of one wake.
	learnTimeout = 5 * time.Minute
)

// LearnerStore is what a Learner needs of the store.
type LearnerStore interface {
	Followed(ctx context.Context, name string) (int64, error)
	Events(ctx context.Context, after int64, limit int) ([]desk.Event, error)
	TicketEvents(ctx context.Context, id desk.TicketID) ([]desk.Event, error)
	Ticket(ctx context.Context, id desk.TicketID) (desk.Ticket, error)
	Messages(ctx context.Context, id desk.TicketID) ([]desk.Message, error)
	// OpenTrials returns the trials since each document's standing, oldest first.
	OpenTrials(ctx context.Context) ([]desk.Trial, error)
	Standings(ctx context.Context) ([]desk.Standing, error)
	// Commit applies all of the changes in one transaction, or none.
	Commit(ctx context.Context, changes []desk.Change) error
}

// Pupil is who learns.
type Pupil interface {
	// Remember makes lessons count at once.
	Remember(lessons []desk.Lesson)
	// Stand says which mode the trials have given each document.
	Stand(standings []desk.Standing)
}

// Learner follows the event log for lessons and judgements: it keeps what each
// ticket taught, weighs the documents on trial, and tells the pupil. Its methods
// other than Nudge must not be called at the same time as Run or one another.
type Learner struct {
	Store LearnerStore
	Pupil Pupil
	Gate  Gate
	Log   *slog.Logger
	Now   func() time.Time
	nudge chan struct{}
	// weighed says that no trial came since the documents were weighed.
	weighed bool
}

// NewLearner returns a learner that can be nudged.
func NewLearner(l Learner) *Learner {
	l.nudge = make(chan struct{}, 1)
	return &l
}

// Nudge says that there are new events. It never blocks and may be called from any
// goroutine.
func (l *Learner) Nudge() {
	select {
	case l.nudge <- struct{}{}:
	default: // a wake is waiting already
	}
}

// Run learns until ctx ends, and returns nil then. What fails is logged and tried
// again with the next nudge.
func (l *Learner) Run(ctx context.Context) error {
	for {
		bounded, cancel := context.WithTimeout(ctx, learnTimeout)
		err := l.Once(bounded)
		cancel()
		if err != nil && ctx.Err() == nil {
			l.Log.Error("learn", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.nudge:
		}
	}
}

// Once learns from all events after the stored place, and weighs the documents.
func (l *Learner) Once(ctx context.Context) error {
	for {
		place, err := l.Store.Followed(ctx, learner)
		if err != nil {
			return fmt.Errorf("read the place in the log: %w", err)
		}
		events, err := l.Store.Events(ctx, place, learnBatch)
		if err != nil {
			return fmt.Errorf("read events after %d: %w", place, err)
		}
		switch {
		case len(events) == 0 && l.weighed:
			return nil
		case len(events) == 0:
			return l.weigh(ctx)
		}
		if err := l.follow(ctx, events); err != nil {
			return fmt.Errorf("learn from events after %d: %w", place, err)
		}
	}
}

// follow keeps what the tickets of a batch of events have taught.
func (l *Learner) follow(ctx context.Context, events []desk.Event) error {
	changes := []desk.Change{{Follows: &desk.Follow{Name: learner, Seq: events[len(events)-1].Seq}}}
	var lessons []desk.Lesson
	done := map[desk.TicketID]bool{}
	for i := range events {
		e := &events[i]
		if !teaches(e) || done[e.Ticket] {
			continue
		}
		done[e.Ticket] = true
		learned, err := l.learned(ctx, e.Ticket)
		if errors.Is(err, desk.ErrNotFound) { // the ticket was erased
			continue
		}
		if err != nil {
			return fmt.Errorf("ticket %d: %w", e.Ticket, err)
		}
		l.weighed = l.weighed && len(learned.Trials) == 0
		changes = append(changes, desk.Change{Learned: &learned})
		lessons = append(lessons, learned.Lessons...)
	}
	if err := l.Store.Commit(ctx, changes); err != nil {
		return err
	}
	if len(lessons) > 0 {
		l.Pupil.Remember(lessons)
	}
	return nil
}

func (l *Learner) learned(ctx context.Context, id desk.TicketID) (desk.Learned, error) {
	t, err := l.Store.Ticket(ctx, id)
	if err != nil {
		return desk.Learned{}, err
	}
	log, err := l.Store.TicketEvents(ctx, id)
	if err != nil {
		return desk.Learned{}, err
	}
	messages, err := l.Store.Messages(ctx, id)
	return Lessons(&t, log, messages), err
}

// weigh changes the modes of documents whose trials ask for it, and tells the pupil
// all of them.
func (l *Learner) weigh(ctx context.Context) error {
	standings, err := l.Store.Standings(ctx)
	if err != nil {
		return fmt.Errorf("read standings: %w", err)
	}
	trials, err := l.Store.OpenTrials(ctx)
	if err != nil {
		return fmt.Errorf("read trials: %w", err)
	}
	ch := l.Gate.change(standings, trials, l.Now())
	if len(ch.Standings) > 0 {
		if err := l.Store.Commit(ctx, []desk.Change{ch}); err != nil {
			return fmt.Errorf("set standings: %w", err)
		}
	}
	for _, e := range ch.Events {
		l.Log.Info("document changes its mode", "document", e.Data.Doc, "type", e.Type, "because", e.Because)
	}
	l.Pupil.Stand(append(standings, ch.Standings...))
	l.weighed = true
	return nil
}

// change returns the standings that the trials change, with their events.
func (g Gate) change(standings []desk.Standing, trials []desk.Trial, now time.Time) desk.Change {
	var order []string
	byDoc := map[string][]desk.Trial{}
	for _, t := range trials {
		if byDoc[t.Doc] == nil {
			order = append(order, t.Doc)
		}
		byDoc[t.Doc] = append(byDoc[t.Doc], t)
	}
	present := map[string]desk.Standing{}
	for _, s := range standings {
		present[s.Doc] = s
	}
	var ch desk.Change
	for _, doc := range order {
		s := present[doc]
		s.Doc = doc
		after, changed := g.Weigh(s, byDoc[doc], now)
		if !changed {
			continue
		}
		typ := desk.DocumentLive
		if after.Mode == desk.Shadow {
			typ = desk.DocumentShadow
		}
		e := desk.NewEvent(0, typ, actorL1, after.Because, now)
		e.Data.Doc = doc
		ch.Events = append(ch.Events, e)
		ch.Standings = append(ch.Standings, after)
	}
	return ch
}
