package main

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// watched starts a store whose private listener is a socket that "health" can be pointed at.
func watched(t *testing.T, config string, env ...string) (s *server, health func(args ...string) result) {
	t.Helper()
	env = append(env, "STRONGROOM_SERVER_PRIVATE_LISTEN=unix:"+filepath.Join(t.TempDir(), "inside"))
	s = startServe(t, config, env...)
	return s, func(args ...string) result {
		return output(t, env, append([]string{"health", "-c", config}, args...)...)
	}
}

// Ready means that both databases answer and have this program's version; alive is another question. A newer process
// that has changed a shared database makes this one not ready, and it still lives.
func TestReadyIsNotAlive(t *testing.T) {
	for _, e := range dbtest.Engines() {
		config := initStore(t)
		var env []string
		data := "sqlite:" + filepath.Join(filepath.Dir(config), "data", "data.db")
		if e == db.Postgres {
			data = dbtest.DSN(t, e, "data")
			env = []string{"STRONGROOM_DATA_DATABASE=" + data, "STRONGROOM_DATA_KEY_DATABASE=" + dbtest.DSN(t, e, "keys")}
		}
		s, health := watched(t, config, env...)
		health().expect(t, exitDone, "ready")
		health("--live").expect(t, exitDone, "alive")
		behind(t, data, `INSERT INTO db_version (version_id, is_applied) VALUES (9000, `+map[db.Engine]string{db.SQLite: "1", db.Postgres: "true"}[e]+`)`)
		health().expect(t, exitFailed, "the database was changed by another version")
		health("--live").expect(t, exitDone, "alive")
		behind(t, data, `DELETE FROM db_version WHERE version_id = 9000`)
		health().expect(t, exitDone, "ready")
		s.stop(t)
		health().expect(t, exitFailed, "no store answers", "strongroom serve")
	}
}

// behind changes a database behind the store's back.
func behind(t *testing.T, dsn, statement string, args ...any) {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{DSN: dsn, Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(statement, args...); return err }); err != nil {
		t.Fatal(err)
	}
}

// A stop begins by saying no: while a balancer finds out, those who still come are served; only then the door closes.
func TestNotReadyComesBeforeTheEnd(t *testing.T) {
	s, health := watched(t, initStore(t), "STRONGROOM_SERVER_LEAVE_SECONDS=3")
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	said := health()
	for said.code == exitDone { // the signal is on its way
		said = health()
	}
	said.expect(t, exitFailed, "stopping")
	if status, page := s.ask(t, "GET", "/en/", ""); status != 200 || !strings.Contains(page, "<main") {
		t.Errorf("a visitor who came late got %d", status)
	}
	if err := <-s.ended; err != nil {
		t.Errorf("serve did not end cleanly: %v", err)
	}
}
