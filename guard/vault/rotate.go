package vault

import (
	"context"
	"errors"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Progress tells how far a rotation is.
type Progress struct {
	Step string // root, store, subject, index, retire, ended
	Done int64  // rows moved in this rotation
	Left int64  // rows still to be moved in this step
}

// The steps of a rotation, in their order. Each can be repeated.
const (
	stepRoot    = "root"    // a new root key wraps the store keys; the file changes place
	stepStore   = "store"   // new store keys seal from here on
	stepSubject = "subject" // subject keys are wrapped anew, batch by batch
	stepIndex   = "index"   // look-up hashes move on to the new index key
	stepRetire  = "retire"  // old store keys are deleted and the files emptied
	stepEnded   = "ended"
)

const (
	rotateBatch = 256
	holdFor     = 30 * time.Second
)

// Rotate replaces the root key and the store keys while the store goes on sealing and opening. If a rotation was
// interrupted, it is finished first: that is the whole of the work then. The root comes first, so that the old one
// never wraps a new store key. progress may be nil.
func (v *Vault) Rotate(ctx context.Context, progress func(Progress)) (err error) {
	defer fault.Wrap(&err, "vault: rotate")
	return v.turn(ctx, "", progress)
}

// Move is a rotation whose new root key lives in another place. It can be interrupted like any rotation, and is
// finished by calling it again; where the key is there already, nothing happens.
func (v *Vault) Move(ctx context.Context, to Place, progress func(Progress)) (err error) {
	defer fault.Wrap(&err, "vault: move the root key")
	if _, own := v.rootKey().(renewer); !own {
		return errors.New("the root key is not the store's own")
	}
	for range 2 { // an interrupted rotation of before is finished first
		place, err := v.Where(ctx)
		if err != nil {
			return err
		}
		last, err := v.Rotation(ctx)
		if err != nil {
			return err
		}
		if place == to && (last.Step == "" || last.Step == stepEnded) {
			return v.settle(ctx)
		}
		if err := v.turn(ctx, to, progress); err != nil {
			return err
		}
	}
	return nil
}

// turn is one rotation, or the rest of the interrupted one. The new root key goes to the place; "" is where it is.
func (v *Vault) turn(ctx context.Context, to Place, progress func(Progress)) error {
	if progress == nil {
		progress = func(Progress) {}
	}
	t := &turn{v: v, me: randomID(), to: to, progress: progress}
	if err := t.begin(ctx); err != nil {
		return err
	}
	steps := map[string]func(context.Context) (next string, err error){
		stepRoot: t.newRoot, stepStore: t.newStore, stepSubject: t.subjects, stepIndex: t.indexes, stepRetire: t.retire}
	for t.step != stepEnded {
		next, err := steps[t.step](ctx)
		if err != nil {
			return errors.Join(err, t.letGo(ctx))
		}
		if err := t.move(ctx, next, 0); err != nil {
			return err
		}
		if err := v.stopAt("rotate." + next); err != nil {
			return err
		}
		progress(Progress{Step: next, Done: t.done})
	}
	return nil
}

// RotationState says how far the last rotation came; Step is "" if there never was one.
type RotationState struct {
	Step    string
	Done    int64
	Started time.Time
	Ended   time.Time
}

// Rotation is the state of the last rotation.
func (v *Vault) Rotation(ctx context.Context) (s RotationState, err error) {
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		var started, ended int64
		err := tx.QueryRow("SELECT step, done, started_at, ended_at FROM vault_rotation WHERE id = 1").Scan(&s.Step, &s.Done, &started, &ended)
		s.Started, s.Ended = clock.FromMicros(started), clock.FromMicros(ended)
		return err
	})
	if db.IsNoRows(err) {
		err = nil
	}
	return s, err
}

// turn is one call of Rotate or Move.
type turn struct {
	v        *Vault
	me       id.ID
	to       Place
	step     string
	done     int64
	progress func(Progress)
}

var errHeld = fault.New(fault.Conflict, "vault.rotation_running").
	WithHint("Another process rotates the keys right now, or was killed less than half a minute ago. Try again then.")

// begin takes up the interrupted rotation or starts one. The row is held for a while only, because holders get killed.
func (t *turn) begin(ctx context.Context) error {
	return t.v.keys.Write(ctx, func(tx *db.Tx) error {
		now := clock.Micros(tx.Now())
		if _, err := tx.Exec(`INSERT INTO vault_rotation (id, step, done, started_at, ended_at, holder, until)
			VALUES (1, $1, 0, 0, 0, $2, 0) ON CONFLICT (id) DO NOTHING`, stepEnded, t.me); err != nil {
			return err
		}
		if err := tx.Guard(errHeld, "UPDATE vault_rotation SET holder = $1, until = $2 WHERE id = 1 AND until < $3",
			t.me, now+holdFor.Microseconds(), now); err != nil {
			return err
		}
		if err := tx.QueryRow("SELECT step, done FROM vault_rotation WHERE id = 1").Scan(&t.step, &t.done); err != nil {
			return err
		}
		if t.step != stepEnded {
			return nil
		}
		t.step, t.done = stepRoot, 0
		_, err := tx.Exec("UPDATE vault_rotation SET step = $1, done = 0, started_at = $2, ended_at = 0 WHERE id = 1", t.step, now)
		return err
	})
}

// move notes the step and what was done, and keeps holding.
func (t *turn) move(ctx context.Context, step string, done int64) error {
	err := t.v.keys.Write(ctx, func(tx *db.Tx) error { return t.moveIn(tx, step, done) })
	if err == nil {
		t.step, t.done = step, t.done+done
	}
	return err
}

func (t *turn) moveIn(tx *db.Tx, step string, done int64) error {
	now, ended := clock.Micros(tx.Now()), int64(0)
	until := now + holdFor.Microseconds()
	if step == stepEnded {
		ended, until = now, 0
	}
	return tx.Guard(errHeld, "UPDATE vault_rotation SET step = $1, done = done + $2, ended_at = $3, until = $4 WHERE id = 1 AND holder = $5",
		step, done, ended, until, t.me)
}

// letGo ends the holding after an error, so that nobody has to wait.
func (t *turn) letGo(ctx context.Context) error {
	return t.v.keys.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE vault_rotation SET until = 0 WHERE id = 1 AND holder = $1", t.me)
		return err
	})
}

// newStore makes new store keys of every kind that can be replaced.
func (t *turn) newStore(ctx context.Context) (string, error) {
	v := t.v
	rows, err := v.storeRows(ctx)
	if err != nil {
		return "", err
	}
	fresh, err := v.wrapNew(ctx, rows[len(rows)-1].version, kindSubject, kindSecret, kindLog, kindIndex, kindSign)
	if err != nil {
		return "", err
	}
	// The step moves in the same transaction: killed here, no second set of keys is made.
	err = v.keys.Write(ctx, func(tx *db.Tx) error {
		if err := v.sameRoot(tx, fresh); err != nil {
			return err
		}
		if err := insertStores(tx, fresh); err != nil {
			return err
		}
		return t.moveIn(tx, stepSubject, 0)
	})
	if err != nil {
		return "", err
	}
	return stepSubject, v.reload(ctx)
}

// subjects wraps the subject keys anew, a bounded batch at a time.
func (t *turn) subjects(ctx context.Context) (string, error) {
	v := t.v
	for {
		current := v.ring.Load().current[kindSubject]
		var batch []wrappedKey
		var left int64
		err := v.keys.Read(ctx, func(tx *db.Tx) (err error) {
			if err := tx.QueryRow("SELECT COUNT(*) FROM vault_key WHERE store < $1", int64(current)).Scan(&left); err != nil {
				return err
			}
			batch, err = db.All(tx, scanKey, "SELECT subject, purpose, version, store, wrapped FROM vault_key WHERE store < $1 LIMIT $2",
				int64(current), rotateBatch)
			return err
		})
		if err != nil {
			return "", err
		}
		if len(batch) == 0 {
			return stepIndex, nil
		}
		if err := t.rewrap(ctx, batch, current); err != nil {
			return "", err
		}
		t.progress(Progress{stepSubject, t.done, left - int64(len(batch))})
		if err := v.stopAt("rotate.batch"); err != nil {
			return "", err
		}
	}
}

func (t *turn) rewrap(ctx context.Context, batch []wrappedKey, current uint32) error {
	v := t.v
	seal := v.ring.Load().opens[current]
	fresh := make([][]byte, len(batch))
	for i, k := range batch {
		raw, err := v.unwrapRaw(ctx, k)
		if err != nil {
			return err
		}
		fresh[i], err = seal.Encrypt(raw, keyAD(k.slot.subject, k.slot.purpose, k.slot.version, current))
		clear(raw)
		if err != nil {
			return err
		}
	}
	err := v.keys.Write(ctx, func(tx *db.Tx) error {
		for i, k := range batch { // a key that was erased meanwhile is not there, and that is right
			if _, err := tx.Exec("UPDATE vault_key SET store = $1, wrapped = $2 WHERE subject = $3 AND purpose = $4 AND version = $5 AND store = $6",
				int64(current), fresh[i], k.slot.subject, int64(k.slot.purpose), int64(k.slot.version), int64(k.store)); err != nil {
				return err
			}
		}
		return t.moveIn(tx, stepSubject, int64(len(batch)))
	})
	if err == nil {
		t.done += int64(len(batch))
	}
	return err
}

// retire deletes the old subject and signing keys. A subject key that was wrapped by an old store key in the last
// moment makes the deletion fail by its foreign key; then the batches go on.
func (t *turn) retire(ctx context.Context) (string, error) {
	v := t.v
	var late int64
	err := v.keys.Write(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(`SELECT COUNT(*) FROM vault_key WHERE store < (SELECT version FROM vault_store WHERE kind = $1 AND current = 1)`,
			kindSubject).Scan(&late); err != nil || late > 0 {
			return err
		}
		_, err := tx.Exec("DELETE FROM vault_store WHERE current = 0 AND kind IN ($1, $2)", kindSubject, kindSign)
		return err
	})
	if err != nil {
		return "", err
	}
	if late > 0 {
		return stepSubject, nil
	}
	if err := v.shred(ctx, storeTables); err != nil {
		return "", err
	}
	return stepEnded, v.reload(ctx)
}
