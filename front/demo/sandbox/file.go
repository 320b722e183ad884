package sandbox

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"strongroom/base/db"
)

//go:embed migrations/*.sql
var migrations embed.FS

// errGone says that the request with the same key failed to keep its session; it is to be repeated.
var errGone = errors.New("sandbox: the first request with this key failed")

// open opens the file and reads the newest sessions.
func (s *Server) open(ctx context.Context, path string) error {
	if path == "" {
		return nil
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if s.file, err = db.Open(ctx, db.Options{DSN: "sqlite:" + path, Clock: s.clock, Migrations: files}); err != nil {
		return fmt.Errorf("sandbox: open the file: %w", err)
	}
	var docs []string
	err = s.file.Read(ctx, func(tx *db.Tx) (err error) {
		docs, err = db.All(tx, func(r db.Scanner) (doc string, err error) { err = r.Scan(&doc); return doc, err },
			`SELECT doc FROM sandbox_session ORDER BY made_at DESC, id DESC LIMIT $1`, s.keep)
		return err
	})
	if err != nil {
		return fmt.Errorf("sandbox: read the file: %w", err)
	}
	return s.load(docs)
}

func (s *Server) load(docs []string) error {
	for i := len(docs) - 1; i >= 0; i-- {
		e := &entry{}
		if err := json.Unmarshal([]byte(docs[i]), &e.v); err != nil {
			return fmt.Errorf("sandbox: a session in the file is damaged: %w", err)
		}
		s.byID[e.v.ID], s.starts[e.v.Account+"\x00"+e.v.StartKey] = e, e
		s.list = append(s.list, e)
		s.journal.add(&e.v, 0)
		s.plan(e, e.v.Events)
	}
	return nil
}

// keepSession writes the session; commits of requests that come together are one (see db).
func (s *Server) keepSession(ctx context.Context, v *session) error {
	if s.file == nil {
		return nil
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.file.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO sandbox_session (id, doc, made_at) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET doc = $2`, v.ID, string(doc), v.Made)
		return err
	})
}
