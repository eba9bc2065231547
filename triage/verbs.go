package triage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// verb is a command: how it is written, and what it does. Whatever else speaks of
// commands is made from the list in verbs.
type verb struct {
	name  string
	args  string // as the manual writes them, in brackets if they may be missing
	help  string // what it does, for the manual
	words string // that mean it when they are all that a mail says, in lower case

	often  bool // named at the end of our mail to technicians
	many   bool // may stand in a mail several times
	closed bool // is done on a closed ticket, too
	alone  bool // stands alone in its mail; its word counts in the first line already
	early  bool // is done before the words of the mail go out
	// outcome says that it decides what becomes of the ticket; a mail has one such.
	outcome bool
	against string // names of further commands that contradict it

	read func(w *work, o *order) error           // reads the arguments
	asks func(w *work, o *order) (string, error) // what its author must confirm first, or ""
	do   func(w *work, o *order) error           // nil where the mail is read accordingly
}

// order is a verb with what was written behind it.
type order struct {
	verb
	args string // as written

	level    desk.Level
	at       time.Time
	ticket   desk.TicketID
	person   *desk.Technician
	address  desk.Address
	priority desk.Priority
	number   int // a count or minutes
}

// line is how the order should have been written.
func (o *order) line() string { return command{o.name, o.args}.String() }

// verbs are all commands, in the order in which those of one mail are done.
func verbs() []verb {
	return slices.Concat(stateVerbs(), holderVerbs(), bookVerbs(), joinVerbs(), outcomeVerbs(), helpVerbs())
}

// stateVerbs must be done before anything is said.
func stateVerbs() []verb {
	return []verb{
		{name: "reopen", help: "open a solved or closed ticket again, also after #spam", early: true, closed: true,
			against: "solve close spam merge", do: (*work).reopen},
		{name: "requester", args: "ADDRESS", help: "the ticket is this person's from now on; the one before stays in it. You are asked to confirm another organisation", early: true,
			read: (*work).readAddress, asks: (*work).askRequester, do: (*work).changeRequester},
		{name: "claim", help: "the ticket is yours", words: "claim claimed take übernehmen übernommen prendre", often: true, early: true,
			against: "assign escalate return merge spam", do: func(w *work, _ *order) error { return w.claim(true) }},
		{name: "kb", args: "DOC", help: "send this document to the customer, below your words: it was the answer", early: true,
			against: "spam merge", do: (*work).sendDocument},
		{name: "note", args: "[WORDS]", help: "the whole mail is internal", often: true, many: true, closed: true, early: true},
	}
}

// holderVerbs say who has the ticket and where.
func holderVerbs() []verb {
	return []verb{
		{name: "escalate", args: "[L3] [REASON]", help: "hand the ticket to the next tier, or to the one you name; text below it is for that tier", often: true,
			outcome: true, read: (*work).readEscalate, do: (*work).escalate},
		{name: "return", args: "REASON", help: "hand it back to the tier it came from: #return missing: logs", outcome: true, do: (*work).handBack},
		{name: "assign", args: "NAME", help: "the ticket is this technician's: a part of the name or address, or me", against: "return merge spam",
			read: (*work).readPerson, do: (*work).assign},
	}
}

// bookVerbs write something down.
func bookVerbs() []verb {
	return []verb{
		{name: "priority", args: "P1", help: "P1 (most urgent) to P4", read: (*work).readPriority, do: (*work).prioritise},
		{name: "category", args: "NAME", help: "what the ticket is about", read: (*work).readCategory, do: (*work).categorise},
		{name: "time", args: "15m", help: "time spent: 15m, 1h30m", many: true, closed: true, read: (*work).readTime, do: (*work).spendTime},
		{name: "promise", args: "TIME", help: "what the customer was told: tomorrow 15:00, friday (17:00), 2d", read: (*work).readPromise, do: (*work).promise},
		{name: "known-error", args: "[WORKAROUND]", help: "everybody who reports the same gets this workaround, and one mail when it is solved; text below it is the workaround, too",
			against: "merge spam close", do: (*work).knownError},
		{name: "link", args: "1234", help: "this ticket and that one have to do with each other", many: true, closed: true,
			read: (*work).readTicket, do: (*work).link},
	}
}

// joinVerbs move messages between tickets.
func joinVerbs() []verb {
	return []verb{
		{name: "split", args: "[3]", help: "the customer's newest mail, or his third, becomes a ticket of its own", closed: true,
			against: "merge spam", read: (*work).readCount, do: (*work).split},
	}
}

// outcomeVerbs decide what becomes of the ticket.
func outcomeVerbs() []verb {
	return []verb{
		{name: "wait", args: "[TIME]", help: "wait for the customer, until then if you say so: 2d, friday, 5.3.", outcome: true,
			read: (*work).readWait, do: (*work).wait},
		{name: "snooze", args: "TIME", help: "be asked for nothing before: 2d, monday 8:00", outcome: true,
			read: (*work).readWait, do: (*work).snooze},
		{name: "solve", help: "solved; without words of yours, the desk tells the customer", words: "solve solved gelöst erledigt résolu", often: true,
			outcome: true, do: (*work).solve},
		{name: "close", help: "closed, and nobody is told", outcome: true, do: (*work).close},
		{name: "spam", help: "closed as unwanted: no mail goes to its sender, now or later", outcome: true, do: (*work).spam},
		{name: "merge", args: "1234", help: "this ticket goes on in that one. You are asked to confirm it when the two have different requesters", outcome: true,
			read: (*work).readTicket, asks: (*work).askMerge, do: (*work).merge},
	}
}

// helpVerbs are about commands, or only ask.
func helpVerbs() []verb {
	return []verb{
		{name: "confirm", help: "do what the desk asked you to confirm", words: "confirm confirmed bestätigen confirmer",
			alone: true, closed: true},
		{name: "send", help: "send your reply that is held", words: "send senden envoyer",
			alone: true, do: func(w *work, _ *order) error { return w.release() }},
		{name: "undo", help: "take back your newest reply while it waits to be sent", words: "undo zurücknehmen annuler",
			alone: true, closed: true, do: func(w *work, _ *order) error { return w.undo() }},
		{name: "now", help: "send the words at once, without the time to take them back", closed: true},
		{name: "help", help: "get this page", words: "help hilfe aide", often: true, closed: true, do: (*work).help},
		{name: "why", help: "get every decision about the ticket, with its reasons", words: "why warum pourquoi",
			closed: true, do: (*work).explain},
		{name: "sla", help: "get the account of the ticket's time, with its arithmetic", words: "sla", closed: true, do: (*work).account},
	}
}

// usage is the command as the manual writes it.
func (v *verb) usage() string { return command{v.name, v.args}.String() }

// verbNamed returns the command of a name, or nil.
func verbNamed(name string) *verb {
	all := verbs()
	i := slices.IndexFunc(all, func(v verb) bool { return v.name == name })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// OftenUsed returns the commands that a technician most often needs, each with its mark.
func OftenUsed() []string {
	var list []string
	for _, v := range verbs() {
		if v.often {
			list = append(list, "#"+v.name)
		}
	}
	return list
}

// CommandTable returns all commands as a Markdown table, by name.
func CommandTable() string {
	all := verbs()
	slices.SortFunc(all, func(a, b verb) int { return strings.Compare(a.name, b.name) })
	var b strings.Builder
	b.WriteString("| in the mail | does | alone, also |\n|---|---|---|\n")
	for _, v := range all {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.usage(), v.help, strings.ReplaceAll(v.words, " ", ", "))
	}
	return b.String()
}

// orders are a mail's commands, checked, in the order in which they are done.
type orders []order

func (list orders) has(name string) bool {
	return slices.ContainsFunc(list, func(o order) bool { return o.name == name })
}

// readOrders checks all commands before any is run: one that is unknown, incomplete
// or contradicts another refuses the whole mail.
func (w *work) readOrders(cmds []command) (orders, error) {
	var list orders
	for _, v := range verbs() {
		for _, c := range cmds {
			if c.name != v.name {
				continue
			}
			o := order{verb: v, args: c.args}
			if err := w.readOrder(&o); err != nil {
				return nil, err
			}
			if i := slices.IndexFunc(list, func(p order) bool { return p.name == o.name }); i < 0 || v.many {
				list = append(list, o)
			} else if list[i].args != o.args {
				return nil, desk.Refuse("%s and %s contradict each other", list[i].line(), o.line())
			}
		}
	}
	for _, c := range cmds {
		if verbNamed(c.name) == nil {
			return nil, desk.Refuse("#%s is not a command; did you mean #%s?", clip(c.name, 30), nearest(c.name))
		}
	}
	return list, list.contradiction()
}

func (w *work) readOrder(o *order) error {
	switch needed := o.verb.args; {
	case needed == "" && o.args != "":
		return desk.Refuse("#%s stands alone on its line; %q behind it was not understood", o.name, clip(o.args, 60))
	case needed != "" && needed[0] != '[' && o.args == "":
		return desk.Refuse("#%s says too little; write %s", o.name, o.usage())
	case o.read == nil:
		return nil
	}
	return onLine(o, o.read(w, o))
}

// onLine names the line that a refusal is about.
func onLine(o *order, err error) error {
	if r, ok := err.(*desk.Refusal); ok && !strings.HasPrefix(r.Reason, "#") {
		return desk.Refuse("%s: %s", clip(o.line(), 80), r.Reason)
	}
	return err
}

// contradiction refuses orders that cannot be done together.
func (list orders) contradiction() error {
	for i, a := range list {
		for _, b := range list[i+1:] {
			against := func(a, b order) bool { return slices.Contains(strings.Fields(a.against), b.name) }
			if a.outcome && b.outcome && a.name != b.name || against(a, b) || against(b, a) {
				return desk.Refuse("#%s and #%s contradict each other", a.name, b.name)
			}
		}
	}
	return nil
}
