package vault_test

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/vault"
	"strongroom/guard/vault/openbao"
	"strongroom/guard/vault/openbao/baotest"
	"strongroom/guard/vault/vaulttest"
)

// house is a store whose root key may live in a file or in a key service.
type house struct {
	t    *testing.T
	p    dbtest.Pair
	bao  *baotest.Server
	c    *openbao.Client
	file string
}

func newHouse(t *testing.T, p dbtest.Pair) *house {
	t.Helper()
	h := &house{t: t, p: p, bao: baotest.New(), file: newFile(t)}
	t.Cleanup(h.bao.Close)
	h.bao.AddKey("strongroom", "")
	pool := x509.NewCertPool()
	pool.AddCert(h.bao.Certificate())
	token := h.bao.Token("read", "encrypt", "decrypt", "rotate")
	var err error
	h.c, err = openbao.New(openbao.Config{Address: h.bao.URL, Key: "strongroom", Roots: pool,
		Token: func() (string, error) { return token, nil }, Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	must(t, err)
	return h
}

func (h *house) options() vault.Options {
	return vault.Options{Keys: h.p.Keys, Root: vault.KeyFileAt(h.file),
		Service: func(context.Context) (vault.Service, error) { return h.c, nil }}
}

func (h *house) open() *vault.Vault {
	h.t.Helper()
	v := get[*vault.Vault](h.t)(vault.Open(ctx, h.options()))
	h.t.Cleanup(func() { _ = v.Close() })
	return v
}

func (h *house) where(v *vault.Vault, want vault.Place) {
	h.t.Helper()
	if got := get[vault.Place](h.t)(v.Where(ctx)); got != want {
		h.t.Fatalf("the root key is in %q, want %q", got, want)
	}
	_, err := os.Lstat(h.file)
	if there := err == nil; there != (want == vault.InFile) {
		h.t.Fatalf("the key file is there: %v, with the root key in %q", there, want)
	}
	if _, err := os.Lstat(h.file + ".next"); err == nil {
		h.t.Fatal("the next key file was left behind")
	}
}

// stores are the wrapped store keys, and the wrapped root key first.
func (h *house) stores() (out [][]byte) {
	h.t.Helper()
	must(h.t, h.p.Keys.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = db.All(tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) },
			"SELECT wrapped FROM vault_root UNION ALL SELECT wrapped FROM vault_store")
		return err
	}))
	return out
}

// more goes on selling: people come, and what is said of them is sealed and opened.
func more(t *testing.T, v *vault.Vault, p dbtest.Pair, n int) {
	t.Helper()
	for range n {
		u, r := subject(t, v), row(t, p)
		if got, err := reveal(v, shipping, v.Sealed(email, u, r, sealed(t, v, email, u, r, "new@example.com"))); err != nil || got != "new@example.com" {
			t.Fatalf("revealed %q, %v", got, err)
		}
		must(t, v.SetIndex(ctx, email, u, vault.Typed("new@example.com")))
	}
}

// The root key moves into a key service and back while another process goes on, and after each move what the root key
// was before opens nothing: neither its file, nor what the service would open (V13.3.3, V13.3.4, V11.2.2).
func TestMove_V13_3_3(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := newHouse(t, p)
		busy := h.open()
		s := fill(t, busy, row(t, p), 30)
		kit := get[*vault.Kit](t)(busy.NewKit(ctx))
		old := copyFile(t, h.file)

		mover := h.open()
		must(t, mover.Move(ctx, vault.InService, nil))
		h.where(mover, vault.InService)
		s.holds(t, mover)
		s.holds(t, busy) // follows by itself
		more(t, busy, p, 20)
		noneLeft(t, p)
		k := get[*vault.KeyFile](t)(vault.OpenKeyFile(old))
		for _, w := range h.stores() {
			if _, err := k.Unwrap(ctx, w); err == nil {
				t.Fatal("the key file from before opens something")
			}
		}
		calls := len(h.bao.Calls())
		must(t, mover.Move(ctx, vault.InService, nil)) // is there already
		s.holds(t, h.open())
		if n := len(h.bao.Calls()) - calls; n != 1 {
			t.Errorf("a start called the service %d times, want once: %v", n, h.bao.Calls()[calls:])
		}
		must(t, mover.CheckKit(ctx, kit))

		inService := h.stores()
		must(t, mover.Rotate(ctx, nil)) // in the service
		h.where(mover, vault.InService)
		if h.bao.Newest("strongroom") != 2 {
			t.Error("the service's key was not rotated")
		}
		oldRoot(t, h, inService[0])
		inService = h.stores()
		must(t, mover.Move(ctx, vault.InFile, nil))
		h.where(mover, vault.InFile)
		oldRoot(t, h, inService[0])
		s.holds(t, mover)
		s.holds(t, busy)
		more(t, busy, p, 20)
		h.bao.DropKey("strongroom")
		s.holds(t, h.open())
		must(t, mover.CheckKit(ctx, kit))
	})
}

// oldRoot makes sure that a root key that the service still opens opens nothing in the key database.
func oldRoot(t *testing.T, h *house, wrapped []byte) {
	t.Helper()
	plain := get[[]byte](t)(h.c.Unwrap(ctx, wrapped))
	path := vault.WriteRootForTest(t.TempDir(), plain)
	k := get[*vault.KeyFile](t)(vault.OpenKeyFile(path))
	for _, w := range h.stores() {
		if _, err := k.Unwrap(ctx, w); err == nil {
			t.Fatal("the root key from before opens something")
		}
	}
}

// A move that dies at any point leaves a store that opens and works, and is finished by asking again.
func TestMoveGoesOnWhereItDied(t *testing.T) {
	points := []string{"rotate.renewed", "rotate.rewrapped", "rotate.store", "rotate.subject", "rotate.batch", "rotate.index", "rotate.retire", "rotate.ended"}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := newHouse(t, p)
		s := fill(t, h.open(), row(t, p), 20)
		for i, point := range slices.Concat(points, points) {
			to := []vault.Place{vault.InService, vault.InFile}[i%2]
			if i >= len(points) { // each point in both directions
				to = []vault.Place{vault.InFile, vault.InService}[i%2]
				must(t, h.open().Move(ctx, []vault.Place{vault.InService, vault.InFile}[i%2], nil))
			}
			v, running := h.open(), h.open()
			died := false
			v.HaltAt(func(at string) error {
				if at == point && !died {
					died = true
					return errKilled
				}
				return nil
			})
			if err := v.Move(ctx, to, nil); !errors.Is(err, errKilled) {
				t.Fatalf("%s to %s: not met: %v", point, to, err)
			}
			s.holds(t, running)
			p.Clock.Advance(time.Minute)
			next := h.open()
			s.holds(t, next)
			must(t, next.Move(ctx, to, nil))
			h.where(next, to)
			s.holds(t, next)
			more(t, running, p, 20)
			s.holds(t, running)
			noneLeft(t, p)
		}
	})
}

// A running store needs the key service for nothing; a start without it says why, changes nothing, and works once the
// service is back (V13.3.3, V16.5.2).
func TestTheServiceGoesAway_V16_5_2(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	h := newHouse(t, p)
	v := h.open()
	s := fill(t, v, row(t, p), 5)
	must(t, v.Move(ctx, vault.InService, nil))
	before := h.stores()
	h.bao.Seal(true)
	s.holds(t, v)
	more(t, v, p, 300) // more than the pool of prepared subjects
	must(t, v.FreshLogKey(ctx, 0))
	before = append(before[:0:0], h.stores()...)
	if _, err := vault.Open(ctx, h.options()); fault.As(err) == nil || fault.As(err).Key != "vault.service_sealed" {
		t.Errorf("opened with a sealed service: %v", err)
	}
	if err := v.Rotate(ctx, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("rotated with a sealed service: %v", err)
	}
	if err := v.Rewrap(ctx); !fault.Is(err, fault.Unavailable) {
		t.Errorf("rewrapped with a sealed service: %v", err)
	}
	s.holds(t, v)
	if after := h.stores(); !slices.EqualFunc(before, after, func(a, b []byte) bool { return string(a) == string(b) }) {
		t.Error("something was changed while the service was sealed")
	}
	h.bao.Seal(false)
	s.holds(t, h.open())
	must(t, v.Rotate(ctx, nil)) // finishes what was begun
	s.holds(t, h.open())
	none := h.options()
	none.Service = nil
	if _, err := vault.Open(ctx, none); fault.As(err) == nil || fault.As(err).Key != "vault.service_none" {
		t.Errorf("opened without a service: %v", err)
	}
}

// An operator rotates the service's key and forbids its old version: rewrapping before keeps the store opening.
func TestRewrap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := newHouse(t, p)
		v := h.open()
		if err := v.Rewrap(ctx); fault.As(err) == nil || fault.As(err).Key != "vault.service_unused" {
			t.Errorf("rewrapped a key file: %v", err)
		}
		s := fill(t, v, row(t, p), 3)
		must(t, v.Move(ctx, vault.InService, nil))
		h.bao.RotateKey("strongroom")
		must(t, v.Rewrap(ctx))
		h.bao.Oldest("strongroom", 2)
		s.holds(t, h.open())
		h.bao.RotateKey("strongroom")
		h.bao.Oldest("strongroom", 3)
		if _, err := vault.Open(ctx, h.options()); fault.As(err) == nil || fault.As(err).Key != "vault.service_version" {
			t.Errorf("opened by a version that the service does not open: %v", err)
		}
	})
}

// A store whose first root key is made in the service has no key file, and its kit brings it back without the service.
func TestRecoverWithoutTheService(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := newHouse(t, p)
		must(t, os.Remove(h.file))
		o := h.options()
		o.First = vault.InService
		v := get[*vault.Vault](t)(vault.Open(ctx, o))
		t.Cleanup(func() { _ = v.Close() })
		h.where(v, vault.InService)
		s := fill(t, v, row(t, p), 3)
		kit := get[*vault.Kit](t)(v.NewKit(ctx))
		must(t, v.Rotate(ctx, nil))
		h.bao.DropKey("strongroom")
		if _, err := vault.Open(ctx, h.options()); !fault.Is(err, fault.NotFound) {
			t.Fatalf("opened without its key: %v", err)
		}
		get[*vault.KeyFile](t)(vault.RecoverRoot(ctx, kit, p.Keys, h.file))
		again := h.open()
		h.where(again, vault.InFile)
		s.holds(t, again)
		must(t, again.Rotate(ctx, nil))
		s.holds(t, again)
	})
}

// Nobody's file is written over by a move, and nothing is changed by one that cannot be.
func TestMoveRefused(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	h := newHouse(t, p)
	v := h.open()
	s := fill(t, v, row(t, p), 3)
	h.bao.DropKey("strongroom")
	if err := v.Move(ctx, vault.InService, nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("moved to a key that is not there: %v", err)
	}
	h.where(v, vault.InFile)
	h.bao.AddKey("strongroom", "")
	must(t, v.Move(ctx, vault.InService, nil))
	must(t, os.WriteFile(h.file, []byte("somebody's"), 0o600))
	if err := v.Move(ctx, vault.InFile, nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("moved over a file: %v", err)
	}
	if b := get[[]byte](t)(os.ReadFile(h.file)); string(b) != "somebody's" {
		t.Error("the file was written over")
	}
	s.holds(t, h.open())
}

// The provider that keeps the root key in a file does what every provider must.
func TestKeyFileConforms(t *testing.T) {
	a := get[*vault.KeyFile](t)(vault.CreateKeyFile(filepath.Join(t.TempDir(), "a")))
	b := get[*vault.KeyFile](t)(vault.CreateKeyFile(filepath.Join(t.TempDir(), "b")))
	vaulttest.Conform(t, a, b)
}

// What stands in the key database says nothing without the service.
func TestTheWrappedRootIsNoKey(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	h := newHouse(t, p)
	v := h.open()
	must(t, v.Move(ctx, vault.InService, nil))
	w := h.stores()[0]
	plain := get[[]byte](t)(h.c.Unwrap(ctx, w))
	if len(plain) != 32 || strings.Contains(string(w), string(plain)) {
		t.Error("the root key stands in the key database")
	}
	other := get[[]byte](t)(h.c.Wrap(ctx, make([]byte, 32)))
	must(t, h.p.Keys.Write(ctx, func(tx *db.Tx) error { // somebody puts another wrapped key there
		_, err := tx.Exec("UPDATE vault_root SET wrapped = $1", other)
		return err
	}))
	if _, err := vault.Open(ctx, h.options()); fault.As(err) == nil || fault.As(err).Key != "vault.service_foreign" {
		t.Errorf("opened with another root key: %v", err)
	}
}
