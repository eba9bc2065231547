package tiers

import (
	"cmp"
	"fmt"
	"slices"

	"tierdesk/desk"
)

// lostAnswers returns the answers that did not reach the customer, each by the Seq
// of the event that says so first. A report that does not say which mail came back
// is about the newest to its recipient.
func lostAnswers(log []desk.Event) map[int64]*desk.Event {
	lost := map[int64]*desk.Event{}
	known := map[string]bool{}
	for i := range log {
		failed := &log[i]
		if failed.Type != desk.DeliveryFailed {
			continue
		}
		if answer := answerOf(failed, log[:i]); answer != nil && !known[answer.Data.Outgoing] {
			known[answer.Data.Outgoing] = true
			lost[failed.Seq] = answer
		}
	}
	return lost
}

// answerOf returns the newest answer that the failed delivery can be about, or nil.
func answerOf(failed *desk.Event, before []desk.Event) *desk.Event {
	for i := range slices.Backward(before) {
		if answer := &before[i]; answers(answer) && isAbout(failed, answer) {
			return answer
		}
	}
	return nil
}

// answers reports whether the event put a mail into the outbox that the customer
// waits for. A solution that a reply tells of names no recipient of its own.
func answers(e *desk.Event) bool {
	switch e.Type {
	case desk.ReplySent, desk.ReplyReleased, desk.L1Answered:
		return e.Data.Outgoing != ""
	case desk.TicketSolved:
		return e.Data.Outgoing != "" && e.Data.Recipient != ""
	}
	return false
}

func isAbout(failed, answer *desk.Event) bool {
	if failed.Data.Outgoing != "" {
		return failed.Data.Outgoing == answer.Data.Outgoing
	}
	return desk.NormalAddress(failed.Data.Recipient) == desk.NormalAddress(answer.Data.Recipient)
}

// takeBack puts a ticket back into the desk's hands whose customer did not get his
// answer, and hands one that L1 had answered to people. It returns the event of
// that, or nil. Who solved a ticket although the customer was known to be out of
// reach has solved it.
func (w *writer) takeBack(failed *desk.Event) *desk.Event {
	answer, t := w.account.lost[failed.Seq], &w.ticket
	if answer == nil {
		return nil
	}
	byL1 := answer.Type == desk.L1Answered
	typ := desk.TicketResumed
	switch {
	case byL1 && t.Tier != desk.L1:
		return nil // he had time to say that it did not help
	case t.Status == desk.StatusWaiting:
	case t.Status == desk.StatusSolved && !byL1 && !w.outOfReach(answer):
		typ = desk.TicketReopened
	default:
		return nil
	}
	t.Status, t.Updated = desk.StatusOpen, w.now
	e := desk.NewEvent(t.ID, typ, actor, notReceived(failed, answer), w.now)
	if next := w.rules.Desk.Next(t.Tier); byL1 && next != nil {
		e.Type = desk.TicketEscalated
		e.Data.FromTier, e.Data.ToTier, e.Data.Cycle = t.Tier, next.Level, t.Cycle+1
		e.Data.Recipient, e.Data.Reply = failed.Data.Recipient, failed.Data.Reply
		t.Tier, t.Assignee, t.Cycle = next.Level, "", t.Cycle+1
	}
	e.Data.Status = t.Status
	return &e
}

// outOfReach reports whether an answer was already known to be lost when this one
// was given.
func (w *writer) outOfReach(answer *desk.Event) bool {
	for seq := range w.account.lost {
		if seq < answer.Seq {
			return true
		}
	}
	return false
}

// returned tells whoever has the ticket that the customer did not get his words, or
// was not told that the ticket is solved. What L1 sent goes to people with the
// ticket.
func (w *writer) returned(failed *desk.Event) []desk.Outgoing {
	answer := w.account.lost[failed.Seq]
	if answer == nil || answer.Type == desk.L1Answered || answer.Type == desk.TicketSolved && !w.ticket.Status.Active() {
		return nil
	}
	to := w.holderOrNext()
	if to == nil {
		return nil
	}
	o := w.toTechnician(desk.SendNotice, *to, failed)
	o.Letter.Because = notReceived(failed, answer)
	o.Letter.Loss = w.loss(failed)
	return []desk.Outgoing{o}
}

// notReceived says in a line what the customer did not get and why: in the words of
// the report, or of the relay that refused it.
func notReceived(failed, answer *desk.Event) string {
	why := failed.Data.Reply
	if failed.Raw != 0 {
		why = cmp.Or(failed.Because, why)
	}
	what := "the reply"
	switch answer.Type {
	case desk.L1Answered:
		what = fmt.Sprintf("the document %q", answer.Data.Doc)
	case desk.TicketSolved:
		what = "the mail that it is solved"
	}
	return fmt.Sprintf("the customer did not get %s: %s", what, cmp.Or(why, "no reason given"))
}
