package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tierdesk/desk"
	"tierdesk/store"
)

type verifyCmd struct {
	JSON bool `name:"json" help:"One JSON object."`
}

// Run checks the database: the event chain, stored mail against its hashes, counts
// and references. It fails when anything is wrong.
func (c verifyCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		problems, err := s.Verify(ctx)
		if err != nil {
			return err
		}
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
