package mailout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/sync/errgroup"

	"tierdesk/desk"
)

const (
	// idleLimit is how long an unused connection is kept; servers close theirs
	// later.
	idleLimit = 30 * time.Second
	// maxUnknown bounds the attempts at a mail whose outcome stays unknown.
	maxUnknown = 5
)

// worker delivers one mail at a time over a connection that it keeps.
type worker struct {
	*Sender
	stop  context.Context // when it ends, no delivery is begun
	items <-chan claim
	done  chan<- struct{}
	sess  *session // nil when there is none
}

// run works until items is closed. The record of a mail is made durable while
// the next one is prepared, so that several share a transaction; at most one is
// under way.
func (w *worker) run(ctx context.Context) {
	var record sync.WaitGroup
	defer record.Wait()
	defer w.hangUp()
	for {
		c, ok := w.next()
		if !ok {
			return
		}
		attempt, made := w.attempt(ctx, c)
		record.Wait()
		record.Go(func() {
			if made {
				w.record(ctx, c, attempt)
			}
			w.done <- struct{}{} // never blocks: it has room for all in hand
		})
	}
}

// next waits for a mail, and lets an idle connection go meanwhile.
func (w *worker) next() (claim, bool) {
	if w.sess != nil {
		idle := time.NewTimer(idleLimit)
		defer idle.Stop()
		select {
		case c, ok := <-w.items:
			return c, ok
		case <-idle.C:
			w.hangUp()
		}
	}
	c, ok := <-w.items
	return c, ok
}

func (w *worker) hangUp() {
	if w.sess != nil {
		w.sess.quit()
		w.sess = nil
	}
}

// drop closes a connection that is not fit for another mail.
func (w *worker) drop() {
	if w.sess != nil {
		w.sess.close()
		w.sess = nil
	}
}

// attempt tries to deliver the mail and says what became of it. It makes no
// attempt at a mail that waited so long that the claim may lapse.
func (w *worker) attempt(ctx context.Context, c claim) (desk.Attempt, bool) {
	now := w.Now()
	switch {
	case now.Sub(c.at) > lease-deliveryLimit:
		return desk.Attempt{}, false
	case w.stop.Err() != nil:
		return desk.Attempt{Item: c.ID, At: now, State: desk.Deferred, Reply: "stopped before it was tried", Next: now}, true
	case w.pace.paused(now):
		return desk.Attempt{Item: c.ID, At: now, State: desk.Deferred, Reply: "waits for the relay: " + oneReply(w.Health()), Next: w.pace.resume()}, true
	case expired(&c.Outgoing, now):
		return w.judge(c, "", refuse("too late: it was of use until %s", c.Outgoing.Expires.Format(time.RFC3339))), true
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryLimit)
	defer cancel()
	reply, err := w.deliver(ctx, &c.OutItem)
	return w.judge(c, reply, err), true
}

// deliver renders the mail, or takes the bytes of the earlier attempt, and hands
// it to the relay.
func (w *worker) deliver(ctx context.Context, item *desk.OutItem) (reply string, err error) {
	mail := item.Rendered
	if mail == nil {
		if mail, err = w.Renderer.Render(ctx, &item.Outgoing, item.Created); err != nil {
			return "", err
		}
	}
	e, err := newEnvelope(item, len(mail))
	if err != nil {
		return "", err
	}
	if err := w.begin(ctx, e); err != nil {
		return "", err
	}
	if err := w.journal(ctx, item, mail); err != nil {
		w.drop()
		return "", err
	}
	reply, err = w.sess.send(ctx, mail)
	w.settle(ctx, err)
	return reply, err
}

// begin sends the envelope over the kept connection, or over a new one when the
// server has closed that meanwhile.
func (w *worker) begin(ctx context.Context, e envelope) error {
	for {
		if w.sess == nil {
			s, err := w.Relay.dial(ctx)
			if err != nil {
				return &relayError{err}
			}
			w.sess = s
		}
		used := w.sess.used
		err := w.sess.begin(ctx, e)
		_, relay := errors.AsType[*relayError](err)
		w.settle(ctx, err)
		if !relay || !used || ctx.Err() != nil {
			return err
		}
	}
}

// journal makes durable what the next attempt must know, if this one is cut: the
// bytes, and that the dot may have been sent.
func (w *worker) journal(ctx context.Context, item *desk.OutItem, mail []byte) error {
	var both errgroup.Group // they share a transaction
	if item.Rendered == nil {
		both.Go(func() error { return w.Outbox.Freeze(ctx, item.ID, mail) })
	}
	both.Go(func() error { return w.Outbox.OpenDot(ctx, []int64{item.ID}) })
	if err := both.Wait(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// settle keeps the connection after a success, resets it after a refusal, and
// drops it after anything else.
func (w *worker) settle(ctx context.Context, err error) {
	if err == nil {
		return
	}
	_, relay := errors.AsType[*relayError](err)
	if relay || errors.Is(err, errDotOpen) || w.sess.reset(ctx) != nil {
		w.drop()
	}
}

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

// deadline returns when a mail is given up: what people wrote after days, what
// machines write after hours, since it is stale by then (WIRE 4.3).
func deadline(item desk.OutItem) time.Time {
	o := &item.Outgoing
	if !o.Expires.IsZero() {
		return o.Expires
	}
	start := later(item.Created, o.NotBefore)
	if o.Automatic == desk.NotAutomatic {
		return start.Add(5 * 24 * time.Hour)
	}
	return start.Add(12 * time.Hour)
}

// expired reports a mail that is not worth a first attempt any more. Without a
// time of its own every mail gets one, however long we were away.
func expired(o *desk.Outgoing, now time.Time) bool {
	return !o.Expires.IsZero() && now.After(o.Expires)
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

// record makes the result durable. An accepted mail that is not recorded would
// be sent again, so it tries more than once, also after the time to stop.
func (w *worker) record(ctx context.Context, c claim, a desk.Attempt) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	err := w.Outbox.Record(ctx, a)
	for wait := 50 * time.Millisecond; err != nil && ctx.Err() == nil; wait *= 2 {
		pause(ctx, wait)
		err = w.Outbox.Record(ctx, a)
	}
	log := w.Log.With("outgoing", c.ID, "ticket", c.Outgoing.Ticket, "message_id", c.Outgoing.MessageID,
		"kind", c.Outgoing.Kind, "attempt", c.Attempts, "state", a.State, "reply", a.Reply)
	if err != nil {
		log.Error("delivery not recorded", "err", err)
		return
	}
	log.Info("delivery")
}
