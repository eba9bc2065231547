package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
	"tierdesk/triage"
)

// ticketCmd holds the commands that show tickets.
type ticketCmd struct {
	List ticketListCmd `cmd:"" help:"List tickets."`
	Show ticketShowCmd `cmd:"" help:"Show one ticket and its conversation."`
	Log  ticketLogCmd  `cmd:"" help:"Show one ticket's events."`

	Revoke ticketRevokeCmd `cmd:"" help:"Let no mail join a ticket any more, by whatever address or Message-ID."`
}

// ticketJSON is a ticket as scripts read it.
type ticketJSON struct {
	ID        desk.TicketID    `json:"id"`
	Number    string           `json:"number"`
	Subject   string           `json:"subject"`
	Requester string           `json:"requester"`
	Status    desk.Status      `json:"status"`
	Tier      desk.Level       `json:"tier"`
	Priority  desk.Priority    `json:"priority"`
	Category  string           `json:"category"`
	Assignee  string           `json:"assignee"`
	Created   *time.Time       `json:"created"`
	Updated   *time.Time       `json:"updated"`
	WaitUntil *time.Time       `json:"wait_until"`  // end of a snooze or a wait, or null
	Merged    desk.TicketID    `json:"merged_into"` // the ticket that goes on for it, or 0
	Due       dueJSON          `json:"due"`
	Breached  []desk.ClockKind `json:"breached"`
	Messages  int              `json:"messages"`
}

// dueJSON holds when the running promises are due; null: not running.
type dueJSON struct {
	FirstResponse *time.Time `json:"first_response"`
	NextResponse  *time.Time `json:"next_response"`
	Resolution    *time.Time `json:"resolution"`
}

// describeTicket builds a ticket's JSON of the row, what was said and its clocks.
func describeTicket(t *desk.Ticket, messages []desk.Message, clocks []desk.Clock) ticketJSON {
	j := ticketJSON{
		ID: t.ID, Number: desk.Number(t.ID), Subject: t.Subject, Requester: t.Requester.Address, Status: t.Status,
		Tier: t.Tier, Priority: t.Priority, Category: t.Category, Assignee: t.Assignee,
		Created: stamp(t.Created), Updated: stamp(t.Updated), WaitUntil: stamp(t.WaitUntil), Merged: t.MergedInto, Breached: breached(clocks), Messages: len(messages),
	}
	for _, c := range clocks {
		if c.State != desk.ClockRunning && c.State != desk.ClockBreached {
			continue
		}
		switch c.Kind {
		case desk.FirstResponse:
			j.Due.FirstResponse = stamp(c.Due)
		case desk.NextResponse:
			j.Due.NextResponse = stamp(c.Due)
		case desk.Resolution:
			j.Due.Resolution = stamp(c.Due)
		}
	}
	return j
}

// breached returns the kinds of the clocks that were broken; not nil.
func breached(clocks []desk.Clock) []desk.ClockKind {
	kinds := []desk.ClockKind{}
	for _, c := range clocks {
		if c.State == desk.ClockBreached {
			kinds = append(kinds, c.Kind)
		}
	}
	return kinds
}

// readTicket reads what describeTicket needs beside the row.
func readTicket(ctx context.Context, s *store.Store, id desk.TicketID) ([]desk.Message, []desk.Clock, error) {
	messages, err := s.Messages(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	clocks, err := s.Clocks(ctx, id)
	return messages, clocks, err
}

type ticketListCmd struct {
	JSON   bool   `name:"json" help:"One JSON object per ticket."`
	Status string `help:"Only tickets with this status." enum:",new,open,waiting,solved,closed" default:""`
	Tier   int    `help:"Only tickets of this tier."`
}

// Run lists tickets, the newest first.
func (c ticketListCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		tickets, err := s.Tickets(ctx, store.TicketFilter{Status: desk.Status(c.Status), Tier: desk.Level(c.Tier)})
		if err != nil {
			return err
		}
		if !c.JSON {
			t := newTable(std.out, "TICKET", "STATUS", "TIER", "PRIO", "CATEGORY", "ASSIGNEE", "UPDATED", "REQUESTER", "SUBJECT")
			for _, k := range tickets {
				t.row(desk.Number(k.ID), k.Status, k.Tier, k.Priority, k.Category, orDash(k.Assignee), clock(k.Updated), k.Requester.Address, k.Subject)
			}
			return t.w.Flush()
		}
		out := make([]ticketJSON, len(tickets))
		for i := range tickets {
			messages, clocks, err := readTicket(ctx, s, tickets[i].ID)
			if err != nil {
				return err
			}
			out[i] = describeTicket(&tickets[i], messages, clocks)
		}
		return jsonLines(std.out, out)
	})
}

// messageJSON is one message of a conversation as scripts read it.
type messageJSON struct {
	At        *time.Time       `json:"at"`
	Kind      desk.MessageKind `json:"kind"`
	From      string           `json:"from"`
	Mail      desk.RawID       `json:"mail"`
	MessageID string           `json:"message_id"`
	Text      string           `json:"text"`
}

type ticketShowCmd struct {
	Ticket ticketArg `arg:"" help:"Ticket number."`
	JSON   bool      `name:"json" help:"One JSON object."`
}

// Run shows a ticket with everything that was said.
func (c ticketShowCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		t, err := s.Ticket(ctx, desk.TicketID(c.Ticket))
		if err != nil {
			return err
		}
		messages, clocks, err := readTicket(ctx, s, t.ID)
		if err != nil {
			return err
		}
		j := describeTicket(&t, messages, clocks)
		if !c.JSON {
			showTicket(std.out, &t, &j, messages)
			return nil
		}
		full := struct {
			ticketJSON
			Conversation []messageJSON `json:"conversation"`
		}{j, make([]messageJSON, len(messages))}
		for i, m := range messages {
			full.Conversation[i] = messageJSON{stamp(m.At), m.Kind, m.Author.Address, m.Raw, m.MessageID, m.Text}
		}
		return jsonLines(std.out, []any{full})
	})
}

func showTicket(w io.Writer, t *desk.Ticket, j *ticketJSON, messages []desk.Message) {
	fmt.Fprintf(w, "%s  %s\n", desk.Number(t.ID), desk.OneLine(t.Subject))
	fmt.Fprintf(w, "%s, %s, %s, %s; requester %s; assignee %s\n", t.Status, t.Tier, t.Priority, t.Category,
		desk.OneLine(t.Requester.Address), orDash(t.Assignee))
	for _, d := range []struct {
		name string
		at   *time.Time
	}{{"first response", j.Due.FirstResponse}, {"next response", j.Due.NextResponse}, {"resolution", j.Due.Resolution}} {
		if d.at != nil {
			fmt.Fprintf(w, "%s due %s\n", d.name, clock(*d.at))
		}
	}
	if t.MergedInto != 0 {
		fmt.Fprintf(w, "goes on as %s\n", desk.Number(t.MergedInto))
	}
	if !t.WaitUntil.IsZero() {
		fmt.Fprintf(w, "rests until %s\n", clock(t.WaitUntil))
	}
	for _, k := range j.Breached {
		fmt.Fprintf(w, "breached: %s\n", k)
	}
	for _, m := range messages {
		fmt.Fprintf(w, "\n--- %s  %s  %s\n", clock(m.At), m.Kind, desk.OneLine(m.Author.Address))
		fmt.Fprintln(w, strings.TrimSpace(desk.Printable(m.Text)))
	}
}

// eventJSON is an event as scripts read it.
type eventJSON struct {
	Seq      int64          `json:"seq"`
	Ticket   desk.TicketID  `json:"ticket"`
	At       *time.Time     `json:"at"`
	Occurred *time.Time     `json:"occurred"`
	Type     desk.EventType `json:"type"`
	Actor    string         `json:"actor"`
	Because  string         `json:"because"`
	Mail     desk.RawID     `json:"mail"`
	Data     desk.EventData `json:"data"`
	Hash     string         `json:"hash"`
}

type ticketLogCmd struct {
	Ticket ticketArg `arg:"" help:"Ticket number."`
	JSON   bool      `name:"json" help:"One JSON object per event."`
}

// Run lists the events of a ticket in their order.
func (c ticketLogCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		events, err := ticketEvents(ctx, s, desk.TicketID(c.Ticket))
		if err != nil {
			return err
		}
		if !c.JSON {
			t := newTable(std.out, "SEQ", "AT", "EVENT", "ACTOR", "BECAUSE")
			for _, e := range events {
				t.row(e.Seq, clock(e.At), e.Type, e.Actor, e.Because)
			}
			return t.w.Flush()
		}
		out := make([]eventJSON, len(events))
		for i, e := range events {
			out[i] = eventJSON{e.Seq, e.Ticket, stamp(e.At), stamp(e.Occurred), e.Type, e.Actor, e.Because, e.Raw, e.Data, e.Hash}
		}
		return jsonLines(std.out, out)
	})
}

func ticketEvents(ctx context.Context, s *store.Store, id desk.TicketID) ([]desk.Event, error) {
	if _, err := s.Ticket(ctx, id); err != nil {
		return nil, err
	}
	return s.TicketEvents(ctx, id)
}

type whyCmd struct {
	Ticket ticketArg `arg:"" help:"Ticket number."`
	JSON   bool      `name:"json" help:"One JSON object per decision."`
}

// Run explains every decision about a ticket: what was decided, for which reason,
// because of which mail, and what else was looked at.
func (c whyCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		events, err := ticketEvents(ctx, s, desk.TicketID(c.Ticket))
		if err != nil {
			return err
		}
		if c.JSON {
			enc := json.NewEncoder(std.out)
			for _, e := range events {
				line := struct {
					At      *time.Time     `json:"at"`
					What    desk.EventType `json:"what"`
					Actor   string         `json:"actor"`
					Because string         `json:"because"`
					Mail    desk.RawID     `json:"mail"`
					Trace   []string       `json:"trace"`
				}{stamp(e.At), e.Type, e.Actor, e.Because, e.Raw, append([]string{}, e.Data.Trace...)}
				if err := enc.Encode(line); err != nil {
					return err
				}
			}
			return nil
		}
		_, err = io.WriteString(std.out, triage.Explain(events, time.Local))
		return err
	})
}

type ticketRevokeCmd struct {
	Ticket ticketArg `arg:"" help:"Number of the ticket."`
	Undo   bool      `help:"Let mail join it again."`
}

// Run revokes the ticket's addresses. A gateway that runs meanwhile minds that with the
// next mail.
func (c ticketRevokeCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		now := time.Now()
		because, result := "by an operator", "no mail joins ticket %s any more; what comes opens a new one\n"
		if c.Undo {
			because, result = "undone by an operator", "mail joins ticket %s again\n"
		}
		err := s.Update(ctx, func(tx *store.Tx) error {
			t, err := tx.Ticket(ctx, desk.TicketID(c.Ticket))
			if err != nil {
				return err
			}
			t.Revoked, t.Updated = !c.Undo, now
			e := desk.NewEvent(t.ID, desk.TicketRevoked, "operator", because, now)
			e.Data.Status = t.Status
			return tx.Apply(ctx, desk.Change{Ticket: &t, Events: []desk.Event{e}})
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, result, desk.Number(desk.TicketID(c.Ticket)))
		return nil
	})
}
