package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/job"
)

// A loop that stands is not alive; one that is busy for a while, or a database that is gone, is no reason to restart.
func TestLive(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	s := &Store{Data: p.Data, Keys: p.Keys, Jobs: job.New(p.Data, nil, 1)}
	c := p.Clock
	alive := func(want string) {
		t.Helper()
		err := s.Live(t.Context())
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("live: %v, want %q", err, want)
		}
	}
	alive("")
	inside, goOn, done := make(chan bool), make(chan bool), make(chan error)
	go func() {
		done <- s.Data.Write(context.Background(), func(*db.Tx) error { inside <- true; <-goOn; return nil })
	}()
	<-inside
	c.Advance(time.Minute)
	alive("")
	c.Advance(10 * time.Minute)
	alive("writer of the data database")
	goOn <- true
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	s.Jobs.Start(t.Context())
	if err := s.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	alive("")
	c.Advance(10 * time.Minute)
	alive("loop of the jobs")
	_ = p.Data.Close()
	if err := s.Ready(t.Context()); err == nil || err.Error() != "the database does not answer" {
		t.Errorf("ready without a database: %v", err)
	}
}

// What is kept of the log for strangers: sentences of the source, words of the program and numbers (V16.2.5).
func TestRecentLinesHoldNothingPersonal(t *testing.T) {
	r := NewRecent(4)
	var whole bytes.Buffer
	log := slog.New(r.Around(slog.NewTextHandler(&whole, nil)))
	log.Warn("overwritten")
	log.Warn("request failed", "status", 500, "route", "GET /{lang}/order/open/{link}", "request", "0123456789abcdef", "error", errors.New("planted-error"))
	log.With("to", "planted-with").Warn("a mail was refused", "kind", "letter.confirm", "to", "ada@planted.example", "status", "planted", "route", "/x?q=planted")
	log.Warn("http: panic serving 203.0.113.9: planted")
	log.WithGroup("planted").Error("stopped", "class", "Planted Name", "count", 7)
	got := strings.Join(r.Lines(), "\n")
	for _, never := range []string{"planted", "Planted", "203.0", "overwritten"} {
		if strings.Contains(got, never) {
			t.Errorf("%q is in\n%s", never, got)
		}
	}
	for _, want := range []string{"WARN request failed status=500 route=GET /{lang}/order/open/{link} request=0123456789abcdef\n",
		"WARN a mail was refused kind=letter.confirm\n", "WARN (withheld)\n", "ERROR stopped count=7"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if !strings.Contains(whole.String(), "planted-error") || (*Recent)(nil).Lines() != nil {
		t.Error("the log itself lost something, or no log is no empty one")
	}
}
