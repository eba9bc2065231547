package triage

import "tierdesk/desk"

// askFeedback puts the question how it went into the mail that tells of a solution:
// two buttons that write a word. Nothing that only looks at the mail can press them.
// It is asked once for each ticket.
func (d *decision) askFeedback(t *desk.Ticket, o *desk.Outgoing) error {
	events, err := d.v.TicketEvents(d.ctx, t.ID)
	if err != nil || wasAsked(events) {
		return err
	}
	words := prefilled(t.Language)
	o.Letter.Buttons = []desk.Button{
		d.Composer.Rate(o, "good", words.good),
		d.Composer.Rate(o, "bad", words.bad),
	}
	return nil
}

// wasAsked reports whether the customer was asked how it went: by the first mail of
// people that told of a solution.
func wasAsked(events []desk.Event) bool {
	undone := undoneMails(events)
	for i := range events {
		if e := &events[i]; e.Type == desk.TicketSolved && byTechnician(e) && e.Data.Outgoing != "" && !undone[e.Data.Outgoing] {
			return true
		}
	}
	return false
}

// rates reports whether a rating in the mail counts: it was pressed, or the ticket is at
// its end and its customer was asked.
func (d *decision) rates(status desk.Status, events []desk.Event) bool {
	if tok := d.in.Thread.Token; tok != nil && tok.Purpose == desk.ForFeedback {
		return true
	}
	return !status.Active() && wasAsked(events)
}

// feedback records how the customer rates the desk's work. It changes nothing at the
// ticket; words beside it go to whoever has it, unless they only thank.
func (d *decision) feedback(t *desk.Ticket, rating, words string) desk.Change {
	t.Updated = d.now
	e := d.event(t, desk.FeedbackGiven, actorCustomer, "the customer rates it: "+rating)
	if reading, _ := readAnswer(words, d.peopleNamed()); words != "" && reading != answerThanks {
		e.Because += ", and writes: " + clip(firstWords(words), 80)
		e.Data.Trace = []string{clip(words, 1000)}
	}
	e.Data.From, e.Data.MessageID, e.Data.Rating = desk.OneLine(d.in.From.Address), d.in.MessageID, rating
	return desk.Change{
		Ticket: t, MessageIDs: nonEmpty(d.in.MessageID),
		Messages: []desk.Message{d.said(t, desk.FromCustomer, d.in.Reply)},
		Events:   []desk.Event{e},
		Settles:  d.settle(desk.CategoryAppend, t.ID, "rated "+rating),
	}
}
