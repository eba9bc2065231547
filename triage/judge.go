package triage

import (
	"fmt"
	"slices"

	"tierdesk/desk"
)

// What a technician answers when L1 would have sent a document. An approval stands
// alone, since the document goes out with it; a refusal may say why.
var (
	approvalWords = wordSet(`ok okay right correct yes send it please thanks thank you
		ja richtig passt stimmt senden bitte danke oui juste correct envoyer envoyez merci`)
	refusalWords = wordSet(`no nope wrong nein falsch non faux incorrect`)
)

// readJudgement reads a technician's mail as his word on a document, or as none.
func readJudgement(text, name string) desk.Verdict {
	own := wordsOf(name)
	words := slices.DeleteFunc(wordsOf(text), func(w string) bool { return slices.Contains(own, w) })
	strange := func(w string) bool { return !approvalWords[w] }
	switch {
	case len(words) == 0 || len(words) > maxVerdictWords:
		return ""
	case refusalWords[words[0]]:
		return desk.VerdictWrong
	case !slices.ContainsFunc(words, strange) && !onlyThanks(words):
		return desk.VerdictRight
	}
	return ""
}

func onlyThanks(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !thankWords[w] && w != "you" })
}

// proposal returns the document that L1 would have answered the ticket with and that
// nobody has judged, or "".
func (d *decision) proposal(id desk.TicketID) (string, error) {
	events, err := d.v.TicketEvents(d.ctx, id)
	doc := ""
	for i := range events {
		switch events[i].Type {
		case desk.L1Shadowed:
			doc = events[i].Data.Doc
		case desk.DocumentJudged, desk.DocumentUsed, desk.TicketSolved:
			doc = ""
		}
	}
	return doc, err
}

// judge carries out a technician's word on the document that L1 would have sent. It
// reports false when the mail is none.
func (d *decision) judge(who principal, t *desk.Ticket, words string) (ch desk.Change, judged bool, err error) {
	verdict := readJudgement(words, who.technician.Name)
	if verdict == "" || !t.Status.Active() || d.in.Thread.Token.Purpose == desk.ForNote {
		return ch, false, nil
	}
	doc, err := d.proposal(t.ID)
	if err != nil || doc == "" {
		return ch, false, err
	}
	w := work{decision: d, who: who, text: words, before: *t, ch: desk.Change{Ticket: t, MessageIDs: nonEmpty(d.in.MessageID)}}
	t.Updated = d.now
	e := d.event(t, desk.DocumentJudged, w.actor(), fmt.Sprintf("%s: %q", who.technician.Name, clip(firstWords(words), 60)))
	e.Data.Doc, e.Data.Verdict = doc, verdict
	w.ch.Events = append(w.ch.Events, e)
	done := "noted: document " + doc + " would have been wrong"
	if verdict == desk.VerdictWrong {
		w.addNote(words, "why document "+doc+" would have been wrong")
	} else if done, err = w.approve(doc); err != nil {
		return ch, true, err
	}
	w.ch.Settles = d.settle(desk.CategoryAppend, t.ID, who.technician.Name+": "+done)
	err = d.tell(&w.ch, d.receipt(t, who.technician, done))
	return w.ch, true, err
}

// approve sends the customer the document that L1 would have sent, and returns what
// was done.
func (w *work) approve(id string) (string, error) {
	doc, ok := w.Library().Document(id)
	if !ok || !doc.Answerable(w.now) {
		return "noted: document " + id + " would have been right; it is not sent, since customers may not get it any more", nil
	}
	if why, err := w.unanswerable(w.ch.Ticket); err != nil || why != "" {
		return "noted: document " + id + " would have been right; it is not sent: " + why, err
	}
	if w.ch.Ticket.Assignee == "" {
		if err := w.claim(false); err != nil {
			return "", err
		}
	}
	messages, err := w.v.Messages(w.ctx, w.ch.Ticket.ID)
	if err != nil {
		return "", err
	}
	o, ok := w.send(&w.ch, &doc, asked(w.ch.Ticket, messages, w.now))
	if !ok {
		return "noted: document " + id + " would have been right; it cannot be read, and is not sent", nil
	}
	used := w.event(w.ch.Ticket, desk.DocumentUsed, w.actor(), "L1 would have sent it")
	used.Data.Doc = id
	sent := w.event(w.ch.Ticket, desk.ReplySent, w.actor(), "document "+id)
	sent.Data.MessageID, sent.Data.Outgoing, sent.Data.Recipient = o.MessageID, o.Key, o.To.Address
	w.ch.Events = append(w.ch.Events, used, sent)
	return "document " + id + " sent", nil
}

// lastDocument returns the document that was the last thing the customer was told, or
// "" when somebody wrote to him since.
func lastDocument(events []desk.Event) string {
	for i := len(events) - 1; i >= 0; i-- {
		switch e := &events[i]; e.Type {
		case desk.L1Answered:
			return e.Data.Doc
		case desk.ReplySent:
			for j := range events[:i] {
				if used := &events[j]; used.Type == desk.DocumentUsed && used.Raw == e.Raw {
					return used.Data.Doc
				}
			}
			return ""
		}
	}
	return ""
}

// offered returns the documents that the acknowledgement of a ticket offered, unless
// a person has written to the customer since.
func offered(events []desk.Event) []string {
	var docs []string
	for i := range events {
		switch events[i].Type {
		case desk.L1Abstained:
			docs = events[i].Data.Docs
		case desk.ReplySent:
			return nil
		}
	}
	return docs
}
