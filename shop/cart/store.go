package cart

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

const cartColumns = `id, state, version, order_id, country, touched_at, EXISTS (SELECT 1 FROM cart_code k WHERE k.cart_id = cart_cart.id)`

func scanCart(r db.Scanner) (c Cart, err error) {
	var touched int64
	err = r.Scan(&c.ID, &c.State, &c.Version, &c.Order, &c.Country, &touched, &c.coded)
	c.Touched = clock.FromMicros(touched)
	return c, err
}

// byToken finds the head of a cart; the zero Cart if there is none.
func byToken(tx *db.Tx, token id.Token) (Cart, error) {
	c, _, err := db.One(tx, scanCart, `SELECT `+cartColumns+` FROM cart_cart WHERE token_hash = $1`, token.Hash())
	return c, err
}

func byID(tx *db.Tx, cart id.ID) (Cart, error) {
	c, _, err := db.One(tx, scanCart, `SELECT `+cartColumns+` FROM cart_cart WHERE id = $1`, cart)
	return c, err
}

// fill reads lines and codes into a head. Most carts have no code, and their heads say so.
func fill(tx *db.Tx, c *Cart) (err error) {
	c.Lines, err = db.All(tx, func(r db.Scanner) (l Line, err error) {
		err = r.Scan(&l.Variant, &l.Quantity)
		return l, err
	}, `SELECT variant_id, quantity FROM cart_line WHERE cart_id = $1 ORDER BY made_at, variant_id LIMIT $2`, c.ID, 2*MaxLines)
	if err != nil || !c.coded {
		return err
	}
	c.Codes, err = db.All(tx, func(r db.Scanner) (v id.ID, err error) { err = r.Scan(&v); return v, err },
		`SELECT code_id FROM cart_code WHERE cart_id = $1 ORDER BY code_id LIMIT $2`, c.ID, 2*MaxCodes)
	return err
}

func insertCart(tx *db.Tx, token id.Token, country string) (Cart, error) {
	c := Cart{ID: tx.NewID(), State: Open, Version: 1, Country: country, Touched: tx.Now()}
	_, err := tx.Exec(`INSERT INTO cart_cart (id, token_hash, state, version, order_id, country, made_at, touched_at)
		VALUES ($1, $2, $3, 1, NULL, $4, $5, $5)`, c.ID, token.Hash(), int64(Open), country, clock.Micros(tx.Now()))
	return c, err
}

// insertMine makes the cart of a token that follows from something; if another request was quicker, that one's stands.
func insertMine(tx *db.Tx, token id.Token) error {
	_, err := tx.Exec(`INSERT INTO cart_cart (id, token_hash, state, version, order_id, country, made_at, touched_at)
		VALUES ($1, $2, $3, 1, NULL, '', $4, $4) ON CONFLICT (token_hash) DO NOTHING`, tx.NewID(), token.Hash(), int64(Open), clock.Micros(tx.Now()))
	return err
}

// rename gives a cart that is no longer open another token, so that a new one can have its own.
func rename(tx *db.Tx, cart id.ID, token id.Token) error {
	_, err := tx.Exec(`UPDATE cart_cart SET token_hash = $1 WHERE id = $2 AND state <> 1`, token.Hash(), cart)
	return err
}

// hold takes an open cart for a change: it raises the version, and no other change gets in before the commit. The
// time of the last touch is written at most once a minute.
func hold(tx *db.Tx, cart id.ID) error {
	return tx.Guard(errClosed(), `UPDATE cart_cart SET version = version + 1,
			touched_at = CASE WHEN touched_at <= $1 THEN $2 ELSE touched_at END
		WHERE id = $3 AND state = 1`, clock.Micros(tx.Now().Add(-touchEvery)), clock.Micros(tx.Now()), cart)
}

// touch says that somebody looked at the cart.
func touch(tx *db.Tx, cart id.ID) error {
	_, err := tx.Exec(`UPDATE cart_cart SET touched_at = $1 WHERE id = $2 AND touched_at <= $3`,
		clock.Micros(tx.Now()), cart, clock.Micros(tx.Now().Add(-touchEvery)))
	return err
}

// addLine adds to a line, up to a limit, and says whether that was possible.
func addLine(tx *db.Tx, cart, variant id.ID, n, limit int64) (bool, error) {
	done, err := tx.Exec(`INSERT INTO cart_line (cart_id, variant_id, quantity, made_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = cart_line.quantity + $3
		WHERE cart_line.quantity + $3 <= $5`, cart, variant, n, clock.Micros(tx.Now()), limit)
	return done == 1, err
}

// putLine makes the quantity of a line, which may be new.
func putLine(tx *db.Tx, cart, variant id.ID, n int64) error {
	_, err := tx.Exec(`INSERT INTO cart_line (cart_id, variant_id, quantity, made_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = $3`, cart, variant, n, clock.Micros(tx.Now()))
	return err
}

func setLine(tx *db.Tx, cart, variant id.ID, n int64) error {
	_, err := tx.Exec(`UPDATE cart_line SET quantity = $1 WHERE cart_id = $2 AND variant_id = $3`, n, cart, variant)
	return err
}

func dropLine(tx *db.Tx, cart, variant id.ID) error {
	_, err := tx.Exec(`DELETE FROM cart_line WHERE cart_id = $1 AND variant_id = $2`, cart, variant)
	return err
}

func setCountry(tx *db.Tx, cart id.ID, country string) error {
	_, err := tx.Exec(`UPDATE cart_cart SET country = $1 WHERE id = $2`, country, cart)
	return err
}

func addCode(tx *db.Tx, cart, code id.ID) error {
	_, err := tx.Exec(`INSERT INTO cart_code (cart_id, code_id, made_at) VALUES ($1, $2, $3) ON CONFLICT (cart_id, code_id) DO NOTHING`,
		cart, code, clock.Micros(tx.Now()))
	return err
}

func dropCode(tx *db.Tx, cart, code id.ID) error {
	_, err := tx.Exec(`DELETE FROM cart_code WHERE cart_id = $1 AND code_id = $2`, cart, code)
	return err
}

func countPieces(tx *db.Tx, token id.Token) (n int64, err error) {
	err = tx.QueryRow(`SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM cart_line l
		JOIN cart_cart c ON c.id = l.cart_id WHERE c.token_hash = $1 AND c.state <> 3`, token.Hash()).Scan(&n)
	return n, err
}

// bind closes an open cart for an order, if it is still the version that was shown.
func bind(tx *db.Tx, cart, order id.ID, version int64) (bool, error) {
	n, err := tx.Exec(`UPDATE cart_cart SET state = 2, order_id = $1, touched_at = $2 WHERE id = $3 AND state = 1 AND version = $4`,
		order, clock.Micros(tx.Now()), cart, version)
	return n == 1, err
}

func release(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`UPDATE cart_cart SET state = 1, order_id = NULL, version = version + 1, touched_at = $1
		WHERE order_id = $2 AND state = 2`, clock.Micros(tx.Now()), order)
	return err
}

func spend(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`UPDATE cart_cart SET state = 3, touched_at = $1 WHERE order_id = $2 AND state = 2`, clock.Micros(tx.Now()), order)
	return err
}

func stale(tx *db.Tx, before time.Time, limit int) ([]id.ID, error) {
	return db.All(tx, func(r db.Scanner) (v id.ID, err error) { err = r.Scan(&v); return v, err },
		`SELECT id FROM cart_cart WHERE touched_at < $1 AND state <> 2 ORDER BY touched_at, id LIMIT $2`, clock.Micros(before), limit)
}

// remove deletes a cart that is still stale; the first statement takes its row, so that nobody opens it meanwhile.
func remove(tx *db.Tx, cart id.ID, before time.Time) error {
	n, err := tx.Exec(`UPDATE cart_cart SET state = 3 WHERE id = $1 AND touched_at < $2 AND state <> 2`, cart, clock.Micros(before))
	if err != nil || n == 0 {
		return err
	}
	return deleteCart(tx, cart)
}

// deleteCart deletes a cart that the transaction holds.
func deleteCart(tx *db.Tx, cart id.ID) error {
	for _, q := range [...]string{`DELETE FROM cart_line WHERE cart_id = $1`, `DELETE FROM cart_code WHERE cart_id = $1`,
		`DELETE FROM cart_cart WHERE id = $1`} {
		if _, err := tx.Exec(q, cart); err != nil {
			return err
		}
	}
	return nil
}
