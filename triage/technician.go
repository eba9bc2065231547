package triage

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tierdesk/desk"
)

// fromTechnician carries out a proven technician's mail: a public reply to the
// customer, an internal note, or commands. All of it happens, or none.
func (d *decision) fromTechnician(who principal) (desk.Change, error) {
	t, err := d.v.Ticket(d.ctx, d.in.Thread.Ticket)
	if err != nil {
		return desk.Change{}, err
	}
	if again, err := d.carriedOut(t.ID); err != nil || again {
		ch := d.ignore("the same mail was carried out already")
		ch.Settles.Ticket = t.ID
		return ch, err
	}
	words := d.in.Reply
	if d.in.Bare { // what he answers or forwards is not his, and may be internal
		words = ""
	}
	w := work{decision: d, who: who, before: t, ch: desk.Change{Ticket: &t, MessageIDs: d.names()}}
	if ch, judged, err := d.judge(who, &t, words); judged || err != nil {
		return ch, err
	}
	switch firstLine(words) {
	case "send":
		t.Updated = d.now
		err = w.release()
	case "undo":
		t.Updated = d.now
		err = w.undo()
	default:
		err = w.obey(words)
	}
	var refusal *desk.Refusal
	if errors.As(err, &refusal) {
		return d.refuse(&w.before, who, refusal.Reason)
	}
	return w.ch, err
}

// obey carries out the commands on top of the technician's words, and sends or notes
// the rest.
func (w *work) obey(words string) error {
	cmds, text := splitCommands(words)
	w.quotes = explainsCommands(text)
	w.strays, w.text = strayCommands(text)
	if w.commandsOnly() { // a signature may stand below
		w.strays, w.text, w.quotes = nil, "", false
	}
	o, err := readOrders(cmds)
	if err != nil {
		return err
	}
	o.note = o.note || w.in.Thread.Token.Purpose == desk.ForNote
	w.text = strings.TrimSpace(o.words + "\n" + w.text)
	return w.carryOut(o)
}

// firstLine returns the first line of a text as a plain word in lower case.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.ToLower(strings.Trim(bareLine(line), "#.! "))
}

// carriedOut reports whether this mail of a technician's was carried out on the ticket,
// by any of its names.
func (d *decision) carriedOut(id desk.TicketID) (bool, error) {
	for _, name := range d.names() {
		known, _, err := d.v.TicketByMessageIDs(d.ctx, []string{name})
		if err != nil || known == id {
			return known == id, err
		}
	}
	return false, nil
}

// names returns the Message-ID of a technician's mail, and what tells it apart without
// that: who replays a signed mail can change what the signature leaves out.
func (d *decision) names() []string {
	names := nonEmpty(d.in.MessageID)
	if d.in.Date != nil {
		names = append(names, desk.WrittenID(d.in.From.Address, *d.in.Date, d.in.Reply))
	}
	return names
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// work is one technician's mail being carried out.
type work struct {
	*decision
	who    principal
	text   string            // without commands
	strays []string          // commands that stood below the text
	quotes bool              // our own mail stands in the text without marks
	files  []desk.Attachment // that go to the customer
	kept   []string          // names of files that do not
	untold string            // why the customer is not told of a solution, or ""
	sent   string            // key of the reply to the requester
	held   string            // why the reply waits for its author's word, or ""
	theirs desk.RawID        // the colleague's reply that was quicker
	before desk.Ticket
	ch     desk.Change
}

func (w *work) actor() string { return "technician:" + w.who.technician.Address() }

// commandsOnly reports whether the mail came to an address that takes commands and
// posts nothing.
func (w *work) commandsOnly() bool { return w.in.Thread.Token.Purpose == desk.ForCommand }

func (w *work) carryOut(o orders) error {
	t := w.ch.Ticket
	t.Updated = w.now
	ordered := o.note || o.claim || o.solve || o.escalate
	// What stands below #escalate explains it to the next tier.
	explained := o.escalate && w.text != "" && !o.note
	o.note = o.note || explained
	if !o.note {
		var err error
		if w.files, w.kept, err = enclosures(w.in.Attachments); err != nil {
			return err
		}
	}
	reply := !o.note && !w.commandsOnly() && (w.text != "" || files(w.files) || !ordered && len(w.files) > 0)
	switch {
	case !ordered && w.commandsOnly():
		return desk.Refuse("this address takes commands alone, and the mail has none; to write to the customer, reply to our mail itself")
	case !ordered && !reply:
		return desk.Refuse("the mail is empty: nothing was sent")
	case t.Status == desk.StatusClosed:
		return desk.Refuse("ticket %s is closed", desk.Number(t.ID))
	case o.note && w.text == "" && len(w.in.Attachments) == 0:
		return desk.Refuse("the note is empty")
	case !o.note && w.quotes:
		return desk.Refuse("the mail that you answer stands in your text as if you had written it; cut it out, or mark it as quoted")
	case !o.note && slices.Contains(w.strays, "note"):
		return desk.Refuse("#note stands below the text; put it into the first line, or leave it out to send the text")
	}
	if reply {
		var err error
		if err = w.scrub(); err == nil {
			w.held, err = w.whyHold()
		}
		if err != nil {
			return err
		}
	}
	if o.claim || (reply && w.held == "" && t.Assignee == "") {
		if err := w.claim(o.claim); err != nil {
			return err
		}
	}
	switch {
	case explained:
		w.note("it stands below #escalate")
	case o.note && w.in.Thread.Token.Purpose == desk.ForNote:
		w.note("sent to the note address")
	case o.note:
		w.note("#note")
	}
	switch {
	case w.held != "":
		if err := w.hold(o.solve); err != nil {
			return err
		}
		o.solve, reply = false, false
	case reply:
		if err := w.reply(o); err != nil {
			return err
		}
	}
	if o.solve {
		if err := w.solve(reply); err != nil {
			return err
		}
	}
	if o.escalate {
		if err := w.escalate(o); err != nil {
			return err
		}
	}
	return w.settleWork(o, reply)
}

func (w *work) claim(asked bool) error {
	t, me := w.ch.Ticket, w.who.technician.Address()
	if holder := w.Desk.Technician(t.Assignee); holder != nil && t.Assignee != me {
		return desk.Refuse("%s already has ticket %s", holder.Name, desk.Number(t.ID))
	}
	t.Assignee = me
	if t.Status == desk.StatusNew {
		t.Status = desk.StatusOpen
	}
	because := "claimed by the first reply"
	if asked {
		because = "#claim"
	}
	e := w.event(t, desk.TicketClaimed, w.actor(), because)
	e.Data.Assignee = me
	w.ch.Events = append(w.ch.Events, e)
	return nil
}

func (w *work) note(because string) {
	t := w.ch.Ticket
	w.ch.Messages = append(w.ch.Messages, w.said(t, desk.InternalNote, w.text))
	w.ch.Events = append(w.ch.Events, w.event(t, desk.NoteAdded, w.actor(), because))
}

func (w *work) solve(replied bool) error {
	t := w.ch.Ticket
	t.Status = desk.StatusSolved
	e := w.event(t, desk.TicketSolved, w.actor(), "#solve")
	var err error
	if replied {
		e.Data.Outgoing = w.sent
	} else if w.untold, err = w.unanswerable(t); err == nil && w.untold == "" {
		o := w.Composer.ToCustomer(t, desk.SendSolved, w.cause())
		err = w.askFeedback(t, &o)
		e.Data.MessageID, e.Data.Outgoing, e.Data.Recipient = o.MessageID, o.Key, t.Requester.Address
		w.ch.Outgoing = append(w.ch.Outgoing, o)
	}
	w.ch.Events = append(w.ch.Events, e)
	return err
}

func (w *work) escalate(o orders) error {
	t := w.ch.Ticket
	to := o.level
	if to == 0 {
		to = t.Tier + 1
	}
	if to <= t.Tier {
		return desk.Refuse("ticket %s is in %s already; #escalate goes upwards", desk.Number(t.ID), t.Tier)
	}
	if w.Desk.Next(to-1) == nil {
		return desk.Refuse("there is no tier above %s", t.Tier)
	}
	if t.Status == desk.StatusWaiting || t.Status == desk.StatusSolved {
		t.Status = desk.StatusOpen
	}
	because := "#escalate"
	if o.reason != "" {
		because += ": " + clip(o.reason, 200)
	}
	w.handOver(&w.ch, to, w.actor(), because)
	return nil
}

// settleWork records what became of the mail and, unless it was simply sent,
// tells the technician.
func (w *work) settleWork(o orders, reply bool) error {
	done := o.String()
	switch {
	case reply && done != "":
		done = "reply sent, " + done
	case reply:
		done = "reply sent"
	case w.held != "" && done == "":
		done = "reply held"
	}
	if len(w.strays) > 0 {
		done += fmt.Sprintf("; #%s stands below the text and was not carried out", strings.Join(w.strays, ", #"))
	}
	if len(w.kept) > 0 {
		done += "; not sent, since it shows an address: " + strings.Join(w.kept, ", ")
	}
	if w.untold != "" {
		done += "; the customer is not told: " + w.untold
	}
	w.ch.Settles = w.settle(desk.CategoryAppend, w.ch.Ticket.ID, w.who.technician.Name+": "+done)
	switch {
	case w.held != "":
		return w.askToSend(done)
	case done == "reply sent":
		return nil
	}
	return w.tell(&w.ch, w.ch.Ticket, w.who.technician, done)
}
