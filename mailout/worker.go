package mailout

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tierdesk/desk"
)

// idleLimit is how long an unused connection is kept; servers close theirs later.
const idleLimit = 30 * time.Second

// worker delivers one mail at a time over a connection that it keeps.
type worker struct {
	*Sender
	stop  <-chan struct{} // once closed, no delivery is begun
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
		attempt, ours := w.attempt(ctx, c)
		record.Wait()
		record.Go(func() {
			if ours {
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

// attempt tries to deliver the mail and says what became of it. It reports false
// when the mail is no longer ours, or may cease to be within the attempt.
func (w *worker) attempt(ctx context.Context, c claim) (a desk.Attempt, ours bool) {
	now := w.Now()
	a = desk.Attempt{Item: c.ID, At: now, State: desk.Deferred}
	switch {
	case now.Sub(c.at) > lease-deliveryLimit:
		return a, false
	case w.stopping():
		a.Reply, a.Next = "stopped before it was tried", now
		return a, true
	case w.pace.paused(now):
		a.Reply, a.Next = "waits for the relay: "+oneReply(w.Health()), w.pace.resume()
		return a, true
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryLimit)
	defer cancel()
	reply, err := w.deliverSafely(ctx, &c.OutItem)
	if errors.Is(err, desk.ErrConflict) {
		return a, false
	}
	return w.judge(c, reply, err), true
}

func (w *worker) stopping() bool {
	select {
	case <-w.stop:
		return true
	default:
		return false
	}
}

// deliverSafely makes a panic a failure of this one attempt: strangers' words are
// rendered in it, and must not stop the mail of others.
func (w *worker) deliverSafely(ctx context.Context, item *desk.OutItem) (reply string, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.drop()
			w.Log.Error("panic while delivering", "outgoing", item.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic while delivering: %v", p)
		}
	}()
	return w.deliver(ctx, item)
}

// deliver renders the mail, or takes the bytes of the earlier attempt, and hands
// it to the relay. The bytes are loaded here and not with the claim, so that there
// are never more of them than workers.
func (w *worker) deliver(ctx context.Context, item *desk.OutItem) (reply string, err error) {
	var frozen []byte
	if item.Attempts > 1 {
		if frozen, err = w.Outbox.Rendered(ctx, item.ID); err != nil {
			return "", err
		}
	}
	mail, err := w.open(ctx, item, frozen)
	if err != nil {
		return "", err
	}
	if err := w.journal(ctx, item.ID, mail, frozen != nil); err != nil {
		w.drop()
		return "", err
	}
	reply, err = w.sess.send(ctx, mail)
	w.settle(ctx, err)
	return reply, err
}

// open returns the bytes of the mail after sending its envelope. When the relay
// says that a mail which was never tried is too large, customers' files stay here.
func (w *worker) open(ctx context.Context, item *desk.OutItem, frozen []byte) (mail []byte, err error) {
	for {
		mail = frozen
		if mail == nil {
			if mail, err = w.Renderer.Render(ctx, &item.Outgoing, item.Created); err != nil {
				return nil, err
			}
		}
		e, err := newEnvelope(item, len(mail))
		if err != nil {
			return nil, err
		}
		err = w.begin(ctx, e)
		large, ok := errors.AsType[*tooLargeError](err)
		if !ok || frozen != nil || !lighten(&item.Outgoing, large.excess) {
			return mail, err
		}
	}
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
			w.certificateEnds.Store(&s.certificateEnds)
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
func (w *worker) journal(ctx context.Context, id int64, mail []byte, frozen bool) error {
	var both errgroup.Group // they share a transaction
	if !frozen {
		both.Go(func() error { return w.Outbox.Freeze(ctx, id, mail) })
	}
	both.Go(func() error { return w.Outbox.OpenDot(ctx, []int64{id}) })
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

// record makes the result durable. An accepted mail that is not recorded would
// be sent again, so it tries more than once, also after the time to stop.
func (w *worker) record(ctx context.Context, c claim, a desk.Attempt) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	err := w.Outbox.Record(ctx, a)
	for wait := 50 * time.Millisecond; err != nil && !errors.Is(err, desk.ErrConflict) && ctx.Err() == nil; wait *= 2 {
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
