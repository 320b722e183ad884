// Package vault seals personal data, and is the only package of the store that decrypts.
//
// # Subjects and keys
//
// Every person or guest order is a subject with a key of its own for each purpose (Profile, Fulfilment, Fiscal,
// Support). A root key (see RootKey) wraps a few store keys, which are opened at start and stay in memory; a store key
// wraps the subjects' keys, which stand in the key database and are kept in a bounded memory for ten minutes. Erasing a
// person is destroying keys: what they sealed, wherever a copy of it lies, opens no more.
//
// # Writing in the right order
//
// Two databases share no transaction, so writes have an order: the key first, the data second.
//
//	subject, _ := v.NewSubject(ctx, vault.Fulfilment, vault.Fiscal) // pending; from a prepared pool, no commit
//	sealed, _ := v.Seal(ctx, privacy.OrderEmail.Field, subject, row, email)
//	_ = v.SetIndex(ctx, privacy.OrderEmail.Field, subject, email)
//	_ = data.Write(ctx, ...)                                         // the rows with the sealed bytes
//	_ = v.Confirm(ctx, subject)                                      // buffered, written by and by
//
// A process that dies in between leaves a pending subject. The sweeper (Sweep) asks the owners of the data: what they
// hold is confirmed, what never came is destroyed. Erasure goes the other way: the intent in the data (Intend, in the
// act's transaction), the destruction by a job (EraseIntended). A subject must be used within twenty hours of NewSubject.
//
// # Reading
//
// Sealed wraps stored bytes without opening them. Personal shows "•••" to fmt, slog, JSON and templates; Mask makes a
// mask. Reveal is the one call that returns clear text; looks by staff and from the command line are written into the
// audit log first (Recorder), and without that there is no look.
//
// # Rotation
//
// Rotate replaces the root key and the store keys while the store runs. Killed at any moment, it goes on where it
// stood when called again. Afterwards the old keys open nothing in the key database. Move is a rotation whose new root
// key lives elsewhere: in a key service (see Service), or in a key file again. See docs/vault.md and docs/keys.md.
package vault

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
)

// Options say what a Vault works with.
type Options struct {
	Keys *db.DB  // the key database
	Root RootKey // the key file: where the root key lives, unless the key database names the key service
	// Service gives the configured key service, when the root key lives there or moves. It is called again for a root
	// key that another process moved, so that a running store can follow. nil: none is configured.
	Service func(context.Context) (Service, error)
	First   Place // where a store that has no keys yet gets its root key; "" is InFile
	// Cache bounds the subject keys held in memory; 0 means 8192, about one kilobyte each.
	Cache int
}

// Vault seals and opens. It is safe for use by many goroutines.
type Vault struct {
	keys     *db.DB
	root     atomic.Pointer[rootBox]
	file     RootKey // what was opened as the key file
	service  func(context.Context) (Service, error)
	clock    clock.Clock
	cache    *cache
	pools    pools
	ring     atomic.Pointer[ring]
	loading  sync.Mutex
	recorder atomic.Pointer[Recorder]
	confirm  confirmer
	stop     context.CancelFunc
	ended    sync.WaitGroup
	halt     func(point string) error // tests stop here as a kill would; nil otherwise
}

// Open opens the vault over the key database, and furnishes an empty one with store keys.
func Open(ctx context.Context, o Options) (v *Vault, err error) {
	defer fault.Wrap(&err, "vault: open")
	if o.Keys == nil || o.Root == nil {
		return nil, errors.New("the key database and the root key are needed")
	}
	if o.Cache <= 0 {
		o.Cache = 8192
	}
	v = &Vault{keys: o.Keys, file: o.Root, service: o.Service, clock: o.Keys.Clock(), cache: newCache(o.Cache)}
	v.setRoot(o.Root)
	if err := v.first(ctx, o.First); err != nil {
		return nil, err
	}
	if err := v.furnish(ctx); err != nil {
		return nil, err
	}
	if err := v.reload(ctx); err != nil {
		return nil, err
	}
	if err := v.settle(ctx); err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(context.Background())
	v.stop = stop
	v.ended.Go(func() { v.tend(run) })
	return v, nil
}

// Close writes what is still to be confirmed and ends the vault's goroutine.
func (v *Vault) Close() error {
	v.stop()
	v.ended.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return v.flush(ctx)
}

// tend confirms subjects in the background and notices keys that another process rotated.
func (v *Vault) tend(ctx context.Context) {
	confirm, look := time.NewTicker(time.Second), time.NewTicker(30*time.Second)
	defer confirm.Stop()
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-confirm.C:
			// What fails is tried at the next tick, and mended by the sweeper at last.
			_ = v.flush(ctx)
		case <-look.C:
			// An unreachable root key leaves the keys that are in memory: they still work.
			_ = v.refresh(ctx)
		}
	}
}

// Ready says whether the key database answers, for health checks.
func (v *Vault) Ready(ctx context.Context) error { return v.keys.Ping(ctx) }

// stopAt is where the kill tests stop.
func (v *Vault) stopAt(point string) error {
	if v.halt == nil {
		return nil
	}
	return v.halt(point)
}
