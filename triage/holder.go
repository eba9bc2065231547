package triage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// This file has the commands that say who has the ticket, and in which tier.

// claim makes the ticket the technician's, because he asked for it or since he is
// the first to answer.
func (w *work) claim(asked bool) error {
	t, me := w.ch.Ticket, w.who.technician.Address()
	if holder := w.Desk.Technician(t.Assignee); holder != nil && t.Assignee != me {
		return desk.Refuse("%s already has ticket %s", holder.Name, desk.Number(t.ID))
	}
	because := "claimed by the first reply"
	if asked {
		because = "#claim"
		w.did("claimed")
	}
	w.give(w.who.technician, because)
	return nil
}

// give makes somebody the holder of the ticket.
func (w *work) give(tech *desk.Technician, because string) {
	t, typ := w.ch.Ticket, desk.TicketAssigned
	if tech.Address() == w.who.technician.Address() && w.Desk.Technician(t.Assignee) == nil {
		typ = desk.TicketClaimed
	}
	t.Assignee = tech.Address()
	if t.Status == desk.StatusNew {
		t.Status = desk.StatusOpen
	}
	w.happened(typ, because).Data.Assignee = t.Assignee
}

// readPerson finds the one technician whom a name means. Whoever bears the whole
// name, or has the whole address, is meant before those who bear a part of it.
func (w *work) readPerson(o *order) error {
	name := strings.ToLower(strings.TrimPrefix(o.args, "@"))
	if name == "me" {
		o.person = w.who.technician
		return nil
	}
	var whole, part []*desk.Technician
	for i := range w.Desk.Technicians {
		tech := &w.Desk.Technicians[i]
		called := append([]string{strings.ToLower(tech.Name)}, eachLower(tech.Addresses)...)
		if slices.Contains(called, name) {
			whole = append(whole, tech)
		}
		if slices.ContainsFunc(called, func(c string) bool { return strings.Contains(c, name) }) {
			part = append(part, tech)
		}
	}
	switch {
	case len(whole) == 1:
		o.person = whole[0]
	case len(part) == 1:
		o.person = part[0]
	case len(part) > 1:
		return desk.Refuse("%q may be %s", clip(o.args, 60), people(part))
	default:
		var all []*desk.Technician
		for i := range w.Desk.Technicians {
			all = append(all, &w.Desk.Technicians[i])
		}
		return desk.Refuse("nobody is called %q; there are %s", clip(o.args, 60), people(all))
	}
	return nil
}

func eachLower(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

// people lists technicians for a refusal, and not more than one reads.
func people(list []*desk.Technician) string {
	const most = 12
	var out []string
	for _, tech := range list[:min(len(list), most)] {
		out = append(out, fmt.Sprintf("%s <%s>", tech.Name, tech.Address()))
	}
	if len(list) > most {
		out = append(out, fmt.Sprintf("%d more", len(list)-most))
	}
	return strings.Join(out, ", ")
}

func (w *work) assign(o *order) error {
	w.give(o.person, "#assign "+o.person.Name)
	away, err := w.away(o.person)
	w.did("assigned to %s%s", o.person.Name, away)
	return err
}

// away says until when a technician is absent, and who stands in for him; or "".
func (d *decision) away(tech *desk.Technician) (string, error) {
	for _, address := range tech.Addresses {
		switch a, err := d.v.AbsenceOf(d.ctx, address, d.now); {
		case err != nil:
			return "", err
		case a.Until.IsZero():
		case a.Delegate != "":
			return fmt.Sprintf(" (away until %s; %s stands in)", told(d.local(a.Until)), a.Delegate), nil
		default:
			return fmt.Sprintf(" (away until %s)", told(d.local(a.Until))), nil
		}
	}
	return "", nil
}

var levelWord = regexp.MustCompile(`^(?i)L([0-9])(?:\s+|$)`)

func (w *work) readEscalate(o *order) error {
	if m := levelWord.FindStringSubmatch(o.args); m != nil {
		o.level = desk.Level(m[1][0] - '0')
		if !o.level.Valid() {
			return desk.Refuse("#escalate %s: tiers are L1 to L4", strings.TrimSpace(m[0]))
		}
	}
	return nil
}

func (w *work) escalate(o *order) error {
	t := w.ch.Ticket
	reason := strings.TrimSpace(levelWord.ReplaceAllString(o.args, ""))
	to := o.level
	if to == 0 {
		to = t.Tier + 1
	}
	if to <= t.Tier {
		return desk.Refuse("ticket %s is in %s already; #escalate goes upwards", desk.Number(t.ID), t.Tier)
	}
	if w.Desk.Next(to-1) == nil {
		return desk.Refuse("there is no tier above %s", t.Tier)
	}
	w.takeUp()
	w.handOver(&w.ch, to, w.actor(), because("#escalate", reason))
	w.did("escalated")
	return nil
}

func because(command, reason string) string {
	if reason == "" {
		return command
	}
	return command + ": " + clip(reason, 200)
}

// takeUp puts a ticket that rested back into the desk's hands.
func (w *work) takeUp() {
	t := w.ch.Ticket
	if t.Status == desk.StatusWaiting || t.Status == desk.StatusSolved {
		t.Status = desk.StatusOpen
	}
	t.WaitUntil = time.Time{}
}

// handBack gives the ticket to the tier that handed it up.
func (w *work) handBack(o *order) error {
	events, err := w.v.TicketEvents(w.ctx, w.before.ID)
	if err != nil {
		return err
	}
	t := w.ch.Ticket
	to, returned := desk.Level(0), 1
	for i := range events {
		switch e := &events[i]; {
		case e.Type == desk.TicketReturned:
			returned++
		case e.Type == desk.TicketEscalated && e.Data.ToTier == t.Tier && e.Data.FromTier < t.Tier:
			to = e.Data.FromTier
		}
	}
	tier := w.lower(to)
	if tier == nil {
		return desk.Refuse("ticket %s did not come from people of a lower tier", desk.Number(t.ID))
	}
	w.takeUp()
	from := t.Tier
	t.Tier, t.Assignee = tier.Level, ""
	t.Cycle++
	e := w.happened(desk.TicketReturned, because("#return", o.args))
	e.Data.FromTier, e.Data.ToTier, e.Data.Cycle, e.Data.Count = from, tier.Level, t.Cycle, returned
	if returned > 1 {
		w.did("returned to %s (%d times by now)", tier.Level, returned)
	} else {
		w.did("returned to %s", tier.Level)
	}
	return nil
}

// lower returns the tier with people that a ticket is handed back to: the one that it
// came from, or the nearest below the present one; nil without any.
func (w *work) lower(from desk.Level) *desk.Tier {
	if tier := w.Desk.Tier(from); tier != nil && tier.List != "" {
		return tier
	}
	var nearest *desk.Tier
	for i := range w.Desk.Tiers {
		if tier := &w.Desk.Tiers[i]; tier.Level < w.ch.Ticket.Tier && tier.List != "" {
			nearest = tier
		}
	}
	return nearest
}
