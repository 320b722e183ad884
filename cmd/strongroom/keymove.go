package main

import (
	"context"
	"errors"

	"strongroom/guard/vault"
)

type keyMoveCommand struct {
	configFlag
	To string `enum:"openbao,file" required:"" placeholder:"PLACE" help:"openbao (the key service of [keys]) or file (data.key_file)."`
}

// Help is shown by --help.
func (keyMoveCommand) Help() string {
	return `Makes a new root key in the other place and rotates everything below it, while the store sells. The
running store reads [keys] again and follows. If it is interrupted, run it again: it goes on where it
stood. Recovery kits stay valid. Afterwards the old root key opens nothing, and its file is removed.

Examples:
  strongroom key move --to openbao --config /srv/shop/strongroom.toml
  strongroom key move --to file`
}

// Run moves the root key with progress.
func (c keyMoveCommand) Run(ctx context.Context, t *terminal) error {
	f, err := c.load(t)
	if err != nil {
		return err
	}
	place := vault.InFile
	if c.To == "openbao" {
		if place = vault.InService; f.Keys.Address == "" {
			return usageError{errors.New("no key service is configured: set keys.address, keys.key and keys.token first; see docs/keys.md")}
		}
	}
	s, err := c.openKeys(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Vault.Move(ctx, place, t.rotation()); err != nil {
		return err
	}
	if c.To == "openbao" {
		t.printf("The root key lives in the key service at %s.\n", f.Keys.Address)
	} else {
		t.printf("The root key lives in the key file %s.\n", f.Data.KeyFile)
	}
	if f.Keys.Provider != c.To {
		t.printf("Set this in the configuration, too: keys.provider = %q\n", c.To)
	}
	return nil
}

type keyRewrapCommand struct {
	configFlag
}

// Help is shown by --help.
func (keyRewrapCommand) Help() string {
	return `For a key service whose key was rotated there: the root key is wrapped under the newest version, so that
older ones may be forbidden (min_decryption_version). "strongroom key rotate" does this and more.

Example:
  strongroom key rewrap --config /srv/shop/strongroom.toml`
}

// Run rewraps.
func (c keyRewrapCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.openKeys(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Vault.Rewrap(ctx); err != nil {
		return err
	}
	t.printf("The root key is wrapped under the newest version of the service's key.\n")
	return nil
}
