package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tierdesk/mailin"
	"tierdesk/store"
)

type reconcileCmd struct {
	JSON bool `name:"json" help:"One JSON object per mailbox."`
}

// Run takes stock of every mailbox on its server and compares that with the database.
// It fails when a mail of the server is unaccounted for, or a server cannot be asked.
func (c reconcileCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(cfg *config, s *store.Store) error {
		var errs []error
		for _, m := range cfg.Mailboxes {
			st, inv, err := cfg.reconcile(ctx, m, s)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if n := len(st.Unaccounted); n > 0 {
				errs = append(errs, fmt.Errorf("mailbox %s: %d mails are unaccounted for", m.Name, n))
			}
			if c.JSON {
				errs = append(errs, jsonLines(std.out, []any{st}))
				continue
			}
			printStatement(std, st, inv)
		}
		return errors.Join(errs...)
	})
}

// reconcile compares one mailbox with the database.
func (c *config) reconcile(ctx context.Context, m mailboxConfig, s *store.Store) (mailin.Statement, mailin.Inventory, error) {
	fetch := c.fetcherConfig(m)
	var err error
	if fetch.TLS, err = c.clientTLS(m.CAFile); err != nil {
		return mailin.Statement{}, mailin.Inventory{}, err
	}
	inv, err := mailin.TakeInventory(ctx, fetch)
	if err != nil {
		return mailin.Statement{}, inv, err
	}
	cur, err := s.Cursor(ctx, m.Name)
	if err != nil {
		return mailin.Statement{}, inv, err
	}
	mails, err := s.Mails(ctx, store.MailFilter{Mailbox: m.Name})
	if err != nil {
		return mailin.Statement{}, inv, err
	}
	return inv.Reconcile(cur, mails), inv, nil
}

func printStatement(std streams, st mailin.Statement, inv mailin.Inventory) {
	fmt.Fprintf(std.out, "mailbox %s:", st.Mailbox)
	for i := range inv.Folders {
		fmt.Fprintf(std.out, " %d in %s,", inv.Folders[i].Len(), inv.Folders[i].Name)
	}
	fmt.Fprintf(std.out, " %d gone from there\n  %6d committed\n  %6d ignored, each with its reason\n  %6d quarantined, each with its reason\n"+
		"  %6d waiting\n  %6d from before the first connection\n  %6d unaccounted\n  %6d in all\n",
		st.Gone, st.Committed, st.Ignored, st.Quarantined, st.Waiting, st.Before, len(st.Unaccounted), st.Seen())
	for _, u := range st.Unaccounted {
		fmt.Fprintf(std.out, "  unaccounted: %s uid %d of %s, %d bytes\n", u.Folder, u.UID, u.Date.Format(time.RFC3339), u.Size)
	}
}
