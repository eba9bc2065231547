package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
)

// unfinished is the condition under which an outgoing mail is not in a final
// state. The partial index outbox_unfinished has the same words.
const unfinished = `state IN ('queued', 'sending', 'deferred', 'unknown')`

// free returns the condition that at an instant no older mail of the same ticket
// to the same recipient stands in the way: one that is unfinished, and is not
// merely waiting for its time. Mail about no ticket waits for nothing.
func free(at string) string {
	return `(o.ticket = 0 OR NOT EXISTS (SELECT 1 FROM outbox p
		WHERE p.ticket = o.ticket AND p.recipient = o.recipient AND p.id < o.id AND p.` + unfinished + `
		AND NOT (p.attempts = 0 AND p.next > ` + at + `)))`
}

const selectItem = `SELECT o.id, l.outgoing, o.state, o.attempts, o.created, o.next, o.reply FROM outbox o
	JOIN outbox_letters l ON l.id = o.id `

func scanItem(r row) (desk.OutItem, error) {
	var o desk.OutItem
	var letter []byte
	err := r.Scan(&o.ID, &letter, &o.State, &o.Attempts, instant{&o.Created}, instant{&o.Next}, &o.Reply)
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal(letter, &o.Outgoing); err != nil {
		return o, fmt.Errorf("letter of outgoing mail %d: %w", o.ID, err)
	}
	return o, nil
}

// OutgoingItem returns an outgoing mail, or desk.ErrNotFound.
func (q reader) OutgoingItem(ctx context.Context, id int64) (desk.OutItem, error) {
	o, err := one(ctx, q.db, scanItem, selectItem+`WHERE o.id = $1`, id)
	if err != nil {
		return desk.OutItem{}, fmt.Errorf("outgoing mail %d: %w", id, err)
	}
	return o, nil
}

// Rendered returns the frozen bytes of an unfinished outgoing mail; nil when none
// are. They are not part of the item, since they may be large and many.
func (q reader) Rendered(ctx context.Context, id int64) ([]byte, error) {
	list, err := all(ctx, q.db, single[[]byte], `SELECT bytes FROM outbox_rendered WHERE id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("bytes of outgoing mail %d: %w", id, err)
	}
	return first(list), nil
}

// SentAs returns what was sent, or is to be sent, under a Message-ID. The error is
// desk.ErrNotFound for an id that is not ours.
func (q reader) SentAs(ctx context.Context, messageID string) (desk.Sent, error) {
	sent, err := one(ctx, q.db, func(r row) (desk.Sent, error) {
		var s desk.Sent
		err := r.Scan(&s.Key, &s.Kind, &s.To, &s.Ticket)
		return s, err
	}, `SELECT key, kind, recipient, ticket FROM outbox WHERE message_id = $1 ORDER BY id LIMIT 1`, clean(messageID))
	if err != nil {
		return desk.Sent{}, fmt.Errorf("outgoing mail <%s>: %w", messageID, err)
	}
	return sent, nil
}

// OutgoingByKey returns the mail that was queued under a key, or desk.ErrNotFound.
func (q reader) OutgoingByKey(ctx context.Context, key string) (desk.OutItem, error) {
	o, err := one(ctx, q.db, scanItem, selectItem+`WHERE o.key = $1`, clean(key))
	if err != nil {
		return desk.OutItem{}, fmt.Errorf("outgoing mail %s: %w", key, err)
	}
	return o, nil
}

// CountAutomatic returns how many automatic mails were queued for an address
// since a time.
func (q reader) CountAutomatic(ctx context.Context, to string, since time.Time) (int, error) {
	return one(ctx, q.db, single[int], `SELECT COUNT(*) FROM outbox WHERE recipient = $1 AND created >= $2 AND automatic`,
		recipient(to), micros(since))
}

// CountNewcomers returns how many mails were queued to newcomers since a time, up to
// a limit.
func (q reader) CountNewcomers(ctx context.Context, since time.Time, limit int) (int, error) {
	return one(ctx, q.db, single[int], `SELECT COUNT(*) FROM (SELECT id FROM outbox WHERE created >= $1 AND newcomer LIMIT $2) AS n`,
		micros(since), limit)
}

// CountAnswers returns how many automatic mails were queued to customers since a time,
// up to a limit: to those of one domain, or to all when it is "".
func (q reader) CountAnswers(ctx context.Context, domain string, since time.Time, limit int) (int, error) {
	if domain == "" {
		return one(ctx, q.db, single[int], `SELECT COUNT(*) FROM (SELECT id FROM outbox
			WHERE answers_domain <> '' AND created >= $1 LIMIT $2) AS n`, micros(since), limit)
	}
	return one(ctx, q.db, single[int], `SELECT COUNT(*) FROM (SELECT id FROM outbox
		WHERE answers_domain = $1 AND answers_domain <> '' AND created >= $2 LIMIT $3) AS n`, clean(domain), micros(since), limit)
}

// CountAbout returns how many automatic mails about a ticket were queued for an
// address since a time.
func (q reader) CountAbout(ctx context.Context, ticket desk.TicketID, to string, since time.Time) (int, error) {
	return one(ctx, q.db, single[int], `SELECT COUNT(*) FROM outbox
		WHERE recipient = $1 AND created >= $2 AND automatic AND ticket = $3`, recipient(to), micros(since), ticket)
}

// HeldBack returns held mail to tiers, oldest first. A technician's held reply is none.
func (q reader) HeldBack(ctx context.Context, limit int) ([]desk.OutItem, error) {
	return all(ctx, q.db, scanItem, selectItem+`WHERE o.state = 'held'
		AND o.kind IN ('escalation', 'page', 'update', 'notice') ORDER BY o.id LIMIT $1`, limit)
}

// maxAcquaintance is how many of an address's newest tickets are looked at for an
// answer that it got.
const maxAcquaintance = 100

// Answered reports whether a person of the desk has answered a ticket of the address.
func (q reader) Answered(ctx context.Context, address string) (bool, error) {
	n, err := one(ctx, q.db, single[int], `SELECT COUNT(*) FROM (
		SELECT ticket FROM participants WHERE address = $1 AND role = 'requester' ORDER BY ticket DESC LIMIT $2) AS own
		WHERE EXISTS (SELECT 1 FROM messages m WHERE m.ticket = own.ticket AND m.kind = 'reply')`, recipient(address), maxAcquaintance)
	return n > 0, err
}

func recipient(address string) string { return clean(desk.NormalAddress(address)) }

// NextOutgoing returns when the next mail may be claimed; the zero time when
// none waits. Mail behind an unfinished one of the same ticket and recipient
// does not count.
func (q reader) NextOutgoing(ctx context.Context) (time.Time, error) {
	list, err := all(ctx, q.db, singleTime,
		`SELECT o.next FROM outbox o WHERE o.next IS NOT NULL AND `+free("o.next")+` ORDER BY o.next LIMIT 1`)
	return first(list), err
}

var (
	insertOutgoing = newInsert(`INSERT INTO outbox (id, key, kind, ticket, recipient, message_id, automatic, state,
		attempts, created, next, reply, holder, instance, lease, open_dot, newcomer, answers_domain)`, 18, `ON CONFLICT (key) DO NOTHING RETURNING id`)
	insertLetter = newInsert(`INSERT INTO outbox_letters (id, outgoing)`, 2, ``)
)

// answersDomain returns the domain of the customer that an automatic mail answers; ""
// for any other mail.
func answersDomain(o *desk.Outgoing) string {
	if o.Automatic != desk.AutoReplied || o.Kind == desk.SendReceipt {
		return ""
	}
	return clean(desk.AddressDomain(o.To.Address))
}

// queue stores outgoing mail whose key is new.
func (tx *Tx) queue(list []desk.Outgoing) error {
	var rows []any
	base := tx.head.outgoing + 1
	for i, o := range list {
		next := o.NotBefore
		if next.IsZero() {
			next = tx.now
		}
		state, due := desk.Queued, micros(next)
		if o.Held {
			state, due = desk.Held, nil
		}
		rows = append(rows, base+int64(i), clean(o.Key), o.Kind, o.Ticket, recipient(o.To.Address), clean(o.MessageID),
			o.Automatic != desk.NotAutomatic, state, 0, micros(tx.now), due, "", "", "", nil, false, o.Newcomer, answersDomain(&o))
	}
	ids, err := tx.insertReturning(insertOutgoing, rows)
	if err != nil {
		return err
	}
	tx.head.outgoing += int64(len(list))
	slices.Sort(ids)
	var letters []any
	for _, id := range ids {
		letter, err := json.Marshal(list[id-base])
		if err != nil {
			return fmt.Errorf("outgoing mail %s: %w", list[id-base].Key, err)
		}
		letters = append(letters, id, string(letter))
	}
	return tx.insert(insertLetter, letters)
}

// recall stops mail that was queued, and lets go of mail that was held.
func (tx *Tx) recall(c *desk.Change) error {
	for _, key := range c.Withdrawn {
		if err := tx.must(`UPDATE outbox SET state = 'cancelled', next = NULL
			WHERE key = $1 AND state IN ('queued', 'deferred', 'held')`, clean(key)); err != nil {
			return err
		}
		if _, err := tx.exec(`DELETE FROM outbox_rendered WHERE id = (SELECT id FROM outbox WHERE key = $1)`, clean(key)); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE messages SET kind = 'withdrawn' WHERE kind = 'reply' AND (ticket, message_id) =
			(SELECT ticket, message_id FROM outbox WHERE key = $1)`, clean(key)); err != nil {
			return err
		}
	}
	for _, key := range c.Released {
		if err := tx.must(`UPDATE outbox SET state = 'queued', next = $2 WHERE key = $1 AND state = 'held'`, clean(key), micros(tx.now)); err != nil {
			return err
		}
	}
	return nil
}

// must executes a statement that has to change a row; else it is a conflict.
func (tx *Tx) must(text string, args ...any) error {
	n, err := tx.exec(text, args...)
	if err == nil && n == 0 {
		err = desk.ErrConflict
	}
	return err
}
