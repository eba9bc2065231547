package tiers

import (
	"fmt"

	"tierdesk/desk"
)

// informed tells a tier that a rule names of a ticket which another tier has: L4 of
// what is critical, while L3 works on it. Nobody of it is asked for anything.
func (w *writer) informed(e *desk.Event) []desk.Outgoing {
	tier := w.rules.Desk.Tier(e.Data.Inform)
	if tier == nil || tier.List == "" {
		return nil
	}
	o := w.toTechnician(desk.SendNotice, list(tier), e)
	o.Letter.Because = fmt.Sprintf("for your information: %s has it, %s", e.Data.ToTier, e.Because)
	o.Letter.Text = w.customersWords(e)
	return []desk.Outgoing{o}
}
