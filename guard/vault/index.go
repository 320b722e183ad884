package vault

import (
	"context"
	"errors"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// contactDomain keeps contacts apart from every field number in the hash.
const contactDomain = 1 << 16

// SetIndex makes the subject findable by the value of a field, exactly as typed but for case and spaces. The index
// entry ends with the key of the field's purpose. For an e-mail address it also ties the contact handle to the subject.
// Call it before db.Write; repeating it changes nothing.
func (v *Vault) SetIndex(ctx context.Context, f Field, subject id.ID, p Personal) error {
	_, err := v.Enlist(ctx, f, subject, p)
	return err
}

// Enlist is SetIndex and Contact in one commit. The handle is zero for fields that are no e-mail address.
func (v *Vault) Enlist(ctx context.Context, f Field, subject id.ID, p Personal) (contact id.ID, err error) {
	defer fault.Wrap(&err, "vault: index field %d", f.Number)
	value, err := f.look(p)
	if err != nil {
		return id.ID{}, err
	}
	err = v.hashing(ctx, func(tx *db.Tx, r *ring) error {
		contact, err = enlist(tx, r, f, subject, value)
		return err
	})
	return contact, err
}

// Listing is a subject and the value that it is to be found by.
type Listing struct {
	Subject id.ID
	Value   Personal
}

// EnlistAll is SetIndex for many subjects under one commit. One whose keys are gone, or that has no value, is passed
// over: it is not to be found any more. So is one whose value was changed or does not belong there; damaged are the
// places of those in the list, because somebody has to hear of them and the others must not wait for that.
func (v *Vault) EnlistAll(ctx context.Context, f Field, list []Listing) (damaged []int, err error) {
	defer fault.Wrap(&err, "vault: index field %d", f.Number)
	values := make([]string, len(list))
	for i, l := range list {
		if l.Value.IsZero() {
			continue
		}
		switch values[i], err = f.look(l.Value); {
		case err == nil || Erased(err):
		case Damaged(err):
			damaged, values[i] = append(damaged, i), ""
		default:
			return nil, err
		}
	}
	return damaged, v.hashing(ctx, func(tx *db.Tx, r *ring) error {
		for i, l := range list {
			if values[i] == "" {
				continue
			}
			if _, err := enlist(tx, r, f, l.Subject, values[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// enlist writes one entry of the index, unless the key of its purpose was destroyed meanwhile.
func enlist(tx *db.Tx, r *ring, f Field, subject id.ID, value string) (contact id.ID, err error) {
	if f.Mask == MaskEmail {
		if contact, err = contactIn(tx, r, value); err != nil {
			return contact, err
		}
	}
	hashes := r.hash(uint32(f.Number), value)
	last := len(hashes) - 1
	_, err = tx.Exec(`INSERT INTO vault_index (field, value, subject, purpose, chain, contact)
		SELECT $1, $2, $3, $4, $5, $6 FROM vault_key WHERE subject = $3 AND purpose = $4 LIMIT 1
		ON CONFLICT (field, value, subject) DO NOTHING`,
		int64(f.Number), hashes[last], subject, int64(f.Purpose), int64(r.chain[last].version), contact)
	return contact, err
}

// look is the levelled clear value of a field.
func (f Field) look(p Personal) (string, error) {
	if p.open == nil || f.Number == 0 || !f.Purpose.ofSubject() {
		return "", errors.New("a declared field and a value are needed")
	}
	clear, err := p.open()
	value := f.Mask.level(clear)
	if err == nil && value == "" {
		err = errors.New("a value is needed")
	}
	return value, err
}

// hashing runs a write with the index keys that are current in that very transaction.
func (v *Vault) hashing(ctx context.Context, fn func(tx *db.Tx, r *ring) error) error {
	for range 3 {
		r := v.ring.Load()
		stale := false
		err := v.keys.Write(ctx, func(tx *db.Tx) error {
			var current int64
			if err := tx.QueryRow("SELECT version FROM vault_store WHERE kind = $1 AND current = 1", kindIndex).Scan(&current); err != nil {
				return err
			}
			if stale = uint32(current) != r.chain[len(r.chain)-1].version; stale {
				return errStale
			}
			return fn(tx, r)
		})
		if !stale {
			return err
		}
		if err := v.reload(ctx); err != nil {
			return err
		}
	}
	return errStale
}

// Find lists at most limit subjects whose field has this value, in the order of their ids. While a rotation runs, part of the
// index still has the hashes of the key before.
func (v *Vault) Find(ctx context.Context, f Field, p Personal, limit int) (out []id.ID, err error) {
	defer fault.Wrap(&err, "vault: find by field %d", f.Number)
	value, err := f.look(p)
	if err != nil {
		return nil, err
	}
	for r := v.ring.Load(); ; {
		if out, err = v.find(ctx, r, f, value, limit); err != nil || len(out) > 0 {
			return out, err
		}
		// Nobody: true, or another process has moved the index on to a new key.
		if err := v.refresh(ctx); err != nil {
			return nil, err
		}
		if r == v.ring.Load() {
			return nil, nil
		}
		r = v.ring.Load()
	}
}

func (v *Vault) find(ctx context.Context, r *ring, f Field, value string, limit int) (out []id.ID, err error) {
	now, before := r.lastTwo(uint32(f.Number), value)
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, scanID, `SELECT DISTINCT subject FROM vault_index WHERE field = $1 AND value IN ($2, $3)
			ORDER BY subject LIMIT $4`, int64(f.Number), now, before, limit)
		return err
	})
	return out, err
}

// lastTwo are the hashes under the newest and the second newest index key.
func (r *ring) lastTwo(domain uint32, value string) (now, before []byte) {
	h := r.hash(domain, value)
	return h[len(h)-1], h[max(0, len(h)-2)]
}

// Contact is the random handle of an e-mail address, made at its first use, for limits per person that the data
// database can keep without knowing anybody. Handles that no subject is tied to end after a month (see Sweep).
func (v *Vault) Contact(ctx context.Context, email Personal) (handle id.ID, err error) {
	defer fault.Wrap(&err, "vault: contact")
	value, err := Field{Number: 1, Purpose: Profile, Mask: MaskEmail}.look(email)
	if err != nil {
		return id.ID{}, err
	}
	now, before := v.ring.Load().lastTwo(contactDomain, value)
	found := false
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		handle, found, err = contactBy(tx, now, before)
		return err
	})
	if err != nil || found {
		return handle, err
	}
	err = v.hashing(ctx, func(tx *db.Tx, r *ring) error {
		handle, err = contactIn(tx, r, value)
		return err
	})
	return handle, err
}

func contactBy(tx *db.Tx, now, before []byte) (id.ID, bool, error) {
	return db.One(tx, scanID, "SELECT handle FROM vault_contact WHERE value IN ($1, $2) ORDER BY made_at LIMIT 1", now, before)
}

// contactIn finds or makes the contact of a value.
func contactIn(tx *db.Tx, r *ring, value string) (id.ID, error) {
	now, before := r.lastTwo(contactDomain, value)
	handle, found, err := contactBy(tx, now, before)
	if err != nil || found {
		return handle, err
	}
	if _, err := tx.Exec("INSERT INTO vault_contact (value, handle, chain, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT (value) DO NOTHING",
		now, randomID(), int64(r.chain[len(r.chain)-1].version), clock.Micros(tx.Now())); err != nil {
		return id.ID{}, err
	}
	handle, _, err = contactBy(tx, now, before) // that of whoever was first
	return handle, err
}
