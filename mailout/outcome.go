package mailout

import (
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-smtp"

	"tierdesk/desk"
)

const (
	// maxUnknown bounds the attempts at a mail whose outcome stays unknown.
	maxUnknown = 5
	// Mail is given up after these times: what people wrote after days, what
	// machines wrote after hours, since it is stale by then.
	patienceForPeople   = 5 * 24 * time.Hour
	patienceForMachines = 12 * time.Hour
)

// judge turns the result of a try into the state of the mail.
func (w *worker) judge(c claim, reply string, err error) desk.Attempt {
	now := w.Now()
	a := desk.Attempt{Item: c.ID, At: now, State: desk.Accepted, Reply: reply}
	if err == nil {
		w.pace.worked()
		return a
	}
	a.State, a.Reply = desk.Deferred, oneReply(err)
	a.Next = now.Add(backoff(c.Attempts, w.Rand()))
	if _, relay := errors.AsType[*relayError](err); relay {
		w.pace.failed(now, err, w.Rand())
		a.Next = later(a.Next, w.pace.resume())
	} else if code(err) != 0 {
		w.pace.worked()
	}
	switch {
	case permanent(err):
		a.State = desk.Refused
	case errors.Is(err, errDotOpen):
		a.State, a.Next = desk.Unknown, now.Add(unknownAfter)
		if c.Attempts >= maxUnknown && c.Reply == errDotOpen.Error() {
			a.State, a.Reply = desk.Refused, fmt.Sprintf("gave up after %d attempts: %v", c.Attempts, err)
		}
	}
	if end := deadline(c.OutItem); a.State != desk.Refused && a.Next.After(end) {
		a.State, a.Reply = desk.Refused, fmt.Sprintf("gave up after %s: %s", now.Sub(c.Created).Round(time.Minute), a.Reply)
	}
	if a.State == desk.Refused {
		a.Next = time.Time{}
		a.Events = []desk.Event{failure(&c.Outgoing, a)}
	}
	return a
}

// permanent reports a refusal for good. Replies that speak of the relay as a
// whole are about us and not about the mail, so they never are.
func permanent(err error) bool {
	if refused, ok := errors.AsType[*desk.RefusedError](err); ok {
		return refused.Permanent
	}
	_, relay := errors.AsType[*relayError](err)
	return !relay && code(err) >= 500
}

// deadline returns when a mail is given up; every mail gets one attempt, however
// long we were away.
func deadline(item desk.OutItem) time.Time {
	o := &item.Outgoing
	start := later(item.Created, o.NotBefore)
	if o.Automatic == desk.NotAutomatic {
		return start.Add(patienceForPeople)
	}
	return start.Add(patienceForMachines)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// failure is the event that shows a failed delivery on the ticket.
func failure(o *desk.Outgoing, a desk.Attempt) desk.Event {
	because := fmt.Sprintf("the %s to %s was not delivered: %s", o.Kind, desk.OneLine(o.To.Address), a.Reply)
	e := desk.NewEvent(o.Ticket, desk.DeliveryFailed, "mailout", because, a.At)
	e.Data = desk.EventData{Recipient: o.To.Address, Reply: a.Reply, Outgoing: o.Key, MessageID: o.MessageID}
	return e
}

// oneReply returns an error as one line of bounded length, a reply of the relay
// with its codes in front.
func oneReply(err error) string {
	if err == nil {
		return ""
	}
	s := err.Error()
	if r, ok := errors.AsType[*smtp.SMTPError](err); ok {
		s = fmt.Sprintf("%d %s", r.Code, r.Message)
		if r.EnhancedCode[0] > 0 {
			s = fmt.Sprintf("%d %d.%d.%d %s", r.Code, r.EnhancedCode[0], r.EnhancedCode[1], r.EnhancedCode[2], r.Message)
		}
	}
	if runes := []rune(desk.OneLine(s)); len(runes) > 500 {
		return string(runes[:500]) + "…"
	}
	return desk.OneLine(s)
}
