package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

const (
	// useWithin is how long a prepared subject waits in the pool, and pendingFor how long it may then wait for its data.
	// The sweeper takes what is older than their sum, so that it can never meet a subject somebody still works with.
	useWithin  = time.Hour
	pendingFor = 20 * time.Hour
	// poolMost bounds a batch of prepared subjects. A batch begins small and doubles while shoppers use it up.
	poolFirst, poolMost = 8, 256
)

// prepared is a pending subject whose keys stand in the key database and that nobody uses yet.
type prepared struct {
	id     id.ID
	handle id.ID
	made   time.Time
	keys   []subjectKey // in the order of the purposes
}

// wrappedKey is a subject's key as the key database has it.
type wrappedKey struct {
	slot    slot
	store   uint32
	wrapped []byte
}

// pools hold prepared subjects, one pool for each set of purposes that was asked for.
type pools struct {
	mu   sync.Mutex
	sets map[[4]bool]*pool
}

type pool struct {
	mu    sync.Mutex // held while a batch is made, so that a crowd waits for one batch and does not make many
	ready []*prepared
	batch int
}

// NewSubject gives a pending subject with a key for each purpose. It mostly comes from the prepared pool and costs no
// commit. Use it within pendingFor, and Confirm it once its data is committed.
func (v *Vault) NewSubject(ctx context.Context, purposes ...Purpose) (subject id.ID, err error) {
	defer fault.Wrap(&err, "vault: new subject")
	purposes, set, err := purposeSet(purposes)
	if err != nil {
		return id.ID{}, err
	}
	p := v.pools.of(set)
	p.mu.Lock()
	defer p.mu.Unlock()
	now := v.clock.Now()
	for len(p.ready) > 0 && now.Sub(p.ready[0].made) > useWithin {
		p.ready, p.batch = p.ready[1:], poolFirst // too old to be handed out: the sweeper takes it
	}
	if len(p.ready) == 0 {
		if p.ready, err = v.prepare(ctx, p.batch, purposes); err != nil {
			return id.ID{}, err
		}
		p.batch = min(p.batch*2, poolMost)
	}
	s := p.ready[0]
	p.ready = p.ready[1:]
	for i, purpose := range purposes {
		v.cache.put(slot{s.id, purpose, 0}, s.keys[i], now)
		v.cache.put(slot{s.id, purpose, s.keys[i].version}, s.keys[i], now)
	}
	return s.id, nil
}

func purposeSet(purposes []Purpose) (sorted []Purpose, set [4]bool, err error) {
	for _, p := range purposes {
		if !p.ofSubject() {
			return nil, set, errors.New("subjects have no key for that purpose")
		}
		set[p-Profile] = true
	}
	for i, on := range set {
		if on {
			sorted = append(sorted, Profile+Purpose(i))
		}
	}
	if len(sorted) == 0 {
		err = errors.New("a subject needs a purpose")
	}
	return sorted, set, err
}

func (ps *pools) of(set [4]bool) *pool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.sets == nil {
		ps.sets = map[[4]bool]*pool{}
	}
	if ps.sets[set] == nil {
		ps.sets[set] = &pool{batch: poolFirst}
	}
	return ps.sets[set]
}

// prepare makes n pending subjects in one commit.
func (v *Vault) prepare(ctx context.Context, n int, purposes []Purpose) ([]*prepared, error) {
	for range 3 {
		out, wrapped, err := v.draw(n, purposes)
		if err != nil {
			return nil, err
		}
		stale := false
		err = v.keys.Write(ctx, func(tx *db.Tx) error {
			stale = false
			for _, s := range out {
				if err := insertSubject(tx, s); err != nil {
					return err
				}
			}
			for _, k := range wrapped {
				if ok, err := insertKey(tx, k); err != nil || !ok {
					stale = err == nil
					return errors.Join(err, errStale)
				}
			}
			return nil
		})
		if !stale {
			return out, err
		}
		if err := v.reload(ctx); err != nil { // the store key was rotated by another process
			return nil, err
		}
	}
	return nil, errStale
}

var errStale = errors.New("vault: the store keys were rotated meanwhile")

// draw makes subjects with keys, and the keys wrapped by the present store key.
func (v *Vault) draw(n int, purposes []Purpose) ([]*prepared, []wrappedKey, error) {
	now := v.clock.Now()
	var wrapped []wrappedKey
	out := make([]*prepared, n)
	for i := range out {
		out[i] = &prepared{id: id.New(now, nil), handle: randomID(), made: now}
		for _, p := range purposes {
			k, w, err := v.newKey(slot{out[i].id, p, 1})
			if err != nil {
				return nil, nil, err
			}
			out[i].keys = append(out[i].keys, k)
			wrapped = append(wrapped, w)
		}
	}
	return out, wrapped, nil
}

// randomID is an id without a time in it, so that a handle does not tell when its person came.
func randomID() (v id.ID) {
	_, _ = rand.Read(v[:])
	return v
}

func (v *Vault) newKey(s slot) (k subjectKey, w wrappedKey, err error) {
	var raw [32]byte
	_, _ = rand.Read(raw[:])
	if k.aead, err = newGCM(raw[:]); err != nil {
		return k, w, err
	}
	k.version = s.version
	r := v.ring.Load()
	w = wrappedKey{slot: s, store: r.current[kindSubject]}
	w.wrapped, err = r.opens[w.store].Encrypt(raw[:], keyAD(s.subject, s.purpose, s.version, w.store))
	clear(raw[:])
	return k, w, err
}

// AddPurposes gives a subject keys for further purposes. Purposes that it has already stay as they are.
func (v *Vault) AddPurposes(ctx context.Context, subject id.ID, purposes ...Purpose) (err error) {
	defer fault.Wrap(&err, "vault: add purposes")
	purposes, _, err = purposeSet(purposes)
	if err != nil {
		return err
	}
	for _, p := range purposes {
		_, found, err := v.readKey(ctx, slot{subject, p, 0})
		if err != nil {
			return err
		}
		if found {
			continue
		}
		if err := v.addPurpose(ctx, slot{subject, p, 1}); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) addPurpose(ctx context.Context, s slot) error {
	if err := v.refresh(ctx); err != nil {
		return err
	}
	_, w, err := v.newKey(s)
	if err != nil {
		return err
	}
	return v.keys.Write(ctx, func(tx *db.Tx) error {
		// The guard takes the subject's row: an erasure at the same time comes wholly before or wholly after.
		if err := tx.Guard(errGone, "UPDATE vault_subject SET ended_at = 0 WHERE id = $1 AND state <> $2", s.subject, stateDestroyed); err != nil {
			return err
		}
		_, err := insertKey(tx, w)
		return err
	})
}

// key is a subject's key, from memory or from the key database.
func (v *Vault) key(ctx context.Context, s slot) (subjectKey, error) {
	now := v.clock.Now()
	if k, ok := v.cache.get(s, now); ok {
		return k, nil
	}
	w, found, err := v.readKey(ctx, s)
	if err != nil {
		return subjectKey{}, err
	}
	if !found {
		return subjectKey{}, errGone
	}
	k, err := v.unwrap(ctx, w)
	if Erased(err) { // rotated between the two reads: the row names another store key now
		if w, found, err = v.readKey(ctx, s); err == nil && found {
			k, err = v.unwrap(ctx, w)
		}
	}
	if err != nil {
		return subjectKey{}, err
	}
	v.cache.put(s, k, now)
	return k, nil
}

func (v *Vault) unwrap(ctx context.Context, w wrappedKey) (k subjectKey, err error) {
	raw, err := v.unwrapRaw(ctx, w)
	if err != nil {
		return k, err
	}
	k.version = w.slot.version
	k.aead, err = newGCM(raw)
	clear(raw)
	return k, err
}

func (v *Vault) unwrapRaw(ctx context.Context, w wrappedKey) ([]byte, error) {
	a, err := v.store(ctx, w.store)
	if err != nil {
		return nil, err
	}
	raw, err := a.Decrypt(w.wrapped, keyAD(w.slot.subject, w.slot.purpose, w.slot.version, w.store))
	if err != nil {
		return nil, errOpen
	}
	return raw, nil
}

// AuditHandle is the random name by which the audit log knows the subject. It dies with the keys.
func (v *Vault) AuditHandle(ctx context.Context, subject id.ID) (id.ID, error) {
	h, err := v.readHandle(ctx, subject)
	if err == nil && h.IsZero() {
		err = errGone
	}
	return h, err
}
