package vault

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// SealSecret seals what belongs to the store and not to a person: credentials, files, captured mail. The label says
// what it is and is needed to open it.
func (v *Vault) SealSecret(label string, plain []byte) ([]byte, error) {
	return v.sealStore(kindSecret, plain, []byte(adSecret+label))
}

// OpenSecret opens what SealSecret sealed under the same label.
func (v *Vault) OpenSecret(label string, sealed []byte) ([]byte, error) {
	return v.openStore(context.Background(), sealed, []byte(adSecret+label))
}

// MAC is a keyed hash for values that are stored and compared, such as discount codes. Its key belongs to the label
// and is never replaced, because the results are stored. What grants something for a time is signed with Sign.
func (v *Vault) MAC(label string, data []byte) []byte {
	r := v.ring.Load()
	return sum(r.label(kindMAC, r.mac, label), data)
}

// Sign is a keyed hash for what goes out and comes back, such as a form's token. A rotation ends all of them.
func (v *Vault) Sign(label string, data []byte) []byte {
	r := v.ring.Load()
	return sum(r.label(kindSign, r.sign, label), data)
}

// Signed says, in constant time, whether mac is what Sign made.
func (v *Vault) Signed(label string, data, mac []byte) bool {
	return hmac.Equal(mac, v.Sign(label, data))
}

// SealLog seals a field of an audit entry, which belongs to no subject. It touches no database and may be called
// inside a transaction.
func (v *Vault) SealLog(f Field, entry id.ID, clear string) ([]byte, error) {
	return v.sealStore(kindLog, []byte(clear), logAD(f, entry))
}

// SealedLog wraps a field of an audit entry without opening it.
func (v *Vault) SealedLog(f Field, entry id.ID, sealed []byte) Personal {
	if len(sealed) == 0 {
		return Personal{}
	}
	return Personal{ref: &reference{v, f, id.ID{}, entry}, open: func() (string, error) {
		b, err := v.openStore(context.Background(), sealed, logAD(f, entry))
		return string(b), err
	}}
}

// FreshLogKey makes a new log key when the present one is older than the period, so that DropLogKeys can forget
// origins month by month.
func (v *Vault) FreshLogKey(ctx context.Context, period time.Duration) (err error) {
	defer fault.Wrap(&err, "vault: log key")
	var made, newest int64
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow("SELECT MAX(CASE WHEN kind = $1 THEN made_at ELSE 0 END), MAX(version) FROM vault_store", kindLog).Scan(&made, &newest)
	})
	if err != nil || v.clock.Now().Sub(clock.FromMicros(made)) < period {
		return err
	}
	fresh, err := v.wrapNew(ctx, uint32(newest), kindLog)
	if err != nil {
		return err
	}
	err = v.keys.Write(ctx, func(tx *db.Tx) error {
		if err := v.sameRoot(tx, fresh); err != nil {
			return err
		}
		return insertStores(tx, fresh)
	})
	return errors.Join(err, v.reload(ctx)) // stale: the next call makes it
}

// DropLogKeys destroys the log keys that were followed by another one before the moment: origins and reasons sealed
// until then open no more. The entries themselves and the tree over them stay as they are.
func (v *Vault) DropLogKeys(ctx context.Context, before time.Time) (err error) {
	defer fault.Wrap(&err, "vault: drop log keys")
	var dropped int64
	err = v.keys.Write(ctx, func(tx *db.Tx) (err error) {
		dropped, err = tx.Exec(`DELETE FROM vault_store WHERE kind = $1 AND current = 0 AND NOT EXISTS (SELECT 1 FROM vault_store s
			WHERE s.kind = $1 AND s.version > vault_store.version AND s.made_at >= $2
			AND NOT EXISTS (SELECT 1 FROM vault_store m WHERE m.kind = $1 AND m.version > vault_store.version AND m.version < s.version))`,
			kindLog, clock.Micros(before))
		return err
	})
	if err != nil || dropped == 0 {
		return err
	}
	if err := v.shred(ctx, storeTables); err != nil {
		return err
	}
	return v.reload(ctx)
}

func (v *Vault) sealStore(kind string, plain, ad []byte) ([]byte, error) {
	r := v.ring.Load()
	version := r.current[kind]
	ct, err := r.opens[version].Encrypt(plain, ad)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 5, 5+len(ct))
	out[0] = formatStore
	binary.BigEndian.PutUint32(out[1:], version)
	return append(out, ct...), nil
}

func (v *Vault) openStore(ctx context.Context, sealed, ad []byte) ([]byte, error) {
	version, ct, err := parseStore(sealed)
	if err != nil {
		return nil, err
	}
	a, err := v.store(ctx, version)
	if err != nil {
		return nil, err
	}
	plain, err := a.Decrypt(ct, ad)
	if err != nil {
		return nil, errOpen
	}
	return plain, nil
}
