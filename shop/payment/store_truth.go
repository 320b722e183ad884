package payment

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

// selectTruth sums everything that is known about payments.
const selectTruth = `SELECT p.id, p.order_id, p.number, p.provider, p.state, p.currency, p.captured, p.refunded, p.disputed, p.changed_at,
	(SELECT CAST(COALESCE(SUM(m.amount), 0) AS BIGINT) FROM payment_movement m WHERE m.payment_id = p.id AND m.kind = 'payment'),
	(SELECT CAST(COALESCE(-SUM(m.amount), 0) AS BIGINT) FROM payment_movement m WHERE m.payment_id = p.id AND m.kind = 'refund'),
	(SELECT CAST(COALESCE(-SUM(m.amount), 0) AS BIGINT) FROM payment_movement m WHERE m.payment_id = p.id AND m.kind IN ('dispute', 'dispute_won')),
	(SELECT COUNT(*) FROM payment_movement m WHERE m.payment_id = p.id AND m.currency <> p.currency),
	(SELECT CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) FROM payment_ledger l JOIN payment_entry e ON e.ledger_id = l.id
		WHERE l.order_id = p.order_id AND e.order_id = p.order_id AND l.payment_id = p.id AND l.kind IN ('payment', 'refund') AND e.account = 'provider.' || p.provider),
	(SELECT COUNT(*) FROM payment_refund f WHERE f.payment_id = p.id AND f.reason = 'outside' AND f.state = 'done'),
	p.amount, p.held_until, (SELECT COALESCE(MIN(h.made_at), 0) FROM payment_hold h WHERE h.payment_id = p.id AND h.state = 'asked')
	FROM payment_payment p `

type truthRow struct {
	truth
	outside int64
}

func scanTruth(r db.Scanner) (t truthRow, err error) {
	var changed, held, acting int64
	err = r.Scan(&t.id, &t.order, &t.number, &t.provider, &t.state, &t.currency, &t.captured, &t.refunded, &t.disputed, &changed,
		&t.paid, &t.back, &t.lost, &t.foreign, &t.ledger, &t.outside, &t.amount, &held, &acting)
	t.changed, t.heldUntil, t.acting = clock.FromMicros(changed), clock.FromMicros(held), clock.FromMicros(acting)
	return t, err
}

// withOutside adds the refunds that were made at the provider's own desk, of which there are few.
func withOutside(tx *db.Tx, rows []truthRow, err error) ([]truth, error) {
	out := make([]truth, 0, len(rows))
	for _, t := range rows {
		if err != nil {
			return nil, err
		}
		if t.outside > 0 {
			t.truth.outside, err = db.All(tx, scanRefund, selectRefund+`WHERE payment_id = $1 AND reason = 'outside' AND state = 'done'
				ORDER BY id LIMIT 100`, t.id)
		}
		out = append(out, t.truth)
	}
	return out, err
}

// movedTruths is a page of the payments that moved at the provider on a day.
func movedTruths(tx *db.Tx, at till, day Day, after id.ID, limit int) ([]truth, error) {
	rows, err := db.All(tx, scanTruth, selectTruth+`JOIN (SELECT DISTINCT payment_id FROM payment_movement
		WHERE provider = $1 AND day = $2 AND payment_id > $3 AND account = $5 AND mode = $6 ORDER BY payment_id LIMIT $4) x
		ON x.payment_id = p.id ORDER BY p.id`, at.Provider, day, floor(after), limit, at.Account, string(at.Mode))
	return withOutside(tx, rows, err)
}

// bookedPage is the last of a page of bookings between two ids, and how many there are.
func bookedPage(tx *db.Tx, from, to []byte, limit int) (last id.ID, n int, err error) {
	list, err := db.All(tx, scanID, `SELECT id FROM payment_ledger WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3`, from, to, limit)
	if len(list) > 0 {
		last = list[len(list)-1]
	}
	return last, len(list), err
}

// bookedTruths is about the payments that were booked between two ids.
func bookedTruths(tx *db.Tx, at till, from []byte, last id.ID, limit int) ([]truth, error) {
	rows, err := db.All(tx, scanTruth, selectTruth+`JOIN (SELECT DISTINCT payment_id FROM payment_ledger
		WHERE id > $1 AND id <= $2 AND kind IN ('payment', 'refund', 'dispute')) x ON x.payment_id = p.id
		WHERE p.provider = $3 AND p.account = $5 AND p.mode = $6 ORDER BY p.id LIMIT $4`, from, last, at.Provider, limit, at.Account, string(at.Mode))
	return withOutside(tx, rows, err)
}

// overdueTruths is a page of the payments that are held past a moment, or with which something is being done since before it.
func overdueTruths(tx *db.Tx, at till, before time.Time, after id.ID, limit int) ([]truth, error) {
	rows, err := db.All(tx, scanTruth, selectTruth+`WHERE p.state = 'authorised' AND p.id > $1 AND p.provider = $2 AND p.account = $5 AND p.mode = $6
		AND (p.held_until > 0 AND p.held_until < $3 OR EXISTS (SELECT 1 FROM payment_hold h WHERE h.payment_id = p.id AND h.state = 'asked' AND h.made_at < $3))
		ORDER BY p.id LIMIT $4`, floor(after), at.Provider, clock.Micros(before), limit, at.Account, string(at.Mode))
	return withOutside(tx, rows, err)
}

func oneTruth(tx *db.Tx, payment id.ID) (truth, bool, error) {
	rows, err := db.All(tx, scanTruth, selectTruth+`WHERE p.id = $1`, payment)
	list, err := withOutside(tx, rows, err)
	if err != nil || len(list) == 0 {
		return truth{}, false, err
	}
	return list[0], true, nil
}

// withoutMoney are those of some paid orders of which no payment at the provider is paid. An order that costs nothing
// needs none, and one whose payment is another provider's is that provider's matter.
func withoutMoney(tx *db.Tx, provider string, list []OrderMoney) (out []OrderMoney, err error) {
	for len(list) > 0 {
		n := min(len(list), hundred)
		paid, err := paidOf(tx, list[:n])
		if err != nil {
			return nil, err
		}
		for _, o := range list[:n] {
			s, known := paid[o.Payment]
			if o.Total > 0 && (!known || s.provider == provider && s.state != Paid) {
				out = append(out, o)
			}
		}
		list = list[n:]
	}
	return out, nil
}

type standing struct {
	provider string
	state    State
}

const hundred = 100

// paidOf says how the payments of up to a hundred orders stand. The list of names is filled up with its last one.
func paidOf(tx *db.Tx, list []OrderMoney) (map[id.ID]standing, error) {
	args := make([]any, hundred)
	for i := range args {
		args[i] = list[min(i, len(list)-1)].Payment
	}
	out := map[id.ID]standing{}
	_, err := db.All(tx, func(r db.Scanner) (_ struct{}, err error) {
		var v id.ID
		var s standing
		err = r.Scan(&v, &s.provider, &s.state)
		out[v] = s
		return struct{}{}, err
	}, `SELECT id, provider, state FROM payment_payment WHERE id IN (
		$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		$21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40,
		$41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60,
		$61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80,
		$81, $82, $83, $84, $85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96, $97, $98, $99, $100)`, args...)
	return out, err
}

// DaySums is one day as the provider and as the store count it, in one currency.
type DaySums struct {
	Day            Day
	Currency       money.Currency
	Lines          int64        // of the provider's account
	Paid           money.Amount // by the provider's account
	Refunded       money.Amount
	Fees           money.Amount
	PaidOut        money.Amount
	Disputes       money.Amount // taken less given back
	Other          money.Amount
	LedgerPaid     money.Amount // by the store's ledger: what came in, by the moment in which the store knew
	LedgerRefunded money.Amount
}

// daySums lists the days of a span on which something moved at an account. The ledger knows providers and not their
// accounts: what it has for a day is that of all of them.
func daySums(tx *db.Tx, at till, span Span, zone *time.Location) (out []DaySums, err error) {
	for day := span.From; day <= span.To; day++ {
		list, err := db.All(tx, func(r db.Scanner) (d DaySums, err error) {
			err = r.Scan(&d.Currency, &d.Lines, &d.Paid, &d.Refunded, &d.Fees, &d.PaidOut, &d.Disputes, &d.Other)
			return d, err
		}, `SELECT currency, COUNT(*),
			CAST(SUM(CASE WHEN kind = 'payment' THEN amount ELSE 0 END) AS BIGINT),
			CAST(SUM(CASE WHEN kind = 'refund' THEN -amount ELSE 0 END) AS BIGINT),
			CAST(SUM(CASE WHEN kind IN ('fee', 'dispute_fee') THEN fee - amount ELSE fee END) AS BIGINT),
			CAST(SUM(CASE WHEN kind = 'payout' THEN -amount ELSE 0 END) AS BIGINT),
			CAST(SUM(CASE WHEN kind IN ('dispute', 'dispute_won') THEN -amount ELSE 0 END) AS BIGINT),
			CAST(SUM(CASE WHEN kind IN ('payment', 'refund', 'fee', 'dispute_fee', 'payout', 'dispute', 'dispute_won') THEN 0 ELSE amount END) AS BIGINT)
			FROM payment_movement WHERE provider = $1 AND day = $2 AND account = $3 AND mode = $4 GROUP BY currency
			ORDER BY currency LIMIT 50`, at.Provider, day, at.Account, string(at.Mode))
		if err != nil {
			return nil, err
		}
		if list, err = withLedger(tx, list, at.Provider, day, zone); err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// withLedger adds what the ledger says about the same day.
func withLedger(tx *db.Tx, list []DaySums, provider string, day Day, zone *time.Location) ([]DaySums, error) {
	type sum struct {
		kind     string
		currency money.Currency
		amount   money.Amount
	}
	// Entries are looked up by their booking: the index of accounts would give all that the provider ever had, for each. An
	// expression keeps every planner from it, whatever it knows of the tables.
	booked, err := db.All(tx, func(r db.Scanner) (s sum, err error) { err = r.Scan(&s.kind, &s.currency, &s.amount); return s, err },
		`SELECT l.kind, l.currency, CAST(SUM(e.amount) AS BIGINT) FROM payment_ledger l JOIN payment_entry e ON e.ledger_id = l.id
		WHERE l.id >= $1 AND l.id < $2 AND l.kind IN ('payment', 'refund') AND e.account || '' = $3
		GROUP BY l.kind, l.currency ORDER BY l.kind, l.currency LIMIT 100`,
		idAt(day.Begin(zone)), idAt((day + 1).Begin(zone)), clearing+provider)
	for _, b := range booked {
		i := 0
		for i < len(list) && list[i].Currency != b.currency {
			i++
		}
		if i == len(list) {
			list = append(list, DaySums{Currency: b.currency})
		}
		if b.kind == "payment" {
			list[i].LedgerPaid = b.amount
		} else {
			list[i].LedgerRefunded = -b.amount
		}
	}
	for i := range list {
		list[i].Day = day
	}
	return list, err
}
