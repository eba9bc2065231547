package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
	"tierdesk/tiers"
)

type slaCmd struct {
	Ticket ticketArg `arg:"" help:"Ticket number."`
	JSON   bool      `name:"json" help:"One JSON object; durations are in seconds."`
}

// Run accounts for a ticket's time by the rules that were in force.
func (c slaCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(cfg *config, s *store.Store) error {
		rules, err := rulesInForce(ctx, cfg, s)
		if err != nil {
			return err
		}
		events, err := ticketEvents(ctx, s, desk.TicketID(c.Ticket))
		if err != nil {
			return err
		}
		statement, err := statement(ctx, s, rules, events, time.Now())
		if err != nil {
			return err
		}
		if c.JSON {
			return jsonLines(std.out, []tiers.Statement{statement})
		}
		_, err = fmt.Fprint(std.out, statement)
		return err
	})
}

// mailReader gives out what is known of a stored mail.
type mailReader interface {
	Raw(ctx context.Context, id desk.RawID) (desk.Raw, error)
}

// statement accounts for a ticket's time, with the Message-IDs of its mails.
func statement(ctx context.Context, s mailReader, rules *tiers.Rules, events []desk.Event, now time.Time) (tiers.Statement, error) {
	ids := map[desk.RawID]string{}
	for _, e := range events {
		if _, known := ids[e.Raw]; known || e.Raw == 0 {
			continue
		}
		raw, err := s.Raw(ctx, e.Raw)
		if err != nil && !errors.Is(err, desk.ErrNotFound) { // a mail may be erased; its ticket's time stands
			return tiers.Statement{}, err
		}
		ids[e.Raw] = raw.MessageID
	}
	return rules.Statement(events, func(id desk.RawID) string { return ids[id] }, now), nil
}

// rulesInForce returns the rules that the gateway counts by, with those before
// them: as it kept them, whatever the configuration says by now.
func rulesInForce(ctx context.Context, c *config, s *store.Store) (*tiers.Rules, error) {
	d, err := c.deskValue()
	if err != nil {
		return nil, err
	}
	rules, err := c.tierRules(d)
	if err != nil {
		return nil, err
	}
	kept, err := s.RulesVersions(ctx)
	if err != nil {
		return nil, err
	}
	return tiers.InForce(rules, kept)
}
