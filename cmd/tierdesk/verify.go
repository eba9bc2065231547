package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
	"tierdesk/tiers"
)

type verifyCmd struct {
	JSON bool `name:"json" help:"One JSON object."`
}

// Run checks the database: the event chain, stored mail against its hashes, counts
// and references, and every clock and breach against the events. It fails when
// anything is wrong.
func (c verifyCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(cfg *config, s *store.Store) error {
		problems, err := s.Verify(ctx)
		if err != nil {
			return err
		}
		wrong, err := auditClocks(ctx, cfg, s)
		if err != nil {
			return err
		}
		problems = append(problems, wrong...)
		counts, err := s.Counts(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			line := struct {
				OK       bool                    `json:"ok"`
				Problems []string                `json:"problems"`
				Mails    map[desk.Category]int64 `json:"mails"`
				Outgoing map[desk.Delivery]int64 `json:"outgoing"`
				Tickets  map[desk.Status]int64   `json:"tickets"`
				Events   int64                   `json:"events"`
			}{len(problems) == 0, append([]string{}, problems...), counts.Mails, counts.Outgoing, counts.Tickets, counts.Events}
			if err := jsonLines(std.out, []any{line}); err != nil {
				return err
			}
		} else {
			for _, p := range problems {
				fmt.Fprintln(std.out, desk.OneLine(p))
			}
			fmt.Fprintf(std.out, "mail: %s\noutgoing: %s\ntickets: %s\nevents: %d\n", total(counts.Mails), total(counts.Outgoing), total(counts.Tickets), counts.Events)
		}
		if len(problems) > 0 {
			return fmt.Errorf("verify: %d problems", len(problems))
		}
		if !c.JSON {
			fmt.Fprintln(std.out, "everything adds up")
		}
		return nil
	})
}

// maxClockProblems bounds what is listed; a wrong version of the rules makes every
// ticket one.
const maxClockProblems = 20

// auditClocks computes all clocks again, by the rules of their time.
func auditClocks(ctx context.Context, c *config, s *store.Store) (problems []string, err error) {
	rules, err := rulesInForce(ctx, c, s)
	if err != nil {
		return nil, err
	}
	more := 0
	err = s.EachHistory(ctx, tiers.Follower, time.Time{}, func(h desk.History, followed int64) error {
		for _, p := range rules.Audit(h.Ticket.ID, h.Events, h.Clocks, followed) {
			if len(problems) == maxClockProblems {
				more++
				continue
			}
			problems = append(problems, p)
		}
		return nil
	})
	if more > 0 {
		problems = append(problems, fmt.Sprintf("%d more problems of clocks", more))
	}
	return problems, err
}

// total prints counts as "12 (3 append, 9 ticket)".
func total[K ~string](counts map[K]int64) string {
	sum, list := int64(0), ""
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		sum += counts[k]
		if list != "" {
			list += ", "
		}
		list += fmt.Sprintf("%d %s", counts[k], k)
	}
	return fmt.Sprintf("%d (%s)", sum, list)
}
