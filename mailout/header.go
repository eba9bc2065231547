package mailout

import (
	"bytes"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"time"

	"tierdesk/desk"
)

const (
	softLine      = 76  // lines with encoded words are no longer (RFC 2047 section 2)
	maxReferences = 10  // beside the root
	maxID         = 900 // a longer id would break the line limit of 998 octets
)

// header collects the fields of a mail. A value can hold neither control
// characters nor line breaks, wherever it comes from.
type header struct{ bytes.Buffer }

// add writes a field folded between words (RFC 5322 section 2.2.3); an empty
// value adds none.
func (h *header) add(name, value string) {
	words := strings.Fields(desk.OneLine(value))
	if len(words) == 0 {
		return
	}
	h.WriteString(name + ":")
	column := len(name) + 1
	for _, w := range words {
		if column+1+len(w) > softLine && column > 0 {
			h.WriteString("\r\n")
			column = 0
		}
		h.WriteString(" " + w)
		column += 1 + len(w)
	}
	h.WriteString("\r\n")
}

func toCustomer(k desk.OutgoingKind) bool {
	switch k {
	case desk.SendAnswer, desk.SendAck, desk.SendReply, desk.SendSolved, desk.SendStatus, desk.SendMerged, desk.SendIncident:
		return true
	}
	return false
}

func toManager(k desk.OutgoingKind) bool { return k == desk.SendDigest }

// writeHeader writes every field that the mail's kind asks for,
// except those about its MIME form.
func (r *Renderer) writeHeader(h *header, o *desk.Outgoing, to string, created time.Time) error {
	from, _, err := wireAddress(o.From.Address)
	if err != nil {
		return fmt.Errorf("from: %w", err)
	}
	h.add("From", mailbox(o.From.Name, from))
	h.add("To", mailbox(o.To.Name, to))
	if o.ReplyTo != "" {
		reply, _, err := wireAddress(o.ReplyTo)
		if err != nil {
			return fmt.Errorf("reply-to: %w", err)
		}
		h.add("Reply-To", "<"+reply+">")
	}
	h.add("Subject", mime.QEncoding.Encode("utf-8", plainWords(r.line(o, o.Subject))))
	h.add("Date", created.In(r.location()).Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	h.add("Message-ID", idList(o.MessageID))
	h.add("In-Reply-To", idList(o.InReplyTo))
	h.add("References", idList(references(o.References)...))
	r.markAutomatic(h, o)
	r.markAudience(h, o)
	h.add("X-Tierdesk-Loop", r.Keys.LoopMark(o.MessageID))
	return nil
}

// markAutomatic says that a machine wrote the mail, so that machines do not
// answer it. A technician's words carry none of this.
func (r *Renderer) markAutomatic(h *header, o *desk.Outgoing) {
	if o.Automatic == desk.NotAutomatic {
		return
	}
	h.add("Auto-Submitted", string(o.Automatic)) // RFC 3834 section 5
	if o.Automatic == desk.AutoReplied {
		h.add("X-Auto-Response-Suppress", "All")
	} else { // non-delivery reports are wanted
		h.add("X-Auto-Response-Suppress", "OOF, AutoReply, DR, RN, NRN")
	}
	if o.Kind == desk.SendAnswer || o.Kind == desk.SendAck {
		h.add("Precedence", "auto_reply")
	}
	h.add("Feedback-ID", fmt.Sprintf("%s:%s:%s:%s",
		feedbackWord(o.Letter.Number), feedbackWord(o.Letter.Category), feedbackWord(string(o.Kind)), feedbackWord(r.Desk.Tag)))
}

// markAudience adds what customers', technicians' and managers' mail programs
// sort by.
func (r *Renderer) markAudience(h *header, o *desk.Outgoing) {
	if id := listID(o.ListID); id != "" {
		h.add("List-Id", id) // RFC 2919
		// RFC 2369; a person of the desk reads it.
		list, _, _ := strings.Cut(o.ListID, "<")
		h.add("List-Unsubscribe", "<mailto:"+r.Desk.Address+"?subject="+url.PathEscape("Unsubscribe from "+strings.TrimSpace(list))+">")
	}
	switch {
	case toCustomer(o.Kind):
		h.add("X-MS-Reactions", "disallow")
	case !toManager(o.Kind) && o.Letter.Number != "":
		h.add("X-Ticket-Number", o.Letter.Number)
		tier, _, _ := strings.Cut(o.Letter.Tier, " ")
		h.add("X-Ticket-Tier", tier)
		h.add("X-Ticket-Priority", string(o.Letter.Priority))
	}
}

// listID encodes "name <id>" (RFC 2919), or returns "" when it is not of that
// form.
func listID(s string) string {
	at := strings.LastIndexByte(s, '<')
	if at < 0 {
		return ""
	}
	id, ok := wireDomain(strings.TrimSuffix(s[at+1:], ">"))
	if !ok {
		return ""
	}
	return mailbox(s[:at], id)
}

// feedbackWord keeps a field of Feedback-ID to letters, digits and "-".
func feedbackWord(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(s))
	if s == "" {
		return "none"
	}
	return s[:min(len(s), 40)]
}

// references keeps the root and the newest ids.
func references(ids []string) []string {
	if len(ids) <= maxReferences+1 {
		return ids
	}
	return append([]string{ids[0]}, ids[len(ids)-maxReferences:]...)
}

// idList formats message ids and leaves out what cannot stand in a header.
func idList(ids ...string) string {
	var words []string
	for _, id := range ids {
		if id != "" && len(id) <= maxID && isASCII(id) && !strings.ContainsAny(id, "<>") && strings.Join(strings.Fields(desk.OneLine(id)), "") == id {
			words = append(words, "<"+id+">")
		}
	}
	return strings.Join(words, " ")
}

func (r *Renderer) location() *time.Location {
	if r.Desk.Location == nil {
		return time.UTC
	}
	return r.Desk.Location
}
