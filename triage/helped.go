package triage

import (
	"regexp"
	"strconv"

	"tierdesk/desk"
)

// helped returns the document of which the customer says that it solved the ticket,
// or "": the one that he was sent last, or one of those that he was offered.
func (d *decision) helped(t *desk.Ticket, reading verdict, events []desk.Event) string {
	switch {
	case reading != answerYes && reading != answerWorks || !t.Status.Active():
		return ""
	case d.awaitsVerdict(t):
		return t.Answered
	}
	if doc := lastDocument(events); doc != "" && t.Status == desk.StatusWaiting {
		return doc
	}
	docs := offered(events)
	if n := choice(d.in.Reply); n > 0 && n <= len(docs) {
		return docs[n-1]
	}
	return ""
}

var choiceDigit = regexp.MustCompile(`\b[0-9]+\b`)

// choice returns the only number in an answer, or 0.
func choice(text string) int {
	found := choiceDigit.FindAllString(text, 2)
	if len(found) != 1 {
		return 0
	}
	n, _ := strconv.Atoi(found[0]) // too large a number is no choice, either
	return n
}
