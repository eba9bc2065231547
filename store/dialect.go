package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

// Sizes of the pools of read connections. SQLite's readers are bound by the
// processor, PostgreSQL's wait for the network.
const (
	sqliteReaders   = 4
	postgresReaders = 8
)

// dialect is all that differs between the two databases. SQL text is the same
// for both, with parameters $1, $2 ….
type dialect struct {
	shown       string // the DSN without its password
	migrations  string // folder
	goose       goose.Dialect
	openWriter  func() (*sql.DB, error) // one connection
	openReaders func() (*sql.DB, error)
	session     []string // statements that a new writing connection runs first
	begin       string
	readHead    string
	rewrite     func(text string) string
	// fatal reports an error after which the database must not be written any
	// more by this process.
	fatal func(error) bool
	// doubtful reports an error of COMMIT that leaves open what happened.
	doubtful  func(error) bool
	network   bool           // the connection can be lost, so waiting has a deadline
	snapshot  *sql.TxOptions // of a transaction that only reads
	integrity []string       // statements that check the database's own structure
}

func parseDSN(dsn, password string) (*dialect, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok && path != "" {
		return sqliteDialect(path), nil
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return postgresDialect(dsn, password)
	}
	return nil, errors.New(`the DSN must be "sqlite:PATH" or "postgres://user@host/database"`)
}

// SQLite's page cache is negative kibibytes. The checkpoint limit is pages of
// 16 KiB: larger means fewer flushes of the main file while mail pours in.
var sqliteSession = []string{
	"PRAGMA cache_size = -32768",
	"PRAGMA temp_store = MEMORY",
	"PRAGMA wal_autocheckpoint = 2048",
	"PRAGMA journal_size_limit = 67108864",
}

func sqliteDialect(path string) *dialect {
	file := (&url.URL{Path: path}).EscapedPath()
	return &dialect{
		shown: "sqlite:" + path, migrations: "migrations/sqlite", goose: goose.DialectSQLite3,
		openWriter: func() (*sql.DB, error) {
			if err := createSQLite(path, file); err != nil {
				return nil, err
			}
			return openSQLite(file+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_foreign_keys=1", 1)
		},
		openReaders: func() (*sql.DB, error) {
			return openSQLite(file+"?mode=ro&_query_only=1&_cache_size=-8192", sqliteReaders)
		},
		session: sqliteSession,
		begin:   "BEGIN IMMEDIATE", readHead: selectHead,
		rewrite: numbered, fatal: sqliteFatal, doubtful: sqliteFatal,
		snapshot: &sql.TxOptions{},
		integrity: []string{
			"PRAGMA integrity_check",
			`SELECT 'row of ' || "table" || ' refers to a missing row of ' || parent FROM pragma_foreign_key_check`,
		},
	}
}

// createSQLite makes sure that the file exists. It holds mail: nobody else reads
// it. SQLite gives its side files the same mode.
//
// A new database gets pages of 16 KiB, which must be said before anything is
// written: the bytes of a mail are then a quarter of the reads and writes.
func createSQLite(path, escaped string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil || info.Size() > 0 {
		return err
	}
	db, err := openSQLite(escaped+"?_synchronous=FULL", 1)
	if err != nil {
		return err
	}
	for _, text := range []string{"PRAGMA page_size = 16384", "PRAGMA journal_mode = WAL"} {
		if _, err = db.Exec(text); err != nil {
			break
		}
	}
	return errors.Join(err, db.Close())
}

func openSQLite(dsn string, conns int) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+dsn+"&_busy_timeout=5000")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

var dollar = regexp.MustCompile(`\$(\d+)`)

// numbered turns $1 into ?1: SQLite takes $1 for a name, which the driver binds
// by the order of first appearance.
func numbered(text string) string { return dollar.ReplaceAllString(text, "?$1") }

// sqliteFatal reports a failed flush, after which the kernel may have dropped
// the pages and a second try would seem to succeed, and a damaged file.
func sqliteFatal(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.ExtendedCode {
	case sqlite3.ErrIoErrFsync, sqlite3.ErrIoErrDirFsync:
		return true
	}
	return e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB
}

func postgresDialect(dsn, password string) (*dialect, error) {
	conf, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the PostgreSQL DSN: %w", err) // pgx hides the password
	}
	if conf.Password == "" {
		conf.Password = password
	}
	conf.RuntimeParams["application_name"] = "tierdesk"
	conf.RuntimeParams["synchronous_commit"] = "on"
	readers := conf.Copy()
	readers.RuntimeParams["default_transaction_read_only"] = "on"
	return &dialect{
		shown:      fmt.Sprintf("postgres://%s@%s:%d/%s", conf.User, conf.Host, conf.Port, conf.Database),
		migrations: "migrations/postgres", goose: goose.DialectPostgres,
		openWriter:  func() (*sql.DB, error) { return openPostgres(*conf, 1), nil },
		openReaders: func() (*sql.DB, error) { return openPostgres(*readers, postgresReaders), nil },
		begin:       "BEGIN", readHead: selectHead + " FOR UPDATE",
		rewrite:  func(text string) string { return text },
		fatal:    func(error) bool { return false },
		doubtful: postgresDoubtful, network: true,
		snapshot: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	}, nil
}

// postgresDoubtful reports everything but the server's own refusal. A server
// that is shut down while it commits (class 57P) refuses nothing.
func postgresDoubtful(err error) bool {
	var refused *pgconn.PgError
	return !errors.As(err, &refused) || strings.HasPrefix(refused.Code, "57P")
}

func openPostgres(conf pgx.ConnConfig, conns int) *sql.DB {
	db := stdlib.OpenDB(conf)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db
}
