package desk

import "time"

// Raw is a stored incoming mail without its bytes.
type Raw struct {
	ID          RawID
	Mailbox     string // configured name
	UIDValidity uint32
	UID         uint32
	Received    time.Time // INTERNALDATE
	Kept        time.Time
	Size        int64
	SHA256      string // of the raw bytes, hex
	Content     string // content key: SHA-256 over the mail without trace fields, hex; "" when Incomplete
	// History marks mail that lay in the mailbox before the first connection; it
	// makes tickets, and no automatic mail.
	History bool
	// Incomplete marks mail of which only the header was kept, or nothing: it is
	// over the size limit, or the server would not give it out. The mail itself
	// stays on the server.
	Incomplete bool
	Attempts   int    // counted before each try to understand it
	Settlement        // zero until settled
	Moved      string // folder it was moved to, "-" when it stays, "" when that is still to do
}

// RawMail is an incoming mail with its bytes, as the fetcher hands it over.
type RawMail struct {
	Raw
	Bytes []byte
}

// Cursor is how far a mailbox was read: every UID up to UID under UIDValidity is
// kept. The zero Cursor means "never connected".
type Cursor struct {
	Mailbox     string
	UIDValidity uint32
	UID         uint32
	Started     time.Time // first connection
}

// OutItem is a stored outgoing mail.
type OutItem struct {
	ID       int64
	Outgoing Outgoing
	State    Delivery
	Attempts int
	Created  time.Time
	Next     time.Time // next attempt; zero when there is none
	Reply    string    // last reply of the next hop, or the local error
}

// Attempt is what became of one try to deliver an OutItem.
type Attempt struct {
	Item  int64
	At    time.Time
	State Delivery // Accepted, Deferred, Refused or Unknown
	Reply string
	Next  time.Time // for Deferred and Unknown
	// Events to append with the record, such as DeliveryFailed.
	Events []Event
}
