package shopper

import (
	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// row is an address as it is stored.
type row struct {
	id      id.ID
	country string
	chosen  bool
	sealed  [len(parts)][]byte
}

// hold takes the owner's row, so that two changes of one book come one after the other.
func hold(tx *db.Tx, o Owner) error {
	_, err := tx.Exec(`INSERT INTO shopper_person (account, subject, name, saved_at) VALUES ($1, $2, NULL, $3)
		ON CONFLICT (account) DO UPDATE SET saved_at = $3`, o.Account, o.Subject, clock.Micros(tx.Now()))
	return err
}

func nameOf(tx *db.Tx, o Owner) ([]byte, error) {
	name, _, err := db.One(tx, func(r db.Scanner) (b []byte, err error) { err = r.Scan(&b); return b, err },
		`SELECT name FROM shopper_person WHERE account = $1 AND subject = $2`, o.Account, o.Subject)
	return name, err
}

func setName(tx *db.Tx, o Owner, sealed []byte) error {
	_, err := tx.Exec(`UPDATE shopper_person SET name = $1 WHERE account = $2`, sealed, o.Account)
	return err
}

const addressColumns = `name, company, street, line2, postcode, city, region`

func scanRow(s db.Scanner) (r row, err error) {
	var chosen int64
	into := []any{&r.id, &r.country, &chosen}
	for i := range r.sealed {
		into = append(into, &r.sealed[i])
	}
	err = s.Scan(into...)
	r.chosen = chosen != 0
	return r, err
}

func addressesOf(tx *db.Tx, account id.ID) ([]row, error) {
	return db.All(tx, scanRow, `SELECT id, country, chosen, `+addressColumns+` FROM shopper_address WHERE account = $1
		ORDER BY chosen DESC, id LIMIT $2`, account, MaxAddresses)
}

func addressBy(tx *db.Tx, account, address id.ID) (row, bool, error) {
	return db.One(tx, scanRow, `SELECT id, country, chosen, `+addressColumns+` FROM shopper_address WHERE id = $1 AND account = $2`, address, account)
}

func countAddresses(tx *db.Tx, account id.ID) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM shopper_address WHERE account = $1`, account).Scan(&n)
	return n, err
}

func insertAddress(tx *db.Tx, o Owner, r row) error {
	args := []any{r.id, o.Account, o.Subject, r.country, clock.Micros(tx.Now())}
	for _, b := range r.sealed {
		args = append(args, b)
	}
	_, err := tx.Exec(`INSERT INTO shopper_address (id, account, subject, country, chosen, made_at, saved_at, `+addressColumns+`)
		VALUES ($1, $2, $3, $4, 0, $5, $5, $6, $7, $8, $9, $10, $11, $12)`, args...)
	return err
}

func updateAddress(tx *db.Tx, account id.ID, r row) (bool, error) {
	args := []any{r.country, clock.Micros(tx.Now()), r.id, account}
	for _, b := range r.sealed {
		args = append(args, b)
	}
	n, err := tx.Exec(`UPDATE shopper_address SET country = $1, saved_at = $2, name = $5, company = $6, street = $7, line2 = $8,
		postcode = $9, city = $10, region = $11 WHERE id = $3 AND account = $4`, args...)
	return n == 1, err
}

// choose makes one address of an account the chosen one, and all others not.
func choose(tx *db.Tx, account, address id.ID) error {
	if _, err := tx.Exec(`UPDATE shopper_address SET chosen = 0 WHERE account = $1 AND chosen = 1`, account); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE shopper_address SET chosen = 1 WHERE id = $1 AND account = $2`, address, account)
	return err
}

// chooseSome chooses the oldest address if none is chosen.
func chooseSome(tx *db.Tx, account id.ID) error {
	_, err := tx.Exec(`UPDATE shopper_address SET chosen = 1 WHERE id = (SELECT id FROM shopper_address WHERE account = $1 ORDER BY id LIMIT 1)
		AND NOT EXISTS (SELECT 1 FROM shopper_address WHERE account = $1 AND chosen = 1)`, account)
	return err
}

func deleteAddress(tx *db.Tx, account, address id.ID) (bool, error) {
	n, err := tx.Exec(`DELETE FROM shopper_address WHERE id = $1 AND account = $2`, address, account)
	return n == 1, err
}

// forget deletes everything of an account.
func forget(tx *db.Tx, account id.ID) error {
	if _, err := tx.Exec(`DELETE FROM shopper_address WHERE account = $1`, account); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM shopper_person WHERE account = $1`, account)
	return err
}
