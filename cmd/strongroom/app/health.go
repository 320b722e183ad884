package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/pprof"
	"time"

	"strongroom/base/db"
)

// Ready says whether visitors should be sent here: both databases answer, and both have the version that this program
// made of them. Whether the store is stopping is the private listener's to know.
func (s *Store) Ready(ctx context.Context) error {
	for _, x := range []struct {
		name string
		d    *db.DB
	}{{"the database", s.Data}, {"the key database", s.Keys}} {
		switch err := x.d.Current(ctx); {
		case errors.Is(err, db.ErrVersion):
			return errors.New(x.name + " was changed by another version of strongroom; this process should be replaced")
		case err != nil:
			return errors.New(x.name + " does not answer") // the cause may hold an address
		}
	}
	return nil
}

// How long a loop may stand before the program counts as hung. One group of writes takes milliseconds, a table that is
// rebuilt takes minutes; the queue comes round every second.
const (
	writerHung = 5 * time.Minute
	queueHung  = 2 * time.Minute
)

// Live says whether the loops that everything waits for still turn. A database that does not answer is no reason to
// restart the program, so that it is not asked.
func (s *Store) Live(context.Context) error {
	for name, d := range s.databases() {
		if t := d.Busy(); t > writerHung {
			return fmt.Errorf("the writer of the %s database has been at one commit for %v", name, t.Round(time.Second))
		}
	}
	if t := s.Jobs.Idle(); t > queueHung {
		return fmt.Errorf("the loop of the jobs has stood for %v", t.Round(time.Second))
	}
	return nil
}

// goroutines writes what every goroutine is doing: functions and lines, no values.
func goroutines(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if p := pprof.Lookup("goroutine"); p != nil {
		_ = p.WriteTo(w, 1) // whoever asked has gone
	}
}

// say answers a question of health.
func say(c check, yes string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := c(r.Context()); err != nil {
			answer(w, http.StatusServiceUnavailable, err.Error()+"\n")
			return
		}
		answer(w, http.StatusOK, yes+"\n")
	}
}

// recent writes the last lines of the log, as far as they may leave the machine.
func recent(log *Recent) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		for _, line := range log.Lines() {
			_, _ = io.WriteString(w, line+"\n")
		}
	}
}
