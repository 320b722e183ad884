// Package dbtest gives every store test a migrated database of its own, on both engines.
//
// SQLite always runs: a migrated file is made once for the test binary and copied for each test. PostgreSQL runs when
// STRONGROOM_TEST_POSTGRES names a server whose user may create databases ("make test" starts one): a migrated
// template database is made once for the test binary and cloned for each test.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/schema"
)

// Env names the variable that holds the address of the test server.
const Env = "STRONGROOM_TEST_POSTGRES"

// Pair is the two databases of one store.
type Pair struct {
	Engine db.Engine
	Data   *db.DB
	Keys   *db.DB
	Clock  *clock.Manual
}

// Start is where the clock of every test stands at first.
var Start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// Engines are the engines that this run can test.
func Engines() []db.Engine {
	if os.Getenv(Env) == "" {
		return []db.Engine{db.SQLite}
	}
	return []db.Engine{db.SQLite, db.Postgres}
}

// Each runs the test once for each engine, as a subtest named after it, with two fresh migrated databases.
func Each(t *testing.T, test func(t *testing.T, p Pair)) {
	t.Helper()
	for _, e := range Engines() {
		t.Run(string(e), func(t *testing.T) { test(t, Open(t, e)) })
	}
}

// Open gives two fresh migrated databases on one engine. They are closed and removed when the test ends.
func Open(t testing.TB, e db.Engine) Pair {
	t.Helper()
	c := clock.NewManual(Start)
	return Pair{Engine: e, Clock: c,
		Data: open(t, db.Options{DSN: DSN(t, e, "data"), Clock: c}),
		Keys: open(t, db.Options{DSN: DSN(t, e, "keys"), Clock: c, Erase: true})}
}

// Patient gives two fresh databases of SQLite whose rides wait for a commit to share, as those of a running store do.
func Patient(t testing.TB, patience time.Duration) Pair {
	t.Helper()
	c := clock.NewManual(Start)
	return Pair{Engine: db.SQLite, Clock: c,
		Data: open(t, db.Options{DSN: DSN(t, db.SQLite, "data"), Clock: c, Patience: patience}),
		Keys: open(t, db.Options{DSN: DSN(t, db.SQLite, "keys"), Clock: c, Erase: true})}
}

func open(t testing.TB, o db.Options) *db.DB {
	t.Helper()
	o.Readers = 4
	d, err := db.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// DSN makes a fresh migrated database of the history ("data" or "keys") and returns its address.
func DSN(t testing.TB, e db.Engine, history string) string {
	t.Helper()
	tpl, err := template(e, history)
	if err != nil {
		t.Fatal(err)
	}
	if e == db.SQLite {
		path := filepath.Join(t.TempDir(), history+".db")
		if err := os.WriteFile(path, tpl.file, 0o600); err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + path
	}
	name := "sr_" + random()
	if err := admin("CREATE DATABASE " + name + " TEMPLATE " + tpl.name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	return address(name)
}

// Empty makes an empty database on the PostgreSQL server and returns its address.
func Empty(t testing.TB) string {
	t.Helper()
	name := "sr_" + random()
	if err := admin("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	return address(name)
}

// Copy keeps a PostgreSQL database as it is now, as a backup does, and returns the address of what was kept. Whoever uses
// the database is put out.
func Copy(t testing.TB, dsn string) string {
	t.Helper()
	name := "sr_" + random()
	putOut(t, dsn)
	if err := admin("CREATE DATABASE " + name + " TEMPLATE " + nameIn(t, dsn)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	return address(name)
}

// PutBack puts what Copy kept in the place of a database, as a restore does. The copy is used up.
func PutBack(t testing.TB, dsn, kept string) {
	t.Helper()
	putOut(t, kept)
	for _, statement := range []string{"DROP DATABASE " + nameIn(t, dsn) + " WITH (FORCE)", "ALTER DATABASE " + nameIn(t, kept) + " RENAME TO " + nameIn(t, dsn)} {
		if err := admin(statement); err != nil {
			t.Fatal(err)
		}
	}
}

// putOut ends the connections to a database and waits until they are over.
func putOut(t testing.TB, dsn string) {
	t.Helper()
	err := admin("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = '" + nameIn(t, dsn) + "'")
	if err != nil {
		t.Fatal(err)
	}
}

// nameIn is the database that an address of this package names.
func nameIn(t testing.TB, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil || !strings.HasPrefix(u.Path, "/sr_") {
		t.Fatal("no database of this test")
	}
	return u.Path[1:]
}

type made struct {
	file []byte
	name string
	err  error
}

var (
	mu        sync.Mutex
	templates = map[string]made{}
)

func template(e db.Engine, history string) (made, error) {
	mu.Lock()
	defer mu.Unlock()
	key := string(e) + history
	m, ok := templates[key]
	if !ok {
		files := map[string]fs.FS{"data": schema.Data(), "keys": schema.Keys()}[history]
		if e == db.SQLite {
			m = sqliteTemplate(files)
		} else {
			m = postgresTemplate(files)
		}
		templates[key] = m
	}
	return m, m.err
}

func sqliteTemplate(files fs.FS) (m made) {
	dir, err := os.MkdirTemp("", "strongroom-template")
	if err != nil {
		return made{err: err}
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "t.db")
	if err := migrate("sqlite:"+path, files); err != nil {
		return made{err: err}
	}
	m.file, m.err = os.ReadFile(path)
	return m
}

func postgresTemplate(files fs.FS) made {
	name := "srt_" + random()
	if err := admin("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return made{err: err}
	}
	return made{name: name, err: migrate(address(name), files)}
}

func migrate(dsn string, files fs.FS) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{DSN: dsn, Migrations: files})
	if err != nil {
		return err
	}
	if err := d.Checkpoint(ctx); err != nil {
		_ = d.Close()
		return err
	}
	return d.Close()
}

func address(name string) string {
	u, err := url.Parse(os.Getenv(Env))
	if err != nil {
		panic(Env + " is no address")
	}
	u.Path = "/" + name
	return u.String()
}

func admin(statement string) error {
	d, err := sql.Open("pgx", os.Getenv(Env))
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Exec(statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func random() string {
	var b [6]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
