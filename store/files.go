package store

import (
	"context"
	"fmt"
	"strings"

	"tierdesk/desk"
)

// maxFileTickets bounds the tickets that one file is reported for.
const maxFileTickets = 20

// TicketsWithFile returns the newest tickets whose customers sent a file of this
// content, or of this name in any case; an empty argument is not looked for.
func (q reader) TicketsWithFile(ctx context.Context, sha256, name string) ([]desk.TicketID, error) {
	list, err := all(ctx, q.db, single[desk.TicketID], `SELECT ticket FROM files WHERE sha256 = $1 AND $1 <> ''
		UNION SELECT ticket FROM files WHERE name = $2 AND $2 <> '' ORDER BY ticket DESC LIMIT $3`, clean(sha256), strings.ToLower(clean(name)), maxFileTickets)
	if err != nil {
		return nil, fmt.Errorf("tickets with a file: %w", err)
	}
	return list, nil
}

var insertFile = newInsert(`INSERT INTO files (sha256, ticket, name)`, 3, `ON CONFLICT (sha256, ticket, name) DO NOTHING`)

// addFiles notes the files that the events list.
func (tx *Tx) addFiles(events []desk.Event) error {
	var args []any
	for i := range events {
		for _, f := range events[i].Data.Files {
			args = append(args, clean(f.SHA256), events[i].Ticket, strings.ToLower(clean(f.Filename)))
		}
	}
	return tx.insert(insertFile, args)
}
