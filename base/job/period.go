package job

import (
	"context"
	"fmt"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
)

// tick enqueues the periodic jobs that are due. The row in job_period decides which process does so.
func (q *Queue) tick(ctx context.Context) error {
	late, err := q.latePeriods(ctx)
	if err != nil || len(late) == 0 {
		return err
	}
	return q.db.Write(ctx, func(tx *db.Tx) error {
		for _, kind := range late {
			mine, err := claimPeriod(tx, kind, q.periods[kind])
			if err != nil {
				return err
			}
			if !mine {
				continue
			}
			key := fmt.Sprint(clock.Micros(tx.Now()))
			if _, err := q.Enqueue(tx, Job{Kind: kind, Key: key}); err != nil {
				return err
			}
		}
		_, err := purge(tx, tx.Now().Add(-keepDone), 500)
		return err
	})
}

func (q *Queue) latePeriods(ctx context.Context) (late []string, err error) {
	next := map[string]int64{}
	var now time.Time
	err = q.db.Read(ctx, func(tx *db.Tx) error {
		now = tx.Now()
		rows, err := db.All(tx, scanPeriod, `SELECT kind, next_at FROM job_period ORDER BY kind LIMIT 500`)
		for _, r := range rows {
			next[r.kind] = r.next
		}
		return err
	})
	for kind := range q.periods {
		if at, ok := next[kind]; !ok || at <= clock.Micros(now) {
			late = append(late, kind)
		}
	}
	return late, err
}

// RunDue runs what is due in this goroutine until nothing is, periodic jobs included, and returns how many ran. Tests
// and command lines use it in place of Start.
func (q *Queue) RunDue(ctx context.Context) (ran int, err error) {
	if err := q.tick(ctx); err != nil {
		return 0, err
	}
	for {
		runs, err := q.lease(ctx, batch)
		if err != nil || len(runs) == 0 {
			return ran, err
		}
		for _, r := range runs {
			_ = q.execute(ctx, r)
			ran++
		}
	}
}
