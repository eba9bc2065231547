package store

import (
	"context"
	"fmt"
	"time"

	"tierdesk/desk"
)

const ticketColumns = `id, version, subject, requester, requester_name, status, tier, priority, category, assignee,
	language, created, updated, origin, answered, cycle, last_from_customer, wait_until, merged_into, parent, revoked`

const selectTicket = `SELECT ` + ticketColumns + ` FROM tickets `

func scanTicket(r row) (desk.Ticket, error) {
	var t desk.Ticket
	err := r.Scan(&t.ID, &t.Version, &t.Subject, &t.Requester.Address, &t.Requester.Name, &t.Status, &t.Tier,
		&t.Priority, &t.Category, &t.Assignee, &t.Language, instant{&t.Created}, instant{&t.Updated}, &t.Origin,
		&t.Answered, &t.Cycle, &t.LastFromCustomer, instant{&t.WaitUntil}, &t.MergedInto, &t.Parent, &t.Revoked)
	return t, err
}

// Ticket returns a ticket, or desk.ErrNotFound.
func (q reader) Ticket(ctx context.Context, id desk.TicketID) (desk.Ticket, error) {
	t, err := one(ctx, q.db, scanTicket, selectTicket+`WHERE id = $1`, id)
	if err != nil {
		return desk.Ticket{}, fmt.Errorf("ticket %d: %w", id, err)
	}
	return t, nil
}

// TicketByMessageIDs returns the ticket of the first id, in the given order,
// that one of our mails or a mail to us carried, and that id; 0 when there is
// none.
func (q reader) TicketByMessageIDs(ctx context.Context, ids []string) (desk.TicketID, string, error) {
	for _, id := range ids {
		found, err := all(ctx, q.db, single[desk.TicketID], `SELECT ticket FROM message_ids WHERE id = $1
			UNION ALL SELECT ticket FROM outbox WHERE message_id = $1 AND ticket <> 0 LIMIT 1`, clean(id))
		if err != nil {
			return 0, "", fmt.Errorf("ticket of <%s>: %w", id, err)
		}
		if len(found) > 0 {
			return found[0], id, nil
		}
	}
	return 0, "", nil
}

// Participants returns who belongs to a ticket, by address.
func (q reader) Participants(ctx context.Context, id desk.TicketID) ([]desk.Participant, error) {
	return all(ctx, q.db, func(r row) (desk.Participant, error) {
		var p desk.Participant
		err := r.Scan(&p.Address, &p.Name, &p.Role, &p.Joined)
		return p, err
	}, `SELECT address, name, role, joined FROM participants WHERE ticket = $1 ORDER BY address`, id)
}

// Messages returns a ticket's conversation in the order in which it was stored.
func (q reader) Messages(ctx context.Context, id desk.TicketID) ([]desk.Message, error) {
	return all(ctx, q.db, func(r row) (desk.Message, error) {
		m := desk.Message{Ticket: id}
		err := r.Scan(&m.Raw, instant{&m.At}, &m.Kind, &m.Author.Address, &m.Author.Name, &m.MessageID, &m.Text)
		return m, err
	}, `SELECT raw, at, kind, author, author_name, message_id, text FROM messages WHERE ticket = $1 ORDER BY id`, id)
}

var insertTicket = newInsert(`INSERT INTO tickets (`+ticketColumns+`)`, 21, `ON CONFLICT (id) DO NOTHING`)

// setTicket creates a ticket of version 0 as version 1, or replaces the version
// that was read by the next.
func (tx *Tx) setTicket(t *desk.Ticket) error {
	values := []any{t.ID, t.Version + 1, clean(t.Subject), clean(t.Requester.Address), clean(t.Requester.Name),
		t.Status, t.Tier, t.Priority, clean(t.Category), clean(t.Assignee), clean(t.Language), micros(t.Created),
		micros(t.Updated), t.Origin, clean(t.Answered), t.Cycle, clean(t.LastFromCustomer), micros(t.WaitUntil), t.MergedInto, t.Parent,
		t.Revoked}
	text := insertTicket.texts[1]
	if t.Version > 0 {
		text = `UPDATE tickets SET version = $2, subject = $3, requester = $4, requester_name = $5, status = $6,
			tier = $7, priority = $8, category = $9, assignee = $10, language = $11, created = $12, updated = $13,
			origin = $14, answered = $15, cycle = $16, last_from_customer = $17, wait_until = $18, merged_into = $19, parent = $20,
			revoked = $21 WHERE id = $1 AND version = $2 - 1`
	}
	return tx.must(text, values...)
}

var (
	insertParticipant = newInsert(`INSERT INTO participants (ticket, address, name, role, joined)`, 5,
		`ON CONFLICT (ticket, address) DO NOTHING`)
	insertMessage = newInsert(`INSERT INTO messages (ticket, raw, at, kind, author, author_name, message_id, text)`, 8, ``)
	insertID      = newInsert(`INSERT INTO message_ids (id, ticket)`, 2, `ON CONFLICT (id) DO NOTHING`)
)

func (tx *Tx) addParticipants(ticket desk.TicketID, list []desk.Participant) error {
	var args []any
	for _, p := range list {
		args = append(args, ticket, clean(p.Address), clean(p.Name), p.Role, clean(p.Joined))
	}
	return tx.insert(insertParticipant, args)
}

func (tx *Tx) addMessages(ticket desk.TicketID, list []desk.Message) error {
	var args []any
	for _, m := range list {
		if m.Ticket != 0 && m.Ticket != ticket {
			return fmt.Errorf("a message of ticket %d", m.Ticket)
		}
		args = append(args, ticket, m.Raw, micros(m.At), m.Kind, clean(m.Author.Address), clean(m.Author.Name),
			clean(m.MessageID), clean(m.Text))
	}
	return tx.insert(insertMessage, args)
}

// take moves messages of other tickets, and what threads to them, to a ticket.
func (tx *Tx) take(ticket desk.TicketID, list []desk.Taken) error {
	for _, m := range list {
		if err := tx.must(`UPDATE messages SET ticket = $1 WHERE ticket = $2 AND raw = $3`, ticket, m.From, m.Raw); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE message_ids SET ticket = $1 WHERE id = $2 AND ticket = $3`, ticket, clean(m.MessageID), m.From); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) addMessageIDs(ticket desk.TicketID, ids []string) error {
	var args []any
	for _, id := range ids {
		args = append(args, clean(id), ticket)
	}
	return tx.insert(insertID, args)
}

var (
	insertLink    = newInsert(`INSERT INTO links (ticket, other, kind)`, 3, `ON CONFLICT (ticket, other, kind) DO NOTHING`)
	insertAbsence = newInsert(`INSERT INTO absences (address, until, delegate, raw)`, 4,
		`ON CONFLICT (address) DO UPDATE SET until = excluded.until, delegate = excluded.delegate, raw = excluded.raw`)
)

// addLinks ties a ticket to others, at both ends.
func (tx *Tx) addLinks(ticket desk.TicketID, list []desk.Link) error {
	var args []any
	for _, l := range list {
		args = append(args, ticket, l.Other, l.Kind, l.Other, ticket, l.Kind)
	}
	return tx.insert(insertLink, args)
}

// setAbsences notes who is away. An address has one absence, the newest told.
func (tx *Tx) setAbsences(list []desk.Absence) error {
	var args []any
	for _, a := range list {
		args = append(args, recipient(a.Address), micros(a.Until), clean(a.Delegate), a.Raw)
	}
	return tx.insert(insertAbsence, args)
}

// MarkedSpam reports whether a ticket of the requester is closed as spam.
func (q reader) MarkedSpam(ctx context.Context, requester string) (bool, error) {
	list, err := all(ctx, q.db, single[desk.TicketID], `SELECT t.id FROM tickets t JOIN events e ON e.ticket = t.id
		WHERE t.requester IN ($1, $2) AND t.status = 'closed' AND e.type = 'ticket.spam'
		AND NOT EXISTS (SELECT 1 FROM events r WHERE r.ticket = t.id AND r.type = 'ticket.reopened' AND r.seq > e.seq) LIMIT 1`,
		clean(requester), recipient(requester))
	return len(list) > 0, err
}

// Links returns the tickets that a ticket is tied to, by number and kind.
func (q reader) Links(ctx context.Context, id desk.TicketID) ([]desk.Link, error) {
	return all(ctx, q.db, func(r row) (desk.Link, error) {
		var l desk.Link
		err := r.Scan(&l.Other, &l.Kind)
		return l, err
	}, `SELECT other, kind FROM links WHERE ticket = $1 ORDER BY other, kind`, id)
}

// AbsenceOf returns the absence of an address that lasts at an instant; its Until
// is zero when there is none.
func (q reader) AbsenceOf(ctx context.Context, address string, now time.Time) (desk.Absence, error) {
	list, err := all(ctx, q.db, func(r row) (desk.Absence, error) {
		a := desk.Absence{Address: desk.NormalAddress(address)}
		err := r.Scan(instant{&a.Until}, &a.Delegate, &a.Raw)
		return a, err
	}, `SELECT until, delegate, raw FROM absences WHERE address = $1 AND until > $2`, recipient(address), micros(now))
	return first(list), err
}
