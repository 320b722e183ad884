package vault_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/vault"
)

// sample is sealed data and how to find it again.
type sample struct {
	subjects []id.ID
	row      id.ID
	sealed   [][]byte
	secret   []byte
	contact  id.ID
	mac      string
}

func fill(t testing.TB, v *vault.Vault, r id.ID, n int) (s sample) {
	t.Helper()
	s.row = r
	for i := range n {
		u := subject(t, v)
		s.subjects = append(s.subjects, u)
		s.sealed = append(s.sealed, sealed(t, v, email, u, r, fmt.Sprintf("p%d@example.com", i)))
		must(t, v.SetIndex(ctx, email, u, vault.Typed(fmt.Sprintf("p%d@example.com", i))))
	}
	s.secret = get[[]byte](t)(v.SealSecret("x", []byte("secret")))
	s.contact = get[id.ID](t)(v.Contact(ctx, vault.Typed("p0@example.com")))
	s.mac = string(v.MAC("x", []byte("y")))
	return s
}

// holds checks that nothing of the sample is lost.
func (s sample) holds(t testing.TB, v *vault.Vault) {
	t.Helper()
	for i, u := range s.subjects {
		want := fmt.Sprintf("p%d@example.com", i)
		if got, err := reveal(v, shipping, v.Sealed(email, u, s.row, s.sealed[i])); err != nil || got != want {
			t.Fatalf("revealed %q, %v; want %q", got, err, want)
		}
		if found, err := v.Find(ctx, email, vault.Typed(want), 5); err != nil || len(found) != 1 || found[0] != u {
			t.Fatalf("found %v, %v; want %v", found, err, u)
		}
	}
	if b, err := v.OpenSecret("x", s.secret); err != nil || string(b) != "secret" {
		t.Fatalf("the secret is %q, %v", b, err)
	}
	if c, err := v.Contact(ctx, vault.Typed("p0@example.com")); err != nil || c != s.contact {
		t.Fatalf("the contact handle changed: %v", err)
	}
	if s.mac != string(v.MAC("x", []byte("y"))) {
		t.Fatal("a stored MAC changed")
	}
}

// V11.1.1, V13.3.4 (keys can be replaced): after a rotation the old root key opens nothing, signatures made before do
// not hold, and nothing is lost.
func TestRotation_V13_3_4(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		file := newFile(t)
		v := get[*vault.Vault](t)(open(t, p.Keys, file))
		s := fill(t, v, row(t, p), 300)
		signed := v.Sign("form", []byte("x"))
		old := copyFile(t, file)
		var steps []string
		must(t, v.Rotate(ctx, func(p vault.Progress) { steps = append(steps, p.Step) }))
		if len(steps) < 6 || steps[len(steps)-1] != "ended" {
			t.Errorf("progress said %v", steps)
		}
		s.holds(t, v)
		if v.Signed("form", []byte("x"), signed) {
			t.Error("a form's token outlived the rotation")
		}
		if _, err := open(t, p.Keys, old); !fault.Is(err, fault.Invalid) {
			t.Fatalf("the old key file opened the store: %v", err)
		}
		s.holds(t, get[*vault.Vault](t)(open(t, p.Keys, file)))
		noneLeft(t, p)
	})
}

// noneLeft says whether every subject key is wrapped by the store key that is current.
func noneLeft(t *testing.T, p dbtest.Pair) {
	t.Helper()
	must(t, p.Keys.Read(ctx, func(tx *db.Tx) error {
		var n, stores int
		if err := tx.QueryRow("SELECT COUNT(*) FROM vault_store WHERE kind = 'subject'").Scan(&stores); err != nil {
			return err
		}
		if err := tx.QueryRow("SELECT COUNT(*) FROM vault_key k JOIN vault_store s ON s.version = k.store WHERE s.current = 0").Scan(&n); err != nil {
			return err
		}
		if n != 0 || stores != 1 {
			t.Errorf("%d keys are still wrapped by old store keys, of which %d stand", n, stores-1)
		}
		return nil
	}))
}

func copyFile(t testing.TB, path string) string {
	t.Helper()
	b := get[[]byte](t)(os.ReadFile(path))
	to := t.TempDir() + "/copy"
	must(t, os.WriteFile(to, b, 0o600))
	return to
}

var errKilled = errors.New("killed")

// A rotation that dies at any point leaves a store that opens, works, and finishes the rotation when asked again.
func TestRotationGoesOnWhereItDied(t *testing.T) {
	points := []string{"rotate.renewed", "rotate.rewrapped", "rotate.store", "rotate.subject", "rotate.batch", "rotate.index", "rotate.retire", "rotate.ended"}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		file := newFile(t)
		s := fill(t, get[*vault.Vault](t)(open(t, p.Keys, file)), row(t, p), 300)
		for _, point := range points {
			old := copyFile(t, file)
			v := get[*vault.Vault](t)(open(t, p.Keys, file))
			died := false
			v.HaltAt(func(at string) error {
				if at == point && !died {
					died = true
					return errKilled
				}
				return nil
			})
			if err := v.Rotate(ctx, nil); !errors.Is(err, errKilled) {
				t.Fatalf("%s: not met: %v", point, err)
			}
			p.Clock.Advance(time.Minute) // the dead one's hold on the rotation ends
			next := get[*vault.Vault](t)(open(t, p.Keys, file))
			s.holds(t, next)
			must(t, next.Rotate(ctx, nil))
			s.holds(t, next)
			noneLeft(t, p)
			if _, err := open(t, p.Keys, old); err == nil {
				t.Errorf("%s: the key file from before still opens the store", point)
			}
			if _, err := os.Stat(file + ".next"); err == nil {
				t.Errorf("%s: the next key file was left behind", point)
			}
		}
	})
}

// Another process rotates while this one goes on sealing and opening.
func TestSealingGoesOnDuringRotation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		file := newFile(t)
		busy, other := get[*vault.Vault](t)(open(t, p.Keys, file)), get[*vault.Vault](t)(open(t, p.Keys, file))
		s := fill(t, busy, row(t, p), 50)
		stop := make(chan struct{})
		var wg sync.WaitGroup
		made := make([]sample, 3)
		for i := range made {
			r := row(t, p)
			wg.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
						one(t, busy, &made[i], r, fmt.Sprintf("w%d-%d@example.com", i, n))
					}
				}
			})
		}
		for range 3 {
			must(t, other.Rotate(ctx, nil))
		}
		close(stop)
		wg.Wait()
		s.holds(t, other)
		fresh := get[*vault.Vault](t)(open(t, p.Keys, file))
		for i, m := range made {
			for n, u := range m.subjects {
				want := fmt.Sprintf("w%d-%d@example.com", i, n)
				if got, err := reveal(fresh, shipping, fresh.Sealed(email, u, m.row, m.sealed[n])); err != nil || got != want {
					t.Fatalf("sealed during the rotation, and now %q, %v", got, err)
				}
				if found, err := fresh.Find(ctx, email, vault.Typed(want), 2); err != nil || len(found) != 1 {
					t.Fatalf("indexed during the rotation, and found %d, %v", len(found), err)
				}
			}
		}
	})
}

func one(t *testing.T, v *vault.Vault, m *sample, r id.ID, address string) {
	u, err := v.NewSubject(ctx, everybody...)
	if err != nil {
		t.Errorf("new subject: %v", err)
		return
	}
	b, err := v.Seal(ctx, email, u, r, vault.Typed(address))
	if err == nil {
		err = v.SetIndex(ctx, email, u, vault.Typed(address))
	}
	if err != nil {
		t.Errorf("seal: %v", err)
	}
	m.row, m.subjects, m.sealed = r, append(m.subjects, u), append(m.sealed, b)
}

func TestOnlyOneRotatesAtATime(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	file := newFile(t)
	a, b := get[*vault.Vault](t)(open(t, p.Keys, file)), get[*vault.Vault](t)(open(t, p.Keys, file))
	var second error
	must(t, a.Rotate(ctx, func(x vault.Progress) {
		if x.Step == "subject" && second == nil {
			second = b.Rotate(ctx, nil)
		}
	}))
	if !fault.Is(second, fault.Conflict) {
		t.Fatalf("two rotated at once: %v", second)
	}
}

// The real thing: a process is killed with SIGKILL again and again while it rotates.
func TestRotationSurvivesSIGKILL(t *testing.T) {
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			file, dsn, now := newFile(t), dbtest.DSN(t, e, "keys"), clock.NewManual(time.Now())
			keys := get[*db.DB](t)(db.Open(ctx, db.Options{DSN: dsn, Clock: now, Erase: true}))
			t.Cleanup(func() { _ = keys.Close() })
			s := fill(t, get[*vault.Vault](t)(open(t, keys, file)), id.New(now.Now(), nil), 600)
			for lines := 1; lines <= 9; lines += 2 {
				killAfter(t, lines, dsn, file, now)
				s.holds(t, get[*vault.Vault](t)(open(t, keys, file)))
				now.Advance(time.Hour) // past the hold of the dead
				// The next child finishes what this one began; its clock is the machine's, so the hold must be over for it too.
				must(t, keys.Write(ctx, func(tx *db.Tx) error {
					_, err := tx.Exec("UPDATE vault_rotation SET until = 0")
					return err
				}))
			}
			v := get[*vault.Vault](t)(open(t, keys, file))
			must(t, v.Rotate(ctx, nil))
			s.holds(t, v)
		})
	}
}

// killAfter starts a rotating process and kills it after it passed that many points.
func killAfter(t *testing.T, points int, dsn, file string, _ *clock.Manual) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "STRONGROOM_KILL_KEYS="+dsn, "STRONGROOM_KILL_FILE="+file)
	out := get[io.ReadCloser](t)(child.StdoutPipe())
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	for range points {
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), "at ") {
			t.Fatalf("the child said %q", lines.Text())
		}
	}
	must(t, child.Process.Kill())
	_ = child.Wait() // its error is the kill
}
