package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/vault"
	"strongroom/schema"
)

// OpenKeys opens only the keys of a store, for the commands that look after them.
func OpenKeys(ctx context.Context, c Config) (s *Store, err error) {
	c.fill()
	s = &Store{c: c}
	if err := makeFolders(c.Place); err != nil {
		return nil, err
	}
	if err = s.openTexts(ctx); err == nil {
		err = s.openKeys(ctx)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// openKeys opens the key database and the vault over it. The first start of a store makes its root key.
func (s *Store) openKeys(ctx context.Context) (err error) {
	s.Keys, err = db.Open(ctx, db.Options{DSN: s.c.Place.Keys, Clock: s.c.Clock, Erase: true, Migrations: schema.Keys()})
	if err != nil {
		return explainDB("key database", where(s.c.Place.Keys), err)
	}
	s.onClose(s.Keys.Close)
	o := vault.Options{Keys: s.Keys, Root: vault.KeyFileAt(s.c.Place.KeyFile), Service: s.c.Service, First: s.c.FirstKey}
	if err = s.firstKey(ctx); err == nil {
		s.Vault, err = s.openVault(ctx, o)
	}
	if err != nil {
		return s.explainKeys(err)
	}
	s.onClose(s.Vault.Close)
	return nil
}

// firstKey furnishes a key database that is still empty. Where keys are in use already, a missing key file is never
// replaced by a new one, which would open nothing.
func (s *Store) firstKey(ctx context.Context) error {
	place, err := vault.Located(ctx, s.Keys)
	if err != nil || place != "" {
		return err
	}
	_, err = vault.OpenKeyFile(s.c.Place.KeyFile)
	if err == nil && s.c.FirstKey != vault.InService {
		return nil // an empty key database beside a key file is found by the epoch
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if path, ok := strings.CutPrefix(s.c.Place.Data, "sqlite:"); ok && there(s.c.Place.Data) {
		return fault.New(fault.NotFound, "vault.keyfile_missing").WithHint("There are data in " + path + " but no key file at " +
			s.c.Place.KeyFile + ". Put key file and key database back, from a copy or with the recovery kit (strongroom key recover).")
	}
	if s.c.FirstKey == vault.InService {
		return nil // made by the opening itself
	}
	v, err := vault.Open(ctx, vault.Options{Keys: s.Keys, Root: &newKey{path: s.c.Place.KeyFile}})
	if err != nil {
		return err
	}
	s.c.Progress("made the store's keys")
	return v.Close()
}

// newKey is a root key whose file is made when something is to be wrapped for the first time. The vault wraps first
// only in an empty key database; in any other it unwraps first, and finds the file missing.
type newKey struct {
	path string
	made *vault.KeyFile
}

// Wrap makes the file and seals with it.
func (k *newKey) Wrap(ctx context.Context, plain []byte) (_ []byte, err error) {
	if k.made == nil {
		if k.made, err = vault.CreateKeyFile(k.path); err != nil {
			return nil, err
		}
	}
	return k.made.Wrap(ctx, plain)
}

// Unwrap opens what Wrap sealed; without a file it says that the file is missing.
func (k *newKey) Unwrap(ctx context.Context, wrapped []byte) ([]byte, error) {
	if k.made == nil {
		_, err := vault.OpenKeyFile(k.path)
		if err == nil {
			err = os.ErrExist // somebody made it meanwhile; the next start uses it
		}
		return nil, err
	}
	return k.made.Unwrap(ctx, wrapped)
}

// explainKeys reads the vault's fault out, with its hint.
func (s *Store) explainKeys(err error) error {
	e := &Error{Kind: BadStore, Cause: err, What: "the keys cannot be opened: " + err.Error(), Do: "\"strongroom doctor\" looks closer."}
	if f := fault.As(err); f != nil {
		e.What, e.Do = s.Texts.For("en").Fault(f), f.Hint
	}
	return e
}
