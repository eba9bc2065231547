package tiers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tierdesk/desk"
)

const (
	// followBatch is how many events are followed in one transaction.
	followBatch = 500
	// maxConflicts bounds how often in a row others may be quicker.
	maxConflicts = 5
)

// Follow reads the events after the stored place, sets the clocks of their
// tickets and queues the mail that tiers and managers get for them, until there
// are no more. Place, clocks and mail of a batch are one transaction, which is
// tried again when somebody changes one of the tickets meanwhile.
func (e *Engine) Follow(ctx context.Context) error {
	for conflicts := 0; ; {
		place, err := e.Store.Followed(ctx, Follower)
		if err != nil {
			return fmt.Errorf("read the place in the log: %w", err)
		}
		events, err := e.Store.Events(ctx, place, followBatch)
		if err != nil {
			return fmt.Errorf("read events after %d: %w", place, err)
		}
		if len(events) == 0 {
			return nil
		}
		if slices.ContainsFunc(events, func(ev desk.Event) bool { return ev.Type == desk.RulesChanged }) {
			if err := e.setAllClocks(ctx); err != nil {
				return err
			}
		}
		changes, err := e.followEvents(ctx, events)
		if err != nil {
			return err
		}
		if err := e.holdBack(ctx, changes); err != nil {
			return err
		}
		err = e.Store.Commit(ctx, changes)
		if errors.Is(err, desk.ErrConflict) && conflicts < maxConflicts {
			conflicts++
			continue
		}
		if err != nil {
			return fmt.Errorf("follow events after %d: %w", place, err)
		}
		conflicts = 0
		for i := range changes {
			if len(changes[i].Outgoing) > 0 {
				e.queued()
				break
			}
		}
	}
}

// followEvents returns what a batch of events causes, a change for each ticket, and
// first of all the new place in the log. A ticket that fails by its own fault is
// passed over: it gets no mail for these events, and its clocks with its next one.
func (e *Engine) followEvents(ctx context.Context, events []desk.Event) ([]desk.Change, error) {
	last := events[len(events)-1].Seq
	changes := []desk.Change{{Follows: &desk.Follow{Name: Follower, Seq: last}}}
	for i := range events {
		if events[i].Type != desk.ReportAsked {
			continue
		}
		change, err := e.isolated(ctx, func() (desk.Change, error) { return e.answerManager(ctx, &events[i]) })
		switch {
		case ticketsFault(err):
			e.Log.Error("manager not answered", "event", events[i].Seq, "err", err)
		case err != nil:
			return nil, fmt.Errorf("answer a manager: %w", err)
		default:
			changes = append(changes, change)
		}
	}
	for _, news := range byTicket(events) {
		change, err := e.isolated(ctx, func() (desk.Change, error) { return e.followTicket(ctx, news) })
		switch {
		case errors.Is(err, desk.ErrNotFound): // the ticket was erased
		case ticketsFault(err):
			e.Log.Error("ticket not followed", "ticket", news[0].Ticket, "events", len(news), "last", news[len(news)-1].Seq, "err", err)
		case err != nil:
			return nil, fmt.Errorf("follow ticket %d: %w", news[0].Ticket, err)
		default:
			changes = append(changes, change)
		}
	}
	return changes, nil
}

// setAllClocks sets the clocks of every active ticket anew, after the rules have
// changed. It is repeated when it is cut short, since the place in the log only
// moves on afterwards.
func (e *Engine) setAllClocks(ctx context.Context) error {
	tickets, err := e.Store.OpenTickets(ctx)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(tickets, sweepBatch) {
		var changes []desk.Change
		for i := range batch {
			id := batch[i].ID
			change, err := e.isolated(ctx, func() (desk.Change, error) {
				log, err := e.Store.TicketEvents(ctx, id)
				if err != nil {
					return desk.Change{}, err
				}
				return desk.Change{SetClocks: true, Clocks: e.InForce().Account(log).Clocks()}, nil
			})
			switch {
			case ticketsFault(err):
				e.Log.Error("clocks not set anew", "ticket", id, "err", err)
			case err != nil:
				return fmt.Errorf("set the clocks of ticket %d: %w", id, err)
			case len(change.Clocks) > 0:
				changes = append(changes, change)
			}
		}
		if err := e.Store.Commit(ctx, changes); err != nil {
			return fmt.Errorf("set clocks: %w", err)
		}
	}
	return nil
}

// byTicket splits events by ticket in the order of each one's first. Events of
// the whole desk are left out.
func byTicket(events []desk.Event) [][]desk.Event {
	place := map[desk.TicketID]int{}
	var split [][]desk.Event
	for _, e := range events {
		if e.Ticket == 0 {
			continue
		}
		i, known := place[e.Ticket]
		if !known {
			i = len(split)
			place[e.Ticket] = i
			split = append(split, nil)
		}
		split[i] = append(split[i], e)
	}
	return split
}

// followTicket returns the change for the new events of one ticket. When they
// start with its opening they are all there is, and nothing more need be read.
func (e *Engine) followTicket(ctx context.Context, news []desk.Event) (desk.Change, error) {
	id := news[0].Ticket
	log := news
	if news[0].Type != desk.TicketOpened {
		var err error
		if log, err = e.Store.TicketEvents(ctx, id); err != nil {
			return desk.Change{}, err
		}
	}
	rules := e.InForce()
	account := rules.Account(log)
	clocks := account.Clocks()
	change := desk.Change{SetClocks: len(clocks) > 0, Clocks: clocks}
	if !anyMailed(news, account) {
		return change, nil
	}
	t, err := e.Store.Ticket(ctx, id)
	if err != nil {
		return desk.Change{}, err
	}
	messages, err := e.Store.Messages(ctx, id)
	if err != nil {
		return desk.Change{}, err
	}
	w := writer{
		composer: e.Composer, rules: rules, ticket: t, log: log, messages: messages,
		account: account, now: e.Now(),
	}
	if slices.ContainsFunc(news, func(ev desk.Event) bool { return ev.Type == desk.TicketEscalated }) {
		if w.past, err = e.background(ctx, &w); err != nil {
			return desk.Change{}, err
		}
	}
	for i := range news {
		if back := w.takeBack(&news[i]); back != nil {
			change.Ticket, change.Events = &w.ticket, append(change.Events, *back)
		}
		change.Outgoing = append(change.Outgoing, w.letters(&news[i])...)
	}
	return change, nil
}

func anyMailed(events []desk.Event, account *Account) bool {
	for i := range events {
		switch events[i].Type {
		case desk.TicketEscalated, desk.TicketReturned, desk.TicketAssigned, desk.TicketWoken, desk.TicketMerged, desk.TierPaged,
			desk.SLAWarned, desk.SLABreached, desk.LadderEnded, desk.MailReceived, desk.UnverifiedNote,
			desk.TicketClaimed, desk.TicketReleased, desk.ReplyLapsed, desk.FeedbackGiven:
			return true
		case desk.TicketSolved:
			if solvedByDocument(&events[i]) {
				return true
			}
		case desk.DeliveryFailed:
			if account.lost[events[i].Seq] != nil {
				return true
			}
		}
	}
	return false
}
