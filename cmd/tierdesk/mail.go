package main

import (
	"context"
	"fmt"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

// mailCmd holds the commands about mail that came in.
type mailCmd struct {
	List  mailListCmd  `cmd:"" help:"List every mail that came in, with what became of it and why."`
	Show  mailShowCmd  `cmd:"" help:"Print the raw bytes of a mail."`
	Retry mailRetryCmd `cmd:"" help:"Decide a quarantined mail again."`
}

// mailJSON is an incoming mail as scripts read it.
type mailJSON struct {
	ID        desk.RawID     `json:"id"`
	Mailbox   string         `json:"mailbox"`
	UID       uint32         `json:"uid"`
	Received  *time.Time     `json:"received"`
	MessageID string         `json:"message_id"`
	From      string         `json:"from"`
	Subject   string         `json:"subject"`
	Size      int64          `json:"size"`
	SHA256    string         `json:"sha256"`
	Category  desk.Category  `json:"category"`
	Reason    string         `json:"reason"`
	Ticket    *desk.TicketID `json:"ticket"`
}

type mailListCmd struct {
	JSON     bool   `name:"json" help:"One JSON object per mail."`
	Category string `help:"Only mail of this category." enum:",ticket,append,ignored-auto,bounce,quarantine,pending" default:""`
}

// Run lists mail in the order in which it was kept.
func (c mailListCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		mails, err := s.Mails(ctx, store.MailFilter{Category: desk.Category(c.Category)})
		if err != nil {
			return err
		}
		if !c.JSON {
			t := newTable(std.out, "ID", "RECEIVED", "CATEGORY", "TICKET", "FROM", "SUBJECT", "REASON")
			for _, m := range mails {
				t.row(m.ID, clock(m.Received), categoryOf(&m), ticketOf(&m), m.From, m.Subject, m.Reason)
			}
			return t.w.Flush()
		}
		out := make([]mailJSON, len(mails))
		for i := range mails {
			m := &mails[i]
			out[i] = mailJSON{
				m.ID, m.Mailbox, m.UID, stamp(m.Received), m.MessageID, m.From, m.Subject,
				m.Size, m.SHA256, categoryOf(m), m.Reason, nil,
			}
			if m.Ticket != 0 {
				out[i].Ticket = &m.Ticket
			}
		}
		return jsonLines(std.out, out)
	})
}

func categoryOf(m *desk.Raw) desk.Category {
	if m.Category == "" {
		return desk.CategoryPending
	}
	return m.Category
}

func ticketOf(m *desk.Raw) string {
	if m.Ticket == 0 {
		return "-"
	}
	return desk.Number(m.Ticket)
}

type mailShowCmd struct {
	ID int64 `arg:"" help:"Number of the mail, see mail list."`
}

// Run writes the bytes as they came.
func (c mailShowCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		if _, err := s.Raw(ctx, desk.RawID(c.ID)); err != nil {
			return err
		}
		b, err := s.RawBytes(ctx, desk.RawID(c.ID))
		if err != nil {
			return err
		}
		if isTerminal(std.out) { // a stranger's bytes must not steer the terminal
			b = []byte(desk.Printable(string(b)))
		}
		_, err = std.out.Write(b)
		return err
	})
}

type mailRetryCmd struct {
	ID int64 `arg:"" help:"Number of the quarantined mail."`
}

// Run hands the mail back to the intake of the running gateway, or of the next.
func (c mailRetryCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		if err := s.Unsettle(ctx, desk.RawID(c.ID)); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "mail %d is decided again within seconds, or when tierdesk serves next\n", c.ID)
		return nil
	})
}
