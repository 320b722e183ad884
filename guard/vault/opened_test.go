package vault_test

import (
	"strings"
	"testing"

	"strongroom/base/db/dbtest"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
)

// Whatever was done to a sealed value, there is one answer that says nothing of how it was changed or how far it got, and
// nothing of what is in it: no bit of nonce, text or tag makes a difference, nor does the place it was moved to. There is
// no padding and no first half that would be right (V11.2.5).
func TestEveryFailureToOpenIsOne_V11_2_5(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		s, r := subject(t, v), row(t, p)
		good := sealed(t, v, email, s, r, planted)
		said := map[string]int{}
		refused := func(what string, x vault.Personal) {
			t.Helper()
			clear, err := reveal(v, shipping, x)
			if err == nil || clear != "" || !vault.Damaged(err) || vault.Erased(err) || strings.Contains(err.Error(), "planted") {
				t.Errorf("%s: %q %v", what, clear, err)
				return
			}
			said[err.Error()]++
		}
		const head = 3 // format and version of the key; another version is another key
		for i := head; i < len(good); i++ {
			for bit := range 8 {
				bad := append([]byte(nil), good...)
				bad[i] ^= 1 << bit
				refused("a bit", v.Sealed(email, s, r, bad))
			}
		}
		refused("cut", v.Sealed(email, s, r, good[:len(good)-1]))
		refused("longer", v.Sealed(email, s, r, append(append([]byte(nil), good...), 0)))
		refused("another row", v.Sealed(email, s, row(t, p), good))
		refused("another field", v.Sealed(name, s, r, good))
		refused("another person", v.Sealed(email, subject(t, v), r, good))
		if len(said) != 1 {
			t.Errorf("%d different answers: %v", len(said), said)
		}
		refused("no sealed value", v.Sealed(email, s, r, []byte("short"))) // what is none at all needs no key to be refused
		if clear, err := reveal(v, shipping, v.Sealed(email, s, r, good)); err != nil || clear != planted {
			t.Errorf("the value itself: %q %v", clear, err)
		}
	})
}
