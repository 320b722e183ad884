package vault_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
)

func TestMain(m *testing.M) {
	if vault.RotateForKill() { // this process is the one that TestRotationSurvivesSIGKILL kills
		return
	}
	// Connections that database/sql is still closing are not the vault's.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"),
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"))
}

var (
	ctx       = context.Background()
	email     = vault.Field{Number: 100, Purpose: vault.Fulfilment, Mask: vault.MaskEmail}
	name      = vault.Field{Number: 110, Purpose: vault.Fulfilment, Mask: vault.MaskName}
	invoice   = vault.Field{Number: 120, Purpose: vault.Fiscal, Mask: vault.MaskName}
	shipping  = vault.Look{Actor: access.System("test"), Purpose: vault.Fulfilment}
	billing   = vault.Look{Actor: access.System("test"), Purpose: vault.Fiscal}
	everybody = []vault.Purpose{vault.Fulfilment, vault.Fiscal}
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T { t.Helper(); must(t, err); return v }
}

func row(t testing.TB, p dbtest.Pair) id.ID { t.Helper(); return id.New(p.Clock.Now(), nil) }

func subject(t testing.TB, v *vault.Vault) id.ID {
	t.Helper()
	return get[id.ID](t)(v.NewSubject(ctx, everybody...))
}

func sealed(t testing.TB, v *vault.Vault, f vault.Field, subject, row id.ID, clear string) []byte {
	t.Helper()
	return get[[]byte](t)(v.Seal(ctx, f, subject, row, vault.Typed(clear)))
}

func reveal(v *vault.Vault, l vault.Look, p vault.Personal) (string, error) {
	out, err := v.Reveal(ctx, l, p)
	if err != nil {
		return "", err
	}
	return out[0], nil
}

// What is sealed comes back, and the same text is sealed to other bytes each time (V11.3.4).
func TestSealAndReveal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		s, r := subject(t, v), row(t, p)
		for _, clear := range []string{"a", "ada@example.com", "Ærø 東京 🙂", strings.Repeat("x", 64<<10)} {
			b := sealed(t, v, email, s, r, clear)
			if strings.Contains(string(b), clear) && len(clear) > 3 {
				t.Fatal("the sealed bytes hold the clear text")
			}
			if got := get[string](t)(reveal(v, shipping, v.Sealed(email, s, r, b))); got != clear {
				t.Fatalf("revealed %.40q, want %.40q", got, clear)
			}
			if string(b) == string(sealed(t, v, email, s, r, clear)) {
				t.Fatal("sealing twice gives the same bytes")
			}
		}
		if _, err := v.Seal(ctx, email, s, r, vault.Typed(strings.Repeat("x", 64<<10+1))); err == nil {
			t.Fatal("sealed more than 64 KiB")
		}
		if b := get[[]byte](t)(v.Seal(ctx, email, s, r, vault.Typed(""))); b != nil {
			t.Fatal("no value was sealed to something")
		}
	})
}

// V11.3.3 (a ciphertext is bound to its place): what is moved to another row, field, subject or purpose does not open.
func TestSwappedBytesDoNotOpen_V11_3_3(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		s, other, r := subject(t, v), subject(t, v), row(t, p)
		b := sealed(t, v, email, s, r, "ada@example.com")
		renumbered, moved := email, email
		renumbered.Number, moved.Purpose = 101, vault.Fiscal
		version := append([]byte(nil), b...)
		version[2]++
		for what, x := range map[string]vault.Personal{
			"row":     v.Sealed(email, s, row(t, p), b),
			"field":   v.Sealed(renumbered, s, r, b),
			"subject": v.Sealed(email, other, r, b),
			"purpose": v.Sealed(moved, s, r, b),
			"version": v.Sealed(email, s, r, version),
		} {
			l := shipping
			if what == "purpose" {
				l = billing
			}
			if clear, err := reveal(v, l, x); err == nil {
				t.Errorf("another %s opened %q", what, clear)
			}
			if m := x.Mask(); m != vault.Hidden {
				t.Errorf("another %s has the mask %q", what, m)
			}
		}
		for i := range b {
			c := append([]byte(nil), b...)
			c[i] ^= 1
			if _, err := reveal(v, shipping, v.Sealed(email, s, r, c)); err == nil {
				t.Errorf("opened with byte %d changed", i)
			}
			if _, err := reveal(v, shipping, v.Sealed(email, s, r, b[:i])); i > 0 && err == nil {
				t.Errorf("opened when cut to %d bytes", i)
			}
		}
	})
}

func TestALookHasThePurposeOfTheField(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := vaulttest.New(t, p)
	s, r := subject(t, v), row(t, p)
	x := v.Sealed(email, s, r, sealed(t, v, email, s, r, "ada@example.com"))
	if _, err := reveal(v, billing, x); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("a fiscal look opened the delivery's data: %v", err)
	}
	if _, err := reveal(v, vault.Look{Purpose: vault.Fulfilment}, x); err == nil {
		t.Fatal("a look without actor opened something")
	}
}

type recorder struct {
	err  error
	seen []vault.Seen
}

func (r *recorder) RecordLook(_ context.Context, s vault.Seen) error {
	r.seen = append(r.seen, s)
	return r.err
}

// V16.2.1, V14.2.4, V16.5.3: a look by staff is recorded once for each person, and shows nothing if it cannot be.
func TestLooksByStaffAreRecordedAndFailClosed(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := vaulttest.New(t, p)
	s, other, r := subject(t, v), subject(t, v), row(t, p)
	xs := []vault.Personal{v.Sealed(email, s, r, sealed(t, v, email, s, r, "ada@example.com")),
		v.Sealed(name, s, r, sealed(t, v, name, s, r, "Ada")), v.Sealed(name, other, r, sealed(t, v, name, other, r, "Bea"))}
	staff := vault.Look{Actor: access.Actor{Kind: access.KindStaff, ID: randomID()}, Purpose: vault.Fulfilment, Reason: "asked"}
	if out, err := v.Reveal(ctx, staff, xs...); err == nil || out != nil {
		t.Fatalf("shown without a recorder: %v", out)
	}
	rec := &recorder{err: errors.New("the log is full")}
	v.SetRecorder(rec)
	if out, err := v.Reveal(ctx, staff, xs...); !fault.Is(err, fault.Unavailable) || out != nil {
		t.Fatalf("shown although the look was not recorded: %v", err)
	}
	rec.err, rec.seen = nil, nil
	if _, err := v.Reveal(ctx, staff, xs...); err != nil || len(rec.seen) != 2 || len(rec.seen[0].Fields) != 2 {
		t.Fatalf("want one record for each person, got %+v, %v", rec.seen, err)
	}
	if rec.seen[0].Handle != get[id.ID](t)(v.AuditHandle(ctx, s)) || rec.seen[0].Handle == s {
		t.Error("the record does not name the person by its handle")
	}
	if _, err := v.Reveal(ctx, shipping, xs...); err != nil || len(rec.seen) != 2 {
		t.Errorf("a look by the program itself was recorded or failed: %v", err)
	}
}

func TestFindAndContact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		a, b := subject(t, v), subject(t, v)
		contact := get[id.ID](t)(v.Contact(ctx, vault.Typed("Ada@Example.com")))
		for _, s := range []id.ID{a, b, a} {
			must(t, v.SetIndex(ctx, email, s, vault.Typed(" ada@example.COM ")))
		}
		found := get[[]id.ID](t)(v.Find(ctx, email, vault.Typed("ADA@example.com"), 10))
		// Two ids of one millisecond have no order.
		if len(found) != 2 || !slices.Contains(found, a) || !slices.Contains(found, b) {
			t.Fatalf("found %v, want %v and %v", found, a, b)
		}
		if len(get[[]id.ID](t)(v.Find(ctx, email, vault.Typed("ada@example.co"), 10))) != 0 {
			t.Fatal("found by another address")
		}
		if again := get[id.ID](t)(v.Enlist(ctx, email, b, vault.Typed("ada@example.com"))); again != contact {
			t.Fatal("one address has two contact handles")
		}
		must(t, v.Erase(ctx, a, everybody...))
		if again := get[id.ID](t)(v.Contact(ctx, vault.Typed("ada@example.com"))); again != contact {
			t.Fatal("the handle went although another order still has the address")
		}
		must(t, v.Erase(ctx, b, vault.Fulfilment))
		if again := get[id.ID](t)(v.Contact(ctx, vault.Typed("ada@example.com"))); again == contact {
			t.Fatal("the handle outlived everybody it belonged to")
		}
		if len(get[[]id.ID](t)(v.Find(ctx, email, vault.Typed("ada@example.com"), 10))) != 0 {
			t.Fatal("an erased subject is still found")
		}
	})
}

func TestErasureEndsAPurposeAndKeepsAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		s, r := subject(t, v), row(t, p)
		x := v.Sealed(email, s, r, sealed(t, v, email, s, r, "ada@example.com"))
		y := v.Sealed(invoice, s, r, sealed(t, v, invoice, s, r, "Ada Lovelace"))
		must(t, v.Erase(ctx, s, vault.Fulfilment))
		if _, err := reveal(v, shipping, x); !vault.Erased(err) {
			t.Fatalf("erased, and opened: %v", err)
		}
		if x.Mask() != vault.Hidden {
			t.Fatal("an erased value has a mask")
		}
		if got := get[string](t)(reveal(v, billing, y)); got != "Ada Lovelace" {
			t.Fatalf("the fiscal record says %q", got)
		}
		if _, err := v.AuditHandle(ctx, s); !vault.Erased(err) {
			t.Fatal("the audit handle outlived the person")
		}
		if _, err := v.Seal(ctx, email, s, r, vault.Typed("x")); !vault.Erased(err) {
			t.Fatal("sealed under an erased purpose")
		}
		must(t, v.Erase(ctx, s, vault.Fiscal))
		if _, err := reveal(v, billing, y); !vault.Erased(err) {
			t.Fatal("the fiscal record outlived its key")
		}
		if err := v.AddPurposes(ctx, s, vault.Support); !vault.Erased(err) {
			t.Fatalf("a destroyed subject got a new key: %v", err)
		}
	})
}

func TestAddPurposes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		s, r := subject(t, v), row(t, p)
		x := v.Sealed(email, s, r, sealed(t, v, email, s, r, "ada@example.com"))
		must(t, v.AddPurposes(ctx, s, vault.Support, vault.Fulfilment))
		get[string](t)(reveal(v, shipping, x))
		sealed(t, v, vault.Field{Number: 300, Purpose: vault.Support}, s, r, "hello")
	})
}

func TestSecretsMACsAndSignatures(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := vaulttest.New(t, p)
	b := get[[]byte](t)(v.SealSecret("smtp", []byte("secret")))
	if got := get[[]byte](t)(v.OpenSecret("smtp", b)); string(got) != "secret" {
		t.Fatalf("got %q", got)
	}
	if _, err := v.OpenSecret("sms", b); err == nil {
		t.Fatal("opened under another label")
	}
	x := string(v.MAC("a", []byte("x")))
	if x == string(v.MAC("b", []byte("x"))) || x == string(v.MAC("a", []byte("y"))) || x == string(v.Sign("a", []byte("x"))) {
		t.Fatal("two labels, values or kinds share a hash")
	}
	if x != string(v.MAC("a", []byte("x"))) || !v.Signed("a", []byte("x"), v.Sign("a", []byte("x"))) || v.Signed("a", []byte("y"), v.Sign("a", []byte("x"))) {
		t.Fatal("a hash does not hold")
	}
}

// A checkout costs far less than one commit of the key database.
func TestNewSubjectsCostFewCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		_, before := p.Keys.Counts()
		for range 500 {
			must(t, v.Confirm(ctx, subject(t, v)))
		}
		if _, after := p.Keys.Counts(); after-before > 20 {
			t.Errorf("500 subjects took %d commits", after-before)
		}
	})
}

func randomID() id.ID { return id.New(time.Unix(1, 0), nil) }

func open(t testing.TB, keys *db.DB, path string) (*vault.Vault, error) {
	t.Helper()
	root, err := vault.OpenKeyFile(path)
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(ctx, vault.Options{Keys: keys, Root: root})
	if err == nil {
		t.Cleanup(func() { _ = v.Close() })
	}
	return v, err
}

func newFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "root.key")
	get[*vault.KeyFile](t)(vault.CreateKeyFile(path))
	return path
}
