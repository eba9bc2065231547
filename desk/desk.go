// Package desk is the vocabulary of the helpdesk: tickets, messages, people,
// tiers, events, clocks and outgoing mail, and the rules that hold everywhere.
//
// It does no I/O, owns no clock and knows no SQL and no MIME. Every other
// package of the program may import it; it imports the standard library only.
package desk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// TicketID numbers a ticket, from 1. Zero means "no ticket".
type TicketID int64

// RawID numbers a stored raw mail, from 1. Zero means "no mail".
type RawID int64

// Status is where a ticket stands in its life.
type Status string

// The statuses of a ticket.
const (
	StatusNew     Status = "new"     // nobody has answered or claimed it
	StatusOpen    Status = "open"    // being worked on; the desk owes the next step
	StatusWaiting Status = "waiting" // on the customer
	StatusSolved  Status = "solved"  // answered; a reply reopens it
	StatusClosed  Status = "closed"  // final
)

// Active reports whether the desk still has something to do or to wait for.
func (s Status) Active() bool { return s == StatusNew || s == StatusOpen || s == StatusWaiting }

// Priority is the ITIL priority of a ticket, P1 the most urgent.
type Priority string

// The four priorities.
const (
	P1 Priority = "p1"
	P2 Priority = "p2"
	P3 Priority = "p3"
	P4 Priority = "p4"
)

// Valid reports whether p is one of the four priorities.
func (p Priority) Valid() bool { return p == P1 || p == P2 || p == P3 || p == P4 }

// Level is a support tier, 1 (the gateway itself) to 4 (architects).
type Level int

// The support tiers.
const (
	L1 Level = 1
	L2 Level = 2
	L3 Level = 3
	L4 Level = 4
)

// String returns "L1" to "L4".
func (l Level) String() string { return fmt.Sprintf("L%d", int(l)) }

// Valid reports whether l is between L1 and L4.
func (l Level) Valid() bool { return l >= L1 && l <= L4 }

// Ticket is the present state of one request. It is a function of the ticket's
// events; the row exists so that a lookup need not replay them.
type Ticket struct {
	ID        TicketID
	Version   int64 // counts committed changes; Commit refuses a stale one
	Subject   string
	Requester Address
	Status    Status
	Tier      Level
	Priority  Priority
	Category  string
	Assignee  string // address of the technician who holds the lease, or ""
	Language  string // of the requester's first mail, "" when unsure
	Created   time.Time
	Updated   time.Time
	Origin    RawID // the mail that opened it

	// Answered is the document with which L1 answered, or "". There is one L1
	// answer per ticket.
	Answered string
	// Cycle counts the times the ticket was handed to a tier, from 0. A page or
	// an escalation happens once per (ticket, level, cycle).
	Cycle int
	// LastFromCustomer is the Message-ID of the newest mail of the requester,
	// which an answer replies to.
	LastFromCustomer string
	// WaitUntil ends a snooze or a wait for the customer; zero: no end is set.
	WaitUntil time.Time
	// MergedInto is the ticket that goes on for this one, which is closed then; or 0.
	MergedInto TicketID
	// Parent is the major incident that the ticket belongs to, or 0.
	Parent TicketID
	// Revoked says that no reply address or Message-ID leads to the ticket any more.
	Revoked bool
}

// Link ties a ticket to another one. It is kept at both.
type Link struct {
	Other TicketID
	Kind  LinkKind
}

// LinkKind is how the other ticket of a Link stands to the first.
type LinkKind string

// The kinds of links.
const (
	LinkRelated  LinkKind = "related"
	LinkMerged   LinkKind = "merged"    // one was merged into the other
	LinkSplit    LinkKind = "split"     // one was split off the other
	LinkFollowUp LinkKind = "follow-up" // the later one answers the earlier, which was closed
)

// Absence says that somebody is away. It ends by itself.
type Absence struct {
	Address  string // as NormalAddress returns it
	Until    time.Time
	Delegate string // who answers instead, or ""
	Raw      RawID  // the mail that told it
}

// Participant is an address that belongs to a ticket's conversation, and how it
// joined. The requester is one.
type Participant struct {
	Address string // lower-case domain, see NormalAddress
	Name    string
	Role    Role
	Joined  string // how: "opened", "cc of mail 17"
}

// Role is what a participant is to the ticket.
type Role string

// The roles of participants.
const (
	RoleRequester Role = "requester"
	RoleCopied    Role = "copied"
)

// Message is one contribution to a ticket's conversation.
type Message struct {
	Ticket    TicketID
	Raw       RawID // the stored mail it came in; zero for what the desk wrote
	At        time.Time
	Kind      MessageKind
	Author    Address
	MessageID string
	Text      string
}

// MessageKind says who speaks in a Message and who may read it.
type MessageKind string

// The kinds of messages.
const (
	FromCustomer MessageKind = "customer"
	PublicReply  MessageKind = "reply"  // a technician to the customer
	InternalNote MessageKind = "note"   // never leaves the desk
	L1Answer     MessageKind = "answer" // a document, sent by the gateway
	// UnverifiedMail is mail for the ticket whose sender is not proven to belong to
	// it. Like a note it never leaves the desk, and nobody of the desk wrote it.
	UnverifiedMail MessageKind = "unverified"
	// WithdrawnReply is a reply that its author took back before it was sent.
	WithdrawnReply MessageKind = "withdrawn"
)

// Internal reports whether only the desk may read messages of the kind.
func (k MessageKind) Internal() bool {
	return k == InternalNote || k == UnverifiedMail || k == WithdrawnReply
}

// Technician is a person of the roster who works on tickets by mail.
type Technician struct {
	Name      string
	Addresses []string
	Tiers     []Level
}

// Address returns the technician's first address.
func (t Technician) Address() string {
	if len(t.Addresses) == 0 {
		return ""
	}
	return t.Addresses[0]
}

// Tier is one step of the ladder: its people's distribution list, hours and
// patience.
type Tier struct {
	Level       Level
	Name        string
	List        string        // distribution list; "" for a tier without people (L1)
	Calendar    string        // business hours of the tier; "" means always
	Ack         time.Duration // unclaimed for so long: page again, then climb
	Hold        time.Duration // unresolved here for so long: climb
	Lease       time.Duration // untouched by its holder for so long: nobody has it; zero: as Hold
	Needs       []string      // what a ticket handed to it should have, see NeedLogs
	Repeat      int           // how often it is paged before the ticket climbs; 0 means once
	CostPerHour float64
}

// Desk is what the whole desk is called and reached at; every stage that writes
// mail gets one.
type Desk struct {
	Name            string
	Address         string // From of everything a customer gets
	Tag             string // subject tag prefix
	Language        string // default language of our texts
	Location        *time.Location
	PlusAddresses   bool   // reply addresses are support+TOKEN@; else the Message-ID carries the token
	Tiers           []Tier // ascending by level
	Technicians     []Technician
	Managers        []Manager
	OtherAddresses  []string // every other mailbox address of ours
	Admin           string   // gets mail about the gateway itself; "" for nobody
	Newcomers       int      // automatic mails an hour to senders of whom nothing is proven
	Automatic       int      // automatic mails an hour to all customers together
	TierMail        int      // mails an hour to one tier's list before they are summed up
	TrustedAuthserv []string // authserv-ids whose Authentication-Results are believed
}

// Manager gets digests and breach reports.
type Manager struct {
	Address string
	Digests []string // "daily", "weekly", "monthly"
}

// Domain returns the domain of the desk's address, lower-case.
func (d *Desk) Domain() string {
	_, dom, _ := strings.Cut(NormalAddress(d.Address), "@")
	return dom
}

// Technician returns the roster entry with the address, or nil. The comparison
// follows NormalAddress: exact local part, case-insensitive ASCII domain.
func (d *Desk) Technician(address string) *Technician {
	n := NormalAddress(address)
	for i := range d.Technicians {
		for _, a := range d.Technicians[i].Addresses {
			if NormalAddress(a) == n {
				return &d.Technicians[i]
			}
		}
	}
	return nil
}

// Manager returns the manager with the address, or nil.
func (d *Desk) Manager(address string) *Manager {
	n := NormalAddress(address)
	for i := range d.Managers {
		if NormalAddress(d.Managers[i].Address) == n {
			return &d.Managers[i]
		}
	}
	return nil
}

// Tier returns the configured tier of a level, or nil.
func (d *Desk) Tier(l Level) *Tier {
	for i := range d.Tiers {
		if d.Tiers[i].Level == l {
			return &d.Tiers[i]
		}
	}
	return nil
}

// Next returns the first configured tier above l that has a distribution list,
// or nil at the top of the ladder.
func (d *Desk) Next(l Level) *Tier {
	for i := range d.Tiers {
		if d.Tiers[i].Level > l && d.Tiers[i].List != "" {
			return &d.Tiers[i]
		}
	}
	return nil
}

// IsList reports whether the address is the distribution list of a tier.
func (d *Desk) IsList(address string) bool {
	n := NormalAddress(address)
	return slices.ContainsFunc(d.Tiers, func(t Tier) bool { return t.List != "" && NormalAddress(t.List) == n })
}

// Own reports whether the address is one of ours: the desk's, another mailbox's,
// a tier's list, or any of these with a plus-address suffix. Mail is never
// answered automatically to such an address.
func (d *Desk) Own(address string) bool {
	n := NormalAddress(address)
	local, domain, ok := strings.Cut(n, "@")
	if !ok {
		return false
	}
	base, _, _ := strings.Cut(local, "+")
	is := func(own string) bool {
		o := NormalAddress(own)
		return o != "" && (o == n || o == base+"@"+domain)
	}
	if is(d.Address) {
		return true
	}
	for _, a := range d.OtherAddresses {
		if is(a) {
			return true
		}
	}
	for _, t := range d.Tiers {
		if t.List != "" && is(t.List) {
			return true
		}
	}
	return false
}

// ErrConflict says that a Change was decided on a ticket version that is no
// longer the newest. The caller reads again and decides again.
var ErrConflict = errors.New("ticket changed since it was read")

// ErrNotFound says that there is no such ticket, mail or outgoing item.
var ErrNotFound = errors.New("not found")

// Refusal is an error whose text may be shown to the person who caused it.
// Anything else reaches people as a fixed sentence and the log in full.
type Refusal struct{ Reason string }

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

// Refuse builds a Refusal.
func Refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }
