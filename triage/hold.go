package triage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// whyHold returns why the reply must not go out before its author has said so, or "".
func (w *work) whyHold() (string, error) {
	reason, err := w.overtaken()
	if err != nil || reason != "" {
		return reason, err
	}
	return w.misdirected()
}

// overtaken returns what a colleague did that the author of the reply may not know
// of: he has the ticket, or he answered since the mail was sent that is answered here.
// Who has the ticket himself is never overtaken.
func (w *work) overtaken() (string, error) {
	t := w.ch.Ticket
	if t.Assignee == w.who.technician.Address() {
		return "", nil
	}
	events, err := w.v.TicketEvents(w.ctx, t.ID)
	if err != nil {
		return "", err
	}
	seen, err := w.seen()
	if err != nil {
		return "", err
	}
	holder := w.Desk.Technician(t.Assignee)
	if answer := w.answerOfColleague(events); answer != nil && (answer.At.After(seen) || holder != nil && answer.Actor == actorOf(holder)) {
		w.theirs = answer.Raw
		return fmt.Sprintf("%s answered %s", w.nameOf(answer.Actor), ago(w.now.Sub(answer.At))), nil
	}
	if holder != nil {
		return fmt.Sprintf("%s has ticket %s", holder.Name, desk.Number(t.ID)), nil
	}
	return "", nil
}

// answerOfColleague returns the newest reply of another technician that was not
// taken back, or nil.
func (w *work) answerOfColleague(events []desk.Event) *desk.Event {
	undone := undoneMails(events)
	for i := range slices.Backward(events) {
		if e := &events[i]; e.Type == desk.ReplySent && e.Actor != w.actor() && !undone[e.Data.Outgoing] {
			return e
		}
	}
	return nil
}

// seen is when the newest mail of ours was queued that the technician answers; the
// zero time when that cannot be told.
func (w *work) seen() (time.Time, error) {
	var newest time.Time
	ids := slices.Concat([]string(w.in.InReplyTo), w.in.References)
	for _, id := range ids[max(0, len(ids)-maxAnswered):] {
		sent, err := w.v.SentAs(w.ctx, id)
		if isNotFound(err) || err == nil && sent.Ticket != w.ch.Ticket.ID {
			continue
		}
		if err != nil {
			return newest, err
		}
		item, err := w.v.OutgoingByKey(w.ctx, sent.Key)
		if err != nil && !isNotFound(err) {
			return newest, err
		}
		if item.Created.After(newest) {
			newest = item.Created
		}
	}
	return newest, nil
}

// maxAnswered bounds the ids of a mail that are looked up.
const maxAnswered = 30

func actorOf(t *desk.Technician) string { return "technician:" + t.Address() }

// nameOf returns the name of a technician who is an event's actor.
func (w *work) nameOf(actor string) string {
	address := strings.TrimPrefix(actor, "technician:")
	if t := w.Desk.Technician(address); t != nil && t.Name != "" {
		return t.Name
	}
	return address
}

// ago says how long ago something was.
func ago(d time.Duration) string {
	count := func(n time.Duration, unit string) string {
		if n == 1 {
			return "1 " + unit + " ago"
		}
		return fmt.Sprintf("%d %ss ago", n, unit)
	}
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return count(d/time.Minute, "minute")
	case d < 48*time.Hour:
		return count(d/time.Hour, "hour")
	}
	return count(d/(24*time.Hour), "day")
}

// hold queues the reply without sending it: it does nothing before its author says
// "send". What the mail orders beside it is done, but for #solve, which waits with it.
func (w *work) hold(solves bool) error {
	mails, err := w.mails(solves)
	if err != nil {
		return err
	}
	for i := range mails {
		mails[i].Held = true
	}
	w.ch.Outgoing = append(w.ch.Outgoing, mails...)
	w.ch.Events = append(w.ch.Events, w.about(desk.ReplyHeld, &mails[0], keysOf(mails[1:]), w.held))
	return nil
}

// askToSend tells the author of a held reply why it waits, and shows his words and
// those of the colleague who was quicker.
func (w *work) askToSend(done string) error {
	t := w.ch.Ticket
	o := w.receipt(t, w.who.technician, fmt.Sprintf("Not sent: %s. Reply \"send\" to send it anyway; after %d hours it lapses.", w.held, desk.HeldFor/time.Hour))
	if done != "reply held" {
		o.Letter.Because += " Done meanwhile: " + done + "."
	}
	o.Letter.Template, o.Letter.Text = "held", w.text
	o.Letter.Buttons = []desk.Button{w.Composer.Mailto(&o, "send", "send")}
	messages, err := w.v.Messages(w.ctx, t.ID)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if w.theirs != 0 && m.Raw == w.theirs && m.Kind == desk.PublicReply {
			o.Letter.Thread = append(o.Letter.Thread, desk.LetterMessage{At: m.At, Who: m.Author.Name, Kind: m.Kind, Text: clip(m.Text, maxShown)})
		}
	}
	return w.tell(&w.ch, o)
}

// maxShown bounds a message that a receipt shows, in characters.
const maxShown = 4000

// release sends the author's held reply after all: the one whose receipt he answers,
// or else his newest.
func (w *work) release() error {
	t := w.ch.Ticket
	switch {
	case t.MergedInto != 0:
		return desk.Refuse("ticket %s was merged into %s since; write your reply there", desk.Number(t.ID), desk.Number(t.MergedInto))
	case t.Status == desk.StatusClosed:
		return desk.Refuse("ticket %s is closed", desk.Number(t.ID))
	}
	held, item, err := w.heldReply()
	if err != nil {
		return err
	}
	if held == nil {
		return desk.Refuse("no reply of yours is held on ticket %s", desk.Number(t.ID))
	}
	if t.Assignee == "" {
		if err := w.claim(false); err != nil {
			return err
		}
	}
	w.ch.Released = append(held.Data.Copies, item.Outgoing.Key)
	w.ch.Events = append(w.ch.Events, w.about(desk.ReplyReleased, &item.Outgoing, held.Data.Copies, "send"))
	w.posted(&item.Outgoing, held.Data.Copies, "held since "+w.clock(held.At)+", sent by order of its author")
	if item.Outgoing.Letter.Status == desk.StatusSolved {
		if err := w.solved(true); err != nil {
			return err
		}
	}
	w.ch.Settles = w.settle(desk.CategoryAppend, t.ID, w.who.technician.Name+": held reply sent")
	return nil
}

// heldReply returns the event and the mail of the reply to release, or nil.
func (w *work) heldReply() (*desk.Event, *desk.OutItem, error) {
	events, err := w.v.TicketEvents(w.ctx, w.ch.Ticket.ID)
	if err != nil {
		return nil, nil, err
	}
	asked, err := w.asked(events)
	if err != nil {
		return nil, nil, err
	}
	for i := range slices.Backward(events) {
		e := &events[i]
		if e.Type != desk.ReplyHeld || e.Actor != w.actor() || asked != 0 && e.Raw != asked {
			continue
		}
		item, err := w.v.OutgoingByKey(w.ctx, e.Data.Outgoing)
		switch {
		case err != nil && !isNotFound(err):
			return nil, nil, err
		case err == nil && item.State == desk.Held:
			return e, &item, nil
		}
	}
	return nil, nil, nil
}

// asked returns the mail whose held reply the technician was asked about by the
// receipt that he answers, or 0.
func (w *work) asked(events []desk.Event) (desk.RawID, error) {
	for _, id := range w.in.InReplyTo[:min(len(w.in.InReplyTo), maxAnswered)] {
		sent, err := w.v.SentAs(w.ctx, id)
		if err != nil && !isNotFound(err) {
			return 0, err
		}
		for i := range events {
			receipt := fmt.Sprintf("%s:%d:mail%d:", desk.SendReceipt, w.ch.Ticket.ID, events[i].Raw)
			if err == nil && events[i].Type == desk.ReplyHeld && strings.HasPrefix(sent.Key, receipt) {
				return events[i].Raw, nil
			}
		}
	}
	return 0, nil
}

// missedWord refuses words that answer a question of ours in another way than it asks
// for: they are not for the customer.
func (w *work) missedWord() error {
	if len(w.orders) > 0 {
		return nil
	}
	for _, id := range w.in.InReplyTo[:min(len(w.in.InReplyTo), maxAnswered)] {
		if sent, err := w.v.SentAs(w.ctx, id); err == nil && sent.Kind == desk.SendConfirm {
			return desk.Refuse("the mail that you answer asks for the one word \"confirm\"; to write to the customer, reply to another mail about the ticket")
		} else if err != nil && !isNotFound(err) {
			return err
		}
	}
	if !agrees(w.text) {
		return nil
	}
	events, err := w.v.TicketEvents(w.ctx, w.before.ID)
	if err != nil {
		return err
	}
	if asked, err := w.asked(events); err != nil || asked == 0 {
		return err
	}
	return desk.Refuse("the mail that you answer asks for the one word \"send\"")
}

// agrees reports a text that only says yes.
func agrees(text string) bool {
	words := wordsOf(text)
	return len(words) > 0 && len(words) <= maxVerdictWords && !slices.ContainsFunc(words, func(w string) bool {
		return !approvalWords[w] && !plainYesWords[w] && !agreeBeside[w]
	})
}

var agreeBeside = wordSet(`anyway do go ahead sure now do it trotzdem doch machen quand même`)

// clock writes an instant for a receipt.
func (w *work) clock(at time.Time) string {
	if w.Desk.Location != nil {
		at = at.In(w.Desk.Location)
	}
	return at.Format("2 Jan 15:04 MST")
}
