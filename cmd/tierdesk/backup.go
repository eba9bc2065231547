package main

import (
	"context"
	"fmt"

	"tierdesk/store"
)

type backupCmd struct {
	File string `arg:"" type:"path" help:"File to write; it must not exist."`
}

// Run writes a copy of the database while the gateway goes on.
func (c backupCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(_ *config, s *store.Store) error {
		if err := s.Backup(ctx, c.File); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "the database was copied to %s\n", c.File)
		return nil
	})
}
