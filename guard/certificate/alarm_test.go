package certificate

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/job"
)

type one Expiry

func (o *one) Expiries(context.Context) ([]Expiry, error) { return []Expiry{Expiry(*o)}, nil }

// An end that comes near is told once for each threshold, however often and by however many processes it is looked at;
// a renewed certificate begins anew.
func TestAlarmOncePerThreshold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		now := p.Clock.Now()
		src := &one{Host: Host{"shop", "shop.example"}, From: now, Ends: now.Add(90 * 24 * time.Hour)}
		var letters, events []int
		var log strings.Builder
		jobs := job.New(p.Data, slog.New(slog.DiscardHandler), 0)
		bus := event.NewBus(p.Data, jobs)
		err := job.Handle(jobs, LetterKind, job.Options{}, func(_ context.Context, l Letter) error { letters = append(letters, l.Days); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if err := event.On(bus, "test", func(_ context.Context, e Expiring) error { events = append(events, e.Days); return nil }); err != nil {
			t.Fatal(err)
		}
		w, err := NewWatch(p.Data, jobs, src, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		look := func(want ...int) {
			t.Helper()
			letters, events = nil, nil
			for range 2 {
				if err := w.Look(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := jobs.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(letters) != len(want) || len(events) != len(want) || len(want) > 0 && (letters[0] != want[0] || events[0] != want[0]) {
				t.Errorf("told %v and %v, want %v", letters, events, want)
			}
		}
		look()
		p.Clock.Advance(68 * 24 * time.Hour)
		look()
		p.Clock.Advance(2 * 24 * time.Hour) // 20 days left
		look(21)
		p.Clock.Advance(24 * time.Hour)
		look()
		p.Clock.Advance(13 * 24 * time.Hour) // 6 left
		look(7)
		p.Clock.Advance(5 * 24 * time.Hour) // 1 left
		look(2)
		if !strings.Contains(log.String(), "comes to its end") || !strings.Contains(log.String(), "shop.example") {
			t.Errorf("log:\n%s", log.String())
		}
		src.From, src.Ends = p.Clock.Now(), p.Clock.Now().Add(90*24*time.Hour)
		look()
		p.Clock.Advance(85 * 24 * time.Hour)
		look(7)
		p.Clock.Advance(500 * 24 * time.Hour)
		if err := w.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left int64
		err = p.Data.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM certificate_alarm").Scan(&left) })
		if err != nil || left != 0 {
			t.Errorf("%d notes about long gone certificates: %v", left, err)
		}
	})
}

// Short-lived certificates are warned of at the same shares of their life.
func TestThresholds(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		life, left time.Duration
		want       int
	}{
		{90 * day, 22 * day, 0}, {90 * day, 21 * day, 21}, {90 * day, 7*day + 1, 21}, {90 * day, 7 * day, 7}, {90 * day, day, 2}, {90 * day, -day, 2},
		{365 * day, 22 * day, 0}, {365 * day, 20 * day, 21},
		{6 * day, 2 * day, 0}, {6 * day, 33 * time.Hour, 21}, {6 * day, 11 * time.Hour, 7}, {6 * day, 3 * time.Hour, 2},
	} {
		now := dbtest.Start
		e := Expiry{Ends: now.Add(c.left), From: now.Add(c.left - c.life)}
		if got := Threshold(e, now); got != c.want {
			t.Errorf("%v of %v left: %d, want %d", c.left, c.life, got, c.want)
		}
	}
}
