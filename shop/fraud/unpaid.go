package fraud

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// How many orders may keep goods for days before anything is paid: by bank transfer, or when they are picked up. Who has
// paid here before may have more.
const (
	unpaidOne  = 2  // of one mail address, and of one browser
	unpaidNet  = 5  // of one network
	unpaidAll  = 30 // of all newcomers together
	unpaidMore = 8  // at most so many more for somebody who has paid
	unpaidLast = 60 * 24 * time.Hour
)

// ErrUnpaid says that too many orders keep goods unpaid already. Paying at once is always possible.
var ErrUnpaid = fault.New(fault.Conflict, "fraud.unpaid_many")

// Unpaid counts an order whose goods are about to be kept for days though nothing is paid, within the transaction that
// keeps them, and says whether its buyer is new here. Without a bound anybody could empty the shelves for nothing. Counts
// are made one after the other, so that many at once are not more than one after another.
func (s *Service) Unpaid(tx *db.Tx, order id.ID) (newcomer bool, err error) {
	defer fault.Wrap(&err, "fraud: unpaid")
	c, ok, err := caseOf(tx, order)
	if err != nil || !ok {
		return false, err // an order from before the defence was there
	}
	if err := takeTurn(tx); err != nil {
		return false, err
	}
	rows, err := rowsOf(tx, c.keys, slotOf(tx.Now()))
	if err != nil {
		return false, err
	}
	paid := map[Kind]int64{}
	for _, r := range rows {
		paid[r.kind] += r.paid
	}
	known := min(max(paid[Device], paid[Address]), unpaidMore)
	n, err := countUnpaid(tx, order, c.keys)
	switch {
	case err != nil:
		return false, err
	case n.contact >= unpaidOne+known, n.device >= unpaidOne+known, n.network >= s.d.Crowd*(unpaidNet+3*paid[Network]),
		c.Newcomer && n.newcomers >= s.d.Crowd*unpaidAll:
		return c.Newcomer, ErrUnpaid
	}
	return c.Newcomer, insertUnpaid(tx, c)
}

// Settled forgets that an order keeps goods unpaid: it was paid, or keeps them no more.
func (s *Service) Settled(tx *db.Tx, order id.ID) error { return dropUnpaid(tx, order) }

// unpaid are the open orders that share something with one.
type unpaid struct{ contact, device, network, newcomers int64 }

func takeTurn(tx *db.Tx) error {
	_, err := tx.Exec(`UPDATE fraud_unpaid_turn SET n = n + 1 WHERE id = 1`)
	return err
}

// countUnpaid counts the others. What is unknown is shared with nobody.
func countUnpaid(tx *db.Tx, order id.ID, k keys) (n unpaid, err error) {
	err = tx.QueryRow(`SELECT (SELECT COUNT(*) FROM fraud_unpaid WHERE contact = $1 AND order_id <> $4),
		(SELECT COUNT(*) FROM fraud_unpaid WHERE device = $2 AND order_id <> $4),
		(SELECT COUNT(*) FROM fraud_unpaid WHERE network = $3 AND order_id <> $4),
		(SELECT COUNT(*) FROM fraud_unpaid WHERE newcomer = 1 AND order_id <> $4)`, k.contact, k.device, k.network, order).
		Scan(&n.contact, &n.device, &n.network, &n.newcomers)
	for _, x := range []struct {
		key []byte
		n   *int64
	}{{k.contact, &n.contact}, {k.device, &n.device}, {k.network, &n.network}} {
		if len(x.key) == 0 {
			*x.n = 0
		}
	}
	return n, err
}

func insertUnpaid(tx *db.Tx, c Case) error {
	_, err := tx.Exec(`INSERT INTO fraud_unpaid (order_id, device, contact, network, newcomer, made_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (order_id) DO NOTHING`, c.Order, c.keys.device, c.keys.contact, c.keys.network, db.Bool(c.Newcomer), clock.Micros(tx.Now()))
	return err
}

func dropUnpaid(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`DELETE FROM fraud_unpaid WHERE order_id = $1`, order)
	return err
}

func dropOldUnpaid(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM fraud_unpaid WHERE made_at < $1`, clock.Micros(before))
	return err
}
