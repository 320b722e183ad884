package vault

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// DropIndex makes a subject unfindable by a value that its field no longer has. A contact handle that nobody else is
// tied to ends with it.
func (v *Vault) DropIndex(ctx context.Context, f Field, subject id.ID, p Personal) (err error) {
	defer fault.Wrap(&err, "vault: drop index of field %d", f.Number)
	value, err := f.look(p)
	if err != nil {
		return err
	}
	return v.hashing(ctx, func(tx *db.Tx, r *ring) error {
		now, before := r.lastTwo(uint32(f.Number), value)
		contacts, err := db.All(tx, scanID, `SELECT DISTINCT contact FROM vault_index
			WHERE field = $1 AND value IN ($2, $3) AND subject = $4 AND contact IS NOT NULL`, int64(f.Number), now, before, subject)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM vault_index WHERE field = $1 AND value IN ($2, $3) AND subject = $4`,
			int64(f.Number), now, before, subject); err != nil {
			return err
		}
		for _, c := range contacts {
			if _, err := tx.Exec(`DELETE FROM vault_contact WHERE handle = $1
				AND NOT EXISTS (SELECT 1 FROM vault_index i WHERE i.contact = $1)`, c); err != nil {
				return err
			}
		}
		return nil
	})
}
