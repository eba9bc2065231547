package triage

import (
	"fmt"

	"tierdesk/desk"
)

// veto returns why people must answer a new ticket, whatever L1 knows, or "".
func (d *decision) veto(p Properties, silent string) (string, error) {
	switch {
	case p.Tier > desk.L1:
		return "a rule sends it to " + p.Tier.String(), nil
	case d.forwarder != nil:
		return d.forwarder.Name + " forwarded it", nil
	case p.NoL1:
		return "a rule keeps L1 from answering", nil
	case silent != "":
		return "L1 may not answer: " + silent, nil
	case d.in.Sensitive != "":
		return "L1 may not answer: " + d.in.Sensitive, nil
	}
	if len(d.in.Matches) == 0 {
		return "", nil
	}
	best := d.in.Matches[0].Doc
	no, err := d.v.NotHelped(d.ctx, desk.NormalAddress(d.in.From.Address), best)
	if no {
		return fmt.Sprintf("document %q did not help this customer before", best), err
	}
	return "", err
}
