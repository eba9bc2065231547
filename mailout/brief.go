package mailout

import (
	"slices"
	"strings"

	"tierdesk/desk"
)

// brief returns the brief of a mail to technicians, safe to print and without
// secrets. A customer gets none.
func (r *Renderer) brief(o *desk.Outgoing) *desk.Brief {
	if toCustomer(o.Kind) {
		return nil
	}
	line := func(s string) string { return r.line(o, s) }
	ticket := func(t desk.LetterTicket) desk.LetterTicket {
		t.Subject = line(t.Subject)
		return t
	}
	b := *o.Letter.Brief
	b.Organisation = line(b.Organisation)
	b.Missing = eachOf(b.Missing, line)
	b.Recent, b.Colleagues = eachOf(b.Recent, ticket), eachOf(b.Colleagues, ticket)
	b.Precedents = eachOf(b.Precedents, func(p desk.LetterPrecedent) desk.LetterPrecedent {
		p.LetterTicket, p.Why, p.Reply = ticket(p.LetterTicket), line(p.Why), r.words(o, p.Reply)
		return p
	})
	b.Passages = eachOf(b.Passages, func(p desk.Passage) desk.Passage {
		p.Title, p.Text = line(p.Title), r.words(o, p.Text)
		return p
	})
	if b.Diagnostics != nil {
		b.Diagnostics = r.diagnostics(o)
	}
	return &b
}

func (r *Renderer) diagnostics(o *desk.Outgoing) *desk.Diagnostics {
	d := *o.Letter.Brief.Diagnostics
	d.Findings = eachOf(d.Findings, func(f desk.Finding) desk.Finding {
		f.Values = eachOf(f.Values, func(s string) string { return r.line(o, s) })
		return f
	})
	d.Trace = slices.DeleteFunc(eachOf(d.Trace, func(s string) string { return r.words(o, s) }), func(s string) bool {
		return strings.TrimSpace(s) == ""
	})
	d.Excerpts = eachOf(d.Excerpts, func(e desk.Excerpt) desk.Excerpt {
		e.File, e.Text = r.line(o, e.File), r.words(o, e.Text)
		return e
	})
	if len(d.Findings)+len(d.Trace)+len(d.Excerpts) == 0 { // a fingerprint alone tells a reader nothing
		return nil
	}
	return &d
}
