// Package kb is the knowledge of L1: documents in Markdown, and the matcher that
// finds the one that answers a customer's question and says how sure it is.
//
// A Matcher is built from documents and from questions that were solved before.
// It is a value without clock, randomness or files: the same documents, examples
// and question give the same result, byte for byte. What becomes of a result, who
// may be answered and what is learned from it, is left to the callers.
package kb

import (
	"slices"
	"time"

	"tierdesk/desk"
)

// Document is one page of the knowledge base. It is not changed after Load.
type Document struct {
	ID         string
	Title      string
	Lang       string // "en", "de", …; "" when the page does not say
	Audience   string // Public, Internal or "" when the page does not say
	Tier       int    // the support tier that owns the page; 0: not said
	Keywords   []string
	Symptoms   []string // what a customer with this problem writes
	Category   string
	ValidUntil time.Time // last day on which the page is right, end of the day in UTC; zero: no end
	Path       string    // in the file system it was loaded from

	source string // Markdown, with its front matter
}

// Sections returns the plain text of the page in its parts. It is read from the
// Markdown each time, so that many documents are in memory once.
func (d *Document) Sections() []Section { return parseMarkdown([]byte(d.source)).sections }

// Text returns the plain text of the page, readable in a mail.
func (d *Document) Text() string { return join(d.Sections()) }

// content returns what the index reads.
func (d *Document) content() content {
	return content{lang: d.Lang, title: d.Title, phrases: slices.Concat(d.Keywords, d.Symptoms), sections: d.Sections()}
}

// The audiences of a document.
const (
	Public   = "public"   // may be mailed to customers
	Internal = "internal" // for technicians only
)

// Answerable reports whether the document may be mailed to a customer at the
// time: it says that it is public, and it has not expired. A page that names no
// audience is internal.
func (d *Document) Answerable(now time.Time) bool {
	return d.Audience == Public && (d.ValidUntil.IsZero() || !now.After(d.ValidUntil))
}

// Example is a question whose answer is known: a solved ticket. Doc is empty when
// no document answered it. When Wrong is true, Doc is a document that did not.
type Example struct {
	Doc   string
	Text  string
	Wrong bool
}

// Question is what a customer asks.
type Question struct {
	Subject string
	Text    string    // greeting, signature and quoted mail may still be around it
	Lang    string    // "" when unknown
	Now     time.Time // for documents that expire
	// Vector is what an embedding model makes of the question, of length one; nil for
	// none.
	Vector []float32
}

// Result is what the knowledge base has for a question.
type Result struct {
	// Matches holds at most five documents by falling confidence. Confidence
	// is the probability that the document answers the question.
	Matches []desk.Match
	Answer  bool // the first match is sure enough, public and valid
	// Offers are at most three documents, public and valid, one of which may well
	// help where none is sure enough.
	Offers []string
	Why    []string // the terms, examples and thresholds that decided, in words
}

// Options tune a Matcher.
type Options struct {
	// Target is the share of answers that have to be right, 0.95 when zero.
	Target float64
}
