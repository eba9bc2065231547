package triage

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
	"tierdesk/triage/kb"
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
	if ch, judged, err := d.judge(who, &t, words); judged || err != nil {
		return ch, err
	}
	if ch, answered, err := d.answerProposal(who, &t, words); answered || err != nil {
		return ch, err
	}
	events, err := d.v.TicketEvents(d.ctx, t.ID)
	if err != nil {
		return desk.Change{}, err
	}
	w := work{decision: d, who: who, before: t, incident: isIncident(events), ch: desk.Change{Ticket: &t, MessageIDs: d.names()}}
	err = w.obey(words)
	var refusal *desk.Refusal
	if errors.As(err, &refusal) {
		return d.refuse(&w.before, who, refusal.Reason)
	}
	return w.ch, err
}

// carriedOut reports whether this mail of a technician's was carried out on the ticket,
// by any of its names, or on the one that it was addressed to before that was merged.
func (d *decision) carriedOut(id desk.TicketID) (bool, error) {
	for _, name := range d.names() {
		known, _, err := d.v.TicketByMessageIDs(d.ctx, []string{name})
		if again := known != 0 && (known == id || known == d.in.Thread.Token.Ticket); err != nil || again {
			return again, err
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
	before desk.Ticket
	// incident says that the ticket is the parent of others.
	incident bool
	orders   orders
	text     string   // without commands, for the customer
	note     string   // or for the desk
	lines    []string // commands and text, as they wait for a confirmation
	// confirmed is the question that the mail says yes to, or nil.
	confirmed *desk.Event

	strays  []string          // commands that stood below the text
	quotes  bool              // our own mail stands in the text without marks
	noted   string            // why the text is a note, "" when it is none
	replies bool              // something goes to the customer
	files   []desk.Attachment // that go to the customer
	kept    []string          // names of files that do not
	doc     *kb.Document      // that goes to the customer, or nil

	done   []string   // what the receipt says
	shown  []string   // what the receipt shows below it
	untold string     // why the customer is not told of a solution, or ""
	sent   string     // key of the reply to the requester
	held   string     // why the reply waits for its author's word, or ""
	theirs desk.RawID // the colleague's reply that was quicker
	ch     desk.Change
}

func (w *work) actor() string { return "technician:" + w.who.technician.Address() }

// did notes what the receipt says.
func (w *work) did(format string, args ...any) { w.done = append(w.done, fmt.Sprintf(format, args...)) }

// happened adds an event of the ticket to the change.
func (w *work) happened(typ desk.EventType, because string) *desk.Event {
	w.ch.Events = append(w.ch.Events, w.event(w.ch.Ticket, typ, w.actor(), because))
	return &w.ch.Events[len(w.ch.Events)-1]
}

// obey reads the new text of the mail and carries it out.
func (w *work) obey(words string) (err error) {
	cmds, text := splitCommands(words)
	if w.commandsOnly() { // a signature may stand below
		text = ""
	}
	if v := aloneIn(cmds); v != nil {
		if len(cmds) > 1 || v.name != "undo" && len(gist(text, w.authorNamed())) > maxSignature {
			return desk.Refuse("#%s stands alone in its mail", v.name)
		}
		if v.name != "confirm" {
			return w.aboutReply(v)
		}
		if w.confirmed, err = w.question(); err != nil {
			return err
		}
		cmds, text = splitCommands(strings.Join(w.confirmed.Data.Trace, "\n"))
	}
	if w.orders, err = w.readOrders(cmds); err != nil {
		return err
	}
	for _, c := range cmds {
		w.lines = append(w.lines, c.String())
	}
	w.lines = append(w.lines, "", text)
	w.quotes = explainsCommands(text)
	w.strays, w.text = strayCommands(text)
	return w.carryOut()
}

// aboutReply sends or takes back a reply on the ticket of the mail that is answered, also
// when that was merged since.
func (w *work) aboutReply(v *verb) error {
	if id := w.in.Thread.Token.Ticket; id != w.before.ID {
		t, err := w.v.Ticket(w.ctx, id)
		if err != nil {
			return err
		}
		w.before, w.ch.Ticket = t, &t
	}
	w.ch.Ticket.Updated = w.now
	return v.do(w, &order{verb: *v})
}

// maxSignature is how much may stand below a command that stands alone in its mail, in
// bytes: a name, and what was not recognised as a signature. Below #undo anything may,
// since words that are refused too late would be sent.
const maxSignature = 120

// aloneIn returns the first command that has to stand alone in its mail, or nil.
func aloneIn(cmds []command) *verb {
	for _, c := range cmds {
		if v := verbNamed(c.name); v != nil && v.alone {
			return v
		}
	}
	return nil
}

// commandsOnly reports whether the mail came to an address that takes commands and
// posts nothing.
func (w *work) commandsOnly() bool { return w.in.Thread.Token.Purpose == desk.ForCommand }

// carryOut does what the mail asks for, or returns a desk.Refusal.
func (w *work) carryOut() error {
	w.ch.Ticket.Updated = w.now
	if err := w.mayIncident(); err != nil {
		return err
	}
	if err := w.readWords(); err != nil {
		return err
	}
	if asked, err := w.ask(); asked || err != nil {
		return err
	}
	if err := w.look(); err != nil {
		return err
	}
	if err := w.doOrders(true); err != nil {
		return err
	}
	if w.replies && w.held == "" && w.ch.Ticket.Assignee == "" && !w.orders.has("assign") {
		if err := w.claim(false); err != nil {
			return err
		}
	}
	if err := w.say(); err != nil {
		return err
	}
	if err := w.doOrders(false); err != nil {
		return err
	}
	return w.settleWork()
}

// look refuses a reply that shows what is internal or is meant for us, and finds out whether it must wait
// for its author's word.
func (w *work) look() error {
	if !w.replies {
		return nil
	}
	err := w.missedWord()
	if err == nil {
		err = w.scrub()
	}
	if err == nil && !w.incident {
		w.held, err = w.whyHold()
	}
	for _, o := range w.orders {
		if err == nil && w.held != "" && o.outcome && o.name != "solve" && o.name != "wait" {
			return desk.Refuse("%s; your reply would wait for your word, and #%s cannot be done before it", w.held, o.name)
		}
	}
	return err
}

// readWords decides what the words and files of the mail are: a note, a reply to the
// customer, or nothing.
func (w *work) readWords() (err error) {
	for _, o := range w.orders {
		if o.name == "note" {
			w.text = strings.TrimSpace(o.args + "\n" + w.text)
		}
	}
	ordered, asNote := len(w.orders) > 0, w.orders.has("note")
	// A picture alone is a note, but beside commands it belongs to a signature.
	empty := w.text == "" && !files(w.in.Attachments) && (ordered && !asNote || len(w.in.Attachments) == 0)
	byAddress := w.in.Thread.Token.Purpose == desk.ForNote
	switch {
	case empty && (asNote || byAddress && !ordered):
		return desk.Refuse("the note is empty")
	case asNote:
		w.noted = "#note"
	case byAddress && !empty:
		w.noted = "sent to the note address"
	case w.text != "" && (w.orders.has("escalate") || w.orders.has("return")):
		w.noted = "it explains why the ticket is handed on" // to the next tier
	case w.text != "" && w.orders.has("known-error"):
		w.noted = "the workaround"
	}
	if w.noted == "" && w.confirmed == nil && !w.commandsOnly() {
		if w.files, w.kept, err = enclosures(w.in.Attachments); err != nil {
			return err
		}
	}
	if w.noted != "" {
		w.note, w.text = w.text, ""
	}
	w.replies = w.noted == "" && (w.text != "" || files(w.files) || !ordered && len(w.files) > 0) || w.orders.has("kb")
	return w.mayWork()
}

// mayWork refuses what the text and the state of the ticket do not allow.
func (w *work) mayWork() error {
	switch {
	case len(w.orders) == 0 && w.commandsOnly():
		return desk.Refuse("this address takes commands alone, and the mail has none; to write to the customer, reply to our mail itself")
	case len(w.orders) == 0 && !w.replies && w.noted == "":
		return desk.Refuse("the mail is empty: nothing was sent")
	case len(w.orders) == 0 && w.noted == "" && w.unmarked(w.text) != "":
		return desk.Refuse("the text begins with %q; write #%s if you mean the command, or begin with other words to send the text", w.unmarked(w.text), w.unmarked(w.text))
	case w.noted == "" && w.quotes:
		return desk.Refuse("the mail that you answer stands in your text as if you had written it; cut it out, or mark it as quoted")
	case w.noted == "" && slices.Contains(w.strays, "note"):
		return desk.Refuse("#note stands below the text; put it into the first line, or leave it out to send the text")
	case w.replies && w.orders.has("spam"):
		return desk.Refuse("no mail goes to who sends spam; leave the text out, or write #note above it")
	case w.before.Status != desk.StatusClosed || w.orders.has("reopen"):
		return nil
	case w.replies || slices.ContainsFunc(w.orders, func(o order) bool { return !o.closed }):
		return desk.Refuse("ticket %s is closed; #reopen opens it again", desk.Number(w.before.ID))
	}
	return nil
}

// doOrders does the orders that come before the words, or those that come after.
func (w *work) doOrders(early bool) error {
	for i := range w.orders {
		if o := &w.orders[i]; o.early == early && o.do != nil {
			if err := o.do(w, o); err != nil {
				return onLine(o, err)
			}
		}
	}
	return nil
}

// say adds the words of the mail to the ticket, and sends or holds what is for the
// customer.
func (w *work) say() error {
	if w.noted != "" {
		w.addNote(w.note, w.noted)
		w.did("noted")
	}
	if w.doc != nil {
		w.text = strings.TrimSpace(w.text + "\n\n" + w.doc.Text())
	}
	switch {
	case !w.replies:
		return nil
	case w.held != "":
		return w.hold(w.orders.has("solve"))
	}
	w.ch.Ticket.WaitUntil = time.Time{}
	w.done = slices.Insert(w.done, 0, "reply sent")
	if w.incident {
		w.announce()
		return nil
	}
	return w.reply()
}

func (w *work) addNote(text, because string) {
	w.ch.Messages = append(w.ch.Messages, w.said(w.ch.Ticket, desk.InternalNote, text))
	w.happened(desk.NoteAdded, because)
}

// settleWork records what became of the mail and, unless it was simply sent,
// tells the technician.
func (w *work) settleWork() error {
	if w.held != "" && len(w.done) == 0 {
		w.did("reply held")
	}
	done := strings.Join(w.done, ", ")
	if len(w.strays) > 0 {
		done += fmt.Sprintf("; #%s stands below the text and was not carried out", strings.Join(w.strays, ", #"))
	}
	if len(w.kept) > 0 {
		done += "; not sent, since it shows an address: " + strings.Join(w.kept, ", ")
	}
	if w.untold != "" {
		done += "; the customer is not told: " + w.untold
	}
	t := *w.ch.Ticket
	if len(w.ch.Events) == 0 { // he only asked
		w.ch = desk.Change{}
	}
	w.ch.Settles = w.settle(desk.CategoryAppend, t.ID, w.who.technician.Name+": "+done)
	if len(w.ch.Events) == 0 {
		w.ch.Settles.Category = desk.CategoryIgnored
	}
	switch {
	case w.held != "":
		return w.askToSend(done)
	case done == "reply sent":
		return nil
	}
	receipt := w.receipt(&t, w.who.technician, done)
	receipt.Letter.Text = strings.Join(w.shown, "\n\n")
	return w.tell(&w.ch, receipt)
}
