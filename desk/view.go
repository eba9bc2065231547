package desk

import (
	"context"
	"time"
)

// View is what a decision about an incoming mail may look at. The store's
// transaction is one: a decision sees everything that was decided before it.
type View interface {
	Lookup
	// NewTicketID returns the next ticket number; it is used up only if the
	// decision is committed.
	NewTicketID(ctx context.Context) (TicketID, error)
	// DuplicateOf returns an earlier mail with the same content key, or 0.
	DuplicateOf(ctx context.Context, content string, id RawID) (RawID, error)
	// SentAs tells what was sent, or is to be sent, under a Message-ID, or
	// ErrNotFound.
	SentAs(ctx context.Context, messageID string) (Sent, error)
	// OutgoingItem returns an outgoing mail, or ErrNotFound.
	OutgoingItem(ctx context.Context, id int64) (OutItem, error)
	// OutgoingByKey returns the mail that was queued under a key, or ErrNotFound.
	OutgoingByKey(ctx context.Context, key string) (OutItem, error)
	// TicketEvents returns all events of a ticket, oldest first.
	TicketEvents(ctx context.Context, id TicketID) ([]Event, error)
	// Messages returns a ticket's conversation, oldest first.
	Messages(ctx context.Context, id TicketID) ([]Message, error)
	Links(ctx context.Context, id TicketID) ([]Link, error)
	// Incidents returns the open incidents, oldest first.
	Incidents(ctx context.Context) ([]Incident, error)
	Clocks(ctx context.Context, id TicketID) ([]Clock, error)
	// TicketsWithFile returns the newest tickets whose customers sent a file of this
	// content, or of this name in any case; an empty argument is not looked for.
	TicketsWithFile(ctx context.Context, sha256, name string) ([]TicketID, error)
	// AbsenceOf returns the absence of an address that lasts at the time; its Until
	// is zero when there is none.
	AbsenceOf(ctx context.Context, address string, now time.Time) (Absence, error)
	// HeldBy returns the active tickets that a technician has, by his first address.
	HeldBy(ctx context.Context, assignee string) ([]Ticket, error)
	// MarkedSpam reports whether a ticket of the requester is closed as spam.
	MarkedSpam(ctx context.Context, requester string) (bool, error)
	// NotHelped reports whether a document was the wrong answer for an address before.
	NotHelped(ctx context.Context, address, doc string) (bool, error)
	// CountAutomatic counts the automatic mails queued to an address since a time.
	CountAutomatic(ctx context.Context, to string, since time.Time) (int, error)
	// CountNewcomers counts the mails queued to newcomers since a time, up to a limit.
	CountNewcomers(ctx context.Context, since time.Time, limit int) (int, error)
	// CountAnswers counts the automatic mails queued to customers since a time, up to a
	// limit: to those of one domain, or to all when it is "".
	CountAnswers(ctx context.Context, domain string, since time.Time, limit int) (int, error)
	// CountAbout counts the automatic mails about a ticket queued to an address since a
	// time.
	CountAbout(ctx context.Context, ticket TicketID, to string, since time.Time) (int, error)
	// Answered reports whether a person of the desk has answered a ticket of the
	// address.
	Answered(ctx context.Context, address string) (bool, error)
}

// Sent names an outgoing mail.
type Sent struct {
	Key    string
	Kind   OutgoingKind
	To     string
	Ticket TicketID
}

// Lookup is what threading looks at.
type Lookup interface {
	// Ticket returns ErrNotFound for an unknown id.
	Ticket(ctx context.Context, id TicketID) (Ticket, error)
	// TicketByMessageIDs returns the ticket of the first id that is known, and
	// that id; 0 when none is.
	TicketByMessageIDs(ctx context.Context, ids []string) (TicketID, string, error)
	Participants(ctx context.Context, id TicketID) ([]Participant, error)
}
