package triage

import (
	"cmp"
	"slices"

	"tierdesk/desk"
)

// maxCopies bounds how many people beside the requester get a reply.
const maxCopies = 50

// readers are the people who get a public reply beside the requester: who was copied
// by a proven sender, and is neither of the desk nor a reader of the technician's own
// mail already. Automatic mail goes to the requester alone.
func (w *work) readers() ([]desk.Address, error) {
	people, err := w.v.Participants(w.ctx, w.ch.Ticket.ID)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{desk.NormalAddress(w.ch.Ticket.Requester.Address): true}
	for _, a := range slices.Concat(w.in.To, w.in.Cc) {
		has[desk.NormalAddress(a.Address)] = true
	}
	var out []desk.Address
	for _, p := range people {
		if len(out) < maxCopies && !has[p.Address] && !w.internal(p.Address) {
			out = append(out, desk.Address{Name: p.Name, Address: p.Address})
		}
	}
	return out, nil
}

// internal reports whether an address belongs to the desk's own people.
func (t *Triage) internal(address string) bool {
	return t.Desk.Own(address) || t.Desk.Technician(address) != nil || t.manager(address)
}

func (t *Triage) manager(address string) bool {
	n := desk.NormalAddress(address)
	return slices.ContainsFunc(t.Desk.Managers, func(m desk.Manager) bool { return desk.NormalAddress(m.Address) == n })
}

// names are what a mail calls its other readers.
func names(people []desk.Address) []string {
	var out []string
	for _, p := range people {
		out = append(out, cmp.Or(clip(desk.OneLine(p.Name), 60), p.Address))
	}
	return out
}

// newcomers are the addresses in To and Cc of the technician's mail that belong
// neither to the desk nor to the ticket.
func (w *work) newcomers() ([]string, error) {
	people, err := w.v.Participants(w.ctx, w.ch.Ticket.ID)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{desk.NormalAddress(w.ch.Ticket.Requester.Address): true}
	for _, p := range people {
		known[p.Address] = true
	}
	var out []string
	for _, a := range slices.Concat(w.in.To, w.in.Cc) {
		n := desk.NormalAddress(a.Address)
		if n == "" || known[n] || w.internal(n) {
			continue
		}
		known[n] = true
		out = append(out, desk.OneLine(n))
	}
	return out, nil
}
