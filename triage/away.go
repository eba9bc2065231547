package triage

import (
	"tierdesk/desk"
)

// letGo gives back what a technician has claimed, since he is away. The tiers are told
// as of any ticket that nobody has any more.
func (d *decision) letGo(ch *desk.Change, tech *desk.Technician, because string) error {
	held, err := d.v.HeldBy(d.ctx, tech.Address())
	for i := range held {
		t := &held[i]
		t.Assignee, t.Updated = "", d.now
		e := d.event(t, desk.TicketReleased, "technician:"+tech.Address(), because)
		e.Data.ToTier, e.Data.Cycle = t.Tier, t.Cycle
		ch.Also = append(ch.Also, desk.Change{Ticket: t, Events: []desk.Event{e}})
	}
	return err
}
