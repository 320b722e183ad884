package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrFull says that the disk below the database is full. Nothing was written.
	ErrFull = errors.New("db: the disk is full")
	// ErrUnavailable says that the database does not answer. Whether a commit that was under way happened is unknown.
	ErrUnavailable = errors.New("db: the database does not answer")
	// ErrBusy says that another process holds the database.
	ErrBusy = errors.New("db: the database is in use by another process")
	// ErrCorrupt says that the file is damaged or no database.
	ErrCorrupt = errors.New("db: the file is damaged or no database")
	// ErrNotWritable says that the file or its folder may not be written or opened.
	ErrNotWritable = errors.New("db: the file cannot be opened or written")
)

// IsUnique says whether err is the violation of a unique key.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) &&
		(lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// IsNoRows says whether err is that of an empty Row.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// classify adds one of this package's errors to a driver's, so that callers need not know the engine.
func classify(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if kind := kindOf(err); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%w: %w", kind, err)
	}
	return err
}

func kindOf(err error) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return sqliteKind(lite.Code())
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "53100":
			return ErrFull
		case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "57P"), pg.Code == "53300", pg.Code == "25006":
			return ErrUnavailable
		}
		return nil
	}
	var ne net.Error
	var ce *pgconn.ConnectError
	if errors.As(err, &ce) || errors.As(err, &ne) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) {
		return ErrUnavailable // the server is gone, or went while it answered
	}
	return nil
}

func sqliteKind(code int) error {
	switch code & 0xff {
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrCorrupt
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return ErrNotWritable
	case sqlite3.SQLITE_IOERR:
		return ErrUnavailable
	}
	return nil
}
