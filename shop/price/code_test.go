package price

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/audit"
)

var ctx = context.Background()

func testHash(label string, data []byte) []byte {
	m := hmac.New(sha256.New, []byte("a key that is not in the data database"))
	m.Write([]byte(label))
	m.Write([]byte{0})
	m.Write(data)
	return m.Sum(nil)
}

func newID(p dbtest.Pair) id.ID { return id.New(p.Clock.Now(), nil) }

// make writes a code straight into the table and returns it with its clear form.
func (s *Service) makeTest(t *testing.T, c Code) (Code, string) {
	t.Helper()
	var clear string
	must(t, s.d.DB.Write(ctx, func(tx *db.Tx) (err error) {
		c, clear, err = s.insert(tx, c, "")
		return err
	}))
	return c, clear
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func key(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	return fmt.Sprint(err)
}

func redeem(s *Service, code, order, contact id.ID) error {
	return s.d.DB.Write(ctx, func(tx *db.Tx) error { return s.Redeem(tx, code, order, contact) })
}

func uses(t *testing.T, s *Service, code id.ID) int64 {
	t.Helper()
	var c Code
	must(t, s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { c, _, err = codeByID(tx, code); return err }))
	return c.Uses
}

func tenPercent() Code { return Code{Discount: Discount{Kind: Percent, PPM: 100_000}, Label: "Spring"} }

// Attack row 15, V2.3.4: 200 parallel redemptions of a one-use code, exactly one.
func TestOneUseCodeRace_V2_3_4(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		c := tenPercent()
		c.MaxUses = 1
		c, _ = s.makeTest(t, c)
		var won, lost atomic.Int64
		var wg sync.WaitGroup
		for range 200 {
			order, contact := newID(p), newID(p)
			wg.Go(func() {
				switch err := redeem(s, c.Code, order, contact); {
				case err == nil:
					won.Add(1)
				case key(err) == "price.code_used_up" && fault.Is(err, fault.Conflict):
					lost.Add(1)
				default:
					t.Errorf("neither won nor lost: %v", err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || lost.Load() != 199 || uses(t, s, c.Code) != 1 {
			t.Errorf("%d won, %d lost, %d uses", won.Load(), lost.Load(), uses(t, s, c.Code))
		}
	})
}

// V2.3.4: one person with 50 parallel orders gets the code once, others still get it.
func TestOncePerPersonRace_V2_3_4(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		c := tenPercent()
		c.MaxPerson = 1
		c, _ = s.makeTest(t, c)
		greedy := newID(p)
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			order := newID(p)
			wg.Go(func() {
				if err := redeem(s, c.Code, order, greedy); err == nil {
					won.Add(1)
				} else if key(err) != "price.code_used_by_you" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || uses(t, s, c.Code) != 1 {
			t.Errorf("%d won, %d uses", won.Load(), uses(t, s, c.Code))
		}
		must(t, redeem(s, c.Code, newID(p), newID(p)))
		if err := redeem(s, c.Code, newID(p), id.ID{}); key(err) != "price.code_person" {
			t.Errorf("a nobody: %v", err)
		}
	})
}

func TestGivingBackAndTakingAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		c := tenPercent()
		c.MaxUses, c.MaxPerson = 1, 1
		c, _ = s.makeTest(t, c)
		first, second, person := newID(p), newID(p), newID(p)
		give := func(order id.ID) {
			must(t, s.d.DB.Write(ctx, func(tx *db.Tx) error { return s.Unredeem(tx, order) }))
		}
		must(t, redeem(s, c.Code, first, person))
		must(t, redeem(s, c.Code, first, person)) // the same order again is the same use
		if n := uses(t, s, c.Code); n != 1 {
			t.Fatalf("%d uses", n)
		}
		give(first)
		give(first)
		give(newID(p))
		if n := uses(t, s, c.Code); n != 0 {
			t.Fatalf("%d uses after giving back", n)
		}
		must(t, redeem(s, c.Code, second, person))
		must(t, s.d.DB.Write(ctx, func(tx *db.Tx) error { return s.Reinstate(tx, first) }))
		must(t, s.d.DB.Write(ctx, func(tx *db.Tx) error { return s.Reinstate(tx, first) }))
		if n := uses(t, s, c.Code); n != 2 {
			t.Errorf("%d uses after late money, want both orders'", n)
		}
	})
}

// What the surrounding transaction undoes is undone.
func TestRedeemIsPartOfItsTransaction_V2_3_3(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		c := tenPercent()
		c.MaxUses = 1
		c, _ = s.makeTest(t, c)
		boom := errors.New("boom")
		err := s.d.DB.Write(ctx, func(tx *db.Tx) error {
			if err := s.Redeem(tx, c.Code, newID(p), newID(p)); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || uses(t, s, c.Code) != 0 {
			t.Errorf("%v, %d uses", err, uses(t, s, c.Code))
		}
		must(t, redeem(s, c.Code, newID(p), newID(p)))
	})
}

func TestValidityAndSpelling(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		by := Asker{Cart: newID(p), Origin: netip.MustParseAddr("192.0.2.1")}
		c := tenPercent()
		c.Starts, c.Ends = p.Clock.Now().Add(time.Hour), p.Clock.Now().Add(2*time.Hour)
		c, clear := s.makeTest(t, c)
		for _, step := range []struct{ want string }{{"price.code_early"}, {""}, {"price.code_ended"}} {
			_, err := s.Check(ctx, by, clear)
			if step.want == "" && err != nil || step.want != "" && key(err) != step.want {
				t.Errorf("at %s: %v, want %q", p.Clock.Now(), err, step.want)
			}
			rerr := redeem(s, c.Code, newID(p), newID(p))
			if (rerr == nil) != (step.want == "") {
				t.Errorf("redeem at %s: %v", p.Clock.Now(), rerr)
			}
			p.Clock.Advance(time.Hour)
		}
		c, clear = s.makeTest(t, tenPercent())
		for _, typed := range []string{clear, strings.ToLower(clear), strings.ReplaceAll(clear, "-", ""),
			strings.ReplaceAll(clear, "-", " "), " " + clear + " ", strings.ReplaceAll(clear, "0", "O"), strings.ReplaceAll(clear, "1", "l")} {
			if d, err := s.Check(ctx, by, typed); err != nil || d.Code != c.Code || d.PPM != 100_000 {
				t.Errorf("%q: %+v %v", typed, d, err)
			}
		}
	})
}

// Attack row 16, V2.4.1: guessing finds nothing and soon is refused, for carts and for networks; then even the right
// code is refused, so that the answer tells nothing; a person elsewhere is not disturbed; after the window it is over.
func TestGuessing_V2_4_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		c, clear := s.makeTest(t, tenPercent())
		thief := Asker{Cart: newID(p), Origin: netip.MustParseAddr("2001:db8:1:2::1")}
		for i := range cartAttempts {
			if _, err := s.Check(ctx, thief, id.NewCode(16)); key(err) != "price.code_unknown" {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
		for _, guess := range []string{id.NewCode(16), clear} {
			if _, err := s.Check(ctx, thief, guess); !fault.Is(err, fault.TooMany) {
				t.Errorf("beyond the limit: %v", err)
			}
		}
		if n := entries(t, p, "price.code_try", audit.Refused); n == 0 {
			t.Error("the refusals left no audit entry")
		}
		// New carts from the same network, with addresses of the same /56, are one asker still.
		found, refused := 0, 0
		for i := range 3 * originAttempts {
			a := netip.MustParseAddr(fmt.Sprintf("2001:db8:1:%x::%x", i%200, i+1))
			_, err := s.Check(ctx, Asker{Cart: newID(p), Origin: a}, id.NewCode(16))
			switch {
			case err == nil:
				found++
			case fault.Is(err, fault.TooMany):
				refused++
			}
		}
		if want := 3*originAttempts - (originAttempts - cartAttempts); found != 0 || refused < want-2 {
			t.Errorf("%d found, %d of %d refused, want %d", found, refused, 3*originAttempts, want)
		}
		honest := Asker{Cart: newID(p), Origin: netip.MustParseAddr("198.51.100.7")}
		for range 3 * originAttempts { // right codes cost nothing
			if d, err := s.Check(ctx, honest, clear); err != nil || d.Code != c.Code {
				t.Fatalf("an honest person: %v", err)
			}
		}
		p.Clock.Advance(window)
		if _, err := s.Check(ctx, thief, clear); err != nil {
			t.Errorf("after the window: %v", err)
		}
		p.Clock.Advance(2 * keepAttempts)
		must(t, s.Sweep(ctx))
		must(t, p.Data.Read(ctx, func(tx *db.Tx) error {
			var n int
			err := tx.QueryRow("SELECT COUNT(*) FROM price_attempt").Scan(&n)
			if n != 0 {
				t.Errorf("%d counters were kept", n)
			}
			return err
		}))
	})
}

// V2.4.1: guesses in parallel do not slip past the counter.
func TestParallelGuessing_V2_4_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		by := Asker{Cart: newID(p), Origin: netip.MustParseAddr("192.0.2.9")}
		var looked atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := s.Check(ctx, by, id.NewCode(16)); key(err) == "price.code_unknown" {
					looked.Add(1)
				} else if !fault.Is(err, fault.TooMany) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if looked.Load() != cartAttempts {
			t.Errorf("%d guesses were looked up, want %d", looked.Load(), cartAttempts)
		}
	})
}

// A stolen table holds no code in clear, generated codes have 80 bits, and a hint leaves 64 and more.
func TestStolenTableHoldsNoCode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		c, clear := s.makeTest(t, tenPercent())
		spelled := Spell(clear)
		if len(spelled) != 16 || (len(spelled)-len(strings.TrimPrefix(c.Hint, "…")))*5 < 64 {
			t.Errorf("code of %d characters with hint %q", len(spelled), c.Hint)
		}
		must(t, p.Data.Read(ctx, func(tx *db.Tx) error {
			var hash []byte
			var hint, label string
			err := tx.QueryRow("SELECT hash, hint, label FROM price_code").Scan(&hash, &hint, &label)
			plain := sha256.Sum256([]byte(spelled))
			if bytes.Equal(hash, plain[:]) || strings.Contains(hint+label, spelled[:8]) {
				t.Error("the row gives the code away")
			}
			return err
		}))
		if p.Engine == db.SQLite {
			must(t, p.Data.Checkpoint(ctx))
		}
	})
}

// FuzzSpell: whatever is typed, the normal form is bounded, stable and made of its alphabet.
func FuzzSpell(f *testing.F) {
	for _, s := range []string{"SPRING-10", "k7q2-m9xd-0000-oil1", "", "ÄÖÜ", "a b", "'; DROP TABLE", strings.Repeat("A", 200), "\x00AAAA", "1234–5678"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Spell(s)
		if n == "" {
			return
		}
		if len(n) < MinCode || len(n) > MaxCode || Spell(n) != n || strings.Trim(n, "0123456789ABCDEFGHJKMNPQRSTUVWXYZ") != "" {
			t.Errorf("%q became %q", s, n)
		}
	})
}
