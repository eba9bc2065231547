package tiers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// IncidentFollower is the name under which the place in the log is stored up to which
// incidents were looked for.
const IncidentFollower = "incidents"

// incidentActor is who the events about incidents are by, where no technician is.
const incidentActor = "incidents"

// incidents follows the log for what has to do with incidents: it compares every new
// ticket with the last ones, and tells the reporters of an incident what is new. What an
// event causes is one transaction with the place in the log. It reports whether anything
// was caused.
func (e *Engine) incidents(ctx context.Context) (caused bool, err error) {
	for conflicts := 0; ; {
		place, err := e.Store.Followed(ctx, IncidentFollower)
		if err != nil {
			return caused, fmt.Errorf("read the place of incidents: %w", err)
		}
		events, err := e.Store.Events(ctx, place, followBatch)
		if err != nil || len(events) == 0 {
			return caused, err
		}
		if err := e.remember(ctx, place); err != nil {
			return caused, err
		}
		some, err := e.followIncidents(ctx, events)
		caused = caused || some
		switch {
		case err == nil:
			conflicts = 0
		case errors.Is(err, desk.ErrConflict) && conflicts < maxConflicts:
			conflicts++
			e.reports = nil // may know what was not committed
		default:
			e.reports = nil
			return caused, fmt.Errorf("follow incidents after %d: %w", place, err)
		}
	}
}

// remember makes sure that what was reported up to a place in the log is remembered.
func (e *Engine) remember(ctx context.Context, place int64) error {
	if e.reports != nil && e.compared == place {
		return nil
	}
	since := e.Now().AddDate(0, 0, -memoryDays)
	reports, err := e.Store.Reported(ctx, since, place, maxReports)
	if err != nil {
		return err
	}
	c := newClusters()
	for _, r := range reports {
		c.add(r)
	}
	events, err := e.Store.EventsBetween(ctx, since, e.Now().Add(time.Second),
		desk.IncidentProposed, desk.IncidentGrew, desk.IncidentDismissed, desk.IncidentConfirmed)
	if err != nil {
		return err
	}
	for i := range events {
		if events[i].Seq <= place {
			c.happened(&events[i])
		}
	}
	e.reports, e.compared = c, place
	return nil
}

// followIncidents follows a batch of events, each that causes something in a
// transaction of its own. It reports whether any did.
func (e *Engine) followIncidents(ctx context.Context, events []desk.Event) (caused bool, err error) {
	for i := range events {
		ev := &events[i]
		var changes []desk.Change
		_, err := e.isolated(ctx, func() (_ desk.Change, err error) {
			changes, err = e.incident(ctx, ev)
			return desk.Change{}, err
		})
		switch {
		case errors.Is(err, desk.ErrNotFound): // the ticket was erased
		case ticketsFault(err):
			e.Log.Error("event not followed for incidents", "ticket", ev.Ticket, "event", ev.Seq, "err", err)
			changes = nil
		case err != nil:
			return caused, err
		}
		e.reports.happened(ev)
		if len(changes) == 0 && i < len(events)-1 {
			continue
		}
		place := desk.Change{Follows: &desk.Follow{Name: IncidentFollower, Seq: ev.Seq}}
		if err := e.Store.Commit(ctx, append([]desk.Change{place}, changes...)); err != nil {
			return caused, err
		}
		e.compared = ev.Seq
		for _, c := range changes {
			for j := range c.Events { // before they are followed themselves
				e.reports.happened(&c.Events[j])
			}
		}
		if len(changes) > 0 {
			caused = true
			e.queued()
		}
	}
	return caused, nil
}

// incident returns what an event causes for incidents.
func (e *Engine) incident(ctx context.Context, ev *desk.Event) ([]desk.Change, error) {
	switch ev.Type {
	case desk.TicketOpened:
		return e.compare(ctx, ev)
	case desk.IncidentConfirmed, desk.KnownError:
		if ev.Data.Other != 0 { // where it was proposed
			return nil, nil
		}
		return e.begin(ctx, ev)
	case desk.ReplySent:
		return e.spread(ctx, ev, e.tellNews)
	case desk.TicketSolved:
		return e.spread(ctx, ev, e.askSolved)
	case desk.TicketReopened:
		return e.spread(ctx, ev, nil)
	}
	return nil, nil
}

// happened takes in what became of proposals.
func (c *clusters) happened(ev *desk.Event) {
	switch ev.Type {
	case desk.IncidentProposed:
		c.propose(ev.Ticket, ev.Data.Tickets)
	case desk.IncidentGrew:
		c.grow(ev.Ticket, ev.Data.Other)
	case desk.IncidentDismissed, desk.IncidentConfirmed:
		if p := c.proposals[ev.Ticket]; p != nil {
			p.decided = true
		}
	}
}

// compare looks whether a new ticket is one of several about one problem.
func (e *Engine) compare(ctx context.Context, opened *desk.Event) ([]desk.Change, error) {
	tier := e.Rules.Desk.Next(desk.L2)
	if opened.Actor != "customer" || tier == nil {
		return nil, nil
	}
	r, err := e.report(ctx, opened.Ticket, opened.Data.Diagnostics)
	if err != nil {
		return nil, err
	}
	r.At = opened.Occurred
	e.reports.add(r)
	if r.Parent != 0 || e.Now().Sub(opened.At) > proposalLasts {
		return nil, nil
	}
	found := e.reports.look(&r)
	switch {
	case found.joins != 0:
		if e.reports.proposals[found.joins].decided {
			return nil, nil
		}
		grew := desk.NewEvent(found.joins, desk.IncidentGrew, incidentActor, "ticket "+desk.Number(r.Ticket)+" is alike", e.Now())
		grew.Data.Other = r.Ticket
		return []desk.Change{{Events: []desk.Event{grew}}}, nil
	case len(found.members) > 0:
		return e.propose(ctx, tier, found)
	}
	return nil, nil
}

// report reads what a ticket reports.
func (e *Engine) report(ctx context.Context, id desk.TicketID, found *desk.Diagnostics) (desk.Report, error) {
	t, err := e.Store.Ticket(ctx, id)
	if err != nil {
		return desk.Report{}, err
	}
	messages, err := e.Store.Messages(ctx, id)
	if err != nil {
		return desk.Report{}, err
	}
	r := desk.Report{Ticket: id, Requester: t.Requester.Address, At: t.Created, Parent: t.Parent}
	text := ""
	if i := slices.IndexFunc(messages, func(m desk.Message) bool { return m.Kind == desk.FromCustomer }); i >= 0 {
		text = messages[i].Text
	}
	r.Describe(t.Subject, text, found)
	return r, nil
}

// maxNamedTickets bounds the tickets that a proposal names.
const maxNamedTickets = 20

// propose asks a tier whether the tickets are one problem. It is kept with the oldest of
// them, once.
func (e *Engine) propose(ctx context.Context, tier *desk.Tier, found cluster) ([]desk.Change, error) {
	now := e.Now()
	seed, err := e.Store.Ticket(ctx, found.members[0].Ticket)
	if err != nil {
		return nil, err
	}
	ev := desk.NewEvent(seed.ID, desk.IncidentProposed, incidentActor, found.evidence[0], now)
	ev.Data.Trace, ev.Data.Count, ev.Data.Status = found.evidence, len(found.members), seed.Status
	o := e.Composer.ToTechnician(&seed, desk.SendProposal, list(tier), "proposed")
	o.Letter.Because, o.Letter.Tried = found.evidence[0], found.evidence
	brief := &desk.Brief{}
	for i, m := range found.members {
		ev.Data.Tickets = append(ev.Data.Tickets, m.Ticket)
		if i >= maxNamedTickets {
			continue
		}
		t, err := e.Store.Ticket(ctx, m.Ticket)
		if err != nil {
			return nil, err
		}
		brief.Recent = append(brief.Recent, desk.LetterTicket{
			Number: desk.Number(t.ID), Subject: m.Requester + ": " + t.Subject, Status: t.Status, Age: max(now.Sub(t.Created), 0),
		})
	}
	o.Letter.Brief = brief
	o.Letter.Buttons = []desk.Button{
		e.Composer.Order(&o, "confirm", "confirm\n"), e.Composer.Order(&o, "dismiss", "dismiss\n"),
	}
	return []desk.Change{{Events: []desk.Event{ev}, Outgoing: []desk.Outgoing{o}}}, nil
}

// begin makes an incident of a ticket that a technician opened for it: its reporters
// are told, and later reports find it.
func (e *Engine) begin(ctx context.Context, ev *desk.Event) ([]desk.Change, error) {
	parent, err := e.Store.Ticket(ctx, ev.Ticket)
	if err != nil {
		return nil, err
	}
	incident := desk.Incident{
		Ticket: parent.ID, Open: true, Known: ev.Type == desk.KnownError, Since: ev.At,
		State: strings.Join(ev.Data.Trace, "\n"), StateAt: ev.At,
	}
	changes := []desk.Change{{}}
	var reports []desk.Report
	told := map[string]bool{}
	for _, id := range ev.Data.Tickets {
		t, err := e.Store.Ticket(ctx, id)
		if errors.Is(err, desk.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		log, err := e.Store.TicketEvents(ctx, id)
		if err != nil {
			return nil, err
		}
		r, err := e.report(ctx, id, firstDiagnostics(log))
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
		if t.Parent != 0 || !t.Status.Active() {
			continue
		}
		change, err := e.join(ctx, ev, &incident, &parent, t, told)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	incident.Pattern = e.reports.pattern(reports)
	changes[0] = desk.Change{Incident: &incident}
	return changes, nil
}

func firstDiagnostics(log []desk.Event) *desk.Diagnostics {
	for i := range log {
		if d := log[i].Data.Diagnostics; d != nil {
			return d
		}
	}
	return nil
}

// join makes a ticket one of an incident. It waits, with whoever has the incident; its
// customer is told, once though he may have sent several.
func (e *Engine) join(ctx context.Context, ev *desk.Event, incident *desk.Incident, parent *desk.Ticket, t desk.Ticket, told map[string]bool) (desk.Change, error) {
	joined := t.Join(parent, incidentActor, e.Now())
	change := desk.Change{Ticket: &t}
	tell, err := e.mayTell(ctx, &t, told)
	if err != nil {
		return change, err
	}
	if tell {
		o := e.Composer.ToCustomer(&t, desk.SendIncident, fmt.Sprintf("event %d", ev.Seq))
		e.Composer.TellIncident(&o, incident)
		joined.Data.Outgoing, joined.Data.MessageID, joined.Data.Recipient = o.Key, o.MessageID, o.To.Address
		change.Outgoing = append(change.Outgoing, o)
	}
	change.Events = append(change.Events, joined)
	return change, nil
}

// mayTell reports whether mail about an incident may go to the requester of a ticket: he
// got an automatic mail for it before, so he is no machine or forged name, and no other
// one about this.
func (e *Engine) mayTell(ctx context.Context, t *desk.Ticket, told map[string]bool) (bool, error) {
	to := desk.NormalAddress(t.Requester.Address)
	if told[to] {
		return false, nil
	}
	n, err := e.Store.CountAutomatic(ctx, to, t.Created)
	if err == nil && n > 0 {
		told[to] = true
	}
	return n > 0, err
}

// spread carries what happened to an incident to the tickets that belong to it. The
// tickets of other events are none.
func (e *Engine) spread(ctx context.Context, ev *desk.Event, tell func(context.Context, *news) (desk.Change, error)) ([]desk.Change, error) {
	incident, err := e.Store.Incident(ctx, ev.Ticket)
	if errors.Is(err, desk.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n := news{event: ev, incident: &incident, told: map[string]bool{}}
	if n.words, err = e.wordsOf(ctx, ev); err != nil {
		return nil, err
	}
	incident.Open = ev.Type != desk.TicketSolved
	if n.words != "" && ev.Type == desk.ReplySent {
		incident.State, incident.StateAt = n.words, ev.At
	}
	changes := []desk.Change{{Incident: &incident}}
	if tell == nil {
		return changes, nil
	}
	children, err := e.Store.Children(ctx, incident.Ticket)
	if err != nil {
		return nil, err
	}
	for i := range children {
		n.child = &children[i]
		if !n.child.Status.Active() {
			continue
		}
		change, err := tell(ctx, &n)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// news is something that happened to an incident, for one ticket of it.
type news struct {
	event    *desk.Event
	incident *desk.Incident
	words    string // of a technician
	child    *desk.Ticket
	told     map[string]bool
}

// wordsOf returns the words of the technician's reply that an event is about.
func (e *Engine) wordsOf(ctx context.Context, ev *desk.Event) (string, error) {
	messages, err := e.Store.Messages(ctx, ev.Ticket)
	for i := range messages {
		if m := &messages[i]; m.Kind == desk.PublicReply && m.Raw == ev.Raw {
			return m.Text, err
		}
	}
	return "", err
}

// about starts an event of the ticket that carries on the one of the incident.
func (n *news) about(typ desk.EventType, because string, now time.Time) desk.Event {
	ev := desk.NewEvent(n.child.ID, typ, n.event.Actor, because, now)
	ev.Data.Status, ev.Data.Other = n.child.Status, n.incident.Ticket
	return ev
}

// tellNews sends the words of a technician to one reporter, as a reply to him alone.
func (e *Engine) tellNews(ctx context.Context, n *news) (desk.Change, error) {
	now := e.Now()
	n.child.Updated = now
	tell, err := e.mayTell(ctx, n.child, n.told)
	if err != nil || !tell {
		return desk.Change{}, err
	}
	o := e.Composer.ToCustomer(n.child, desk.SendReply, fmt.Sprintf("event %d", n.event.Seq))
	author := desk.Address{Name: e.Rules.Desk.Name, Address: e.Rules.Desk.Address}
	if t := e.Rules.Desk.Technician(strings.TrimPrefix(n.event.Actor, "technician:")); t != nil && t.Name != "" {
		author = desk.Address{Name: t.Name, Address: t.Address()}
		o.From.Name, o.Letter.Assignee = t.Name+" ("+e.Rules.Desk.Name+")", t.Name
	}
	o.Letter.Text, o.Attachments = n.words, n.event.Data.Files
	sent := n.about(desk.ReplySent, "news of incident "+desk.Number(n.incident.Ticket), now)
	sent.Data.MessageID, sent.Data.Outgoing, sent.Data.Recipient = o.MessageID, o.Key, o.To.Address
	said := desk.Message{Ticket: n.child.ID, At: now, Kind: desk.PublicReply, Author: author, MessageID: o.MessageID, Text: n.words}
	return desk.Change{Ticket: n.child, Events: []desk.Event{sent}, Messages: []desk.Message{said}, Outgoing: []desk.Outgoing{o}}, nil
}

// solvedTemplate asks whether the end of an incident is the end of it for a reporter.
const solvedTemplate = "incident-solved"

// askSolved marks a ticket of a solved incident as solved, and asks its customer.
func (e *Engine) askSolved(ctx context.Context, n *news) (desk.Change, error) {
	now := e.Now()
	n.child.Status, n.child.WaitUntil, n.child.Updated = desk.StatusSolved, time.Time{}, now
	solved := n.about(desk.TicketSolved, "incident "+desk.Number(n.incident.Ticket)+" is solved", now)
	change := desk.Change{Ticket: n.child}
	tell, err := e.mayTell(ctx, n.child, n.told)
	if err != nil {
		return change, err
	}
	if tell {
		o := e.Composer.ToCustomer(n.child, desk.SendSolved, fmt.Sprintf("event %d", n.event.Seq))
		o.Letter.Template, o.Letter.Text = solvedTemplate, n.words
		o.Letter.Buttons = []desk.Button{e.Composer.Mailto(&o, "solved", "yes"), e.Composer.Mailto(&o, "notsolved", "no")}
		solved.Data.MessageID, solved.Data.Outgoing, solved.Data.Recipient = o.MessageID, o.Key, o.To.Address
		change.Outgoing = append(change.Outgoing, o)
	}
	change.Events = append(change.Events, solved)
	return change, nil
}
