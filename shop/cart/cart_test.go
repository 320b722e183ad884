package cart

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/shop/catalog"
)

func TestAddingAndChanging(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, c := w.add(t, "", w.cup, 2)
		again, c := w.add(t, token, w.cup, 3)
		if again != token || len(c.Lines) != 1 || c.Quantity(w.cup) != 5 || c.Count() != 5 {
			t.Fatalf("the same variant twice: %+v", c)
		}
		_, c = w.add(t, token, w.mug, 1)
		if len(c.Lines) != 2 || c.Lines[0].Variant != w.cup {
			t.Errorf("lines are not oldest first: %+v", c.Lines)
		}
		c, err := w.Set(ctx, token, w.cup, 1)
		must(t, err)
		if c.Quantity(w.cup) != 1 || c.Count() != 2 {
			t.Errorf("set to 1: %+v", c)
		}
		if n, err := w.Count(ctx, token); err != nil || n != 2 {
			t.Errorf("count %d %v", n, err)
		}
		c, err = w.Set(ctx, token, w.cup, 0)
		must(t, err)
		c2, err := w.Remove(ctx, token, w.mug)
		must(t, err)
		if len(c.Lines) != 1 || !c2.Empty() || c2.Version <= c.Version {
			t.Errorf("taken out: %+v %+v", c, c2)
		}
		if _, err := w.Set(ctx, token, w.cup, 1); key(err) != "cart.no_line" {
			t.Errorf("a line that is not there was set: %v", err)
		}
		got, err := w.Get(ctx, id.NewToken())
		if err != nil || !got.ID.IsZero() {
			t.Errorf("a foreign token opens %+v, %v", got, err)
		}
	})
}

// V3.2 session fixation: a token that the store has not made never becomes a cart's token.
func TestForeignTokenIsNotAdopted(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		planted := id.NewToken()
		token, _ := w.add(t, planted, w.cup, 1)
		if token == planted {
			t.Fatal("the planted token was taken over")
		}
		if n, _ := w.Count(ctx, planted); n != 0 {
			t.Error("the planted token sees the cart")
		}
		must(t, w.Data.Read(ctx, func(tx *db.Tx) error {
			var hash []byte
			err := tx.QueryRow("SELECT token_hash FROM cart_cart").Scan(&hash)
			if !slices.Equal(hash, token.Hash()) {
				t.Error("the row holds no hash of the token")
			}
			return err
		}))
	})
}

// Attack row 11, V2.2.1: hostile quantities and variants change nothing.
func TestHostileQuantities_V2_2_1(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, _ := w.add(t, "", w.cup, 2)
		for _, n := range []int64{0, -1, -1 << 63, 1 << 62, MaxQuantity + 1} {
			if _, _, err := w.Add(ctx, token, w.cup, n); !fault.Is(err, fault.Invalid) {
				t.Errorf("added %d: %v", n, err)
			}
		}
		for _, n := range []int64{-1, -1 << 63, MaxQuantity + 1} {
			if _, err := w.Set(ctx, token, w.cup, n); !fault.Is(err, fault.Invalid) {
				t.Errorf("set %d: %v", n, err)
			}
		}
		if _, _, err := w.Add(ctx, token, id.ID{99}, 1); key(err) != "cart.not_sold" {
			t.Errorf("an unknown variant: %v", err)
		}
		c, err := w.Get(ctx, token)
		must(t, err)
		if c.Count() != 2 || len(c.Lines) != 1 {
			t.Errorf("the cart changed: %+v", c)
		}
		v, err := w.View(ctx, token, Ask{})
		must(t, err)
		if v.Totals.Goods != 2400 || v.Totals.Total != 2400+490 {
			t.Errorf("totals %+v", v.Totals)
		}
	})
}

func TestLimitsOfStockAndItem(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, _ := w.add(t, "", w.cup, 9)
		_, _, err := w.Add(ctx, token, w.cup, 2)
		if f := fault.As(err); f == nil || f.Key != "cart.short_have" || f.Params["n"] != int64(10) || f.Params["have"] != int64(9) {
			t.Errorf("more than there is: %v", err)
		}
		if _, _, err := w.Add(ctx, token, w.mug, 4); key(err) != "cart.limit" {
			t.Errorf("more than the item allows: %v", err)
		}
		w.add(t, token, w.mug, 3)
		if _, _, err := w.Add(ctx, token, w.mug, 1); key(err) != "cart.limit" {
			t.Errorf("more than the item allows, in two steps: %v", err)
		}
		w.shelf.stock[w.cup] = 0
		if _, _, err := w.Add(ctx, "", w.cup, 1); key(err) != "cart.sold_out" {
			t.Errorf("sold out: %v", err)
		}
		if c, err := w.Set(ctx, token, w.cup, 4); err != nil || c.Quantity(w.cup) != 4 {
			t.Errorf("lowering must work although there is none left: %v", err)
		}
		if _, err := w.Set(ctx, token, w.cup, 5); key(err) != "cart.sold_out" {
			t.Errorf("raising: %v", err)
		}
	})
}

func TestAtMostAHundredLines(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token := id.Token("")
		for n := range MaxLines {
			token, _ = w.add(t, token, w.shelf.put(byte(n+10), catalog.Item{Price: 1}, 5), 1)
		}
		if _, _, err := w.Add(ctx, token, w.cup, 1); key(err) != "cart.full" {
			t.Errorf("line 101: %v", err)
		}
		if _, c := w.add(t, token, id.ID{10}, 1); len(c.Lines) != MaxLines {
			t.Errorf("%d lines", len(c.Lines))
		}
	})
}

// Adds in parallel lose no piece and exceed no limit.
func TestParallelAdds_V2_3_4(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, _ := w.add(t, "", w.cup, 1)
		var ok atomic.Int64
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				if _, _, err := w.Add(ctx, token, w.cup, 1); err == nil {
					ok.Add(1)
				} else if key(err) != "cart.short_have" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		c, err := w.Get(ctx, token)
		must(t, err)
		if ok.Load() != 9 || c.Quantity(w.cup) != 10 {
			t.Errorf("%d adds, %d pieces", ok.Load(), c.Quantity(w.cup))
		}
	})
}

func (w world) close(c Cart, order id.ID) error {
	return w.Data.Write(ctx, func(tx *db.Tx) error { return w.Close(tx, c, order) })
}

// V2.3.1, V2.3.4: one cart has one open order; a changed cart is not ordered; a cancelled order gives it back; a paid
// one ends it.
func TestOneCartOneOpenOrder_V2_3_4(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, shown := w.add(t, "", w.cup, 1)
		_, c := w.add(t, token, w.mug, 1)
		if err := w.close(shown, id.ID{1}); key(err) != "cart.changed" {
			t.Errorf("an old version was ordered: %v", err)
		}
		var won atomic.Int64
		var wg sync.WaitGroup
		for n := range byte(30) {
			wg.Go(func() {
				if err := w.close(c, id.ID{n + 1}); err == nil {
					won.Add(1)
				} else if key(err) != "cart.closed" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d orders for one cart", won.Load())
		}
		closed, err := w.Get(ctx, token)
		must(t, err)
		must(t, w.close(c, closed.Order)) // the same order again
		for what, err := range map[string]error{
			"add":    second(w.Add(ctx, token, w.cup, 1)),
			"set":    first(w.Set(ctx, token, w.cup, 2)),
			"remove": first(w.Remove(ctx, token, w.cup)),
		} {
			if key(err) != "cart.closed" {
				t.Errorf("%s on a closed cart: %v", what, err)
			}
		}
		must(t, w.Data.Write(ctx, func(tx *db.Tx) error { return w.Reopen(tx, closed.Order) }))
		reopened, c := w.add(t, token, w.cup, 1)
		if reopened != token || c.Count() != 3 || c.State != Open {
			t.Errorf("after reopening: %+v", c)
		}
		must(t, w.close(c, id.ID{77}))
		must(t, w.Data.Write(ctx, func(tx *db.Tx) error { return w.Spend(tx, id.ID{77}) }))
		if n, _ := w.Count(ctx, token); n != 0 {
			t.Errorf("%d pieces in a spent cart", n)
		}
		must(t, w.Data.Write(ctx, func(tx *db.Tx) error { return w.Reopen(tx, id.ID{77}) }))
		if next, c := w.add(t, token, w.cup, 1); next == token || c.Count() != 1 {
			t.Errorf("after payment: %+v", c)
		}
	})
}

func first(_ Cart, err error) error              { return err }
func second(_ id.Token, _ Cart, err error) error { return err }

func TestCloseIsPartOfItsTransaction_V2_3_3(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, c := w.add(t, "", w.cup, 1)
		boom := errors.New("boom")
		err := w.Data.Write(ctx, func(tx *db.Tx) error {
			if err := w.Close(tx, c, id.ID{5}); err != nil {
				return err
			}
			return boom
		})
		if got, _ := w.Get(ctx, token); !errors.Is(err, boom) || got.State != Open {
			t.Errorf("%v, %+v", err, got)
		}
	})
}

// Carts are removed 30 days after the last touch, but not those of open orders; a look at the cart touches it.
func TestSweep(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		left, _ := w.add(t, "", w.cup, 1)
		looked, _ := w.add(t, "", w.cup, 1)
		ordered, c := w.add(t, "", w.cup, 1)
		must(t, w.close(c, id.ID{9}))
		w.Clock.Advance(Keep - time.Hour)
		_, err := w.View(ctx, looked, Ask{})
		must(t, err)
		must(t, w.Sweep(ctx))
		if n, _ := w.Count(ctx, left); n != 1 {
			t.Error("a cart was removed too early")
		}
		w.Clock.Advance(2 * time.Hour)
		must(t, w.Sweep(ctx))
		for token, want := range map[id.Token]int64{left: 0, looked: 1, ordered: 1} {
			if n, err := w.Count(ctx, token); err != nil || n != want {
				t.Errorf("%d pieces, want %d, %v", n, want, err)
			}
		}
		must(t, w.Data.Read(ctx, func(tx *db.Tx) error {
			var n int
			err := tx.QueryRow("SELECT COUNT(*) FROM cart_line").Scan(&n)
			if n != 2 {
				t.Errorf("%d lines are left", n)
			}
			return err
		}))
	})
}

// A look touches the row at most once a minute.
func TestTouchedOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, _ := w.add(t, "", w.cup, 1)
		w.Clock.Advance(59 * time.Second)
		before, _ := w.Data.Counts()
		for range 5 {
			_, err := w.View(ctx, token, Ask{})
			must(t, err)
		}
		if after, _ := w.Data.Counts(); after != before {
			t.Errorf("%d writes within a minute", after-before)
		}
		w.Clock.Advance(time.Second)
		for range 5 {
			_, err := w.View(ctx, token, Ask{})
			must(t, err)
		}
		if after, _ := w.Data.Counts(); after != before+1 {
			t.Errorf("%d writes after a minute", after-before)
		}
	})
}

// FuzzQuantity: what is taken is within bounds, whatever is typed.
func FuzzQuantity(f *testing.F) {
	for _, s := range []string{"1", " 12 ", "0", "-1", "+1", "1e3", "٣", "999", "1000", "99999999999999999999", "", "0x1", "1.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseQuantity(s)
		if err == nil && (n < 0 || n > MaxQuantity) || err != nil && (n != 0 || !fault.Is(err, fault.Invalid)) {
			t.Errorf("%q: %d %v", s, n, err)
		}
	})
}

// BenchmarkAdd reports the processor time of the whole process for one add, with the shelf in memory.
func BenchmarkAdd(b *testing.B) {
	w := open_(b, dbtest.Open(b, db.SQLite))
	w.shelf.stock[w.cup] = 1 << 40
	before := cpu(b)
	b.RunParallel(func(pb *testing.PB) {
		token := id.Token("")
		for n := 0; pb.Next(); n++ {
			if n%50 == 0 {
				token = ""
			}
			var err error
			if token, _, err = w.Add(ctx, token, w.cup, 1); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N)/float64(time.Millisecond), "cpu-ms/op")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
