package job

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Dead is a job that failed for good.
type Dead struct {
	ID       id.ID
	Kind     string
	Key      string
	Attempts int
	Error    string
	Ended    time.Time
}

// Dead lists the dead letters after the given id (the zero ID for the first page), at most 100 a page.
func (q *Queue) Dead(ctx context.Context, after id.ID) (list []Dead, err error) {
	defer fault.Wrap(&err, "job: list dead letters")
	err = q.db.Read(ctx, func(tx *db.Tx) (err error) { list, err = dead(tx, after, 100); return err })
	return list, err
}

// Retry makes a dead job ready again, with all its attempts.
func (q *Queue) Retry(ctx context.Context, v id.ID) error {
	err := q.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := revive(tx, v)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "job.not_dead")
		}
		if err == nil {
			tx.AfterCommit(q.wake)
		}
		return err
	})
	fault.Wrap(&err, "job: retry")
	return err
}

// Counts tells how many jobs are ready, leased and dead, for metrics and the doctor.
func (q *Queue) Counts(ctx context.Context) (counts map[string]int64, err error) {
	err = q.db.Read(ctx, func(tx *db.Tx) (err error) { counts, err = countStates(tx); return err })
	return counts, err
}

// Waiting is what should have been done by now.
type Waiting struct {
	Jobs   int64
	Oldest time.Time // when the oldest of them was made; zero without any
}

// Late counts jobs of a family (kinds that begin with the same word and a dot, such as "letter") that were made before a
// moment and wait although they are due, or because they failed so far.
func (q *Queue) Late(ctx context.Context, family string, before time.Time) (w Waiting, err error) {
	defer fault.Wrap(&err, "job: late")
	err = q.db.Read(ctx, func(tx *db.Tx) (err error) { w, err = late(tx, family, before); return err })
	return w, err
}
