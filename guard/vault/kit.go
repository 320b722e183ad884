package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"filippo.io/age"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Kit is a recovery kit: an identity of its own (age, post-quantum hybrid). The root key is sealed to it in the key
// database, anew at each rotation, and so are key backups. With a kit and any copy of the key database, however old or
// new either is, the store can be opened again. A kit prints as hidden; Text is what belongs on paper.
type Kit struct{ identity *age.HybridIdentity }

// String hides the kit.
func (Kit) String() string { return "recovery kit (hidden)" }

// GoString hides the kit.
func (Kit) GoString() string { return "recovery kit (hidden)" }

const (
	kitHead   = "STRONGROOM RECOVERY KIT"
	kitPrefix = "AGE-SECRET-KEY-PQ-"
	kitGroup  = 6
)

// NewKit makes a kit and seals the present root key to it. Show it with Show or WriteFile, and have part of it
// typed back (Check) before trusting that it is on paper.
func (v *Vault) NewKit(ctx context.Context) (k *Kit, err error) {
	defer fault.Wrap(&err, "vault: recovery kit")
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, err
	}
	// Sealed in a loop: a rotation between the sealing and the writing would leave the kit with yesterday's root.
	for range 3 {
		row, err := v.kitRow(identity)
		if err != nil {
			return nil, err
		}
		err = v.keys.Write(ctx, func(tx *db.Tx) error { return insertKit(tx, row) })
		if !errors.Is(err, errStale) {
			return &Kit{identity}, err
		}
		if err := v.reload(ctx); err != nil { // the root key moved, and another process moved it
			return nil, err
		}
	}
	return nil, errStale
}

type kitRow struct {
	id        id.ID
	recipient string
	sealed    []byte
	keyID     []byte
}

func (v *Vault) kitRow(identity *age.HybridIdentity) (kitRow, error) {
	r, own := v.rootKey().(renewer)
	if !own {
		return kitRow{}, fault.New(fault.Unsupported, "vault.kit_by_service").
			WithHint("Only a root key that the store names itself can be sealed to a kit.")
	}
	return sealKit(kitRow{id: randomID(), recipient: identity.Recipient().String()}, r)
}

// sealKit seals a root key to the kit's recipient.
func sealKit(row kitRow, root renewer) (kitRow, error) {
	secret, err := root.secret()
	if err != nil {
		return row, err
	}
	defer clear(secret)
	if row.keyID, err = root.keyID(); err != nil {
		return row, err
	}
	recipient, err := age.ParseHybridRecipient(row.recipient)
	if err != nil {
		return row, err
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipient)
	if err != nil {
		return row, err
	}
	if _, err := w.Write(secret); err != nil {
		return row, err
	}
	err = w.Close()
	row.sealed = b.Bytes()
	return row, err
}

// sealToKits seals the next root key to all kits.
func (v *Vault) sealToKits(ctx context.Context, next RootKey) (keyID []byte, rows []kitRow, err error) {
	r, own := next.(renewer)
	if !own {
		return []byte{}, nil, nil
	}
	if keyID, err = r.keyID(); err != nil {
		return nil, nil, err
	}
	if rows, err = v.kitRows(ctx); err != nil {
		return nil, nil, err
	}
	for i := range rows {
		if rows[i], err = sealKit(rows[i], r); err != nil {
			return nil, nil, err
		}
	}
	return keyID, rows, nil
}

func (v *Vault) kitRows(ctx context.Context) (rows []kitRow, err error) {
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		rows, err = readKits(tx)
		return err
	})
	return rows, err
}

func readKits(tx *db.Tx) ([]kitRow, error) {
	return db.All(tx, func(s db.Scanner) (k kitRow, err error) {
		return k, s.Scan(&k.id, &k.recipient, &k.sealed, &k.keyID)
	}, "SELECT id, recipient, sealed, key_id FROM vault_kit ORDER BY id")
}

func insertKit(tx *db.Tx, k kitRow) error {
	if err := tx.Guard(errStale, "UPDATE vault_root SET id = 1 WHERE id = 1 AND key_id = $1", k.keyID); err != nil {
		return err
	}
	_, err := tx.Exec("INSERT INTO vault_kit (id, recipient, sealed, key_id, made_at, checked_at) VALUES ($1, $2, $3, $4, $5, 0)",
		k.id, k.recipient, k.sealed, k.keyID, clock.Micros(tx.Now()))
	return err
}

// updateKits writes the kits sealed anew, and fails if one was made meanwhile.
func updateKits(tx *db.Tx, rows []kitRow) error {
	var n int
	if err := tx.QueryRow("SELECT COUNT(*) FROM vault_kit").Scan(&n); err != nil {
		return err
	}
	if n != len(rows) {
		return errStale
	}
	for _, k := range rows {
		if _, err := tx.Exec("UPDATE vault_kit SET sealed = $1, key_id = $2 WHERE id = $3", k.sealed, k.keyID, k.id); err != nil {
			return err
		}
	}
	return nil
}

// CheckKit says whether the kit, typed in whole, opens what the key database holds for it, and notes the time.
func (v *Vault) CheckKit(ctx context.Context, k *Kit) (err error) {
	defer fault.Wrap(&err, "vault: check kit")
	row, secret, err := openKit(ctx, v.keys, k)
	if err != nil {
		return err
	}
	clear(secret)
	return v.Checked(ctx, row.recipient)
}

// Confirmed notes that the keeper of a new kit typed the right group back.
func (v *Vault) Confirmed(ctx context.Context, k *Kit) error {
	return v.Checked(ctx, k.identity.Recipient().String())
}

// Checked notes the time for the kit with that recipient.
func (v *Vault) Checked(ctx context.Context, recipient string) error {
	return v.keys.Write(ctx, func(tx *db.Tx) error {
		return tx.Guard(errKitForeign, "UPDATE vault_kit SET checked_at = $1 WHERE recipient = $2", clock.Micros(tx.Now()), recipient)
	})
}

// KitState is what may be shown of a kit.
type KitState struct {
	ID      id.ID
	Made    time.Time
	Checked time.Time // zero for never
}

// Kits lists the recovery kits, oldest first.
func (v *Vault) Kits(ctx context.Context) (out []KitState, err error) {
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, func(s db.Scanner) (k KitState, err error) {
			var made, checked int64
			err = s.Scan(&k.ID, &made, &checked)
			k.Made, k.Checked = clock.FromMicros(made), clock.FromMicros(checked)
			return k, err
		}, "SELECT id, made_at, checked_at FROM vault_kit ORDER BY made_at, id")
		return err
	})
	return out, err
}

// DropKit makes a kit worthless that was lost or seen: nothing is sealed to it any more. Rotate afterwards, because it
// opens copies of the key database that were made before.
func (v *Vault) DropKit(ctx context.Context, kit id.ID) error {
	err := v.keys.Write(ctx, func(tx *db.Tx) error {
		return tx.Guard(fault.New(fault.NotFound, "vault.kit_unknown"), "DELETE FROM vault_kit WHERE id = $1", kit)
	})
	if err != nil {
		return err
	}
	return v.shred(ctx, storeTables)
}

// Recipients are the public halves of all kits, to which key backups are sealed.
func (v *Vault) Recipients(ctx context.Context) (out []age.Recipient, err error) {
	rows, err := v.kitRows(ctx)
	for _, k := range rows {
		r, err := age.ParseHybridRecipient(k.recipient)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, err
}

var errKitForeign = fault.New(fault.NotFound, "vault.kit_foreign").
	WithHint("This recovery kit belongs to another store, or the key database is older than the kit.")

// openKit finds the row of the kit and opens the root key in it.
func openKit(ctx context.Context, keys *db.DB, k *Kit) (row kitRow, secret []byte, err error) {
	var rows []kitRow
	if err := keys.Read(ctx, func(tx *db.Tx) error {
		rows, err = readKits(tx)
		return err
	}); err != nil {
		return row, nil, err
	}
	mine := k.identity.Recipient().String()
	for _, row := range rows {
		if row.recipient != mine {
			continue
		}
		r, err := age.Decrypt(bytes.NewReader(row.sealed), k.identity)
		if err != nil {
			return row, nil, err
		}
		secret, err = io.ReadAll(io.LimitReader(r, rootSize+1))
		return row, secret, err
	}
	return row, nil, errKitForeign
}

// RecoverRoot writes the key file anew from a kit and the key database, for a store whose key file or key service is
// gone: afterwards the root key lives in the file. It never writes over a file.
func RecoverRoot(ctx context.Context, k *Kit, keys *db.DB, path string) (f *KeyFile, err error) {
	defer fault.Wrap(&err, "vault: recover root key")
	row, secret, err := openKit(ctx, keys, k)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	var r rootSecret
	if copy(r.key[:], secret) != rootSize || len(secret) != rootSize || !bytes.Equal(r.id(), row.keyID) {
		return nil, errOpen
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fault.New(fault.Conflict, "vault.keyfile_exists").
			WithHint("There is a file at " + path + " already. Move it away first.")
	}
	if err := writeKeyFile(path, r); err != nil {
		return nil, err
	}
	return &KeyFile{path}, keys.Write(ctx, func(tx *db.Tx) error {
		return tx.Guard(errStale, "UPDATE vault_root SET place = $1, wrapped = NULL WHERE id = 1 AND key_id = $2", InFile, row.keyID)
	})
}
