package safety

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
)

func putAcceptance(tx *db.Tx, a Acceptance) error {
	_, err := tx.Exec(`INSERT INTO safety_acceptance (subject, found, most, reason, member, made_at, until_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (subject) DO UPDATE SET found = $2, most = $3, reason = $4, member = $5, made_at = $6, until_at = $7`,
		a.Subject, a.Found, int64(a.Most), a.Reason, a.Member, clock.Micros(a.Made), clock.Micros(a.Until))
	return err
}

func acceptances(tx *db.Tx, now time.Time) ([]Acceptance, error) {
	return db.All(tx, func(r db.Scanner) (a Acceptance, err error) {
		var most, made, until int64
		err = r.Scan(&a.Subject, &a.Found, &most, &a.Reason, &a.Member, &made, &until)
		a.Most, a.Made, a.Until = int(most), clock.FromMicros(made), clock.FromMicros(until)
		return a, err
	}, `SELECT subject, found, most, reason, member, made_at, until_at FROM safety_acceptance WHERE until_at > $1 ORDER BY subject LIMIT 1000`, clock.Micros(now))
}

func dropAcceptance(tx *db.Tx, subject string) (int64, error) {
	return tx.Exec(`DELETE FROM safety_acceptance WHERE subject = $1`, subject)
}
