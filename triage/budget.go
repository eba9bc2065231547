package triage

import (
	"fmt"
	"strings"
	"time"

	"tierdesk/desk"
)

const (
	// automaticPerHour bounds the automatic mails to one address.
	automaticPerHour = 10
	// newcomerPerHour bounds them while nothing proves that the address wrote.
	newcomerPerHour = 3
	// maxReceived bounds the hops of a mail that still gets an answer.
	maxReceived = 50
)

// silence returns why no automatic mail may answer this one, or "". It also finds out
// whether the sender is a newcomer.
func (d *decision) silence() (string, error) {
	strength, _ := d.proof()
	switch {
	case d.in.History:
		return "it was in the mailbox before the first connection", nil
	case !d.in.Answerable:
		return "it is not answerable: " + strings.Join(d.in.Why, ", "), nil
	case strength == forged:
		return "its sender address is forged (DMARC fails)", nil
	case d.in.Loop != "":
		return "another helpdesk of our kind sent it", nil
	case hops(d.in) > maxReceived:
		return "it passed too many servers", nil
	case !d.addressed():
		return "it is not addressed to us in To or Cc", nil
	}
	from, hour := desk.NormalAddress(d.in.From.Address), d.now.Add(-time.Hour)
	limit := automaticPerHour
	var err error
	if d.newcomer, err = d.isNewcomer(strength, from); err != nil {
		return "", err
	}
	if d.newcomer {
		limit = newcomerPerHour
		if n, err := d.v.CountNewcomers(d.ctx, hour, d.Desk.Newcomers); err != nil || n >= d.Desk.Newcomers {
			return fmt.Sprintf("%d automatic mails went to unproven newcomers within the hour", n), err
		}
	}
	n, err := d.v.CountAutomatic(d.ctx, from, hour)
	if err != nil {
		return "", err
	}
	if n >= limit {
		return tooMany(n), nil
	}
	return d.spammer(d.in.From.Address)
}

// isNewcomer reports whether nothing proves that the sender wrote the mail, or has
// ever written to the desk: not his domain, no signed address of ours, no answer that
// a person gave him before. What goes back to a newcomer may hit somebody whose name
// was forged.
func (d *decision) isNewcomer(s strength, from string) (bool, error) {
	if s >= proven || d.in.Thread.Token != nil {
		return false, nil
	}
	known, err := d.v.Answered(d.ctx, from)
	return !known, err
}

// automatically starts an automatic mail to the ticket's requester. To a newcomer it
// repeats nothing that he chose himself, so that nobody can have us deliver his words
// to a third person; an answer, whose bulk is a document, keeps the subject that it
// threads by.
func (d *decision) automatically(t *desk.Ticket, kind desk.OutgoingKind) desk.Outgoing {
	if !d.newcomer {
		return d.Composer.ToCustomer(t, kind, d.cause())
	}
	about := *t
	about.Requester.Name = ""
	if kind != desk.SendAnswer {
		about.Subject = d.Desk.Name
	}
	o := d.Composer.ToCustomer(&about, kind, d.cause())
	o.Newcomer, o.Letter.Subject = true, ""
	return o
}

func tooMany(n int) string {
	return fmt.Sprintf("%d automatic mails went to the address within the hour", n)
}

func hops(in *desk.Inbound) int {
	n := 0
	for _, f := range in.AuthRaw.Trace {
		if strings.EqualFold(f.Name, "Received") {
			n++
		}
	}
	return n
}

// addressed reports whether one of our addresses stands in To or Cc (RFC 5230
// section 4.5).
func (d *decision) addressed() bool {
	for _, list := range [][]desk.Address{d.in.To, d.in.Cc} {
		for _, a := range list {
			if d.Desk.Own(a.Address) {
				return true
			}
		}
	}
	return false
}
