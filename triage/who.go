package triage

import (
	"errors"
	"slices"

	"tierdesk/desk"
)

// principal is who is speaking, and how surely.
type principal struct {
	technician *desk.Technician // nil for a customer
	proven     bool             // technician, authenticated, and holding a token issued to him or his tier
	why        string
}

// who is the one place that decides whether a mail is a technician's. It asks
// for three things: exactly one From address that is on the roster, proof that
// the address is genuine, and a token that was issued to the technician or to the
// list of a tier of his. Anything less gives no power.
func (d *decision) who() principal {
	tech := d.Desk.Technician(d.in.From.Address)
	if tech == nil {
		return principal{why: "not on the roster"}
	}
	p := principal{technician: tech}
	tok := d.in.Thread.Token
	switch {
	case d.in.FromCount != 1:
		p.why = "several From addresses"
	case !d.in.Auth.Pass():
		p.why = "the address is not authenticated"
		if d.in.Auth.Source == "" {
			p.why += " (no trusted Authentication-Results, no aligned DKIM signature)"
		}
	case tok == nil:
		p.why = "not an answer to a mail of the desk"
	case tok.Purpose != desk.ForTechnician && tok.Purpose != desk.ForNote:
		p.why = "the reply address was issued to a customer"
	case !d.issuedTo(tok, tech):
		p.why = "the reply address was issued to somebody else"
	default:
		p.proven = true
		p.why = "authenticated " + d.in.Auth.Source + ", roster, signed reply address"
	}
	return p
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

func isNotFound(err error) bool { return errors.Is(err, desk.ErrNotFound) }
