package support

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/cmd/strongroom/app"
	"strongroom/guard/privacy"
	"strongroom/schema"
)

// errNoConfig is the end of every part that needs to know where the store is.
var errNoConfig = errors.New("the configuration cannot be read")

// versions are the program's own, and of what is linked into it.
func versions(_ context.Context, o Options) (any, error) {
	out := struct {
		Program  any               `json:"program"`
		Settings map[string]string `json:"settings"`
		Modules  []string          `json:"modules"`
	}{Program: o.Version, Settings: map[string]string{}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out, nil
	}
	for _, s := range info.Settings {
		if slices.Contains([]string{"CGO_ENABLED", "GOARCH", "GOOS", "GOAMD64", "GOARM64", "-trimpath", "-race"}, s.Key) {
			out.Settings[s.Key] = s.Value
		}
	}
	for _, m := range info.Deps {
		out.Modules = append(out.Modules, m.Path+" "+m.Version)
	}
	return out, nil
}

func configuration(_ context.Context, o Options) (any, error) {
	if o.Config == nil {
		return map[string]any{"readable": false, "problems": o.Problems.Places()}, nil
	}
	return map[string]any{"readable": true, "keys": o.Config.Facts()}, nil
}

// checks are the names of the doctor's checks that may be told; a name that is made at run time is not among them.
var checks = []string{"configuration", "data folder", "disk", "key file", "key service", "keys", "keys.provider", "database", "key database",
	"recovery kit", "installation", "jobs", "certificate", "certificate: ports",
	"mail alignment", "signature", "bounces", "test mail", "server.listen", "server.private_listen", "server.redirect_listen", "mail", "payment", "clock"}

func doctor(ctx context.Context, o Options) (any, error) {
	if o.Config == nil {
		return nil, errNoConfig
	}
	found, err := app.Diagnose(ctx, o.Config, nil)
	if err != nil {
		return nil, err
	}
	type finding struct {
		Check string    `json:"check"`
		State app.State `json:"state"`
		Found string    `json:"found,omitempty"`
	}
	out := make([]finding, len(found))
	for i, f := range found {
		out[i] = finding{"another check", f.State, f.Plain()}
		if slices.Contains(checks, f.Name) {
			out[i].Check = f.Name
		}
	}
	return out, nil
}

// store is one database as the bundle tells it.
type store struct {
	Engine  db.Engine        `json:"engine"`
	Opens   bool             `json:"opens"`
	Version int64            `json:"version,omitempty"`
	Knows   int64            `json:"this_program_knows"`
	Rows    map[string]int64 `json:"rows,omitempty"`
}

func databases(ctx context.Context, o Options) (any, error) {
	if o.Config == nil {
		return nil, errNoConfig
	}
	p := app.PlaceOf(o.Config)
	return map[string]store{
		"data": about(ctx, p.Data, db.Options{Migrations: schema.Data()}),
		"keys": about(ctx, p.Keys, db.Options{Migrations: schema.Keys(), Erase: true}),
	}, nil
}

// tables are the tables that the inventory of columns knows.
func tables() []string {
	var out []string
	for _, c := range privacy.Columns() {
		out = append(out, c.Table)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func about(ctx context.Context, dsn string, o db.Options) store {
	s := store{Engine: db.Postgres}
	if strings.HasPrefix(dsn, "sqlite:") {
		s.Engine = db.SQLite
	}
	if o.DSN = dsn; !there(dsn) {
		return s
	}
	c, err := db.Inspect(ctx, o)
	if s.Version, s.Knows = c.Version, c.Newest; err != nil {
		return s
	}
	s.Opens = true
	o.Migrations, o.Readers = nil, 1
	d, err := db.Open(ctx, o)
	if err != nil {
		return s
	}
	defer func() { _ = d.Close() }()
	s.Rows, _ = d.Rows(ctx, tables()) // none is an answer too
	return s
}

// there says whether there is anything to open; a SQLite file that is missing would be made.
func there(dsn string) bool {
	path, ok := strings.CutPrefix(dsn, "sqlite:")
	if !ok {
		return true
	}
	_, err := os.Stat(path)
	return err == nil
}

// letter is a job that failed for good. Of its error only the code is told that a server answered with, if there is one.
type letter struct {
	Kind  string `json:"kind"`
	Tries int    `json:"tries"`
	Day   string `json:"day"`
	Code  string `json:"code,omitempty"`
}

var (
	kindForm = regexp.MustCompile(`^[a-z]+(\.[a-z_]+)+$`)
	code     = regexp.MustCompile(`(?:^|[^0-9A-Za-z])([45][0-9]{2})(?:[^0-9A-Za-z]|$)`)
)

func jobs(ctx context.Context, o Options) (any, error) {
	if o.Config == nil {
		return nil, errNoConfig
	}
	dsn := app.PlaceOf(o.Config).Data
	if !there(dsn) {
		return nil, errors.New("no database")
	}
	d, err := db.Open(ctx, db.Options{DSN: dsn, Readers: 1})
	if err != nil {
		return nil, err
	}
	defer func() { _ = d.Close() }()
	q := job.New(d, nil, 1)
	counts, err := q.Counts(ctx)
	if err != nil {
		return nil, err
	}
	dead, err := q.Dead(ctx, id.ID{})
	if err != nil {
		return nil, err
	}
	letters := make([]letter, len(dead))
	for i, x := range dead {
		letters[i] = letter{Kind: "other", Tries: x.Attempts, Day: x.Ended.UTC().Format(time.DateOnly)}
		if kindForm.MatchString(x.Kind) {
			letters[i].Kind = x.Kind
		}
		if m := code.FindStringSubmatch(x.Error); m != nil {
			letters[i].Code = m[1]
		}
	}
	return map[string]any{"states": counts, "failed_for_good": letters}, nil
}

// Read reads a configuration for a bundle: what cannot be read is no reason for having none.
func Read(path string, environ []string) (*config.Config, config.Problems) {
	c, err := config.Load(path, environ)
	var ps config.Problems
	if err != nil && !errors.As(err, &ps) {
		ps = config.Problems{{Key: "file", What: fmt.Sprint(err)}}
	}
	if err != nil {
		return nil, ps
	}
	return c, nil
}
