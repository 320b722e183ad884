package vault

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// DropIndex makes a subject unfindable by a value that its field no longer has. A contact handle that nobody else is
// tied to ends with the next sweep that finds it a month old, so that what is counted for a person (uses of a discount
// code) is not forgotten by changing an address and changing it back.
func (v *Vault) DropIndex(ctx context.Context, f Field, subject id.ID, p Personal) (err error) {
	defer fault.Wrap(&err, "vault: drop index of field %d", f.Number)
	value, err := f.look(p)
	if err != nil {
		return err
	}
	return v.hashing(ctx, func(tx *db.Tx, r *ring) error {
		now, before := r.lastTwo(uint32(f.Number), value)
		_, err := tx.Exec(`DELETE FROM vault_index WHERE field = $1 AND value IN ($2, $3) AND subject = $4`,
			int64(f.Number), now, before, subject)
		return err
	})
}
