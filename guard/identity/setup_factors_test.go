package identity_test

import (
	"fmt"
	"testing"
	"time"

	"strongroom/base/lang"
	"strongroom/guard/identity/hash"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/vault"
)

func typed(s string) vault.Personal { return vault.Typed(s) }

func personals(texts ...string) (out []vault.Personal) {
	for _, x := range texts {
		out = append(out, vault.Typed(x))
	}
	return out
}

func newPool(t *testing.T, k *identitytest.Kit, p hash.Params) *hash.Pool {
	t.Helper()
	pool, err := hash.NewPool(hash.Options{Params: p, Pepper: identitytest.Pepper(k.Vault), Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// scan reads numbers.
func scan(s string, into ...any) (int, error) { return fmt.Sscan(s, into...) }

func loadTexts(t *testing.T) *lang.Catalog {
	t.Helper()
	c, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
