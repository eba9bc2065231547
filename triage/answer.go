package triage

import (
	"fmt"
	"strings"

	"tierdesk/desk"
	"tierdesk/triage/kb"
)

// question is what the customer asks, for the documents.
func (d *decision) question() kb.Question {
	return kb.Question{Subject: desk.BaseSubject(d.in.Subject, d.Desk.Tag), Text: d.in.Reply, Lang: d.in.Language, Now: d.now}
}

// answer turns the change into an L1 answer with the best document. It reports
// false when the document is no longer there.
func (d *decision) answer(ch *desk.Change) bool {
	best := d.in.Matches[0]
	doc, ok := d.Library().Document(best.Doc)
	if !ok {
		return false
	}
	o, ok := d.send(ch, &doc, d.question())
	if !ok {
		return false
	}
	e := d.event(ch.Ticket, desk.L1Answered, actorL1, fmt.Sprintf("document %q answers it with confidence %.2f", doc.ID, best.Confidence))
	e.Occurred = d.now
	e.Data.Doc, e.Data.Score, e.Data.Trace = doc.ID, best.Confidence, d.in.MatchWhy
	e.Data.MessageID, e.Data.Outgoing, e.Data.Recipient = o.MessageID, o.Key, o.To.Address
	ch.Events = append(ch.Events, e)
	return true
}

// send queues the mail that answers a ticket with a document, and asks whether it
// helped: the passage that matters for the question in full. It reports false when
// the document cannot be quoted.
func (d *decision) send(ch *desk.Change, doc *kb.Document, q kb.Question) (desk.Outgoing, bool) {
	passage, err := doc.Passage(q)
	if err != nil {
		return desk.Outgoing{}, false
	}
	t := ch.Ticket
	t.Status, t.Answered = desk.StatusWaiting, doc.ID
	o := d.automatically(t, desk.SendAnswer)
	o.Letter.Doc, o.Letter.Title, o.Letter.Text = doc.ID, doc.Title, passage.Text
	o.Letter.HTML, o.Letter.Rest = passage.HTML, passage.Rest
	if first, _, _ := strings.Cut(passage.Text, "\n"); strings.EqualFold(first, doc.Title) {
		o.Letter.Title = "" // the passage begins with it
	}
	words := prefilled(t.Language)
	o.Letter.Buttons = []desk.Button{
		d.Composer.Mailto(&o, "solved", words.yes),
		d.Composer.Mailto(&o, "notsolved", words.no),
	}
	ch.Outgoing = append(ch.Outgoing, o)
	ch.Messages = append(ch.Messages, desk.Message{
		Ticket: t.ID, At: d.now, Kind: desk.L1Answer, MessageID: o.MessageID, Text: passage.Text,
		Author: desk.Address{Name: d.Desk.Name, Address: d.Desk.Address},
	})
	return o, true
}

// maxOffer bounds the passage of an offered document, in characters.
const maxOffer = 400

// offer adds documents to the acknowledgement that may help the customer while people
// have his ticket. Those on trial are left out.
func (d *decision) offer(o *desk.Outgoing, docs []string) {
	yes := prefilled(o.Letter.Language).yes
	for i, id := range docs {
		doc, ok := d.Library().Document(id)
		if !ok {
			continue
		}
		passage, err := doc.Passage(d.question())
		if err != nil {
			continue
		}
		o.Letter.Offers = append(o.Letter.Offers, desk.LetterDocument{
			Title: doc.Title, Text: short(passage.Text, doc.Title),
			Take: d.Composer.Mailto(o, "take", fmt.Sprintf("%s %d", yes, i+1)),
		})
	}
}

// short cuts a passage for an offer, without the title that it may begin with.
func short(text, title string) string {
	if first, rest, _ := strings.Cut(text, "\n"); strings.EqualFold(first, title) {
		text = strings.TrimSpace(rest)
	}
	r := []rune(text)
	if len(r) <= maxOffer {
		return text
	}
	return strings.TrimSpace(string(r[:maxOffer])) + " …"
}

// offers returns the documents that go along with the acknowledgement.
func (d *decision) offers() []string {
	var out []string
	if !d.Suggest {
		return nil
	}
	for _, id := range d.in.Offers {
		if d.Library().Mode(id) == desk.Live {
			out = append(out, id)
		}
	}
	return out
}
