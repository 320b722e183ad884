package db

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path"
	"regexp"
	"strings"
	"testing/fstest" // MapFS, an in-memory file system

	"github.com/pressly/goose/v3"
)

// ErrNewer says that the database was written by a newer version of the program. Nothing was changed.
var ErrNewer = fmt.Errorf("db: the database was written by a newer version of the program")

// migrate brings the database to the newest version of the history, the files 0001_name.sql and so on in files.
//
// A file is written in SQLite's words (STRICT tables, TEXT, INTEGER, BLOB) and translated for PostgreSQL when it is
// read. What cannot be shared stands between "-- engine: sqlite", "-- engine: postgres" and "-- engine: both" lines.
// The history only moves forward.
func migrate(ctx context.Context, sqldb *sql.DB, e Engine, files fs.FS) error {
	translated, err := translate(files, e)
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if e == Postgres {
		dialect = goose.DialectPostgres
	}
	unlock, err := advisory(ctx, sqldb, e, lockMigrate)
	if err != nil {
		return err
	}
	defer unlock()
	p, err := goose.NewProvider(dialect, sqldb, translated, goose.WithTableName("db_version"),
		goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("db: read the migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return classify(fmt.Errorf("db: read the version: %w", err))
	}
	if have > want {
		return fmt.Errorf("%w (version %d, this program knows %d)", ErrNewer, have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return classify(fmt.Errorf("db: migrate: %w", err))
	}
	return nil
}

func translate(files fs.FS, e Engine) (fs.FS, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	out := fstest.MapFS{}
	for _, name := range names {
		f, err := files.Open(name)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(f)
		_ = f.Close()
		if err != nil {
			return nil, err
		}
		out[path.Base(name)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + Translate(string(b), e))}
	}
	return out, nil
}

var (
	columnText    = regexp.MustCompile(`\bTEXT\b`)
	columnInteger = regexp.MustCompile(`\bINTEGER\b`)
	columnBlob    = regexp.MustCompile(`\bBLOB\b`)
	tableEnd      = regexp.MustCompile(`\)\s*(STRICT|WITHOUT ROWID)(\s*,\s*(STRICT|WITHOUT ROWID))?\s*;`)
)

// Translate keeps what is meant for the engine and, for PostgreSQL, rewrites types and table options.
func Translate(ddl string, e Engine) string {
	var b strings.Builder
	section := "both"
	for line := range strings.Lines(ddl) {
		if s, ok := strings.CutPrefix(strings.TrimSpace(line), "-- engine: "); ok {
			section = strings.TrimSpace(s)
			continue
		}
		switch {
		case section == "both" && e == Postgres:
			b.WriteString(toPostgres(line))
		case section == "both" || section == string(e):
			b.WriteString(line)
		}
	}
	return b.String()
}

func toPostgres(line string) string {
	line, comment, has := strings.Cut(line, "--")
	line = columnText.ReplaceAllString(line, `TEXT COLLATE "C"`)
	line = columnInteger.ReplaceAllString(line, "BIGINT")
	line = columnBlob.ReplaceAllString(line, "BYTEA")
	line = tableEnd.ReplaceAllString(line, ");")
	if has {
		line += "--" + comment
	}
	return line
}
