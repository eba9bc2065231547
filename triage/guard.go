package triage

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"tierdesk/desk"
)

// misdirected returns what makes it doubtful that the reply is for this customer, or
// "": somebody new among the readers of the technician's own mail, another customer's
// ticket in its words, or another customer's file.
func (w *work) misdirected() (string, error) {
	newcomers, err := w.newcomers()
	if err != nil {
		return "", err
	}
	if len(newcomers) > 0 {
		return fmt.Sprintf("%s stands in To or Cc of your mail and does not belong to the ticket; the desk sends nothing there",
			strings.Join(newcomers[:min(len(newcomers), 5)], ", ")), nil
	}
	reason, err := w.namesOther()
	if err != nil || reason != "" {
		return reason, err
	}
	return w.filesOfOthers()
}

// numberLike finds what may be a ticket's number with its check character.
var numberLike = regexp.MustCompile(`\b[0-9]{1,15}-[A-Za-z]\b`)

// maxNumbers bounds the numbers of a reply that are looked up.
const maxNumbers = 20

// namesOther returns the line or file that names a ticket of another customer.
func (w *work) namesOther() (string, error) {
	looked := 0
	look := func(where, text string) (string, error) {
		for _, number := range numberLike.FindAllString(text, maxNumbers) {
			if looked++; looked > maxNumbers {
				return "", nil
			}
			id, ok := desk.ParseNumber(number)
			if !ok || id == w.ch.Ticket.ID {
				continue
			}
			other, err := w.othersTicket(id)
			if err != nil || other {
				return fmt.Sprintf("%s names ticket %s of another customer", where, desk.Number(id)), err
			}
		}
		return "", nil
	}
	n := 0
	for line := range strings.Lines(w.text) {
		n++
		if reason, err := look(fmt.Sprintf("line %d", n), line); err != nil || reason != "" {
			return reason, err
		}
	}
	for _, f := range w.files {
		if reason, err := look("the file "+desk.FileName(f.Filename), f.Filename); err != nil || reason != "" {
			return reason, err
		}
	}
	return "", nil
}

// othersTicket reports whether there is such a ticket and it is another customer's.
func (w *work) othersTicket(id desk.TicketID) (bool, error) {
	other, err := w.v.Ticket(w.ctx, id)
	if isNotFound(err) {
		return false, nil
	}
	return err == nil && desk.NormalAddress(other.Requester.Address) != desk.NormalAddress(w.ch.Ticket.Requester.Address), err
}

// filesOfOthers returns the file that another customer sent, by its content or by a
// name that programs do not give.
func (w *work) filesOfOthers() (string, error) {
	for _, f := range w.files {
		if f.Inline || f.ContentID != "" {
			continue
		}
		name := desk.FileName(f.Filename)
		if !telling(name) {
			name = ""
		}
		tickets, err := w.v.TicketsWithFile(w.ctx, f.SHA256, name)
		if err != nil {
			return "", err
		}
		if slices.Contains(tickets, w.ch.Ticket.ID) {
			continue
		}
		for _, id := range tickets {
			if other, err := w.othersTicket(id); err != nil || other {
				return fmt.Sprintf("the file %s came with ticket %s of another customer", desk.FileName(f.Filename), desk.Number(id)), err
			}
		}
	}
	return "", nil
}

// telling reports a file name that somebody chose: "offer-miller.pdf", not
// "image001.png".
func telling(name string) bool {
	stem := strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
	letters := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || strings.ContainsRune(" _-.()", r) {
			return -1
		}
		return r
	}, stem)
	return len(letters) >= 6 && !slices.ContainsFunc(givenNames, func(given string) bool { return strings.HasPrefix(letters, given) })
}

// givenNames begin the names that programs give to files.
var givenNames = []string{
	"image", "bild", "photo", "foto", "screenshot", "screencapture", "bildschirmfoto", "captured", "outlook", "attachment", "anhang",
	"document", "dokument", "scan", "unnamed", "untitled", "noname", "message", "logfile", "readme", "winmail", "smime", "signature",
}
