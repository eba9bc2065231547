package triage

import (
	"errors"
	"fmt"
	"slices"

	"tierdesk/desk"
)

// principal is who is speaking, and how surely.
type principal struct {
	role       role
	technician *desk.Technician // of the roster, or nil
	member     bool             // belongs to the ticket that the mail is for
	strength   strength
	why        string // the strength, in words
}

// role is what somebody is to the desk, by his address alone.
type role string

const (
	roleDesk       role = "desk" // one of our own addresses
	roleList       role = "list" // a tier's list that stands in From for a technician
	roleTechnician role = "technician"
	roleManager    role = "manager"
	roleCustomer   role = "customer" // anybody else
)

// strength says how surely the mail comes from the address that it names.
type strength int

const (
	forged   strength = iota - 1 // disproven
	unknown                      // neither
	proven                       // the address is genuine
	entitled                     // and he holds a token that was issued to him or his tier
)

// who is the one place that decides who speaks and what that is worth; everything
// else in this package asks it. Nobody has power by what he calls himself: display
// names, Sender, Reply-To, Resent fields and addresses that look alike do not count.
//
// A technician needs three things for his power: exactly one From address that is on
// the roster, proof that the address is genuine, and a token that was issued to him or
// to the list of a tier of his. A customer needs to belong to the ticket and not to be
// disproven.
func (d *decision) who() (principal, error) {
	p := d.named()
	p.strength, p.why = d.proof()
	switch {
	case p.role == roleTechnician && p.strength == proven:
		p.strength, p.why = d.entitlement(p.technician)
	case p.technician == nil:
		p.why = "not on the roster; " + p.why
	}
	if d.in.Thread.Ticket == 0 {
		return p, nil
	}
	if d.in.Via != "" { // anybody can have a form or a list say that it is he
		p.why = "sent for him by " + desk.OneLine(d.in.Via)
		return p, nil
	}
	var err error
	p.member, err = d.participant(d.in.Thread.Ticket)
	return p, err
}

// named returns who the address in From belongs to.
func (d *decision) named() principal {
	from := d.in.From.Address
	if d.in.Claimed != nil {
		return principal{role: roleList, technician: d.Desk.Technician(d.in.Claimed.Address)}
	}
	if tech := d.Desk.Technician(from); tech != nil {
		return principal{role: roleTechnician, technician: tech}
	}
	switch {
	case d.Desk.Own(from):
		return principal{role: roleDesk}
	case d.Desk.Manager(from) != nil:
		return principal{role: roleManager}
	}
	return principal{role: roleCustomer}
}

// proof weighs what speaks for the address in From. Where a list of ours stands there,
// it speaks for nobody.
func (d *decision) proof() (strength, string) {
	auth := d.in.Auth
	switch {
	case d.in.FromCount != 1 && auth.Fail():
		return forged, "several From addresses"
	case d.in.FromCount != 1:
		return unknown, "several From addresses"
	case auth.Fail():
		return forged, "the address is not authenticated"
	case d.in.Claimed != nil:
		return unknown, fmt.Sprintf("the list %s stands in From, and no signature of the author is valid", desk.OneLine(d.in.From.Address))
	case auth.Pass():
		return proven, "authenticated " + auth.Source
	case auth.DMARC == "":
		return unknown, "the address is not authenticated (no trusted Authentication-Results, no aligned DKIM signature)"
	}
	return unknown, "the address is not authenticated"
}

// entitlement asks for the token of a technician who is proven.
func (d *decision) entitlement(tech *desk.Technician) (strength, string) {
	tok := d.in.Thread.Token
	switch {
	case tok == nil:
		return proven, "not an answer to a mail of the desk"
	case tok.Purpose != desk.ForTechnician && tok.Purpose != desk.ForNote && tok.Purpose != desk.ForCommand:
		return proven, "the reply address was issued to a customer"
	case !d.issuedTo(tok, tech):
		return proven, "the reply address was issued to somebody else"
	}
	why := "authenticated " + d.in.Auth.Source + ", roster, signed reply address"
	if d.in.List != "" {
		why += ", through the list " + desk.OneLine(d.in.List)
	}
	return entitled, why
}

// issuedTo reports whether the token was issued to one of the technician's
// addresses or to the list of a tier of his.
func (d *decision) issuedTo(tok *desk.Token, tech *desk.Technician) bool {
	for _, a := range tech.Addresses {
		if d.Composer.Keys.IssuedTo(*tok, a) {
			return true
		}
	}
	for _, t := range d.Desk.Tiers {
		if t.List != "" && slices.Contains(tech.Tiers, t.Level) && d.Composer.Keys.IssuedTo(*tok, t.List) {
			return true
		}
	}
	return false
}

// participant reports whether the address in From belongs to the ticket.
func (d *decision) participant(id desk.TicketID) (bool, error) {
	people, err := d.v.Participants(d.ctx, id)
	if err != nil {
		return false, err
	}
	from := desk.NormalAddress(d.in.From.Address)
	return slices.ContainsFunc(people, func(p desk.Participant) bool { return p.Address == from }), nil
}

// rewritten keeps a mail in whose From a list stands for a technician. It does
// nothing; when it carried a valid token, he is told what would.
func (d *decision) rewritten(who principal) (desk.Change, error) {
	t, err := d.v.Ticket(d.ctx, d.in.Thread.Ticket)
	if err != nil {
		return desk.Change{}, err
	}
	ch := d.unverified(&t, fmt.Sprintf("claims to be %s, but %s", who.technician.Name, who.why))
	if d.in.Thread.Token == nil {
		return ch, nil
	}
	err = d.tell(&ch, d.receipt(&t, who.technician, "Nothing was done with a mail in your name: "+who.why+". Send your answer to the address in our mail alone, not through the list."))
	return ch, err
}

func isNotFound(err error) bool { return errors.Is(err, desk.ErrNotFound) }
