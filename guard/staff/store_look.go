package staff

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

func insertLook(tx *db.Tx, member id.ID, slot int64, subject id.ID) (fresh bool, err error) {
	n, err := tx.Exec(`INSERT INTO staff_look (member, slot, subject) VALUES ($1, $2, $3) ON CONFLICT (member, slot, subject) DO NOTHING`,
		member, slot, subject)
	return n == 1, err
}

// countLook counts one more person, if the limit allows it. The guard decides, however many look at once.
func countLook(tx *db.Tx, member id.ID, span string, slot int64, limit int) (bool, error) {
	n, err := tx.Exec(`INSERT INTO staff_quota (member, span, slot, count, told) VALUES ($1, $2, $3, 1, 0)
		ON CONFLICT (member, span, slot) DO UPDATE SET count = staff_quota.count + 1 WHERE staff_quota.count < $4`,
		member, span, slot, limit)
	return n == 1, err
}

// tellQuota says whether nobody has been told yet that this quota is full.
func tellQuota(tx *db.Tx, member id.ID, span string, slot int64) (bool, error) {
	n, err := tx.Exec(`UPDATE staff_quota SET told = 1 WHERE member = $1 AND span = $2 AND slot = $3 AND told = 0`, member, span, slot)
	return n == 1, err
}

func looksIn(tx *db.Tx, member id.ID, span string, slot int64) (int, error) {
	n, _, err := db.One(tx, func(r db.Scanner) (n int, err error) { return n, r.Scan(&n) },
		`SELECT count FROM staff_quota WHERE member = $1 AND span = $2 AND slot = $3`, member, span, slot)
	return n, err
}

func dropOldLooks(tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(`DELETE FROM staff_look WHERE slot < $1`, clock.Micros(before)); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM staff_quota WHERE slot < $1`, clock.Micros(before))
	return err
}

// Break-glass.

func insertGlass(tx *db.Tx, v, member id.ID, reason []byte, ends time.Time) error {
	_, err := tx.Exec(`INSERT INTO staff_glass (id, member, reason, made_at, ends_at, ended_at) VALUES ($1, $2, $3, $4, $5, 0)`,
		v, member, reason, clock.Micros(tx.Now()), clock.Micros(ends))
	return err
}

// glassUntil is when a member's break-glass access ends; zero if she has none.
func glassUntil(tx *db.Tx, member id.ID, now time.Time) (time.Time, error) {
	ends, _, err := db.One(tx, func(r db.Scanner) (us int64, err error) { return us, r.Scan(&us) },
		`SELECT ends_at FROM staff_glass WHERE member = $1 AND ends_at > $2 AND ended_at = 0 ORDER BY ends_at DESC LIMIT 1`,
		member, clock.Micros(now))
	return clock.FromMicros(ends), err
}

func endGlassOf(tx *db.Tx, member id.ID) error {
	_, err := tx.Exec(`UPDATE staff_glass SET ended_at = $1 WHERE member = $2 AND ends_at > $1 AND ended_at = 0`, clock.Micros(tx.Now()), member)
	return err
}

func glassReason(tx *db.Tx, v id.ID) (member id.ID, reason []byte, err error) {
	err = tx.QueryRow(`SELECT member, reason FROM staff_glass WHERE id = $1`, v).Scan(&member, &reason)
	return member, reason, err
}

// insertCanary keeps an object as a canary.
func insertCanary(tx *db.Tx, object id.ID) error {
	_, err := tx.Exec(`INSERT INTO staff_canary (object, made_at) VALUES ($1, $2) ON CONFLICT (object) DO NOTHING`, object, clock.Micros(tx.Now()))
	return err
}

func isCanary(tx *db.Tx, object id.ID) (bool, error) {
	n, _, err := db.One(tx, func(r db.Scanner) (n int, err error) { err = r.Scan(&n); return n, err }, `SELECT COUNT(*) FROM staff_canary WHERE object = $1`, object)
	return n > 0, err
}
