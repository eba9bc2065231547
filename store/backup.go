package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/pressly/goose/v3"

	"tierdesk/desk"
)

// Backup writes a consistent copy of the database to a new file while writers go
// on. It refuses, with a desk.Refusal, on PostgreSQL, which has its own tools,
// and when the file exists.
func (s *Store) Backup(ctx context.Context, path string) error {
	if s.dialect.goose != goose.DialectSQLite3 {
		return desk.Refuse("use pg_dump to back up a PostgreSQL database")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrExist) {
		return desk.Refuse("%s exists", path)
	}
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err = s.vacuumInto(ctx, path); err == nil {
		err = f.Sync() // SQLite leaves that to the system
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", path, err), os.Remove(path))
	}
	return nil
}

// vacuumInto uses a connection of its own: those of the pool may not write, not
// even another file.
func (s *Store) vacuumInto(ctx context.Context, path string) error {
	db, err := s.dialect.openWriter()
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?1", path)
	return errors.Join(err, db.Close())
}
