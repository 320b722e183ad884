package payment

import (
	"context"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

func insertBooking(tx *db.Tx, b Booking) (bool, error) {
	v := tx.NewID()
	n, err := tx.Exec(`INSERT INTO payment_ledger (id, key, kind, order_id, payment_id, currency, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO NOTHING`,
		v, b.Key, b.Kind, b.Order, b.Payment, string(b.Currency), clock.Micros(tx.Now()))
	if err != nil || n == 0 {
		return false, err
	}
	for i, l := range b.Lines {
		if _, err := tx.Exec(`INSERT INTO payment_entry (ledger_id, line, account, order_id, amount) VALUES ($1, $2, $3, $4, $5)`,
			v, i+1, l.Account, b.Order, int64(l.Amount)); err != nil {
			return false, err
		}
	}
	return true, nil
}

func selectBooking(tx *db.Tx, key string) (b Booking, ok bool, err error) {
	v, ok, err := db.One(tx, func(r db.Scanner) (v id.ID, err error) {
		err = r.Scan(&v, &b.Kind, &b.Order, &b.Payment, &b.Currency)
		return v, err
	}, `SELECT id, kind, order_id, payment_id, currency FROM payment_ledger WHERE key = $1`, key)
	if err != nil || !ok {
		return b, ok, err
	}
	b.Key = key
	b.Lines, err = db.All(tx, func(r db.Scanner) (l Line, err error) { err = r.Scan(&l.Account, &l.Amount); return l, err },
		`SELECT account, amount FROM payment_entry WHERE ledger_id = $1 ORDER BY line LIMIT 20`, v)
	return b, true, err
}

// claimOf sums an order's claim by account: what was sold, less what was taken back or credited.
func claimOf(tx *db.Tx, order id.ID) ([]Line, error) {
	return db.All(tx, func(r db.Scanner) (l Line, err error) { err = r.Scan(&l.Account, &l.Amount); return l, err },
		`SELECT e.account, CAST(SUM(e.amount) AS BIGINT) FROM payment_ledger l JOIN payment_entry e ON e.ledger_id = l.id
		WHERE l.order_id = $1 AND l.kind IN ('sale', 'reversal', 'credit') GROUP BY e.account ORDER BY e.account LIMIT 20`, order)
}

// Balance is the sum of an account in a currency.
type Balance struct {
	Account  string
	Currency money.Currency
	Amount   money.Amount
}

// Clearing compares what the ledger and everything else say that a provider holds for the store: Payments is captured
// less refunded, and Moved what else its account shows and the ledger has taken in (fees, payouts, disputes, what is
// unclear), above zero if it raises what the provider holds.
type Clearing struct {
	Provider                string
	Currency                money.Currency
	Ledger, Payments, Moved money.Amount
}

// LedgerReport is what CheckLedger finds.
type LedgerReport struct {
	Movements  int64
	Entries    int64
	Unbalanced []string // keys of movements that do not sum to zero, at most 20
	Balances   []Balance
	Clearing   []Clearing
}

// OK says whether everything sums to zero and agrees with the payments.
func (r LedgerReport) OK() bool {
	sums := map[money.Currency]money.Amount{}
	for _, b := range r.Balances {
		sums[b.Currency] += b.Amount
	}
	for _, s := range sums {
		if s != 0 {
			return false
		}
	}
	for _, c := range r.Clearing {
		if c.Ledger != c.Payments+c.Moved {
			return false
		}
	}
	return len(r.Unbalanced) == 0
}

// CheckLedger sums the whole ledger, in the database and as of one moment: every movement, every account, and what
// each provider holds against the sums of the payments.
func (s *Service) CheckLedger(ctx context.Context) (r LedgerReport, err error) {
	defer fault.Wrap(&err, "payment: check the ledger")
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		r = LedgerReport{}
		if err := tx.QueryRow(`SELECT (SELECT COUNT(*) FROM payment_ledger), (SELECT COUNT(*) FROM payment_entry)`).
			Scan(&r.Movements, &r.Entries); err != nil {
			return err
		}
		if r.Unbalanced, err = unbalanced(tx); err != nil {
			return err
		}
		if r.Balances, err = balances(tx); err != nil {
			return err
		}
		r.Clearing, err = clearings(tx, r.Balances)
		return err
	})
	return r, err
}

// unbalanced finds movements whose entries do not sum to zero, and those that have none.
func unbalanced(tx *db.Tx) ([]string, error) {
	return db.All(tx, func(r db.Scanner) (k string, err error) { err = r.Scan(&k); return k, err },
		`SELECT l.key FROM payment_ledger l LEFT JOIN payment_entry e ON e.ledger_id = l.id
		GROUP BY l.id, l.key HAVING COUNT(e.line) < 2 OR SUM(e.amount) <> 0 ORDER BY l.id LIMIT 20`)
}

func balances(tx *db.Tx) ([]Balance, error) {
	return db.All(tx, func(r db.Scanner) (b Balance, err error) {
		err = r.Scan(&b.Account, &b.Currency, &b.Amount)
		return b, err
	},
		`SELECT e.account, l.currency, CAST(SUM(e.amount) AS BIGINT) FROM payment_entry e JOIN payment_ledger l ON l.id = e.ledger_id
		GROUP BY e.account, l.currency ORDER BY e.account, l.currency LIMIT 200`)
}

func clearings(tx *db.Tx, ledger []Balance) ([]Clearing, error) {
	list, err := db.All(tx, func(r db.Scanner) (c Clearing, err error) {
		err = r.Scan(&c.Provider, &c.Currency, &c.Payments, &c.Moved)
		return c, err
	},
		`SELECT provider, currency, CAST(SUM(captured - refunded) AS BIGINT), CAST(SUM(-disputed) AS BIGINT) FROM payment_payment
		GROUP BY provider, currency ORDER BY provider, currency LIMIT 200`)
	if err != nil {
		return nil, err
	}
	if list, err = withMoved(tx, list); err != nil {
		return nil, err
	}
	if list, err = withKept(tx, list); err != nil {
		return nil, err
	}
	for _, b := range ledger {
		for i := range list {
			if b.Account == clearing+list[i].Provider && b.Currency == list[i].Currency {
				list[i].Ledger = b.Amount
			}
		}
	}
	return list, nil
}

// withMoved adds what was booked from the providers' own accounts: fees, payouts, and what is unclear.
func withMoved(tx *db.Tx, list []Clearing) ([]Clearing, error) {
	moved, err := db.All(tx, func(r db.Scanner) (c Clearing, err error) {
		err = r.Scan(&c.Provider, &c.Currency, &c.Moved)
		return c, err
	},
		`SELECT provider, currency, CAST(SUM(CASE WHEN payment_id IS NOT NULL AND kind IN ('payment', 'refund', 'dispute', 'dispute_won')
			THEN -fee ELSE amount - fee END) AS BIGINT) FROM payment_movement WHERE booked IS NOT NULL
		GROUP BY provider, currency ORDER BY provider, currency LIMIT 200`)
	return addMoved(list, moved), err
}

// withKept adds what came by transfer and is no payment, as the rows of the transfers themselves have it.
func withKept(tx *db.Tx, list []Clearing) ([]Clearing, error) {
	kept, err := db.All(tx, func(r db.Scanner) (c Clearing, err error) {
		err = r.Scan(&c.Provider, &c.Currency, &c.Moved)
		return c, err
	}, `SELECT method, currency, CAST(SUM(kept) AS BIGINT) FROM payment_offline WHERE kept > 0 GROUP BY method, currency ORDER BY method, currency LIMIT 200`)
	return addMoved(list, kept), err
}

func addMoved(list, moved []Clearing) []Clearing {
	for _, m := range moved {
		i := 0
		for i < len(list) && (list[i].Provider != m.Provider || list[i].Currency != m.Currency) {
			i++
		}
		if i == len(list) {
			list = append(list, Clearing{Provider: m.Provider, Currency: m.Currency})
		}
		list[i].Moved += m.Moved
	}
	return list
}

// LedgerLine is one line of the ledger with the booking that it belongs to.
type LedgerLine struct {
	Booking string // its name
	Kind    string
	Account string
	Amount  money.Amount
	At      time.Time
}

// LedgerOf is everything that was booked for an order, the oldest first.
func (s *Service) LedgerOf(ctx context.Context, who access.Actor, order id.ID) (list []LedgerLine, err error) {
	defer fault.Wrap(&err, "payment: ledger of an order")
	if err := s.audit.Allow(ctx, who, access.PaymentView, audit.Act{Action: "payment.ledger", Object: "order", ObjectID: order}); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = db.All(tx, func(r db.Scanner) (l LedgerLine, err error) {
			var at int64
			err = r.Scan(&l.Booking, &l.Kind, &l.Account, &l.Amount, &at)
			l.At = clock.FromMicros(at)
			return l, err
		}, `SELECT l.key, l.kind, e.account, e.amount, l.made_at FROM payment_ledger l JOIN payment_entry e ON e.ledger_id = l.id
			WHERE l.order_id = $1 ORDER BY l.id, e.line LIMIT 500`, order)
		return err
	})
	return list, err
}

// Ledger is CheckLedger for who may see it.
func (s *Service) Ledger(ctx context.Context, who access.Actor) (LedgerReport, error) {
	if err := s.audit.Allow(ctx, who, access.PaymentView, audit.Act{Action: "payment.ledger", Object: "payment"}); err != nil {
		return LedgerReport{}, err
	}
	return s.CheckLedger(ctx)
}

// Owed is what an order still owes by the ledger; below zero the store owes the shopper.
func Owed(tx *db.Tx, order id.ID) (owed money.Amount, err error) {
	err = tx.QueryRow(`SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM payment_entry WHERE account = $1 AND order_id = $2`,
		Receivable, order).Scan(&owed)
	fault.Wrap(&err, "payment: owed")
	return owed, err
}

// Held is what came by transfer and is no payment, in the store's currency, for who may see payments: it waits for its rest,
// or goes back to who sent it.
func (s *Service) Held(ctx context.Context, who access.Actor) (sum money.Amount, err error) {
	defer fault.Wrap(&err, "payment: held")
	if err := s.audit.Allow(ctx, who, access.PaymentView, audit.Act{Action: "payment.ledger", Object: "payment"}); err != nil {
		return 0, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT CAST(COALESCE(SUM(kept), 0) AS BIGINT) FROM payment_offline WHERE kept > 0`).Scan(&sum)
	})
	return sum, err
}
