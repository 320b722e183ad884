package vault

import (
	"bytes"
	"context"
	"errors"
	"os"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
)

// newRoot wraps the store keys under the next root key and seals that to the recovery kits, in one transaction. The
// next key lies safely in its own file before, and takes the first one's place after: killed in between, Open finds
// both files and the database says which one counts.
func (t *turn) newRoot(ctx context.Context) (string, error) {
	v := t.v
	if err := v.reload(ctx); err != nil { // the root key may have moved since this process looked
		return "", err
	}
	present, own := v.rootKey().(renewer)
	if !own {
		return stepStore, t.rewrapRoot(ctx, v.rootKey(), nil)
	}
	was, err := present.keyID()
	if err != nil {
		return "", err
	}
	next, err := t.next(ctx, present)
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
	if err := v.settle(ctx); err != nil {
		return "", err
	}
	return stepStore, v.reload(ctx)
}

// next is the root key that comes: in the same place, or in the one that the turn moves it to.
func (t *turn) next(ctx context.Context, present renewer) (renewer, error) {
	if place, _ := present.lies(); t.to == "" || t.to == place {
		return present.renew(ctx)
	}
	if t.to == InService {
		s, err := t.v.openService(ctx)
		if err != nil {
			return nil, err
		}
		return newServiceRoot(ctx, s)
	}
	f, ok := t.v.file.(*KeyFile)
	if !ok {
		return nil, errors.New("no place for a key file is known")
	}
	// A foreign file in the place is found before anything is changed.
	if _, err := os.Lstat(f.path); err == nil {
		return nil, fault.New(fault.Conflict, "vault.keyfile_exists").WithHint("There is a file at " + f.path + " already. Move it away first: it would be written over.")
	}
	return f.renew(ctx)
}

func (t *turn) rewrapRoot(ctx context.Context, next RootKey, was []byte) error {
	v := t.v
	keyID, kits, err := v.sealToKits(ctx, next)
	if err != nil {
		return err
	}
	rows, err := v.rewrapStores(ctx, next)
	if err != nil {
		return err
	}
	return v.keys.Write(ctx, func(tx *db.Tx) error {
		if was != nil {
			place, kept := next.(renewer).lies()
			if err := tx.Guard(errHeld, `UPDATE vault_root SET key_id = $1, made_at = $2, place = $3, wrapped = $4, was = key_id
				WHERE id = 1 AND key_id = $5`, keyID, clock.Micros(tx.Now()), place, kept, was); err != nil {
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

// rewrapStores opens all store keys and wraps them by the next root key.
func (v *Vault) rewrapStores(ctx context.Context, next RootKey) ([]storeRow, error) {
	rows, err := v.storeRows(ctx)
	if err != nil {
		return nil, err
	}
	present := v.rootKey()
	for i := range rows {
		plain, err := present.Unwrap(ctx, rows[i].wrapped)
		if err != nil {
			return nil, err
		}
		if rows[i].wrapped, err = next.Wrap(ctx, plain); err != nil {
			return nil, err
		}
	}
	return rows, nil
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
// key's name where the database was furnished by an engine that names none. A key file whose key moved to a key service
// is removed: it opens nothing any more.
func (v *Vault) settle(ctx context.Context) error {
	row, _, err := rootOf(ctx, v.keys)
	if err != nil {
		return err
	}
	f, isFile := v.file.(*KeyFile)
	if row.place == InService {
		if isFile {
			return f.retire(row.was)
		}
		return nil
	}
	r, own := v.file.(renewer)
	if !own {
		return nil
	}
	if len(row.keyID) > 0 {
		return r.promote(row.keyID)
	}
	keyID, err := r.keyID()
	if err != nil {
		return err
	}
	return v.keys.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE vault_root SET key_id = $1 WHERE id = 1 AND key_id = $2", keyID, []byte{})
		return err
	})
}
