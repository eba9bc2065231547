package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migrations are numbered files that only go forward; a released one is never
// edited.
//
//go:embed migrations
var migrations embed.FS

// migrate brings the tables to this release's version. It refuses a database
// that a newer release has migrated.
func migrate(ctx context.Context, d *dialect, db *sql.DB) error {
	files, err := fs.Sub(migrations, d.migrations)
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithTableName("schema_version")}
	if d.goose == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(d.goose, db, files, options...)
	if err != nil {
		return err
	}
	current, ours, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > ours {
		return fmt.Errorf("schema %d, this release knows %d: %w", current, ours, ErrNewerSchema)
	}
	if current == ours {
		return nil
	}
	_, err = p.Up(ctx)
	return err
}
