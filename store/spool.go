package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"tierdesk/desk"
)

// Cursor returns how far a mailbox was read; a mailbox that was never connected
// has a Cursor with nothing but its name.
func (q reader) Cursor(ctx context.Context, mailbox string) (desk.Cursor, error) {
	list, err := all(ctx, q.db, func(r row) (desk.Cursor, error) {
		c := desk.Cursor{Mailbox: mailbox}
		err := r.Scan(&c.UIDValidity, &c.UID, instant{&c.Started})
		return c, err
	}, `SELECT uidvalidity, uid, started FROM cursors WHERE mailbox = $1`, mailbox)
	if err != nil {
		return desk.Cursor{}, fmt.Errorf("cursor of %s: %w", mailbox, err)
	}
	if len(list) == 0 {
		return desk.Cursor{Mailbox: mailbox}, nil
	}
	return list[0], nil
}

const selectRaw = `SELECT id, mailbox, uidvalidity, uid, received, kept, size, sha256, content, history, incomplete,
	attempts, category, reason, ticket, sender, subject, message_id, moved FROM raws `

func scanRaw(r row) (desk.Raw, error) {
	var m desk.Raw
	err := r.Scan(&m.ID, &m.Mailbox, &m.UIDValidity, &m.UID, instant{&m.Received}, instant{&m.Kept}, &m.Size,
		&m.SHA256, &m.Content, &m.History, &m.Incomplete, &m.Attempts, &m.Category, &m.Reason, &m.Ticket,
		&m.From, &m.Subject, &m.MessageID, &m.Moved)
	if m.Category != "" {
		m.Settlement.Raw = m.ID
	}
	return m, err
}

// Raw returns a stored mail without its bytes, or desk.ErrNotFound.
func (q reader) Raw(ctx context.Context, id desk.RawID) (desk.Raw, error) {
	m, err := one(ctx, q.db, scanRaw, selectRaw+`WHERE id = $1`, id)
	if err != nil {
		return desk.Raw{}, fmt.Errorf("mail %d: %w", id, err)
	}
	return m, nil
}

// RawBytes returns the bytes of a stored mail, or desk.ErrNotFound. They belong
// to the caller.
func (q reader) RawBytes(ctx context.Context, id desk.RawID) ([]byte, error) {
	var mail []byte
	found := false
	err := q.db.each(ctx, func(r row) error {
		var size int64
		var piece sql.RawBytes
		if err := r.Scan(&size, &piece); err != nil {
			return err
		}
		if !found {
			mail, found = make([]byte, 0, size), true
		}
		mail = append(mail, piece...)
		return nil
	}, `SELECT CASE WHEN m.incomplete THEN 0 ELSE m.size END, c.bytes FROM raws m
		LEFT JOIN raw_chunks c ON c.raw = m.id WHERE m.id = $1 ORDER BY c.part`, id)
	if err == nil && !found {
		err = desk.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("bytes of mail %d: %w", id, err)
	}
	return mail, nil
}

// Unsettled returns the mails behind a mail that are not decided yet, oldest first.
func (q reader) Unsettled(ctx context.Context, after desk.RawID, limit int) ([]desk.Raw, error) {
	return all(ctx, q.db, scanRaw, selectRaw+`WHERE category = '' AND id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// DuplicateOf returns the first mail with the content key that was kept before
// id, or 0. An empty content key has no duplicates.
func (q reader) DuplicateOf(ctx context.Context, content string, id desk.RawID) (desk.RawID, error) {
	if content == "" {
		return 0, nil
	}
	found, err := all(ctx, q.db, single[desk.RawID],
		`SELECT id FROM raws WHERE content = $1 AND id < $2 ORDER BY id LIMIT 1`, content, id)
	if err != nil {
		return 0, fmt.Errorf("duplicates of mail %d: %w", id, err)
	}
	return first(found), nil
}

// first returns the first element, or zero.
func first[T any](list []T) T {
	if len(list) == 0 {
		var none T
		return none
	}
	return list[0]
}

// ToMove returns settled mails that still lie in the mailbox's folder.
func (q reader) ToMove(ctx context.Context, mailbox string, uidvalidity uint32, limit int) ([]desk.Raw, error) {
	return all(ctx, q.db, scanRaw, selectRaw+`WHERE mailbox = $1 AND uidvalidity = $2 AND moved = '' AND category <> ''
		ORDER BY id LIMIT $3`, mailbox, uidvalidity, limit)
}

// MarkMoved records the folder that mails were moved to, "-" for staying.
func (s *Store) MarkMoved(ctx context.Context, ids []desk.RawID, folder string) error {
	return s.Update(ctx, func(tx *Tx) error {
		for _, id := range ids {
			if _, err := tx.exec(`UPDATE raws SET moved = $1 WHERE id = $2`, clean(folder), id); err != nil {
				return fmt.Errorf("mark mail %d as moved: %w", id, err)
			}
		}
		return nil
	})
}

// CountAttempt adds an attempt to each mail. When it returns nil the counts are
// durable, so that a mail which kills the process is seen to have done so.
func (s *Store) CountAttempt(ctx context.Context, ids []desk.RawID) error {
	return s.Update(ctx, func(tx *Tx) error {
		for _, id := range ids {
			if _, err := tx.exec(`UPDATE raws SET attempts = attempts + 1 WHERE id = $1`, id); err != nil {
				return fmt.Errorf("count an attempt on mail %d: %w", id, err)
			}
		}
		return nil
	})
}

// UncountAttempt takes back an attempt that said nothing about the mail.
func (s *Store) UncountAttempt(ctx context.Context, id desk.RawID) error {
	return s.Update(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`UPDATE raws SET attempts = attempts - 1 WHERE id = $1 AND attempts > 0`, id); err != nil {
			return fmt.Errorf("take back an attempt on mail %d: %w", id, err)
		}
		return nil
	})
}

// Unsettle makes a quarantined mail undecided again, with the first attempt
// counted as for a new mail. Any other mail is refused with a desk.Refusal.
func (s *Store) Unsettle(ctx context.Context, id desk.RawID) error {
	return s.Update(ctx, func(tx *Tx) error {
		m, err := tx.Raw(ctx, id)
		if err != nil {
			return err
		}
		if m.Category != desk.CategoryQuarantine {
			return desk.Refuse("mail %d is not in quarantine", id)
		}
		_, err = tx.exec(`UPDATE raws SET category = '', reason = '', ticket = 0, sender = '', subject = '',
			message_id = '', attempts = 1 WHERE id = $1`, id)
		return err
	})
}

// settle records what became of a mail. A mail that is settled already is a
// desk.ErrConflict: somebody else has decided it.
func (tx *Tx) settle(s *desk.Settlement) error {
	if s.Category == "" || s.Category == desk.CategoryPending {
		return fmt.Errorf("settle mail %d: category %q is none", s.Raw, s.Category)
	}
	n, err := tx.exec(`UPDATE raws SET category = $1, reason = $2, ticket = $3, sender = $4, subject = $5, message_id = $6
		WHERE id = $7 AND category = ''`,
		s.Category, clean(s.Reason), s.Ticket, clean(s.From), clean(s.Subject), clean(s.MessageID), s.Raw)
	if err == nil && n == 0 {
		err = desk.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("settle mail %d: %w", s.Raw, err)
	}
	return nil
}

// chunkSize bounds one piece of a mail's bytes, so that SQLite needs no single
// allocation for a large one.
const chunkSize = 1 << 20

func splitChunks(mail []byte) [][]byte { return slices.Collect(slices.Chunk(mail, chunkSize)) }
