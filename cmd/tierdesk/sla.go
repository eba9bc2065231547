package main

import (
	"context"
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
		messages, err := s.Messages(ctx, desk.TicketID(c.Ticket))
		if err != nil {
			return err
		}
		statement := rules.Statement(events, messages, time.Now())
		if c.JSON {
			return jsonLines(std.out, []tiers.Statement{statement})
		}
		_, err = fmt.Fprint(std.out, statement)
		return err
	})
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
