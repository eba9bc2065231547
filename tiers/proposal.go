package tiers

import (
	"fmt"
	"strings"

	"tierdesk/desk"
)

// maxReasons is how many of L1's reasons a mail repeats.
const maxReasons = 3

// proposal returns the document that L1 would have answered the ticket with and that
// nobody has judged yet, or "".
func (w *writer) proposal() string {
	doc := ""
	for i := range w.log {
		switch e := &w.log[i]; e.Type {
		case desk.L1Shadowed:
			doc = e.Data.Doc
		case desk.DocumentJudged, desk.DocumentUsed, desk.TicketSolved:
			doc = ""
		}
	}
	return doc
}

// judgeButtons answer whether L1 would have been right.
func (w *writer) judgeButtons(o *desk.Outgoing) []desk.Button {
	if w.proposal() == "" {
		return nil
	}
	return []desk.Button{w.composer.Order(o, "right", "ok\n"), w.composer.Order(o, "wrong", "no\n")}
}

// wouldHave says what L1 would have done, why, and how to judge it.
func wouldHave(e *desk.Event) string {
	why := strings.Join(e.Data.Trace[:min(len(e.Data.Trace), maxReasons)], "; ")
	return fmt.Sprintf("%s (%s). Reply \"ok\" to send it, or \"no\" if it is wrong", e.Because, why)
}

// taken tells whoever has the ticket that a document has solved it, of those that
// the customer was sent or offered while people had it.
func (w *writer) taken(e *desk.Event) []desk.Outgoing {
	to := w.holder()
	if to == nil || !solvedByDocument(e) || w.ticket.Tier == desk.L1 {
		return nil
	}
	o := w.toTechnician(desk.SendUpdate, *to, e)
	o.Letter.Text = w.customersWords(e)
	return []desk.Outgoing{o}
}

// solvedByDocument reports whether the customer says that a document helped.
func solvedByDocument(e *desk.Event) bool {
	return e.Type == desk.TicketSolved && e.Actor == "customer" && e.Data.Doc != ""
}
