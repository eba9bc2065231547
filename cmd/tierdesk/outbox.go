package main

import (
	"context"
	"fmt"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

// outboxCmd holds the commands about outgoing mail.
type outboxCmd struct {
	List   outboxListCmd   `cmd:"" help:"List outgoing mail per recipient, with its state and the last reply."`
	Retry  outboxRetryCmd  `cmd:"" help:"Send a deferred, unknown or refused mail now."`
	Cancel outboxCancelCmd `cmd:"" help:"Never send a mail that was not sent yet."`
}

// outgoingJSON is an outgoing mail as scripts read it.
type outgoingJSON struct {
	ID        int64             `json:"id"`
	MessageID string            `json:"message_id"`
	To        string            `json:"to"`
	Kind      desk.OutgoingKind `json:"kind"`
	Subject   string            `json:"subject"`
	Ticket    *desk.TicketID    `json:"ticket"`
	State     desk.Delivery     `json:"state"`
	Attempts  int               `json:"attempts"`
	Created   *time.Time        `json:"created"`
	Next      *time.Time        `json:"next"`
	LastReply string            `json:"last_reply"`
}

type outboxListCmd struct {
	JSON  bool   `name:"json" help:"One JSON object per mail."`
	State string `help:"Only mail in this state." enum:",queued,sending,accepted,deferred,refused,unknown,cancelled" default:""`
}

// Run lists outgoing mail in the order in which it was queued.
func (c outboxListCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		items, err := s.Outbox(ctx, store.OutboxFilter{State: desk.Delivery(c.State)})
		if err != nil {
			return err
		}
		if !c.JSON {
			t := newTable(std.out, "ID", "STATE", "TRIES", "NEXT", "KIND", "TO", "SUBJECT", "LAST REPLY")
			for _, o := range items {
				t.row(o.ID, o.State, o.Attempts, clock(o.Next), o.Outgoing.Kind, o.Outgoing.To.Address, o.Outgoing.Subject, o.Reply)
			}
			return t.w.Flush()
		}
		out := make([]outgoingJSON, len(items))
		for i := range items {
			o := &items[i]
			out[i] = outgoingJSON{
				o.ID, o.Outgoing.MessageID, o.Outgoing.To.Address, o.Outgoing.Kind, o.Outgoing.Subject, nil,
				o.State, o.Attempts, stamp(o.Created), stamp(o.Next), o.Reply,
			}
			if o.Outgoing.Ticket != 0 {
				out[i].Ticket = &o.Outgoing.Ticket
			}
		}
		return jsonLines(std.out, out)
	})
}

type outboxRetryCmd struct {
	ID int64 `arg:"" help:"Number of the mail, see outbox list."`
}

// Run makes the mail due now.
func (c outboxRetryCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		if err := s.RetryOutgoing(ctx, c.ID, time.Now()); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "outgoing mail %d is sent within half a minute, or when tierdesk serves next\n", c.ID)
		return nil
	})
}

type outboxCancelCmd struct {
	ID int64 `arg:"" help:"Number of the mail, see outbox list."`
}

// Run cancels the mail.
func (c outboxCancelCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		if err := s.CancelOutgoing(ctx, c.ID); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "outgoing mail %d will not be sent\n", c.ID)
		return nil
	})
}
