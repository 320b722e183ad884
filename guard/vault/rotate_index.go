package vault

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/id"
)

// indexRow is a look-up hash that still ends with an older index key.
type indexRow struct {
	field   int64
	value   []byte
	subject id.ID
	chain   uint32
}

// indexes moves look-up hashes and contacts on to the newest index key. A hash is hashed again: no value is known here.
func (t *turn) indexes(ctx context.Context) (string, error) {
	for {
		n, err := t.indexBatch(ctx)
		if err != nil {
			return "", err
		}
		m, err := t.contactBatch(ctx)
		if err != nil {
			return "", err
		}
		if n+m == 0 {
			return stepRetire, nil
		}
		t.done += int64(n + m)
		t.progress(Progress{Step: stepIndex, Done: t.done})
		if err := t.v.stopAt("rotate.index"); err != nil {
			return "", err
		}
	}
}

// further hashes a value on from one link of the chain to the last.
func (r *ring) further(value []byte, from uint32) []byte {
	for _, l := range r.chain {
		if l.version > from {
			value = sum(l.key, value)
		}
	}
	return value
}

func (t *turn) indexBatch(ctx context.Context) (n int, err error) {
	r := t.v.ring.Load()
	newest := int64(r.chain[len(r.chain)-1].version)
	err = t.v.keys.Write(ctx, func(tx *db.Tx) error {
		rows, err := db.All(tx, func(s db.Scanner) (x indexRow, err error) {
			return x, s.Scan(&x.field, &x.value, &x.subject, &x.chain)
		}, "SELECT field, value, subject, chain FROM vault_index WHERE chain < $1 LIMIT $2", newest, rotateBatch)
		if err != nil {
			return err
		}
		for _, x := range rows {
			if err := moveIndex(tx, x, r.further(x.value, x.chain), newest); err != nil {
				return err
			}
		}
		n = len(rows)
		return t.moveIn(tx, stepIndex, int64(n))
	})
	return n, err
}

// moveIndex copies and deletes: the same entry may stand there already, made under the new key.
func moveIndex(tx *db.Tx, x indexRow, value []byte, newest int64) error {
	if _, err := tx.Exec(`INSERT INTO vault_index (field, value, subject, purpose, chain, contact)
		SELECT field, $1, subject, purpose, $2, contact FROM vault_index WHERE field = $3 AND value = $4 AND subject = $5
		ON CONFLICT (field, value, subject) DO NOTHING`, value, newest, x.field, x.value, x.subject); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM vault_index WHERE field = $1 AND value = $2 AND subject = $3", x.field, x.value, x.subject)
	return err
}

func (t *turn) contactBatch(ctx context.Context) (n int, err error) {
	r := t.v.ring.Load()
	newest := int64(r.chain[len(r.chain)-1].version)
	err = t.v.keys.Write(ctx, func(tx *db.Tx) error {
		rows, err := db.All(tx, func(s db.Scanner) (x indexRow, err error) {
			return x, s.Scan(&x.value, &x.chain)
		}, "SELECT value, chain FROM vault_contact WHERE chain < $1 LIMIT $2", newest, rotateBatch)
		if err != nil {
			return err
		}
		for _, x := range rows {
			if err := moveContact(tx, x, r.further(x.value, x.chain), newest); err != nil {
				return err
			}
		}
		n = len(rows)
		return t.moveIn(tx, stepIndex, int64(n))
	})
	return n, err
}

// moveContact keeps the older of two handles for one address, and whoever was tied to the younger is tied to it.
func moveContact(tx *db.Tx, x indexRow, value []byte, newest int64) error {
	younger, found, err := db.One(tx, scanID, "SELECT handle FROM vault_contact WHERE value = $1", value)
	if err != nil {
		return err
	}
	if found {
		if _, err := tx.Exec("UPDATE vault_index SET contact = (SELECT handle FROM vault_contact WHERE value = $1) WHERE contact = $2",
			x.value, younger); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM vault_contact WHERE value = $1", value); err != nil {
			return err
		}
	}
	_, err = tx.Exec("UPDATE vault_contact SET value = $1, chain = $2 WHERE value = $3", value, newest, x.value)
	return err
}
