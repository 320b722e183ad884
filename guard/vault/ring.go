package vault

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
)

// The kinds of store keys.
const (
	kindSubject = "subject" // wraps subject keys
	kindSecret  = "secret"  // SealSecret: old versions stay, because the vault does not know where the secrets lie
	kindLog     = "log"     // origins and reasons in the audit log; a version is destroyed when its time is over
	kindIndex   = "index"   // hashes for look-up; versions form a chain, see ring.hash
	kindMAC     = "mac"     // MAC: never replaced, because its results are stored
	kindSign    = "sign"    // Sign: replaced by each rotation
)

var kinds = [...]string{kindSubject, kindSecret, kindLog, kindIndex, kindMAC, kindSign}

// storeRow is a store key as the key database has it.
type storeRow struct {
	version uint32
	kind    string
	wrapped []byte
	current bool
}

// ring is the opened store keys. It is never changed; a reload makes a new one.
type ring struct {
	opens   map[uint32]tink.AEAD
	current map[string]uint32
	chain   []link // index keys, oldest first
	mac     []byte
	sign    []byte
	rows    int      // how many store keys the database had
	newest  uint32   // and the newest version, by which a change is noticed
	derived sync.Map // "mac"+label or "sign"+label -> key; labels are constants of the program, hence bounded
}

type link struct {
	version uint32
	key     []byte
}

// furnish gives an empty key database its first store keys. Two processes may try at once: the unique index on the
// current key of a kind lets one of them win.
func (v *Vault) furnish(ctx context.Context) error {
	rows, err := v.storeRows(ctx)
	if err != nil || len(rows) > 0 {
		return err
	}
	fresh, err := v.wrapNew(ctx, 0, kinds[:]...)
	if err != nil {
		return err
	}
	keyID, place, kept, err := v.rootLies()
	if err != nil {
		return err
	}
	err = v.keys.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec("INSERT INTO vault_root (id, key_id, made_at, place, wrapped) VALUES (1, $1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
			keyID, clock.Micros(tx.Now()), place, kept)
		if err != nil || n == 0 {
			return err // another process was first
		}
		return insertStores(tx, fresh)
	})
	return err
}

// rootLies names the root key, where it has a name, and its place.
func (v *Vault) rootLies() (keyID []byte, place Place, kept []byte, err error) {
	r, own := v.rootKey().(renewer)
	if !own {
		return []byte{}, InFile, nil, nil
	}
	place, kept = r.lies()
	keyID, err = r.keyID()
	return keyID, place, kept, err
}

// sameRoot fails when these were wrapped by a root key that another process has replaced meanwhile: nothing but the
// present root key may wrap a store key.
func (v *Vault) sameRoot(tx *db.Tx, rows []storeRow) error {
	if _, own := v.rootKey().(renewer); !own || len(rows) == 0 {
		return nil
	}
	keyID, err := wrappedBy(rows[0].wrapped)
	if err != nil {
		return err
	}
	return tx.Guard(errStale, "UPDATE vault_root SET id = 1 WHERE id = 1 AND key_id = $1", keyID)
}

// wrapNew makes store keys of these kinds, numbered from after+1, and wraps them.
func (v *Vault) wrapNew(ctx context.Context, after uint32, kinds ...string) ([]storeRow, error) {
	out, root := make([]storeRow, 0, len(kinds)), v.rootKey()
	for _, kind := range kinds {
		plain, err := newStoreKey(kind)
		if err != nil {
			return nil, err
		}
		wrapped, err := root.Wrap(ctx, plain)
		if err != nil {
			return nil, err
		}
		after++
		out = append(out, storeRow{after, kind, wrapped, true})
	}
	return out, nil
}

// newStoreKey is a serialized Tink keyset for what seals, and 32 random bytes for what hashes.
func newStoreKey(kind string) ([]byte, error) {
	switch kind {
	case kindIndex, kindMAC, kindSign:
		b := make([]byte, 32)
		_, err := rand.Read(b)
		return b, err
	}
	h, err := keyset.NewHandle(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = insecurecleartextkeyset.Write(h, keyset.NewBinaryWriter(&b)) // into memory only, to be wrapped
	return b.Bytes(), err
}

// reload opens the store keys of the key database.
func (v *Vault) reload(ctx context.Context) error {
	v.loading.Lock()
	defer v.loading.Unlock()
	err := v.load(ctx)
	if err != nil && !fault.Is(err, fault.Unavailable) {
		err = v.load(ctx) // the root key may have moved between two reads
	}
	return err
}

func (v *Vault) load(ctx context.Context) error {
	if err := v.adopt(ctx); err != nil {
		return err
	}
	rows, err := v.storeRows(ctx)
	if err != nil {
		return err
	}
	r := &ring{opens: map[uint32]tink.AEAD{}, current: map[string]uint32{}, rows: len(rows)}
	for _, row := range rows {
		if err := r.add(ctx, v.rootKey(), row); err != nil {
			return fmt.Errorf("store key %d: %w", row.version, err)
		}
	}
	for _, kind := range kinds {
		if r.current[kind] == 0 {
			return fault.New(fault.Internal, "vault.keys_incomplete").WithHint("The key database lacks a store key (" + kind + "). Restore it from a key backup.")
		}
	}
	v.ring.Store(r)
	return nil
}

func (r *ring) add(ctx context.Context, root RootKey, row storeRow) error {
	plain, err := root.Unwrap(ctx, row.wrapped)
	if err != nil {
		return err
	}
	if r.newest = row.version; row.current { // rows come in the order of their versions
		r.current[row.kind] = row.version
	}
	switch row.kind {
	case kindIndex:
		r.chain = append(r.chain, link{row.version, plain})
		return nil
	case kindMAC:
		r.mac = plain
		return nil
	case kindSign:
		if row.current {
			r.sign = plain
		}
		return nil
	}
	h, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(plain)))
	if err != nil {
		return err
	}
	r.opens[row.version], err = aead.New(h)
	return err
}

// refresh reloads when another process changed the store keys.
func (v *Vault) refresh(ctx context.Context) error {
	same := false
	err := v.keys.Read(ctx, func(tx *db.Tx) error {
		var n, newest int64
		err := tx.QueryRow("SELECT COUNT(*), COALESCE(MAX(version), 0) FROM vault_store").Scan(&n, &newest)
		same = v.ring.Load().same(int(n), uint32(newest))
		return err
	})
	if err != nil || same {
		return err
	}
	return v.reload(ctx)
}

// same says whether the ring holds as many keys and the same newest one: versions are never used twice.
func (r *ring) same(n int, newest uint32) bool { return r.rows == n && r.newest == newest }

// store is the store key of that version, looked for in the key database if another process made it.
func (v *Vault) store(ctx context.Context, version uint32) (tink.AEAD, error) {
	if a, ok := v.ring.Load().opens[version]; ok {
		return a, nil
	}
	if err := v.reload(ctx); err != nil {
		return nil, err
	}
	if a, ok := v.ring.Load().opens[version]; ok {
		return a, nil
	}
	return nil, errGone
}

// hash is a value's look-up hash: HMAC-SHA-256 under the first index key, and that result again under each later one.
// A rotation can therefore move stored hashes on to the new key without knowing any value. hashes[i] ends with chain[i].
func (r *ring) hash(domain uint32, value string) (hashes [][]byte) {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(value)), domain)
	b = append(b, value...)
	for _, l := range r.chain {
		b = sum(l.key, b)
		hashes = append(hashes, b)
	}
	return hashes
}

func sum(key, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return h.Sum(nil)
}

// label derives the key of a label by HKDF.
func (r *ring) label(kind string, secret []byte, label string) []byte {
	if k, ok := r.derived.Load(kind + label); ok {
		return k.([]byte)
	}
	k, err := hkdf.Key(sha256.New, secret, nil, "strongroom "+kind+" 1 "+label, 32)
	if err != nil {
		panic(err) // only a wrong length fails
	}
	r.derived.Store(kind+label, k)
	return k
}
