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
	// automaticPerTicket bounds, for a day, those about one ticket.
	automaticPerTicket = 20
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
	from := desk.NormalAddress(d.in.From.Address)
	var err error
	if d.newcomer, err = d.isNewcomer(strength, from); err != nil {
		return "", err
	}
	if why, err := d.spammer(d.in.From.Address); err != nil || why != "" {
		return why, err
	}
	return d.spent(from)
}

// spent returns which budget of automatic mail is used up, or "". Only automatic mail
// has budgets: tickets are made and people write whatever was sent.
func (d *decision) spent(from string) (string, error) {
	for _, budget := range []func(from string, hour time.Time) (string, error){
		d.spentOnNewcomers, d.spentOnAddress, d.spentOnTicket, d.spentOnAll, d.spentOnDomain,
	} {
		if why, err := budget(from, d.now.Add(-time.Hour)); err != nil || why != "" {
			return why, err
		}
	}
	return "", nil
}

func (d *decision) spentOnNewcomers(_ string, hour time.Time) (string, error) {
	if !d.newcomer {
		return "", nil
	}
	n, err := d.v.CountNewcomers(d.ctx, hour, d.Desk.Newcomers)
	if err != nil || n < d.Desk.Newcomers {
		return "", err
	}
	return fmt.Sprintf("%d automatic mails went to unproven newcomers within the hour", n), nil
}

func (d *decision) spentOnAddress(from string, hour time.Time) (string, error) {
	limit := automaticPerHour
	if d.newcomer {
		limit = newcomerPerHour
	}
	n, err := d.v.CountAutomatic(d.ctx, from, hour)
	if err != nil || n < limit {
		return "", err
	}
	return tooMany(n), nil
}

func (d *decision) spentOnTicket(from string, _ time.Time) (string, error) {
	id := d.in.Thread.Ticket
	if id == 0 {
		return "", nil
	}
	n, err := d.v.CountAbout(d.ctx, id, from, d.now.Add(-24*time.Hour))
	if err != nil || n < automaticPerTicket {
		return "", err
	}
	return fmt.Sprintf("%d automatic mails about the ticket went to the address within the day", n), nil
}

// spentOnDomain keeps one domain, whatever its addresses, from using up what is there
// for all. The desk's own is no stranger.
func (d *decision) spentOnDomain(from string, hour time.Time) (string, error) {
	domain, limit := desk.AddressDomain(from), max(d.Desk.Automatic/2, 1)
	if domain == "" || domain == d.Desk.Domain() {
		return "", nil
	}
	n, err := d.v.CountAnswers(d.ctx, domain, hour, limit)
	if err != nil || n < limit {
		return "", err
	}
	return fmt.Sprintf("%d automatic mails went to %s within the hour", n, desk.OneLine(domain)), nil
}

// spentOnAll is the breaker: past it no customer gets automatic mail, and the admin is
// told, once a day.
func (d *decision) spentOnAll(_ string, hour time.Time) (string, error) {
	n, err := d.v.CountAnswers(d.ctx, "", hour, d.Desk.Automatic)
	if err != nil || n < d.Desk.Automatic {
		return "", err
	}
	why := fmt.Sprintf("%d automatic mails went to customers within the hour", n)
	if d.Desk.Admin != "" {
		day := d.now.In(d.Desk.Location).Format(time.DateOnly)
		o := d.Composer.ToManager(desk.SendNotice, d.Desk.Admin, d.Desk.Name+": automatic mail is stopped", "automatic mail stopped "+day)
		o.Letter.Because = "No customer gets automatic mail for now: " + why + "."
		o.Letter.Text = stoppedText
		d.alarm = &o
	}
	return why, nil
}

const stoppedText = `Mail is taken in and tickets are made as ever, and what technicians write is sent. Acknowledgements and answers of L1 go out again when less than the limit was sent in an hour.

"tierdesk outbox list" shows to whom it went. If that is no flood, raise "automatic" in the [desk] part of the configuration.`

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
