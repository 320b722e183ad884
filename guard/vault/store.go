package vault

import (
	"context"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// The states of a subject.
const (
	statePending   = "pending"   // keys stand, no data is known
	stateLive      = "live"      // data holds it
	stateDestroyed = "destroyed" // a tombstone without keys: the ledger of erasures in the key database
)

func (v *Vault) storeRows(ctx context.Context) (rows []storeRow, err error) {
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		rows, err = storeRowsIn(tx)
		return err
	})
	return rows, err
}

func storeRowsIn(tx *db.Tx) ([]storeRow, error) {
	return db.All(tx, func(s db.Scanner) (r storeRow, err error) {
		var version, current int64
		err = s.Scan(&version, &r.kind, &r.wrapped, &current)
		r.version, r.current = uint32(version), current == 1
		return r, err
	}, "SELECT version, kind, wrapped, current FROM vault_store ORDER BY version")
}

// insertStores makes these the current keys of their kinds.
func insertStores(tx *db.Tx, rows []storeRow) error {
	for _, r := range rows {
		if _, err := tx.Exec("UPDATE vault_store SET current = 0 WHERE kind = $1 AND current = 1", r.kind); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO vault_store (version, kind, wrapped, current, made_at) VALUES ($1, $2, $3, 1, $4)",
			int64(r.version), r.kind, r.wrapped, clock.Micros(tx.Now())); err != nil {
			return err
		}
	}
	return nil
}

func insertSubject(tx *db.Tx, s *prepared) error {
	_, err := tx.Exec("INSERT INTO vault_subject (id, state, handle, made_at, ended_at) VALUES ($1, $2, $3, $4, 0)",
		s.id, statePending, s.handle, clock.Micros(s.made))
	return err
}

// insertKey writes a wrapped key if its store key still seals. It returns false if that was replaced meanwhile. The
// foreign key holds what the look at current cannot: no rotation deletes a store key while such a row stands.
func insertKey(tx *db.Tx, k wrappedKey) (bool, error) {
	n, err := tx.Exec(`INSERT INTO vault_key (subject, purpose, version, store, wrapped)
		SELECT $1, $2, $3, s.version, $4 FROM vault_store s WHERE s.version = $5 AND s.current = 1
		ON CONFLICT (subject, purpose, version) DO NOTHING`,
		k.slot.subject, int64(k.slot.purpose), int64(k.slot.version), k.wrapped, int64(k.store))
	return n == 1, err
}

func scanKey(s db.Scanner) (k wrappedKey, err error) {
	var purpose, version, store int64
	err = s.Scan(&k.slot.subject, &purpose, &version, &store, &k.wrapped)
	k.slot.purpose, k.slot.version, k.store = Purpose(purpose), uint16(version), uint32(store)
	return k, err
}

// readKey finds a key: of a version, or the newest for version 0.
func (v *Vault) readKey(ctx context.Context, s slot) (k wrappedKey, found bool, err error) {
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		k, found, err = db.One(tx, scanKey, `SELECT subject, purpose, version, store, wrapped FROM vault_key
			WHERE subject = $1 AND purpose = $2 AND (version = $3 OR $3 = 0) ORDER BY version DESC LIMIT 1`,
			s.subject, int64(s.purpose), int64(s.version))
		return err
	})
	return k, found, err
}

func (v *Vault) readHandle(ctx context.Context, subject id.ID) (handle id.ID, err error) {
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow("SELECT handle FROM vault_subject WHERE id = $1", subject).Scan(&handle)
	})
	if db.IsNoRows(err) {
		err = nil
	}
	return handle, err
}

func confirmSubject(tx *db.Tx, subject id.ID) error {
	_, err := tx.Exec("UPDATE vault_subject SET state = $1 WHERE id = $2 AND state = $3", stateLive, subject, statePending)
	return err
}

// pendingBefore lists subjects that were made before the moment and that nobody confirmed.
func (v *Vault) pendingBefore(ctx context.Context, before time.Time, after id.ID, limit int) (out []id.ID, err error) {
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, scanID, `SELECT id FROM vault_subject
			WHERE state = 'pending' AND made_at < $1 AND id > $2 ORDER BY id LIMIT $3`,
			clock.Micros(before), after[:], limit)
		return err
	})
	return out, err
}

func scanID(s db.Scanner) (v id.ID, err error) { return v, s.Scan(&v) }

// dropPending removes a subject that no data ever had, unless somebody confirmed it meanwhile. On PostgreSQL the update
// comes first: it takes the row's lock, so that a confirmation waits and then finds nothing to confirm.
func dropPending(tx *db.Tx, subject id.ID) error {
	n, err := tx.Exec("UPDATE vault_subject SET state = $1, handle = NULL WHERE id = $2 AND state = $3",
		stateDestroyed, subject, statePending)
	if err != nil || n == 0 {
		return err
	}
	for p := Profile; p <= Support; p++ {
		if err := destroyPurpose(tx, subject, p); err != nil {
			return err
		}
	}
	_, err = tx.Exec("DELETE FROM vault_subject WHERE id = $1", subject)
	return err
}

// destroyPurpose deletes the keys and the indexes of a purpose, and contacts that nobody else shares.
func destroyPurpose(tx *db.Tx, subject id.ID, p Purpose) error {
	if _, err := tx.Exec("DELETE FROM vault_key WHERE subject = $1 AND purpose = $2", subject, int64(p)); err != nil {
		return err
	}
	contacts, err := db.All(tx, scanID, "SELECT DISTINCT contact FROM vault_index WHERE subject = $1 AND purpose = $2 AND contact IS NOT NULL",
		subject, int64(p))
	if err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM vault_index WHERE subject = $1 AND purpose = $2", subject, int64(p)); err != nil {
		return err
	}
	for _, c := range contacts {
		if _, err := tx.Exec(`DELETE FROM vault_contact WHERE handle = $1
			AND NOT EXISTS (SELECT 1 FROM vault_index i WHERE i.contact = $1)`, c); err != nil {
			return err
		}
	}
	return nil
}

// settleSubject takes the audit handle away when at most the fiscal key is left, and leaves a tombstone when none is.
func settleSubject(tx *db.Tx, subject id.ID) error {
	var all, other int64
	if err := tx.QueryRow("SELECT COUNT(*), COALESCE(SUM(CASE WHEN purpose <> $1 THEN 1 ELSE 0 END), 0) FROM vault_key WHERE subject = $2",
		int64(Fiscal), subject).Scan(&all, &other); err != nil {
		return err
	}
	if other > 0 {
		return nil
	}
	if _, err := tx.Exec("UPDATE vault_subject SET handle = NULL WHERE id = $1", subject); err != nil || all > 0 {
		return err
	}
	_, err := tx.Exec("UPDATE vault_subject SET state = $1, ended_at = $2 WHERE id = $3 AND state <> $1",
		stateDestroyed, clock.Micros(tx.Now()), subject)
	return err
}
