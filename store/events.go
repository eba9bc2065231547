package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tierdesk/desk"
)

const selectEvent = `SELECT seq, ticket, at, occurred, type, actor, because, raw, data, prev, hash FROM events `

func scanEvent(r row) (desk.Event, error) {
	var e desk.Event
	var data string
	err := r.Scan(&e.Seq, &e.Ticket, instant{&e.At}, instant{&e.Occurred}, &e.Type, &e.Actor, &e.Because, &e.Raw,
		&data, &e.Prev, &e.Hash)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal([]byte(data), &e.Data); err != nil {
		return e, fmt.Errorf("data of event %d: %w", e.Seq, err)
	}
	return e, nil
}

// Events returns the events after a Seq, in order.
func (q reader) Events(ctx context.Context, after int64, limit int) ([]desk.Event, error) {
	return all(ctx, q.db, scanEvent, selectEvent+`WHERE seq > $1 ORDER BY seq LIMIT $2`, after, limit)
}

// TicketEvents returns all events of a ticket, in order.
func (q reader) TicketEvents(ctx context.Context, id desk.TicketID) ([]desk.Event, error) {
	return all(ctx, q.db, scanEvent, selectEvent+`WHERE ticket = $1 ORDER BY seq`, id)
}

// EventsBetween returns the events decided from from on and before to, of the
// given types or of every type, in order.
func (q reader) EventsBetween(ctx context.Context, from, to time.Time, types ...desk.EventType) ([]desk.Event, error) {
	text := selectEvent + `WHERE at >= $1 AND at < $2`
	args := []any{micros(from), micros(to)}
	if len(types) > 0 {
		var list []string
		for _, typ := range types {
			args = append(args, typ)
			list = append(list, "$"+strconv.Itoa(len(args)))
		}
		text += ` AND type IN (` + strings.Join(list, ", ") + `)`
	}
	return all(ctx, q.db, scanEvent, text+` ORDER BY seq`, args...)
}

// Head returns the number and the hash of the newest event; 0 and "" when there
// is none.
func (q reader) Head(ctx context.Context) (seq int64, hash string, err error) {
	list, err := all(ctx, q.db, func(r row) (desk.Event, error) {
		var e desk.Event
		err := r.Scan(&e.Seq, &e.Hash)
		return e, err
	}, `SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1`)
	e := first(list)
	return e.Seq, e.Hash, err
}

// Followed returns the number of the last event that a follower has consumed.
func (q reader) Followed(ctx context.Context, name string) (int64, error) {
	list, err := all(ctx, q.db, single[int64], `SELECT seq FROM followers WHERE name = $1`, name)
	return first(list), err
}

// follow moves a follower forward. When it stands there already, or beyond,
// somebody else has consumed the events: desk.ErrConflict.
func (tx *Tx) follow(f desk.Follow) error {
	n, err := tx.exec(`INSERT INTO followers (name, seq) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE followers.seq < excluded.seq`, f.Name, f.Seq)
	if err == nil && n == 0 {
		err = desk.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("follow events to %d as %s: %w", f.Seq, f.Name, err)
	}
	return nil
}

var insertEvent = newInsert(`INSERT INTO events (seq, ticket, at, occurred, type, actor, because, raw, data, prev, hash)`, 11, ``)

// appendEvents gives the events their place in the chain and stores them.
func (tx *Tx) appendEvents(events []desk.Event) error {
	args := make([]any, 0, len(events)*insertEvent.columns)
	for _, e := range events {
		data, err := storable(&e)
		if err != nil {
			return fmt.Errorf("event %s: %w", e.Type, err)
		}
		e.Seq, e.Prev = tx.head.event+1, tx.head.hash
		e.Hash = e.Digest()
		tx.head.event, tx.head.hash = e.Seq, e.Hash
		args = append(args, e.Seq, e.Ticket, micros(e.At), micros(e.Occurred), e.Type, e.Actor, e.Because, e.Raw,
			data, e.Prev, e.Hash)
	}
	if err := tx.insert(insertEvent, args); err != nil {
		return err
	}
	return tx.addFiles(events)
}

// storable brings an event into the form in which it will be read again, so
// that its hash can be recomputed from the row, and returns its data as JSON.
func storable(e *desk.Event) (string, error) {
	e.Actor, e.Because = clean(e.Actor), clean(e.Because)
	data, err := json.Marshal(e.Data)
	if err != nil {
		return "", err
	}
	if bytes.Contains(data, []byte(`\ufffd`)) { // invalid UTF-8, which reads back as U+FFFD
		e.Data = desk.EventData{}
		if err := json.Unmarshal(data, &e.Data); err != nil {
			return "", err
		}
		if data, err = json.Marshal(e.Data); err != nil {
			return "", err
		}
	}
	return string(data), nil
}
