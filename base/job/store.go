package job

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// insert writes a job, ready or leased by its holder.
func insert(tx *db.Tx, v id.ID, j Job, args string, holder id.ID) (bool, error) {
	state, attempts, lease, until := "ready", 0, any(nil), time.Time{}
	if !holder.IsZero() {
		state, attempts, lease, until = "leased", 1, holder, tx.Now().Add(leaseTime)
	}
	n, err := tx.Exec(`INSERT INTO job_queue (id, kind, key, args, run_at, attempts, state, lease, leased_until, error, made_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, 0) ON CONFLICT (kind, key) DO NOTHING`,
		v, j.Kind, j.Key, args, clock.Micros(j.At), attempts, state, lease, micros(until), clock.Micros(tx.Now()))
	return n == 1, err
}

// micros is 0 for no time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

func byKey(tx *db.Tx, kind, key string) (v id.ID, err error) {
	err = tx.QueryRow(`SELECT id FROM job_queue WHERE kind = $1 AND key = $2`, kind, key).Scan(&v)
	return v, err
}

func scanRun(s db.Scanner) (r Run, err error) {
	err = s.Scan(&r.ID, &r.Kind, &r.args, &r.Attempt)
	return r, err
}

// due says whether anything waits, without a write.
func due(tx *db.Tx) (bool, error) {
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM job_queue WHERE state = 'ready' AND run_at <= $1 LIMIT 1) AS d`,
		clock.Micros(tx.Now())).Scan(&n)
	return n > 0, err
}

// lease takes up to limit due jobs. Two processes that choose the same row wait for each other, and the second finds
// it no longer ready.
func lease(tx *db.Tx, worker id.ID, until time.Time, limit int) ([]Run, error) {
	return db.All(tx, scanRun, `UPDATE job_queue SET state = 'leased', lease = $1, leased_until = $2, attempts = attempts + 1
		WHERE state = 'ready' AND id IN (SELECT id FROM job_queue WHERE state = 'ready' AND run_at <= $3 ORDER BY run_at, id LIMIT $4)
		RETURNING id, kind, args, attempts`, worker, clock.Micros(until), clock.Micros(tx.Now()), limit)
}

func leaseOne(tx *db.Tx, worker, job id.ID, until time.Time) (Run, bool, error) {
	return db.One(tx, scanRun, `UPDATE job_queue SET state = 'leased', lease = $1, leased_until = $2, attempts = attempts + 1
		WHERE state = 'ready' AND id = $3 AND run_at <= $4 RETURNING id, kind, args, attempts`,
		worker, clock.Micros(until), job, clock.Micros(tx.Now()))
}

func extend(tx *db.Tx, worker, job id.ID, until time.Time) error {
	_, err := tx.Exec(`UPDATE job_queue SET leased_until = $1 WHERE id = $2 AND state = 'leased' AND lease = $3`,
		clock.Micros(until), job, worker)
	return err
}

// lapsed says whether a dead process left a lease behind, without a write.
func lapsed(tx *db.Tx) (bool, error) {
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM job_queue WHERE state = 'leased' AND leased_until < $1 LIMIT 1) AS d`,
		clock.Micros(tx.Now())).Scan(&n)
	return n > 0, err
}

// reclaim makes ready again what a dead process had leased.
func reclaim(tx *db.Tx) (int64, error) {
	return tx.Exec(`UPDATE job_queue SET state = 'ready', lease = NULL, leased_until = 0
		WHERE state = 'leased' AND leased_until < $1`, clock.Micros(tx.Now()))
}

func finish(tx *db.Tx, worker id.ID, r Run) error {
	_, err := tx.Exec(`UPDATE job_queue SET state = 'done', lease = NULL, leased_until = 0, error = '', ended_at = $1
		WHERE id = $2 AND lease = $3`, clock.Micros(tx.Now()), r.ID, worker)
	return err
}

func again(tx *db.Tx, worker id.ID, r Run, at time.Time, attempts int, reason string) error {
	_, err := tx.Exec(`UPDATE job_queue SET state = 'ready', lease = NULL, leased_until = 0, run_at = $1, attempts = $2, error = $3
		WHERE id = $4 AND lease = $5`, clock.Micros(at), attempts, reason, r.ID, worker)
	return err
}

func bury(tx *db.Tx, worker id.ID, r Run, reason string) error {
	_, err := tx.Exec(`UPDATE job_queue SET state = 'dead', lease = NULL, leased_until = 0, error = $1, ended_at = $2
		WHERE id = $3 AND lease = $4`, reason, clock.Micros(tx.Now()), r.ID, worker)
	return err
}

// purge forgets up to limit jobs that were done before the moment.
func purge(tx *db.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(`DELETE FROM job_queue WHERE id IN (SELECT id FROM job_queue WHERE state = 'done' AND ended_at < $1
		ORDER BY ended_at, id LIMIT $2)`, clock.Micros(before), limit)
}

// claimPeriod moves the period on if it is due, and says whether this call did so.
func claimPeriod(tx *db.Tx, kind string, period time.Duration) (bool, error) {
	now := tx.Now()
	if _, err := tx.Exec(`INSERT INTO job_period (kind, next_at) VALUES ($1, $2) ON CONFLICT (kind) DO NOTHING`,
		kind, clock.Micros(now)); err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE job_period SET next_at = $1 WHERE kind = $2 AND next_at <= $3`,
		clock.Micros(now.Add(period)), kind, clock.Micros(now))
	return n == 1, err
}

func scanPeriod(s db.Scanner) (p struct {
	kind string
	next int64
}, err error) {
	err = s.Scan(&p.kind, &p.next)
	return p, err
}

func dead(tx *db.Tx, after id.ID, limit int) ([]Dead, error) {
	return db.All(tx, scanDead, `SELECT id, kind, key, attempts, error, ended_at FROM job_queue
		WHERE state = 'dead' AND id > $1 ORDER BY id LIMIT $2`, after[:], limit)
}

func scanDead(s db.Scanner) (d Dead, err error) {
	var ended int64
	err = s.Scan(&d.ID, &d.Kind, &d.Key, &d.Attempts, &d.Error, &ended)
	d.Ended = clock.FromMicros(ended)
	return d, err
}

func revive(tx *db.Tx, v id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE job_queue SET state = 'ready', attempts = 0, run_at = $1, ended_at = 0 WHERE id = $2 AND state = 'dead'`,
		clock.Micros(tx.Now()), v)
	return n == 1, err
}

func countStates(tx *db.Tx) (map[string]int64, error) {
	type row struct {
		state string
		n     int64
	}
	rows, err := db.All(tx, func(s db.Scanner) (r row, err error) { err = s.Scan(&r.state, &r.n); return r, err },
		`SELECT state, COUNT(*) FROM job_queue WHERE state IN ('ready', 'leased', 'dead') GROUP BY state LIMIT 3`)
	counts := map[string]int64{}
	for _, r := range rows {
		counts[r.state] = r.n
	}
	return counts, err
}

// late counts what waits too long: what is due and was not begun, and what was tried and failed so far.
func late(tx *db.Tx, family string, before time.Time) (w Waiting, err error) {
	var oldest *int64
	err = tx.QueryRow(`SELECT COUNT(*), MIN(made_at) FROM job_queue WHERE state = 'ready' AND made_at < $1 AND (run_at < $1 OR attempts > 0)
		AND substr(kind, 1, $2) = $3`, clock.Micros(before), len(family)+1, family+".").Scan(&w.Jobs, &oldest)
	if err == nil && oldest != nil {
		w.Oldest = clock.FromMicros(*oldest)
	}
	return w, err
}
