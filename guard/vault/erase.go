package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Erase destroys a subject's keys for the purposes, with the look-up indexes of those purposes, contact handles that
// nobody else shares, and, when at most the fiscal key is left, the audit handle. What the keys sealed opens no more,
// in no copy. It returns once the wrapped keys are gone from the key database's files too, and can be repeated.
func (v *Vault) Erase(ctx context.Context, subject id.ID, purposes ...Purpose) (err error) {
	defer fault.Wrap(&err, "vault: erase")
	if err := v.destroy(ctx, subject, purposes); err != nil {
		return err
	}
	return v.shred(ctx, personTables)
}

func (v *Vault) destroy(ctx context.Context, subject id.ID, purposes []Purpose) error {
	if _, _, err := purposeSet(purposes); err != nil {
		return err
	}
	err := v.keys.Write(ctx, func(tx *db.Tx) error {
		// The subject's row first: whoever adds a purpose at the same time waits for it.
		if _, err := tx.Exec("UPDATE vault_subject SET ended_at = ended_at WHERE id = $1", subject); err != nil {
			return err
		}
		for _, p := range purposes {
			if err := destroyPurpose(tx, subject, p); err != nil {
				return err
			}
		}
		return settleSubject(tx, subject)
	})
	for _, p := range purposes {
		v.cache.forget(subject, p)
	}
	return err
}

// personTables hold what belongs to people, storeTables what belongs to the store.
var (
	personTables = []string{"vault_key", "vault_index", "vault_contact", "vault_subject"}
	storeTables  = []string{"vault_store", "vault_kit", "vault_root"}
)

// shred empties the files of what was deleted. A reader in the middle of a query holds SQLite's log for a moment.
func (v *Vault) shred(ctx context.Context, tables []string) error {
	for try := 1; ; try++ {
		err := v.keys.Shred(ctx, tables...)
		if !errors.Is(err, db.ErrBusy) || try == 5 {
			return err
		}
		select {
		case <-time.After(time.Duration(try) * 20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Intend writes, in the transaction of the act that decides it, that a subject's purposes are to be erased. The rows
// are the ledger of erasures: EraseIntended carries them out, and Replay carries all of them out again after a restore.
func (v *Vault) Intend(tx *db.Tx, subject id.ID, purposes ...Purpose) error {
	if _, _, err := purposeSet(purposes); err != nil {
		return err
	}
	for _, p := range purposes {
		if _, err := tx.Exec(`INSERT INTO vault_erasure (subject, purpose, intended_at, done_at) VALUES ($1, $2, $3, 0)
			ON CONFLICT (subject, purpose) DO NOTHING`, subject, int64(p), clock.Micros(tx.Now())); err != nil {
			return err
		}
	}
	return nil
}

type intent struct {
	subject id.ID
	purpose Purpose
}

func scanIntent(s db.Scanner) (i intent, err error) {
	var p int64
	err = s.Scan(&i.subject, &p)
	i.purpose = Purpose(p)
	return i, err
}

// eraseMost bounds the erasures between two emptyings of the files, which cost the same for one and for many.
const eraseMost = 5000

// EraseIntended destroys the keys of all intended erasures that are not done, and returns how many it did. It is a
// job: idempotent, and safe to be killed.
func (v *Vault) EraseIntended(ctx context.Context, data *db.DB) (n int, err error) {
	defer fault.Wrap(&err, "vault: erase what was intended")
	return v.carryOutAll(ctx, data, "done_at = 0")
}

// Replay carries out every erasure in the ledger again, for a key database that was restored from a backup.
func (v *Vault) Replay(ctx context.Context, data *db.DB) (n int, err error) {
	defer fault.Wrap(&err, "vault: replay erasures")
	return v.carryOutAll(ctx, data, "done_at >= 0")
}

func (v *Vault) carryOutAll(ctx context.Context, data *db.DB, which string) (n int, err error) {
	for after := (intent{}); ; {
		var page []intent
		err := data.Read(ctx, func(tx *db.Tx) error {
			page, err = db.All(tx, scanIntent, `SELECT subject, purpose FROM vault_erasure
				WHERE (subject, purpose) > ($1, $2) AND `+which+` ORDER BY subject, purpose LIMIT $3`,
				after.subject[:], int64(after.purpose), eraseMost)
			return err
		})
		if err != nil || len(page) == 0 {
			return n, err
		}
		if err := v.carryOut(ctx, data, page); err != nil {
			return n, err
		}
		n, after = n+len(page), page[len(page)-1]
	}
}

// carryOut destroys first and notes afterwards: dying in between repeats a destruction, and never forgets one.
func (v *Vault) carryOut(ctx context.Context, data *db.DB, due []intent) error {
	for _, i := range due {
		if err := v.destroy(ctx, i.subject, []Purpose{i.purpose}); err != nil {
			return err
		}
		if err := v.stopAt("erase.destroyed"); err != nil {
			return err
		}
	}
	if err := v.shred(ctx, personTables); err != nil {
		return err
	}
	for batch := range slices.Chunk(due, 500) {
		if err := noteDone(ctx, data, batch); err != nil {
			return err
		}
	}
	return nil
}

func noteDone(ctx context.Context, data *db.DB, due []intent) error {
	return data.Write(ctx, func(tx *db.Tx) error {
		for _, i := range due {
			if _, err := tx.Exec("UPDATE vault_erasure SET done_at = $1 WHERE subject = $2 AND purpose = $3",
				clock.Micros(tx.Now()), i.subject, int64(i.purpose)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Holder says which of the subjects its data holds. Every package with sealed columns fulfils it.
type Holder interface {
	Holds(ctx context.Context, subjects []id.ID) (held []id.ID, err error)
}

// Swept counts what a sweep did.
type Swept struct{ Confirmed, Destroyed int }

// Sweep mends what a crash left between the two databases: pending subjects whose data is there are confirmed, and
// those whose data never came are destroyed. If any holder cannot answer, nothing is destroyed. It also ends contact
// handles that nobody is tied to.
func (v *Vault) Sweep(ctx context.Context, holders ...Holder) (s Swept, err error) {
	defer fault.Wrap(&err, "vault: sweep")
	if len(holders) == 0 {
		return s, errors.New("without holders every subject would look abandoned")
	}
	before, after := v.clock.Now().Add(-useWithin-pendingFor), id.ID{}
	for {
		page, err := v.pendingBefore(ctx, before, after, 200)
		if err != nil {
			return s, err
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1]
		if err := v.sweepPage(ctx, page, holders, &s); err != nil {
			return s, err
		}
	}
	// Keys whose data never came sealed nothing that anybody keeps, so that their bytes may fade by and by.
	if s.Destroyed > 0 {
		if err := v.keys.Checkpoint(ctx); err != nil {
			return s, err
		}
	}
	return s, v.dropContacts(ctx)
}

func (v *Vault) sweepPage(ctx context.Context, page []id.ID, holders []Holder, s *Swept) error {
	held := map[id.ID]bool{}
	for i, h := range holders {
		ids, err := h.Holds(ctx, page)
		if err != nil {
			return fmt.Errorf("holder %d: %w", i, err)
		}
		for _, v := range ids {
			held[v] = true
		}
	}
	s.Confirmed, s.Destroyed = s.Confirmed+len(held), s.Destroyed+len(page)-len(held)
	return v.keys.Write(ctx, func(tx *db.Tx) error {
		for _, subject := range page {
			step := dropPending
			if held[subject] {
				step = confirmSubject
			}
			if err := step(tx, subject); err != nil {
				return err
			}
		}
		return nil
	})
}

// contactFor is how long a contact handle without a subject lives: somebody typed an address and never ordered.
const contactFor = 30 * 24 * time.Hour

func (v *Vault) dropContacts(ctx context.Context) error {
	return v.keys.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM vault_contact WHERE made_at < $1
			AND NOT EXISTS (SELECT 1 FROM vault_index i WHERE i.contact = vault_contact.handle)`,
			clock.Micros(tx.Now().Add(-contactFor)))
		return err
	})
}
