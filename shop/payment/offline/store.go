package offline

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/shop/payment"
)

// row is one payment that comes by another way.
type row struct {
	Ref, Key             string
	Method               Method
	Mode                 payment.Mode
	Reference, Number    string
	Amount               money.Amount
	Currency             money.Currency
	Bank                 Bank
	Status               payment.Status
	Received             money.Amount
	Until, Made, Changed time.Time
	Reminded             time.Time
}

const rowColumns = `ref, start_key, method, mode, reference, number, amount, currency, holder, iban, bic, bank, status, received, until_at, made_at, changed_at, reminded_at`

func scanRow(s db.Scanner) (r row, err error) {
	var method, mode, currency, status string
	var amount, received, until, made, changed, reminded int64
	err = s.Scan(&r.Ref, &r.Key, &method, &mode, &r.Reference, &r.Number, &amount, &currency, &r.Bank.Holder, &r.Bank.IBAN, &r.Bank.BIC, &r.Bank.Name, &status,
		&received, &until, &made, &changed, &reminded)
	r.Method, r.Mode, r.Currency, r.Status = Method(method), payment.Mode(mode), money.Currency(currency), payment.Status(status)
	r.Amount, r.Received = money.Amount(amount), money.Amount(received)
	r.Until, r.Made, r.Changed = clock.FromMicros(until), clock.FromMicros(made), clock.FromMicros(changed)
	if reminded > 0 {
		r.Reminded = clock.FromMicros(reminded)
	}
	return r, err
}

func insertRow(tx *db.Tx, r row) error {
	_, err := tx.Exec(`INSERT INTO payment_offline (`+rowColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $15, 0)
		ON CONFLICT DO NOTHING`, r.Ref, r.Key, string(r.Method), string(r.Mode), r.Reference, r.Number, int64(r.Amount), string(r.Currency), r.Bank.Holder,
		r.Bank.IBAN, r.Bank.BIC, r.Bank.Name, string(r.Status), micros(r.Until), micros(r.Made))
	return err
}

func byKey(tx *db.Tx, key string) (row, bool, error) {
	return db.One(tx, scanRow, `SELECT `+rowColumns+` FROM payment_offline WHERE start_key = $1`, key)
}

func byRef(tx *db.Tx, ref string) (row, bool, error) {
	return db.One(tx, scanRow, `SELECT `+rowColumns+` FROM payment_offline WHERE ref = $1`, ref)
}

func byReference(tx *db.Tx, reference string) (row, bool, error) {
	return db.One(tx, scanRow, `SELECT `+rowColumns+` FROM payment_offline WHERE reference = $1`, reference)
}

// ofNumber are the rows of an order, the newest first.
func ofNumber(tx *db.Tx, number string) ([]row, error) {
	return db.All(tx, scanRow, `SELECT `+rowColumns+` FROM payment_offline WHERE number = $1 ORDER BY made_at DESC, ref DESC LIMIT 20`, number)
}

func openRows(tx *db.Tx) ([]row, error) {
	return db.All(tx, scanRow, `SELECT `+rowColumns+` FROM payment_offline WHERE status = 'pending' ORDER BY made_at, ref LIMIT 500`)
}

// toRemind are the transfers of which more than half of the time is over and nobody was reminded.
func toRemind(tx *db.Tx, limit int) ([]row, error) {
	return db.All(tx, scanRow, `SELECT `+rowColumns+` FROM payment_offline WHERE status = 'pending' AND method = 'transfer' AND reminded_at = 0
		AND made_at + (until_at - made_at) / 2 <= $1 AND until_at > $1 ORDER BY made_at, ref LIMIT $2`, micros(tx.Now()), int64(limit))
}

func markReminded(tx *db.Tx, ref string) error {
	_, err := tx.Exec(`UPDATE payment_offline SET reminded_at = $1 WHERE ref = $2`, micros(tx.Now()), ref)
	return err
}

var errMoved = fault.New(fault.Conflict, "payment.offline_moved")

// moveRow changes the state, if nobody else has.
func moveRow(tx *db.Tx, r row, from payment.Status) error {
	return tx.Guard(errMoved, `UPDATE payment_offline SET status = $1, changed_at = $2 WHERE ref = $3 AND status = $4`,
		string(r.Status), micros(tx.Now()), r.Ref, string(from))
}

// lockRow has others wait who work on the same payment.
func lockRow(tx *db.Tx, ref string) error {
	return tx.Guard(payment.ErrNotFound, `UPDATE payment_offline SET changed_at = $1 WHERE ref = $2`, micros(tx.Now()), ref)
}

func addReceived(tx *db.Tx, ref string, amount money.Amount) error {
	return tx.Guard(errMoved, `UPDATE payment_offline SET received = received + $1, changed_at = $2 WHERE ref = $3 AND received <= $4`,
		int64(amount), micros(tx.Now()), ref, int64(money.Max-amount))
}

func keptOf(tx *db.Tx, ref string) (money.Amount, error) {
	var n int64
	err := tx.QueryRow(`SELECT kept FROM payment_offline WHERE ref = $1`, ref).Scan(&n)
	return money.Amount(n), err
}

func addKept(tx *db.Tx, ref string, amount money.Amount) error {
	return tx.Guard(errMoved, `UPDATE payment_offline SET kept = kept + $1 WHERE ref = $2 AND kept + $1 >= 0`, int64(amount), ref)
}

// Receipt is money that came, as somebody wrote it down.
type Receipt struct {
	ID     id.ID
	Amount money.Amount
	Day    time.Time
	How    How   // at the counter
	Member id.ID // zero for the console
	Made   time.Time
}

func insertReceipt(tx *db.Tx, ref, attempt string, r Receipt) (bool, error) {
	n, err := tx.Exec(`INSERT INTO payment_offline_receipt (id, ref, attempt, amount, day, how, member, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (ref, attempt) DO NOTHING`, r.ID, ref, attempt, int64(r.Amount), r.Day.Format(time.DateOnly), string(r.How), r.Member, micros(r.Made))
	return n == 1, err
}

// The kinds of returns.
const (
	kindRefund  = "refund"  // of a payment that counts
	kindSurplus = "surplus" // of what came too much, or too late and too little
)

// Return is money that is to be sent back by hand.
type Return struct {
	ID       id.ID
	Ref, Key string
	Kind     string
	Amount   money.Amount
	Sent     bool
	Day      string // on which it was sent
	Member   id.ID
	Made     time.Time

	Number   string // of the order, in lists
	Method   Method
	Currency money.Currency
}

func (r Return) answer() payment.RefundAnswer {
	a := payment.RefundAnswer{Ref: r.ID.String(), Key: r.Key, Status: payment.RefundPending, Amount: r.Amount}
	if r.Sent {
		a.Status = payment.RefundDone
	}
	return a
}

// insertReturn writes a return; the caller has locked its payment's row, so that two do not get one number.
func insertReturn(tx *db.Tx, r Return) error {
	_, err := tx.Exec(`INSERT INTO payment_offline_return (id, ref, key, kind, amount, sent, day, member, made_at, sent_at, n)
		VALUES ($1, $2, $3, $4, $5, 0, '', NULL, $6, 0, (SELECT COUNT(*) + 1 FROM payment_offline_return WHERE ref = $2))`, r.ID, r.Ref, r.Key, r.Kind, int64(r.Amount), micros(r.Made))
	return err
}

const returnColumns = `r.id, r.ref, r.key, r.kind, r.amount, r.sent, r.day, r.member, r.made_at, p.number, p.method, p.currency`

func scanReturn(s db.Scanner) (r Return, err error) {
	var amount, sent, made int64
	var method, currency string
	err = s.Scan(&r.ID, &r.Ref, &r.Key, &r.Kind, &amount, &sent, &r.Day, &r.Member, &made, &r.Number, &method, &currency)
	r.Amount, r.Sent, r.Made, r.Method, r.Currency = money.Amount(amount), sent == 1, clock.FromMicros(made), Method(method), money.Currency(currency)
	return r, err
}

func returnByKey(tx *db.Tx, ref, key string) (Return, bool, error) {
	return db.One(tx, scanReturn, `SELECT `+returnColumns+` FROM payment_offline_return r JOIN payment_offline p ON p.ref = r.ref WHERE r.ref = $1 AND r.key = $2`, ref, key)
}

func returnByID(tx *db.Tx, v id.ID) (Return, bool, error) {
	return db.One(tx, scanReturn, `SELECT `+returnColumns+` FROM payment_offline_return r JOIN payment_offline p ON p.ref = r.ref WHERE r.id = $1`, v)
}

func returnsOf(tx *db.Tx, ref string) ([]Return, error) {
	return db.All(tx, scanReturn, `SELECT `+returnColumns+` FROM payment_offline_return r JOIN payment_offline p ON p.ref = r.ref WHERE r.ref = $1 ORDER BY r.n, r.made_at, r.id LIMIT 200`, ref)
}

func openReturns(tx *db.Tx) ([]Return, error) {
	return db.All(tx, scanReturn, `SELECT `+returnColumns+` FROM payment_offline_return r JOIN payment_offline p ON p.ref = r.ref WHERE r.sent = 0 ORDER BY r.made_at, r.id LIMIT 500`)
}

// returned is the sum of an order's returns of one kind, sent or not.
func returned(tx *db.Tx, ref, kind string) (money.Amount, error) {
	var n int64
	err := tx.QueryRow(`SELECT COALESCE(SUM(amount), 0) FROM payment_offline_return WHERE ref = $1 AND kind = $2`, ref, kind).Scan(&n)
	return money.Amount(n), err
}

func markSent(tx *db.Tx, v, member id.ID, day time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE payment_offline_return SET sent = 1, day = $1, member = $2, sent_at = $3 WHERE id = $4 AND sent = 0`,
		day.Format(time.DateOnly), member, micros(tx.Now()), v)
	return n == 1, err
}
