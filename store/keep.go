package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"tierdesk/desk"
)

var insertRaw = newInsert(`INSERT INTO raws (id, mailbox, uidvalidity, uid, received, kept, size, sha256, content,
	history, incomplete, attempts)`, 12, `ON CONFLICT (mailbox, uidvalidity, uid) DO NOTHING RETURNING id`)

var insertChunk = newInsert(`INSERT INTO raw_chunks (raw, part, bytes)`, 3, ``)

// Keep stores mails and the cursor of their mailbox in one transaction. It
// returns the ids of the mails that are new, in the order of mails.
//
// A mail whose mailbox, UIDVALIDITY and UID are known is skipped. After a change
// of UIDVALIDITY a mail that is known under another one, by its SHA-256, gets
// its new UID and is to be moved again; one without any bytes is kept as new. Size, SHA256 and Kept are filled in when
// they are zero; the first attempt is counted.
func (s *Store) Keep(ctx context.Context, mails []desk.RawMail, cur desk.Cursor) ([]desk.RawID, error) {
	mails = slices.Clone(mails)
	for i := range mails {
		complete(&mails[i])
	}
	var kept []desk.RawID
	err := s.Update(ctx, func(tx *Tx) error {
		fresh, err := tx.renumber(mails)
		if err != nil {
			return err
		}
		if kept, err = tx.keep(fresh); err != nil {
			return err
		}
		return tx.setCursor(cur)
	})
	if err != nil {
		return nil, fmt.Errorf("keep %d mails of %s: %w", len(mails), cur.Mailbox, err)
	}
	return kept, nil
}

// complete fills in what follows from the bytes.
func complete(m *desk.RawMail) {
	if m.Size == 0 {
		m.Size = int64(len(m.Bytes))
	}
	if m.SHA256 == "" {
		sum := sha256.Sum256(m.Bytes)
		m.SHA256 = hex.EncodeToString(sum[:])
	}
}

// keep inserts the mails that are not known by their UID.
func (tx *Tx) keep(mails []desk.RawMail) ([]desk.RawID, error) {
	first := tx.head.raw + 1
	args := make([]any, 0, len(mails)*insertRaw.columns)
	for i := range mails {
		m := &mails[i]
		kept := m.Kept
		if kept.IsZero() {
			kept = tx.now
		}
		args = append(args, int64(first)+int64(i), m.Mailbox, m.UIDValidity, m.UID, micros(m.Received), micros(kept),
			m.Size, m.SHA256, m.Content, m.History, m.Incomplete, 1)
	}
	ids, err := tx.insertReturning(insertRaw, args)
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	tx.head.raw += desk.RawID(len(mails))
	return tx.keepBytes(mails, int64(first), ids)
}

// keepBytes stores the bytes of the mails that got one of the ids.
func (tx *Tx) keepBytes(mails []desk.RawMail, first int64, ids []int64) ([]desk.RawID, error) {
	var kept []desk.RawID
	var args []any
	for _, id := range ids {
		for part, piece := range splitChunks(mails[id-first].Bytes) {
			args = append(args, id, part, piece)
		}
		kept = append(kept, desk.RawID(id))
	}
	return kept, tx.insert(insertChunk, args)
}

// renumber gives mails that are known under another UIDVALIDITY their new UID
// and returns the others.
func (tx *Tx) renumber(mails []desk.RawMail) ([]desk.RawMail, error) {
	changed := map[string]bool{} // mailbox has mail under another UIDVALIDITY
	var fresh []desk.RawMail
	for _, m := range mails {
		other, asked := changed[m.Mailbox]
		if !asked {
			var err error
			if other, err = tx.otherValidity(m); err != nil {
				return nil, err
			}
			changed[m.Mailbox] = other
		}
		found := false
		if other && len(m.Bytes) > 0 { // nothing is known by the hash of nothing
			var err error
			if found, err = tx.renumberOne(m); err != nil {
				return nil, err
			}
		}
		if !found {
			fresh = append(fresh, m)
		}
	}
	return fresh, nil
}

func (tx *Tx) otherValidity(m desk.RawMail) (bool, error) {
	return one(tx.ctx, tx, single[bool], `SELECT EXISTS (SELECT 1 FROM raws WHERE mailbox = $1 AND uidvalidity < $2)
		OR EXISTS (SELECT 1 FROM raws WHERE mailbox = $1 AND uidvalidity > $2)`, m.Mailbox, m.UIDValidity)
}

// renumberOne reports whether the mail was known. A UID that is taken is left
// to the caller, who skips it.
func (tx *Tx) renumberOne(m desk.RawMail) (bool, error) {
	n, err := tx.exec(`UPDATE raws SET uidvalidity = $1, uid = $2, moved = CASE WHEN moved = '-' THEN '-' ELSE '' END
		WHERE id = (SELECT id FROM raws WHERE sha256 = $3 AND mailbox = $4 AND uidvalidity <> $1 ORDER BY id LIMIT 1)
		AND NOT EXISTS (SELECT 1 FROM raws WHERE mailbox = $4 AND uidvalidity = $1 AND uid = $2)`,
		m.UIDValidity, m.UID, m.SHA256, m.Mailbox)
	return n > 0, err
}

func (tx *Tx) setCursor(c desk.Cursor) error {
	_, err := tx.exec(`INSERT INTO cursors (mailbox, uidvalidity, uid, started) VALUES ($1, $2, $3, $4)
		ON CONFLICT (mailbox) DO UPDATE SET uidvalidity = excluded.uidvalidity, uid = excluded.uid,
		started = COALESCE(cursors.started, excluded.started)`, c.Mailbox, c.UIDValidity, c.UID, micros(c.Started))
	return err
}
