package desk

import "time"

// Learned is everything that one ticket has taught L1. It is a function of the
// ticket's events and its first mail.
type Learned struct {
	Ticket  TicketID
	Lessons []Lesson
	Trials  []Trial
}

// Lesson is a question whose answer a ticket has shown.
type Lesson struct {
	Seq    int64 // the event that showed it
	Ticket TicketID
	// Doc is the document that answered the question, or "" when it was solved
	// without one. When Wrong is true it is a document that did not answer it.
	Doc   string
	Wrong bool
	Text  string // what the customer newly wrote, after the subject
	At    time.Time
}

// Trial is one judgement on a document: was it the answer to a question?
type Trial struct {
	Seq       int64 // the event that judged
	Ticket    TicketID
	Doc       string
	Mode      Mode // of the document when it was matched
	Right     bool
	Requester string // whose question it was, as NormalAddress returns it
	At        time.Time
}

// Mode is what L1 may do with a document.
type Mode string

// The modes of documents.
const (
	Live   Mode = "live"   // L1 answers with it
	Shadow Mode = "shadow" // L1 only tells the technician that it would have
)

// Standing is the mode that a document's trials have given it.
type Standing struct {
	Doc     string
	Mode    Mode
	Since   int64 // the newest trial that counted; only later ones count from here on
	At      time.Time
	Because string // the arithmetic
}
