package triage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
	"tierdesk/triage/kb"
)

// maxLesson bounds the question that a lesson keeps, in bytes.
const maxLesson = 4000

// Lessons returns what a ticket has taught, from all of its events and its
// conversation. It is a pure function, so that the same log teaches the same.
func Lessons(t *desk.Ticket, log []desk.Event, messages []desk.Message) desk.Learned {
	r := reader{ticket: t, question: question(t, messages), wrong: map[string]desk.Lesson{}, trials: map[string]desk.Trial{}}
	for i := range log {
		if log[i].Type == desk.MarkedSpam {
			return desk.Learned{Ticket: t.ID}
		}
		r.read(&log[i])
	}
	return r.learned()
}

// question returns what the customer first asked: the subject and his words.
func question(t *desk.Ticket, messages []desk.Message) string {
	q := asked(t, messages, time.Time{})
	if q.Text == "" {
		return ""
	}
	s := strings.TrimSpace(q.Subject + "\n" + q.Text)
	return strings.ToValidUTF8(s[:min(len(s), maxLesson)], "")
}

// asked is question for the documents; its text is "" when he said nothing.
func asked(t *desk.Ticket, messages []desk.Message, now time.Time) kb.Question {
	q := kb.Question{Subject: t.Subject, Lang: t.Language, Now: now}
	for _, m := range messages {
		if m.Kind == desk.FromCustomer {
			q.Text = m.Text
			break
		}
	}
	return q
}

// reader reads a ticket's log for lessons.
type reader struct {
	ticket   *desk.Ticket
	question string

	answered  string   // the document that L1 answered with and that awaits its verdict
	shadow    string   // the document that it would have answered with
	suggested []string // those that it offered
	used      bool     // a technician sent a document

	answer *desk.Lesson           // the newest of what answered the question
	wrong  map[string]desk.Lesson // by document
	trials map[string]desk.Trial  // by document
}

func (r *reader) read(e *desk.Event) {
	switch e.Type {
	case desk.L1Answered:
		r.answered = e.Data.Doc
	case desk.L1Shadowed:
		r.shadow = e.Data.Doc
	case desk.L1Abstained:
		r.suggested = e.Data.Docs
	case desk.DocumentJudged:
		r.judge(e, e.Data.Doc, desk.Shadow, e.Data.Verdict == desk.VerdictRight)
		r.shadow = ""
	case desk.DocumentUsed:
		r.used = true
		if r.shadow != "" { // his choice is his verdict on L1's
			r.judge(e, r.shadow, desk.Shadow, r.shadow == e.Data.Doc)
			r.shadow = ""
		}
		r.helped(e, e.Data.Doc)
	case desk.TicketEscalated:
		if e.Actor != actorL1 || r.answered == "" {
			return
		}
		if e.Data.Verdict == desk.VerdictWrong {
			r.judge(e, r.answered, desk.Live, false)
		}
		r.answered = ""
	case desk.TicketSolved:
		r.solved(e)
	}
}

// solved reads a solution: by the document that the customer confirms, by one that a
// technician sent, or without any.
func (r *reader) solved(e *desk.Event) {
	switch byCustomer := e.Actor == actorCustomer; {
	case byCustomer && slices.Contains(r.suggested, e.Data.Doc):
		r.helped(e, e.Data.Doc)
	case byCustomer && r.answered != "":
		r.judge(e, r.answered, desk.Live, true)
	case !r.used:
		r.answer = r.lesson(e, "")
	}
}

// judge counts a verdict on a document, and what follows for the question.
func (r *reader) judge(e *desk.Event, doc string, mode desk.Mode, right bool) {
	r.trials[doc] = desk.Trial{
		Seq: e.Seq, Ticket: r.ticket.ID, Doc: doc, Mode: mode, Right: right,
		Requester: desk.NormalAddress(r.ticket.Requester.Address), At: e.At,
	}
	if right {
		r.helped(e, doc)
		return
	}
	l := r.lesson(e, doc)
	l.Wrong = true
	r.wrong[doc] = *l
	if r.answer != nil && r.answer.Doc == doc {
		r.answer = nil
	}
}

func (r *reader) helped(e *desk.Event, doc string) {
	r.answer = r.lesson(e, doc)
	delete(r.wrong, doc)
}

func (r *reader) lesson(e *desk.Event, doc string) *desk.Lesson {
	return &desk.Lesson{Seq: e.Seq, Ticket: r.ticket.ID, Doc: doc, Text: r.question, At: e.At}
}

func (r *reader) learned() desk.Learned {
	l := desk.Learned{Ticket: r.ticket.ID}
	if r.question != "" {
		if r.answer != nil {
			l.Lessons = append(l.Lessons, *r.answer)
		}
		for _, w := range r.wrong {
			l.Lessons = append(l.Lessons, w)
		}
		slices.SortFunc(l.Lessons, func(a, b desk.Lesson) int {
			return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Doc, b.Doc))
		})
	}
	for _, t := range r.trials {
		l.Trials = append(l.Trials, t)
	}
	slices.SortFunc(l.Trials, func(a, b desk.Trial) int {
		return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Doc, b.Doc))
	})
	return l
}

// teaches reports whether an event can change what its ticket taught.
func teaches(e *desk.Event) bool {
	switch e.Type {
	case desk.TicketSolved, desk.DocumentJudged, desk.DocumentUsed, desk.MarkedSpam:
		return true
	case desk.TicketEscalated:
		return e.Actor == actorL1
	}
	return false
}
