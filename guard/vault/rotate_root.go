package vault

import (
	"bytes"
	"context"
	"errors"

	"strongroom/base/clock"
	"strongroom/base/db"
)

// newRoot wraps the store keys under the next root key and seals that to the recovery kits, in one transaction. The
// next key lies safely in its own file before, and takes the first one's place after: killed in between, Open finds
// both files and the database says which one counts.
func (t *turn) newRoot(ctx context.Context) (string, error) {
	v := t.v
	present, own := v.root.(renewer)
	if !own {
		return stepStore, t.rewrapRoot(ctx, v.root, nil)
	}
	was, err := present.keyID()
	if err != nil {
		return "", err
	}
	next, err := present.renew()
	if err != nil {
		return "", err
	}
	if err := v.stopAt("rotate.renewed"); err != nil {
		return "", err
	}
	if err := t.rewrapRoot(ctx, next, was); err != nil {
		return "", err
	}
	if err := v.stopAt("rotate.rewrapped"); err != nil {
		return "", err
	}
	return stepStore, v.settle(ctx)
}

func (t *turn) rewrapRoot(ctx context.Context, next RootKey, was []byte) error {
	v := t.v
	keyID, kits, err := v.sealToKits(ctx, next)
	if err != nil {
		return err
	}
	rows, err := v.storeRows(ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		plain, err := v.root.Unwrap(ctx, rows[i].wrapped)
		if err != nil {
			return err
		}
		if rows[i].wrapped, err = next.Wrap(ctx, plain); err != nil {
			return err
		}
	}
	return v.keys.Write(ctx, func(tx *db.Tx) error {
		if was != nil {
			if err := tx.Guard(errHeld, "UPDATE vault_root SET key_id = $1, made_at = $2 WHERE id = 1 AND key_id = $3",
				keyID, clock.Micros(tx.Now()), was); err != nil {
				return err
			}
		}
		for _, r := range rows {
			if _, err := tx.Exec("UPDATE vault_store SET wrapped = $1 WHERE version = $2", r.wrapped, int64(r.version)); err != nil {
				return err
			}
		}
		if err := sameStores(tx, rows); err != nil {
			return err
		}
		return updateKits(tx, kits)
	})
}

// sameStores makes sure that no store key came meanwhile, which would stay wrapped by the old root.
func sameStores(tx *db.Tx, rows []storeRow) error {
	now, err := storeRowsIn(tx)
	if err != nil || len(now) != len(rows) {
		return errors.Join(err, errStale)
	}
	for i := range now {
		if now[i].version != rows[i].version || !bytes.Equal(now[i].wrapped, rows[i].wrapped) {
			return errStale
		}
	}
	return nil
}

// settle gives the root key in use its own place, after a rotation that was killed just before it could, and notes the
// key's name where the database was furnished by an engine that names none.
func (v *Vault) settle(ctx context.Context) error {
	r, own := v.root.(renewer)
	if !own {
		return nil
	}
	var keyID []byte
	err := v.keys.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow("SELECT key_id FROM vault_root WHERE id = 1").Scan(&keyID)
	})
	if err != nil {
		return err
	}
	if len(keyID) > 0 {
		return r.promote(keyID)
	}
	if keyID, err = r.keyID(); err != nil {
		return err
	}
	return v.keys.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE vault_root SET key_id = $1 WHERE id = 1 AND key_id = $2", keyID, []byte{})
		return err
	})
}
