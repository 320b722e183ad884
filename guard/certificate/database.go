package certificate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
)

// Database keeps everything in the data database, for many processes. Values are sealed, because private keys are among
// them; locks are rows that end by themselves when their holder dies.
type Database struct {
	db   *db.DB
	seal func(label string, plain []byte) ([]byte, error)
	open func(label string, sealed []byte) ([]byte, error)

	mu    sync.Mutex
	locks map[string]*lease
}

// lease is a lock that this process holds and keeps alive.
type lease struct {
	holder []byte
	stop   context.CancelFunc
	ended  chan struct{}
}

// A lock whose holder is gone is free after leaseTime; the holder renews it three times as often.
const (
	leaseTime = 2 * time.Minute
	lockPoll  = 250 * time.Millisecond
)

// NewDatabase keeps certificates in the data database. Seal and open are the vault's for secrets of the store.
func NewDatabase(d *db.DB, seal, open func(label string, b []byte) ([]byte, error)) *Database {
	return &Database{db: d, seal: seal, open: open, locks: map[string]*lease{}}
}

// label binds a sealed value to its key, so that rows cannot be exchanged.
func label(key string) string { return "certificate." + key }

// Store replaces a value.
func (d *Database) Store(ctx context.Context, key string, value []byte) (err error) {
	defer fault.Wrap(&err, "certificate: store")
	if err := checkKey(key); err != nil {
		return err
	}
	sealed, err := d.seal(label(key), value)
	if err != nil {
		return err
	}
	return d.db.Write(ctx, func(tx *db.Tx) error { return putItem(tx, key, sealed, int64(len(value))) })
}

// Load reads a value; fs.ErrNotExist if there is none.
func (d *Database) Load(ctx context.Context, key string) (value []byte, err error) {
	defer fault.Wrap(&err, "certificate: load %s", key)
	var sealed []byte
	err = d.db.Read(ctx, func(tx *db.Tx) (err error) {
		var found bool
		if sealed, found, err = item(tx, key); err == nil && !found {
			err = fs.ErrNotExist
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.open(label(key), sealed)
}

// Delete removes a value, or all values below a key.
func (d *Database) Delete(ctx context.Context, key string) (err error) {
	defer fault.Wrap(&err, "certificate: delete")
	if err := checkKey(key); err != nil {
		return err
	}
	return d.db.Write(ctx, func(tx *db.Tx) error { return deleteItems(tx, key) })
}

// Exists says whether there is a value at the key or below it.
func (d *Database) Exists(ctx context.Context, key string) bool {
	_, err := d.Stat(ctx, key)
	return err == nil
}

// List names what lies below the prefix: everything, folders included, or the next level only.
func (d *Database) List(ctx context.Context, prefix string, recursive bool) (keys []string, err error) {
	defer fault.Wrap(&err, "certificate: list")
	var below []string
	err = d.db.Read(ctx, func(tx *db.Tx) (err error) {
		below, err = itemKeys(tx, prefix)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(below) == 0 {
		return nil, fmt.Errorf("%s: %w", prefix, fs.ErrNotExist)
	}
	return levels(prefix, below, recursive), nil
}

// Stat tells about a key.
func (d *Database) Stat(ctx context.Context, key string) (info certmagic.KeyInfo, err error) {
	defer fault.Wrap(&err, "certificate: stat")
	err = d.db.Read(ctx, func(tx *db.Tx) (err error) {
		size, changed, found, err := itemInfo(tx, key)
		if err != nil || found {
			info = certmagic.KeyInfo{Key: key, Size: size, Modified: clock.FromMicros(changed), IsTerminal: true}
			return err
		}
		below, err := itemKeys(tx, key)
		if info = (certmagic.KeyInfo{Key: key}); err == nil && len(below) == 0 {
			err = fs.ErrNotExist
		}
		return err
	})
	return info, err
}

// Lock waits for the lock of a name, or until its holder is dead.
func (d *Database) Lock(ctx context.Context, name string) error {
	for {
		if mine, err := d.TryLock(ctx, name); err != nil || mine {
			return err
		}
		timer := time.NewTimer(lockPoll)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// TryLock takes the lock of a name if it is free, and keeps it alive until Unlock.
func (d *Database) TryLock(ctx context.Context, name string) (mine bool, err error) {
	defer fault.Wrap(&err, "certificate: lock")
	l := &lease{holder: make([]byte, 16), ended: make(chan struct{})}
	if _, err := rand.Read(l.holder); err != nil {
		return false, err
	}
	err = d.db.Write(ctx, func(tx *db.Tx) (err error) {
		mine, err = takeLock(tx, name, l.holder, tx.Now().Add(leaseTime))
		return err
	})
	if err != nil || !mine {
		return false, err
	}
	alive, stop := context.WithCancel(context.Background())
	l.stop = stop
	d.mu.Lock()
	d.locks[name] = l
	d.mu.Unlock()
	go d.keep(alive, name, l)
	return true, nil
}

// keep renews a lock until it is given back.
func (d *Database) keep(ctx context.Context, name string, l *lease) {
	defer close(l.ended)
	tick := time.NewTicker(leaseTime / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = d.renew(ctx, name, l.holder, leaseTime) // the next tick tries again; two are left before the lock ends
		}
	}
}

func (d *Database) renew(ctx context.Context, name string, holder []byte, by time.Duration) error {
	return d.db.Write(ctx, func(tx *db.Tx) error { return renewLock(tx, name, holder, tx.Now().Add(by)) })
}

// RenewLockLease makes a lock last for the duration from now.
func (d *Database) RenewLockLease(ctx context.Context, name string, by time.Duration) error {
	d.mu.Lock()
	l := d.locks[name]
	d.mu.Unlock()
	if l == nil {
		return errNotHeld
	}
	return d.renew(ctx, name, l.holder, by)
}

var errNotHeld = errors.New("certificate: the lock is not held")

// Unlock gives a lock back. One that somebody else took meanwhile stays theirs.
func (d *Database) Unlock(ctx context.Context, name string) (err error) {
	defer fault.Wrap(&err, "certificate: unlock")
	d.mu.Lock()
	l := d.locks[name]
	delete(d.locks, name)
	d.mu.Unlock()
	if l == nil {
		return errNotHeld
	}
	l.stop()
	<-l.ended
	return d.db.Write(ctx, func(tx *db.Tx) error { return giveLock(tx, name, l.holder) })
}
