package store

import (
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"tierdesk/desk"
)

func TestVerifyFindsTampering(t *testing.T) {
	for _, test := range []struct{ statement, problem string }{
		{`UPDATE events SET because = 'nothing to see' WHERE seq = 2`, "event 2 was changed"},
		{`UPDATE events SET data = '{"doc":"other"}' WHERE seq = 2`, "event 2 was changed"},
		{`DELETE FROM events WHERE seq = 2`, "event 1 is followed by event 3"},
		{`DELETE FROM events WHERE seq = 3`, "event log ends at 2"},
		{`UPDATE raw_chunks SET bytes = CAST('mail 2' AS %BLOB%) WHERE raw = 1`, "mail 1 was changed"},
		{`UPDATE raw_chunks SET bytes = CAST('mail' AS %BLOB%) WHERE raw = 1`, "mail 1 has 4 bytes of 6"},
		{`DELETE FROM raw_chunks WHERE raw = 1`, "mail 1 has 0 bytes of 6"},
		{`UPDATE raws SET category = 'lost' WHERE id = 1`, "mail 1 has an unknown category"},
		{`UPDATE raws SET ticket = 5 WHERE id = 1`, "mail 1 belongs to a ticket that is not there"},
		{`UPDATE raws SET ticket = 0 WHERE id = 1`, "mail 1 opened or joined a ticket that shows no trace of it"},
		{`UPDATE outbox SET state = 'sending' WHERE id = 1`, "outgoing mail 1 is in an impossible state"},
		{`UPDATE outbox SET state = 'accepted', next = NULL WHERE id = 1`, "outgoing mail 1 was accepted, but by no recorded attempt"},
		{`DELETE FROM outbox_letters WHERE id = 2`, "outgoing mail 2 has no letter"},
		{`INSERT INTO followers (name, seq) VALUES ('x', 9)`, "a follower stands at event 9"},
		{`UPDATE head SET ticket = 0`, "ticket 1 is numbered above"},
	} {
		onBoth(t, func(t *testing.T, s *Store) {
			openTicket(t, s)
			sound(t, s)
			blob := map[bool]string{true: "BLOB", false: "BYTEA"}[s.dialect.goose == goose.DialectSQLite3]
			check(t, s.Update(t.Context(), func(tx *Tx) error {
				_, err := tx.exec(strings.ReplaceAll(test.statement, "%BLOB%", blob))
				return err
			}))
			problems := must(s.Verify(t.Context()))
			if !strings.Contains(strings.Join(problems, "\n"), test.problem) {
				t.Errorf("%s: found %q", test.statement, problems)
			}
		})
	}
}

func TestCountsAddUp(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		openTicket(t, s)
		keepMails(t, s, rawMail(2, "two"), rawMail(3, "three"))
		claim(t, s, "a", noon)
		record(t, s, 1, desk.Accepted, noon)
		c := must(s.Counts(ctx))
		if c.Mails[desk.CategoryTicket] != 1 || c.Mails[desk.CategoryPending] != 2 || len(c.Mails) != 2 {
			t.Errorf("mails %v", c.Mails)
		}
		if c.Outgoing[desk.Accepted] != 1 || c.Outgoing[desk.Sending] != 1 || !c.OldestQueued.Equal(noon) {
			t.Errorf("outgoing %v", c)
		}
		if c.Tickets[desk.StatusNew] != 1 || c.Events != 3 {
			t.Errorf("tickets %v, events %d", c.Tickets, c.Events)
		}
	})
}

func TestListsAreFiltered(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		openTicket(t, s)
		openTicket(t, s)
		keepMails(t, s, rawMail(3, "three"))
		two := must(s.Ticket(ctx, 2))
		two.Status, two.Assignee, two.Tier = desk.StatusSolved, "Tech1@hd.test", desk.L3
		apply(t, s, func(*Tx) desk.Change { return desk.Change{Ticket: &two} })
		for _, f := range []TicketFilter{
			{Status: desk.StatusSolved}, {Tier: desk.L3}, {Status: desk.StatusSolved, Tier: desk.L3},
		} {
			if got := must(s.Tickets(ctx, f)); len(got) != 1 || got[0].ID != 2 {
				t.Errorf("tickets %+v: %+v", f, got)
			}
		}
		if got := must(s.OpenTickets(ctx)); len(got) != 1 || got[0].ID != 1 {
			t.Errorf("open tickets: %+v", got)
		}
		for f, want := range map[MailFilter]int{{}: 3, {Category: desk.CategoryPending}: 1, {Category: desk.CategoryTicket}: 2} {
			if got := must(s.Mails(ctx, f)); len(got) != want {
				t.Errorf("mails %+v: %+v", f, got)
			}
		}
		for f, want := range map[OutboxFilter]int{
			{}: 4, {Ticket: 2}: 2, {State: desk.Accepted}: 0, {State: desk.Queued}: 4,
		} {
			if got := must(s.Outbox(ctx, f)); len(got) != want {
				t.Errorf("outbox %+v: %d, want %d", f, len(got), want)
			}
		}
	})
}
