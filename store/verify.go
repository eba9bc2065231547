package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"tierdesk/desk"
)

// maxProblems bounds what Verify reports of one kind.
const maxProblems = 20

// Verify checks the database against itself, on one snapshot, and returns the
// problems it found in words: the chain of events, the bytes of every mail, rows
// that belong to nothing, totals that do not add up, and on SQLite the file's
// own structure. It reads everything, so it takes its time.
func (s *Store) Verify(ctx context.Context) ([]string, error) {
	v := &verifier{}
	err := s.snapshot(ctx, func(q reader) error {
		for _, check := range []func(context.Context, reader) error{
			v.structure(s.dialect.integrity), v.chain, v.mails, v.rows,
		} {
			if err := check(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return v.problems, nil
}

// snapshot runs fn on one read connection in one transaction.
func (s *Store) snapshot(ctx context.Context, fn func(reader) error) error {
	tx, err := s.pool.db.BeginTx(ctx, s.dialect.snapshot)
	if err != nil {
		return err
	}
	err = fn(reader{&plain{tx: tx, rewrite: s.pool.rewrite}})
	return errors.Join(err, tx.Rollback())
}

// plain runs statements that are used once, without keeping them prepared.
type plain struct {
	tx      *sql.Tx
	rewrite func(string) string
}

// each sets no deadline: a check may read all there is.
func (p *plain) each(ctx context.Context, fn func(row) error, text string, args ...any) error {
	rows, err := p.tx.QueryContext(ctx, p.rewrite(text), args...)
	if err != nil {
		return err
	}
	return drain(rows, fn)
}

type verifier struct{ problems []string }

func (v *verifier) found(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

// structure lets the database check its own file. Each statement returns
// problems, or "ok".
func (v *verifier) structure(statements []string) func(context.Context, reader) error {
	return func(ctx context.Context, q reader) error {
		for _, text := range statements {
			err := q.db.each(ctx, func(r row) error {
				problem, err := single[string](r)
				if err == nil && problem != "ok" {
					v.found("database file: %s", problem)
				}
				return err
			}, text)
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// chain recomputes the hash of every event.
func (v *verifier) chain(ctx context.Context, q reader) error {
	var last desk.Event
	bad := 0
	err := q.db.each(ctx, func(r row) error {
		e, err := scanEvent(r)
		if err != nil {
			return err
		}
		if bad < maxProblems {
			bad += v.link(last, e)
		}
		last = e
		return nil
	}, selectEvent+`ORDER BY seq`)
	if err != nil {
		return err
	}
	h, err := one(ctx, q.db, scanHead, selectHead)
	if err != nil {
		return err
	}
	if h.event != last.Seq || h.hash != last.Hash {
		v.found("event log ends at %d %.12s, but %d %.12s was committed", last.Seq, last.Hash, h.event, h.hash)
	}
	return nil
}

// link checks one event against the one before and returns the number of
// problems.
func (v *verifier) link(last, e desk.Event) int {
	before := len(v.problems)
	if e.Seq != last.Seq+1 {
		v.found("event %d is followed by event %d", last.Seq, e.Seq)
	}
	if e.Prev != last.Hash {
		v.found("event %d does not continue the hash of event %d", e.Seq, last.Seq)
	}
	if e.Hash != e.Digest() {
		v.found("event %d was changed: its hash does not fit", e.Seq)
	}
	return len(v.problems) - before
}

// mails recomputes size and SHA-256 of every stored mail.
func (v *verifier) mails(ctx context.Context, q reader) error {
	var at mailSum
	err := q.db.each(ctx, func(r row) error {
		var m desk.Raw
		var piece sql.RawBytes
		if err := r.Scan(&m.ID, &m.Size, &m.SHA256, &m.Incomplete, &piece); err != nil {
			return err
		}
		if m.ID != at.ID {
			v.sum(&at)
			at = mailSum{Raw: m}
		}
		at.add(piece)
		return nil
	}, `SELECT m.id, m.size, m.sha256, m.incomplete, c.bytes FROM raws m
		LEFT JOIN raw_chunks c ON c.raw = m.id ORDER BY m.id, c.part`)
	if err != nil {
		return err
	}
	v.sum(&at)
	return nil
}

// mailSum adds up the pieces of one mail.
type mailSum struct {
	desk.Raw
	bytes int64
	hash  hash.Hash
}

func (m *mailSum) add(piece []byte) {
	if m.hash == nil {
		m.hash = sha256.New()
	}
	m.hash.Write(piece)
	m.bytes += int64(len(piece))
}

func (v *verifier) sum(m *mailSum) {
	if m.ID == 0 || len(v.problems) > maxProblems {
		return
	}
	if !m.Incomplete && m.bytes != m.Size {
		v.found("mail %d has %d bytes of %d", m.ID, m.bytes, m.Size)
	}
	if got := hex.EncodeToString(m.hash.Sum(nil)); got != m.SHA256 {
		v.found("mail %d was changed: its SHA-256 is %.12s, not %.12s", m.ID, got, m.SHA256)
	}
}

// rowChecks select the ids of rows that must not be.
var rowChecks = []struct{ problem, text string }{
	{"mail %d is numbered above the highest number given", `SELECT id FROM raws WHERE id > (SELECT raw FROM head)`},
	{"ticket %d is numbered above the highest number given", `SELECT id FROM tickets WHERE id > (SELECT ticket FROM head)`},
	{"outgoing mail %d is numbered above the highest number given", `SELECT id FROM outbox WHERE id > (SELECT outgoing FROM head)`},
	{"mail %d has an unknown category", `SELECT id FROM raws WHERE category NOT IN
		('', 'ticket', 'append', 'ignored-auto', 'bounce', 'quarantine')`},
	{"mail %d belongs to a ticket that is not there", `SELECT id FROM raws WHERE ticket <> 0
		AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = raws.ticket)`},
	{"mail %d opened or joined a ticket that shows no trace of it", `SELECT id FROM raws WHERE category IN ('ticket', 'append')
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.ticket = raws.ticket AND m.raw = raws.id)
		AND NOT EXISTS (SELECT 1 FROM events e WHERE e.ticket = raws.ticket AND e.raw = raws.id)`},
	{"mail %d has bytes, but is not in the list of mails", `SELECT DISTINCT raw FROM raw_chunks c
		WHERE NOT EXISTS (SELECT 1 FROM raws WHERE raws.id = c.raw)`},
	{"message %d belongs to a ticket that is not there", `SELECT id FROM messages m
		WHERE NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = m.ticket)`},
	{"message %d comes from a mail that is not there", `SELECT id FROM messages m WHERE m.raw <> 0
		AND NOT EXISTS (SELECT 1 FROM raws WHERE raws.id = m.raw)`},
	{"ticket %d has no event", `SELECT id FROM tickets t WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.ticket = t.id)`},
	{"event %d is about a ticket that is not there", `SELECT seq FROM events e WHERE e.ticket <> 0
		AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = e.ticket)`},
	{"clocks of ticket %d belong to nothing", `SELECT DISTINCT ticket FROM clocks c
		WHERE NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = c.ticket)`},
	{"outgoing mail %d has no letter", `SELECT id FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM outbox_letters l WHERE l.id = o.id)`},
	{"outgoing mail %d is about a ticket without an event", `SELECT id FROM outbox o WHERE o.ticket <> 0
		AND NOT EXISTS (SELECT 1 FROM events e WHERE e.ticket = o.ticket)`},
	{"outgoing mail %d is in an impossible state", `SELECT id FROM outbox WHERE CASE
		WHEN state IN ('queued', 'deferred', 'unknown') THEN next IS NULL OR lease IS NOT NULL
		WHEN state = 'sending' THEN next IS NOT NULL OR lease IS NULL OR holder = ''
		WHEN state IN ('held', 'accepted', 'refused', 'cancelled') THEN next IS NOT NULL OR lease IS NOT NULL
		ELSE TRUE END`},
	{"outgoing mail %d was accepted, but by no recorded attempt", `SELECT id FROM outbox o WHERE o.state = 'accepted'
		AND NOT EXISTS (SELECT 1 FROM outbox_attempts a WHERE a.item = o.id AND a.state = 'accepted')`},
	{"a follower stands at event %d, which is not there yet", `SELECT seq FROM followers WHERE seq > (SELECT event FROM head)`},
}

func (v *verifier) rows(ctx context.Context, q reader) error {
	for _, check := range rowChecks {
		ids, err := all(ctx, q.db, single[int64], check.text+` LIMIT $1`, maxProblems)
		if err != nil {
			return err
		}
		for _, id := range ids {
			v.found(check.problem, id)
		}
	}
	return nil
}
