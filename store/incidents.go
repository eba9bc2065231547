package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
)

// maxIncidents bounds the open incidents that a mail is compared with: the newest.
const maxIncidents = 200

// Incidents returns the newest open incidents, oldest first.
func (q reader) Incidents(ctx context.Context) ([]desk.Incident, error) {
	list, err := all(ctx, q.db, scanIncident, `SELECT body FROM incidents WHERE open ORDER BY ticket DESC LIMIT $1`, maxIncidents)
	if err != nil {
		return nil, fmt.Errorf("open incidents: %w", err)
	}
	slices.Reverse(list)
	return list, nil
}

// Incident returns the incident of a parent ticket, or desk.ErrNotFound.
func (q reader) Incident(ctx context.Context, parent desk.TicketID) (desk.Incident, error) {
	i, err := one(ctx, q.db, scanIncident, `SELECT body FROM incidents WHERE ticket = $1`, parent)
	if err != nil {
		return i, fmt.Errorf("incident %d: %w", parent, err)
	}
	return i, nil
}

func scanIncident(r row) (i desk.Incident, err error) {
	var body string
	if err := r.Scan(&body); err != nil {
		return i, err
	}
	return i, json.Unmarshal([]byte(body), &i)
}

func (tx *Tx) setIncident(i *desk.Incident) error {
	body, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return tx.must(`INSERT INTO incidents (ticket, open, body) VALUES ($1, $2, $3)
		ON CONFLICT (ticket) DO UPDATE SET open = excluded.open, body = excluded.body`, i.Ticket, i.Open, clean(string(body)))
}

// Children returns the tickets that belong to an incident, oldest first.
func (q reader) Children(ctx context.Context, parent desk.TicketID) ([]desk.Ticket, error) {
	list, err := all(ctx, q.db, scanTicket, selectTicket+`WHERE parent = $1 AND parent <> 0 ORDER BY id`, parent)
	if err != nil {
		return nil, fmt.Errorf("tickets of incident %d: %w", parent, err)
	}
	return list, nil
}

// Reported returns what the newest tickets report that were opened since a time, and up
// to a place in the log, oldest first.
func (q reader) Reported(ctx context.Context, since time.Time, upto int64, limit int) ([]desk.Report, error) {
	list, err := all(ctx, q.db, func(r row) (desk.Report, error) {
		var rep desk.Report
		var data, subject, text string
		if err := r.Scan(&rep.Ticket, instant{&rep.At}, &data, &rep.Requester, &subject, &rep.Parent, &text); err != nil {
			return rep, err
		}
		var e desk.EventData
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return rep, err
		}
		rep.Describe(subject, text, e.Diagnostics)
		return rep, nil
	}, `SELECT e.ticket, e.occurred, e.data, t.requester, t.subject, t.parent, COALESCE((SELECT m.text FROM messages m
		WHERE m.ticket = e.ticket AND m.kind = 'customer' ORDER BY m.id LIMIT 1), '')
		FROM events e JOIN tickets t ON t.id = e.ticket
		WHERE e.at >= $1 AND e.seq <= $2 AND e.type = 'ticket.opened' AND e.actor = 'customer'
		ORDER BY e.seq DESC LIMIT $3`, micros(since), upto, limit)
	if err != nil {
		return nil, fmt.Errorf("reports since %s: %w", since, err)
	}
	slices.Reverse(list)
	return list, nil
}
