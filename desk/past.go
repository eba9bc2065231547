package desk

// Question is what a ticket asks, as the desk's memory is searched for it.
type Question struct {
	Ticket      TicketID
	Subject     string
	Text        string // the customer's words
	Language    string
	Fingerprint string // see Diagnostics
}

// Precedent is a solved ticket that resembles another one.
type Precedent struct {
	Ticket Ticket
	Why    string // in one line: "the same failure", "alike in: printer, paper, jam"
	Reply  string // what solved it, in one paragraph
	Note   bool   // Reply is an internal note
}

// Passage is what a document says about a question. It is for technicians only.
type Passage struct {
	Doc      string
	Title    string
	Text     string
	Internal bool // the document is not for customers
}
