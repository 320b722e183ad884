// Package vaulttest gives tests a vault of their own.
package vaulttest

import (
	"context"
	"path/filepath"
	"testing"

	"strongroom/base/db/dbtest"
	"strongroom/guard/vault"
)

// New opens a vault over the pair's key database, with a key file that goes when the test ends.
func New(t testing.TB, p dbtest.Pair) *vault.Vault {
	t.Helper()
	root, err := vault.CreateKeyFile(filepath.Join(t.TempDir(), "root.key"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(context.Background(), vault.Options{Keys: p.Keys, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Errorf("close the vault: %v", err)
		}
	})
	return v
}
