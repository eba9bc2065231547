package mailout

import (
	"context"
	"fmt"
	"time"

	"tierdesk/desk"
)

// claim is a mail that is ours to deliver.
type claim struct {
	desk.OutItem
	at time.Time // when it was claimed
}

// dispatcher claims due mail and hands it to the workers. It is the only one who
// claims, so that pacing and rate are counted in one place.
type dispatcher struct {
	*Sender
	once    bool
	items   chan claim
	done    chan struct{} // one for each mail whose result is recorded
	inHand  int
	more    bool      // the last claim was full: there may be more
	swept   time.Time // when lapsed leases were looked for
	blocked bool      // the last look had no room for a claim
}

// run claims until ctx ends; with once, until nothing is due and nothing in hand.
func (d *dispatcher) run(ctx context.Context) error {
	d.swept = d.Now()
	for ctx.Err() == nil {
		if err := d.sweep(ctx); err != nil {
			return err
		}
		n, err := d.claim(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case d.once && n == 0 && d.inHand == 0 && (!d.blocked || d.Health() != nil):
			return d.Health()
		}
		if err := d.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sweep takes back what others claimed and did not finish in time.
func (d *dispatcher) sweep(ctx context.Context) error {
	now := d.Now()
	if now.Sub(d.swept) < time.Minute {
		return nil
	}
	d.swept = now
	if _, err := d.Outbox.Reclaim(ctx, "", now, unknownAfter); err != nil {
		return fmt.Errorf("reclaim: %w", err)
	}
	return nil
}

// claim takes as many due mails as there is room for.
func (d *dispatcher) claim(ctx context.Context) (int, error) {
	now := d.Now()
	room := min(cap(d.items)-d.inHand, d.windows.room(now, d.inHand), d.pace.room(now, d.inHand))
	d.blocked, d.more = room <= 0, false
	if d.blocked {
		return 0, nil
	}
	items, err := d.Outbox.ClaimDue(ctx, d.Holder, now, lease, room)
	if err != nil {
		return 0, fmt.Errorf("claim: %w", err)
	}
	for _, item := range items {
		d.items <- claim{item, now} // never blocks: inHand is at most its capacity
	}
	d.inHand += len(items)
	d.more = len(items) == room
	return len(items), nil
}

// wait returns when it is worth to claim again. While there is more to claim
// that is when half of what is in hand is done, so that claims come in batches.
func (d *dispatcher) wait(ctx context.Context) error {
	if d.more && d.inHand <= cap(d.items)/2 {
		return nil
	}
	until, err := d.until(ctx)
	if err != nil {
		return err
	}
	timer := time.NewTimer(until)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			return nil
		case <-d.wake:
			return nil
		case <-d.done:
			d.inHand--
			d.windows.sent(d.Now())
			if d.inHand == 0 || d.more && d.inHand <= cap(d.items)/2 {
				return nil
			}
		}
	}
}

// until returns how long to wait when nothing happens.
func (d *dispatcher) until(ctx context.Context) (time.Duration, error) {
	now := d.Now()
	next := now.Add(idlePoll)
	if resume := d.pace.resume(); resume.After(now) {
		next = resume
	} else if free := d.windows.next(now); free.After(now) {
		next = free
	} else {
		due, err := d.Outbox.NextOutgoing(ctx)
		if err != nil && ctx.Err() == nil {
			return 0, fmt.Errorf("next outgoing: %w", err)
		}
		if !due.IsZero() {
			next = due
		}
	}
	return min(max(next.Sub(now), busyPoll), idlePoll), nil
}
