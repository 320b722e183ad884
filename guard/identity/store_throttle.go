package identity

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
)

// throttleRow is what is known of the tries under a key.
type throttleRow struct {
	fails int64
	next  time.Time
}

func throttleOf(tx *db.Tx, key []byte) (throttleRow, bool, error) {
	return db.One(tx, func(r db.Scanner) (t throttleRow, err error) {
		var next int64
		err = r.Scan(&t.fails, &next)
		t.next = clock.FromMicros(next)
		return t, err
	}, `SELECT fails, next_at FROM identity_throttle WHERE key = $1`, key)
}

// countTry adds a try to so many before; false if somebody else did so meanwhile.
func countTry(tx *db.Tx, key []byte, before int64, next time.Time) (bool, error) {
	n, err := tx.Exec(`INSERT INTO identity_throttle (key, fails, next_at, touched_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET fails = excluded.fails, next_at = excluded.next_at, touched_at = excluded.touched_at
		WHERE identity_throttle.fails = $5`, key, before+1, clock.Micros(next), clock.Micros(tx.Now()), before)
	return n == 1, err
}

func dropThrottle(tx *db.Tx, key []byte) error {
	_, err := tx.Exec(`DELETE FROM identity_throttle WHERE key = $1`, key)
	return err
}

// count adds one to what is counted under the key in this window and says how many there are now.
func count(tx *db.Tx, key []byte, window time.Duration) (n int64, err error) {
	slot := clock.Micros(tx.Now().Truncate(window))
	err = tx.QueryRow(`INSERT INTO identity_count (key, slot, count) VALUES ($1, $2, 1)
		ON CONFLICT (key, slot) DO UPDATE SET count = identity_count.count + 1 RETURNING count`, key, slot).Scan(&n)
	return n, err
}

// throttleFor is how long tries without a success are remembered.
const throttleFor = 7 * 24 * time.Hour

// dropOver forgets what is over.
func dropOver(tx *db.Tx) error {
	now := clock.Micros(tx.Now())
	day := clock.Micros(tx.Now().Add(-24 * time.Hour))
	old := clock.Micros(tx.Now().Add(-throttleFor))
	gone := clock.Micros(tx.Now().Add(-400 * 24 * time.Hour)) // the browser has forgotten its cookie
	for _, drop := range []func() (int64, error){
		func() (int64, error) { return tx.Exec(`DELETE FROM identity_throttle WHERE touched_at < $1`, old) },
		func() (int64, error) { return tx.Exec(`DELETE FROM identity_count WHERE slot < $1`, day) },
		func() (int64, error) { return tx.Exec(`DELETE FROM identity_device WHERE last_at < $1`, gone) },
		func() (int64, error) { return tx.Exec(`DELETE FROM identity_session WHERE ends_at <= $1`, now) },
		func() (int64, error) { return tx.Exec(`DELETE FROM identity_attempt WHERE ends_at <= $1`, now) },
		func() (int64, error) { return tx.Exec(`DELETE FROM identity_ceremony WHERE ends_at <= $1`, now) },
		func() (int64, error) { return tx.Exec(`DELETE FROM identity_link WHERE ends_at < $1`, day) },
		func() (int64, error) {
			return tx.Exec(`UPDATE identity_change SET state = 3 WHERE state = 1 AND ends_at <= $1`, now)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM identity_change WHERE state <> 1 AND ends_at < $1`, day)
		},
	} {
		if _, err := drop(); err != nil {
			return err
		}
	}
	return nil
}
