package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
)

// ClaimDue takes outgoing mail that is due for holder until now+lease and counts
// an attempt. Mail of one ticket to one recipient keeps its order: a mail is not
// claimed while an older one is unfinished, unless that one was never tried and
// its time has not come.
//
// holder names the sender across restarts; no two running processes may share
// one. Writers take turns, so two of them never claim the same mail.
func (s *Store) ClaimDue(ctx context.Context, holder string, now time.Time, lease time.Duration, limit int) ([]desk.OutItem, error) {
	var items []desk.OutItem
	err := s.Update(ctx, func(tx *Tx) error {
		ids, err := all(ctx, tx, single[int64], `UPDATE outbox SET state = 'sending', attempts = attempts + 1,
			next = NULL, holder = $1, instance = $2, lease = $3, open_dot = FALSE WHERE id IN (
				SELECT o.id FROM outbox o WHERE o.next <= $4 AND `+free("$4")+` ORDER BY o.next, o.id LIMIT $5)
			RETURNING id`, holder, s.instance, micros(now.Add(lease)), micros(now), limit)
		if err != nil {
			return err
		}
		slices.Sort(ids)
		items = make([]desk.OutItem, len(ids))
		for i, id := range ids {
			if items[i], err = tx.OutgoingItem(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim outgoing mail: %w", err)
	}
	return items, nil
}

// Freeze stores the rendered bytes of a mail, which every attempt sends. Bytes
// that are already frozen stay, until the mail is finished.
func (s *Store) Freeze(ctx context.Context, id int64, rendered []byte) error {
	err := s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO outbox_rendered (id, bytes) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, rendered)
		return err
	})
	if err != nil {
		return fmt.Errorf("freeze outgoing mail %d: %w", id, err)
	}
	return nil
}

// OpenDot records, durably, that the data of the claimed mails is about to be
// sent: from here on a crash makes their outcome unknown. A mail that this
// process no longer holds is a desk.ErrConflict and must not be sent.
func (s *Store) OpenDot(ctx context.Context, ids []int64) error {
	return s.Update(ctx, func(tx *Tx) error {
		for _, id := range ids {
			n, err := tx.exec(`UPDATE outbox SET open_dot = TRUE WHERE id = $1 AND state = 'sending' AND instance = $2`,
				id, s.instance)
			if err == nil && n == 0 {
				err = desk.ErrConflict
			}
			if err != nil {
				return fmt.Errorf("begin to send outgoing mail %d: %w", id, err)
			}
		}
		return nil
	})
}

// Record stores what became of an attempt, and its events. A result that comes
// late, after the claim has lapsed, counts as long as the mail is unfinished;
// afterwards it is a desk.ErrConflict.
func (s *Store) Record(ctx context.Context, a desk.Attempt) error {
	err := s.Update(ctx, func(tx *Tx) error {
		next := a.Next
		switch a.State {
		case desk.Accepted, desk.Refused:
			next = time.Time{}
		case desk.Deferred, desk.Unknown:
			if next.IsZero() {
				return fmt.Errorf("%s without a next attempt", a.State)
			}
		default:
			return fmt.Errorf("%q is no result", a.State)
		}
		if err := tx.finish(a, next); err != nil {
			return err
		}
		return tx.appendEvents(a.Events)
	})
	if err != nil {
		return fmt.Errorf("record an attempt on outgoing mail %d: %w", a.Item, err)
	}
	return nil
}

func (tx *Tx) finish(a desk.Attempt, next time.Time) error {
	n, err := tx.exec(`UPDATE outbox SET state = $1, next = $2, reply = $3, holder = '', instance = '', lease = NULL,
		open_dot = FALSE WHERE id = $4 AND `+unfinished, a.State, micros(next), clean(a.Reply), a.Item)
	if err != nil {
		return err
	}
	if n == 0 {
		if _, err := tx.outgoingState(a.Item); err != nil {
			return err
		}
		return desk.ErrConflict
	}
	if a.State == desk.Accepted || a.State == desk.Refused {
		if err := tx.dropRendered(a.Item); err != nil {
			return err
		}
	}
	_, err = tx.exec(`INSERT INTO outbox_attempts (item, n, at, state, reply)
		SELECT id, attempts, $2, $3, $4 FROM outbox WHERE id = $1
		ON CONFLICT (item, n) DO UPDATE SET at = excluded.at, state = excluded.state, reply = excluded.reply`,
		a.Item, micros(a.At), a.State, clean(a.Reply))
	return err
}

// Reclaim frees mail whose claim has lapsed, and mail that holder claimed before
// this process began. What was not yet being sent is due at once; where the
// data was on its way the outcome is unknown and the next attempt is at
// now+unknownAfter. It returns how many mails it freed.
func (s *Store) Reclaim(ctx context.Context, holder string, now time.Time, unknownAfter time.Duration) (int, error) {
	var freed int64
	err := s.Update(ctx, func(tx *Tx) (err error) {
		freed, err = tx.exec(`UPDATE outbox SET state = CASE WHEN open_dot THEN 'unknown' ELSE 'queued' END,
			next = CASE WHEN open_dot THEN CAST($1 AS BIGINT) ELSE CAST($2 AS BIGINT) END,
			reply = CASE WHEN open_dot THEN 'interrupted while sending' ELSE reply END,
			holder = '', instance = '', lease = NULL, open_dot = FALSE
			WHERE lease IS NOT NULL AND (lease <= $2 OR (holder = $3 AND instance <> $4))`,
			micros(now.Add(unknownAfter)), micros(now), holder, s.instance)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reclaim outgoing mail: %w", err)
	}
	return int(freed), nil
}

// RetryOutgoing makes a mail that is neither sent, nor being sent, nor held for its
// author, due at now.
// Other mail is refused with a desk.Refusal.
func (s *Store) RetryOutgoing(ctx context.Context, id int64, now time.Time) error {
	return s.Update(ctx, func(tx *Tx) error {
		state, err := tx.outgoingState(id)
		if err != nil {
			return err
		}
		if state == desk.Accepted || state == desk.Sending || state == desk.Held {
			return desk.Refuse("outgoing mail %d is %s", id, state)
		}
		_, err = tx.exec(`UPDATE outbox SET state = 'queued', next = $1 WHERE id = $2`, micros(now), id)
		return err
	})
}

// CancelOutgoing makes sure that a mail is not sent. A mail that is being sent
// or has its result is refused with a desk.Refusal.
func (s *Store) CancelOutgoing(ctx context.Context, id int64) error {
	return s.Update(ctx, func(tx *Tx) error {
		state, err := tx.outgoingState(id)
		if err != nil {
			return err
		}
		switch state {
		case desk.Queued, desk.Deferred, desk.Unknown, desk.Held:
		default:
			return desk.Refuse("outgoing mail %d is %s", id, state)
		}
		if _, err = tx.exec(`UPDATE outbox SET state = 'cancelled', next = NULL WHERE id = $1`, id); err != nil {
			return err
		}
		return tx.dropRendered(id)
	})
}

// dropRendered deletes the frozen bytes of a finished mail. What it said stays in
// its letter.
func (tx *Tx) dropRendered(id int64) error {
	_, err := tx.exec(`DELETE FROM outbox_rendered WHERE id = $1`, id)
	return err
}

func (tx *Tx) outgoingState(id int64) (desk.Delivery, error) {
	state, err := one(tx.ctx, tx, single[desk.Delivery], `SELECT state FROM outbox WHERE id = $1`, id)
	if err != nil {
		return "", fmt.Errorf("outgoing mail %d: %w", id, err)
	}
	return state, nil
}

// Attempts returns the recorded attempts on an outgoing mail, oldest first.
func (q reader) Attempts(ctx context.Context, id int64) ([]desk.Attempt, error) {
	return all(ctx, q.db, func(r row) (desk.Attempt, error) {
		a := desk.Attempt{Item: id}
		err := r.Scan(instant{&a.At}, &a.State, &a.Reply)
		return a, err
	}, `SELECT at, state, reply FROM outbox_attempts WHERE item = $1 ORDER BY n`, id)
}
