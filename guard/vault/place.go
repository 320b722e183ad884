package vault

import (
	"bytes"
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
)

// rootRow is what the key database says about the root key.
type rootRow struct {
	keyID   []byte
	place   Place
	wrapped []byte // by the key service; nil for a key file
	was     []byte // the name of the root key before this one
}

func readRoot(tx *db.Tx) (r rootRow, found bool, err error) {
	return db.One(tx, func(s db.Scanner) (r rootRow, err error) {
		return r, s.Scan(&r.keyID, &r.place, &r.wrapped, &r.was)
	}, "SELECT key_id, place, wrapped, was FROM vault_root WHERE id = 1")
}

func rootOf(ctx context.Context, keys *db.DB) (r rootRow, found bool, err error) {
	err = keys.Read(ctx, func(tx *db.Tx) error {
		r, found, err = readRoot(tx)
		return err
	})
	return r, found, err
}

// Located says where the root key of a key database lives; "" while the database is empty.
func Located(ctx context.Context, keys *db.DB) (Place, error) {
	r, _, err := rootOf(ctx, keys)
	return r.place, err
}

// Where says where the root key lives now.
func (v *Vault) Where(ctx context.Context) (Place, error) { return Located(ctx, v.keys) }

var (
	errServiceForeign = fault.New(fault.Invalid, "vault.service_foreign").
				WithHint("The key service opened something, and it is not this store's root key. Check keys.address, keys.mount and keys.key, or go back to a key file with the recovery kit: strongroom key recover.")
	errNoService = fault.New(fault.NotFound, "vault.service_none").
			WithHint("Set keys.address, keys.key and keys.token (or keys.role_id and keys.secret_id) in the configuration; see docs/keys.md.")
)

// rootBox lets different kinds of root keys stand in one atomic pointer.
type rootBox struct{ RootKey }

func (v *Vault) rootKey() RootKey     { return v.root.Load().RootKey }
func (v *Vault) setRoot(root RootKey) { v.root.Store(&rootBox{root}) }

// openService asks the wiring for the configured key service.
func (v *Vault) openService(ctx context.Context) (Service, error) {
	if v.service == nil {
		return nil, errNoService
	}
	return v.service(ctx)
}

// adopt makes the root key that the database names the one that this process works with: another process may have
// moved it since. The key service is called only for a root key that is not in memory yet.
func (v *Vault) adopt(ctx context.Context) error {
	row, found, err := rootOf(ctx, v.keys)
	if err != nil || !found {
		return err
	}
	held, inService := v.rootKey().(*serviceRoot)
	if row.place != InService {
		if inService {
			v.setRoot(v.file)
		}
		return nil
	}
	if inService && bytes.Equal(held.key.id(), row.keyID) && bytes.Equal(held.wrapped, row.wrapped) {
		return nil
	}
	s, err := v.openService(ctx)
	if err != nil {
		return err
	}
	root, err := openServiceRoot(ctx, s, row)
	if err == nil {
		v.setRoot(root)
	}
	return err
}

// first is the root key of a store that has none yet, where a key service shall keep it.
func (v *Vault) first(ctx context.Context, place Place) error {
	if place != InService {
		return nil
	}
	if _, found, err := rootOf(ctx, v.keys); err != nil || found {
		return err
	}
	s, err := v.openService(ctx)
	if err != nil {
		return err
	}
	root, err := newServiceRoot(ctx, s)
	if err == nil {
		v.setRoot(root)
	}
	return err
}

// renew makes the next root key under a new version of the service's own key, where the service lets us make one.
func (r *serviceRoot) renew(ctx context.Context) (renewer, error) {
	if err := r.service.Rotate(ctx); err != nil && !fault.Is(err, fault.Forbidden) {
		return nil, err
	}
	return newServiceRoot(ctx, r.service)
}

// Rewrap has the key service wrap the root key once more, under the newest version of the service's own key, for a
// service whose key was rotated from outside. The root key itself stays, and nothing is written that does not open.
func (v *Vault) Rewrap(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "vault: rewrap")
	if err := v.reload(ctx); err != nil {
		return err
	}
	held, inService := v.rootKey().(*serviceRoot)
	if !inService {
		return fault.New(fault.Invalid, "vault.service_unused").WithHint("The root key lives in a key file. Only one that lives in a key service is wrapped by it.")
	}
	wrapped, err := held.service.Wrap(ctx, held.key.key[:])
	if err != nil {
		return err
	}
	row := rootRow{keyID: held.key.id(), wrapped: wrapped}
	if _, err := openServiceRoot(ctx, held.service, row); err != nil {
		return err
	}
	err = v.keys.Write(ctx, func(tx *db.Tx) error {
		return tx.Guard(errHeld, "UPDATE vault_root SET wrapped = $1 WHERE id = 1 AND key_id = $2 AND wrapped = $3", wrapped, row.keyID, held.wrapped)
	})
	if err != nil {
		return err
	}
	return v.reload(ctx)
}
