package payment

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// noticedBetween looks through the notices of a span, which the index on their time bounds.
func noticedBetween(tx *db.Tx, payment id.ID, from, until time.Time) (bool, error) {
	_, ok, err := db.One(tx, func(r db.Scanner) (n int64, err error) { err = r.Scan(&n); return n, err },
		`SELECT 1 FROM payment_notice WHERE made_at >= $1 AND made_at < $2 AND payment_id = $3 LIMIT 1`,
		clock.Micros(from), clock.Micros(until), payment)
	return ok, err
}

// tookLive looks at what is paid. In a store that takes real money the first rows say so.
func tookLive(tx *db.Tx) (bool, error) {
	_, ok, err := db.One(tx, func(r db.Scanner) (n int64, err error) { err = r.Scan(&n); return n, err },
		`SELECT 1 FROM payment_payment WHERE state = 'paid' AND mode = 'live' AND order_id <> id LIMIT 1`)
	return ok, err
}

func lastPaid(tx *db.Tx, at till) (string, error) {
	ref, _, err := db.One(tx, func(r db.Scanner) (v string, err error) { err = r.Scan(&v); return v, err },
		`SELECT ref FROM payment_payment WHERE state = 'paid' AND provider = $1 AND account = $2 AND mode = $3 AND ref <> ''
		ORDER BY id DESC LIMIT 1`, at.Provider, at.Account, string(at.Mode))
	return ref, err
}

func countOpen(tx *db.Tx, provider, account string, mode Mode) (n int64, err error) {
	var back, disputed int64
	err = tx.QueryRow(`SELECT COUNT(*) FROM payment_payment WHERE state IN ('prepared', 'open', 'pending', 'authorised')
		AND provider = $1 AND account = $2 AND mode = $3`, provider, account, string(mode)).Scan(&n)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(`SELECT COUNT(*) FROM payment_refund r JOIN payment_payment p ON p.id = r.payment_id
		WHERE r.state IN ('asked', 'pending') AND p.provider = $1 AND p.account = $2 AND p.mode = $3`,
		provider, account, string(mode)).Scan(&back)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(`SELECT COUNT(*) FROM payment_dispute WHERE state IN ('inquiry', 'open', 'review') AND provider = $1 AND account = $2
		AND mode = $3`,
		provider, account, string(mode)).Scan(&disputed)
	return n + back + disputed, err
}
