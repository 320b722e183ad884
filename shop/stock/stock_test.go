package stock_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/stock"
)

var (
	ctx   = context.Background()
	until = dbtest.Start.Add(time.Hour)
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// by is a change from the command line.
func by(v id.ID, n int64) stock.Change {
	return stock.Change{Variant: v, Pieces: n, Reason: stock.Counted, Actor: access.Console()}
}

func newID() id.ID { return id.New(dbtest.Start, nil) }

func counted(t testing.TB, s *stock.Service, n int64) id.ID {
	t.Helper()
	v := newID()
	must(t, s.Set(ctx, by(v, n)))
	return v
}

func levels(t testing.TB, s *stock.Service, v id.ID, onHand, reserved int64) {
	t.Helper()
	l, err := s.Level(ctx, v)
	must(t, err)
	if l.OnHand != onHand || l.Reserved != reserved {
		t.Fatalf("%d on hand, %d reserved; want %d and %d", l.OnHand, l.Reserved, onHand, reserved)
	}
}

// V2.3.4, V15.4.2 and attack 37: 1,000 buyers race for 100 pieces, and exactly 100 are sold.
func TestAThousandBuyersForAHundredPieces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := stock.New(stock.Deps{DB: p.Data})
		v, w := counted(t, s, 100), counted(t, s, 2000)
		var sold, refused atomic.Int64
		var wg sync.WaitGroup
		slots := make(chan struct{}, 64)
		for i := range 1000 {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				wants := []stock.Want{{Variant: v, Quantity: 1}, {Variant: w, Quantity: 1}}
				if i%2 == 0 { // in either order: rows are taken in one
					slices.Reverse(wants)
				}
				err := p.Data.Write(ctx, func(tx *db.Tx) error { return s.Reserve(tx, newID(), wants, until) })
				switch {
				case err == nil:
					sold.Add(1)
				case stock.Short(err) != nil:
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if sold.Load() != 100 || refused.Load() != 900 {
			t.Errorf("%d sold, %d refused", sold.Load(), refused.Load())
		}
		levels(t, s, v, 100, 100)
		levels(t, s, w, 2000, 100)
	})
}

func TestShortLinesAreNamedAndNothingIsReserved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := stock.New(stock.Deps{DB: p.Data})
		a, b, c, unknown := counted(t, s, 5), counted(t, s, 2), counted(t, s, 0), newID()
		err := p.Data.Write(ctx, func(tx *db.Tx) error {
			return s.Reserve(tx, newID(), []stock.Want{{a, 1}, {b, 2}, {c, 1}, {b, 1}, {unknown, 1}}, until)
		})
		left := stock.Short(err)
		if !fault.Is(err, fault.Conflict) || len(left) != 3 || left[b] != 2 || left[c] != 0 || left[a] != 0 {
			t.Fatalf("%v %v", err, left)
		}
		f := fault.As(err)
		if len(f.Fields) != 4 || f.Fields[0].Name != "stock.1" || f.Fields[0].Key != "stock.short_line" || f.Fields[1].Key != "stock.none_line" {
			t.Errorf("%+v", f.Fields)
		}
		levels(t, s, a, 5, 0)
		levels(t, s, b, 2, 0)
	})
}

func TestAnOrdersWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := stock.New(stock.Deps{DB: p.Data})
		v := counted(t, s, 3)
		order, wants := newID(), []stock.Want{{v, 2}}
		do := func(want fault.Kind, fn func(tx *db.Tx) error) {
			t.Helper()
			err := p.Data.Write(ctx, fn)
			if want == 0 && err != nil || want != 0 && !fault.Is(err, want) {
				t.Fatalf("want kind %d, got %v", want, err)
			}
		}
		reserve := func(tx *db.Tx) error { return s.Reserve(tx, order, wants, until) }
		do(fault.NotFound, func(tx *db.Tx) error { return s.Commit(tx, order) })
		do(0, reserve)
		do(0, reserve) // a retry
		levels(t, s, v, 3, 2)
		do(fault.Conflict, func(tx *db.Tx) error { return s.Reserve(tx, order, []stock.Want{{v, 1}}, until) })
		// Time alone releases nothing.
		p.Clock.Advance(24 * time.Hour)
		due, err := s.Expired(ctx, p.Clock.Now(), 10)
		must(t, err)
		if !slices.Equal(due, []id.ID{order}) {
			t.Fatalf("due: %v", due)
		}
		levels(t, s, v, 3, 2)
		do(0, func(tx *db.Tx) error { return s.Extend(tx, order, p.Clock.Now().Add(time.Hour)) })
		if due, _ = s.Expired(ctx, p.Clock.Now(), 10); len(due) != 0 {
			t.Fatal("still due after Extend")
		}
		release := func(tx *db.Tx) error { return s.Release(tx, order) }
		do(0, release)
		do(0, release)
		levels(t, s, v, 3, 0)
		do(fault.Conflict, func(tx *db.Tx) error { return s.Commit(tx, order) })
		// Late money: once while pieces are there, and not when they are gone.
		again := func(tx *db.Tx) error { return s.ReserveAgain(tx, order, p.Clock.Now()) }
		must(t, s.Set(ctx, by(v, 1)))
		do(fault.Conflict, again)
		levels(t, s, v, 1, 0)
		must(t, s.Receive(ctx, by(v, 1)))
		do(0, again)
		do(0, again)
		levels(t, s, v, 2, 2)
		commit := func(tx *db.Tx) error { return s.Commit(tx, order) }
		do(0, commit)
		do(0, commit)
		levels(t, s, v, 0, 0)
		do(fault.Conflict, release)
		// Returns: no more than was taken.
		do(0, func(tx *db.Tx) error { return s.Restock(tx, order, []stock.Want{{v, 1}}) })
		do(fault.Conflict, func(tx *db.Tx) error { return s.Restock(tx, order, wants) })
		do(0, func(tx *db.Tx) error { return s.Restock(tx, order, []stock.Want{{v, 1}}) })
		levels(t, s, v, 2, 0)
	})
}

func TestCountsNeverGoBelowPromises(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := stock.New(stock.Deps{DB: p.Data})
		v := counted(t, s, 5)
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return s.Reserve(tx, newID(), []stock.Want{{v, 4}}, until) }))
		if err := s.Set(ctx, by(v, 3)); fault.As(err) == nil || fault.As(err).Key != "stock.below_reserved" {
			t.Errorf("set: %v", err)
		}
		if err := s.Receive(ctx, by(v, -2)); fault.As(err) == nil || fault.As(err).Key != "stock.below_reserved" {
			t.Errorf("receive: %v", err)
		}
		for _, n := range []int64{-1, stock.Max + 1} {
			if err := s.Set(ctx, by(v, n)); !fault.Is(err, fault.Invalid) {
				t.Errorf("set %d: %v", n, err)
			}
		}
		for _, w := range [][]stock.Want{nil, {{v, 0}}, {{v, -1}}, {{id.ID{}, 1}}, {{v, 1 << 62}}} {
			err := p.Data.Write(ctx, func(tx *db.Tx) error { return s.Reserve(tx, newID(), w, until) })
			if !fault.Is(err, fault.Malformed) {
				t.Errorf("%v: %v", w, err)
			}
		}
		levels(t, s, v, 5, 4)
	})
}

type bell struct{ rings []string }

func (b *bell) StockTurned(_ *db.Tx, _ id.ID, available bool) error {
	b.rings = append(b.rings, fmt.Sprint(available))
	return nil
}

func TestTheShelfHearsTheLastAndTheFirstPiece(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, b := stock.New(stock.Deps{DB: p.Data}), &bell{}
		s.Tell(b)
		v, order := counted(t, s, 2), newID()
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return s.Reserve(tx, newID(), []stock.Want{{v, 1}}, until) }))
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return s.Reserve(tx, order, []stock.Want{{v, 1}}, until) }))
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return s.Release(tx, order) }))
		if !slices.Equal(b.rings, []string{"true", "false", "true"}) {
			t.Error(b.rings)
		}
	})
}

// Whatever happens in whatever order: nothing below zero, reserved is the sum of the open reservations, and the moves
// add up to the state.
func TestMovesAddUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := stock.New(stock.Deps{DB: p.Data})
		rapid.Check(t, func(r *rapid.T) {
			vs := []id.ID{newID(), newID()}
			orders := []id.ID{newID(), newID(), newID()}
			for range rapid.IntRange(1, 25).Draw(r, "steps") {
				v, o := rapid.SampledFrom(vs).Draw(r, "variant"), rapid.SampledFrom(orders).Draw(r, "order")
				n := rapid.Int64Range(-3, 6).Draw(r, "n")
				act := rapid.IntRange(0, 7).Draw(r, "act")
				err := p.Data.Write(ctx, func(tx *db.Tx) error { return step(s, tx, act, v, vs, o, n) })
				if err != nil && fault.As(err) == nil {
					r.Fatalf("act %d: %v", act, err)
				}
			}
			for _, v := range vs {
				balanced(r, p, s, v, orders)
			}
		})
	})
}

func step(s *stock.Service, tx *db.Tx, act int, v id.ID, vs []id.ID, o id.ID, n int64) error {
	switch act {
	case 0:
		return s.SetTx(tx, by(v, n))
	case 1:
		return s.ReceiveTx(tx, by(v, n))
	case 2:
		return s.Reserve(tx, o, []stock.Want{{v, n}}, until)
	case 3:
		return s.Reserve(tx, o, []stock.Want{{vs[1], 1}, {vs[0], max(n, 1)}}, until)
	case 4:
		return s.Commit(tx, o)
	case 5:
		return s.Release(tx, o)
	case 6:
		return s.ReserveAgain(tx, o, until)
	}
	return s.Restock(tx, o, []stock.Want{{v, n}})
}

func balanced(r *rapid.T, p dbtest.Pair, s *stock.Service, v id.ID, orders []id.ID) {
	l, err1 := s.Level(ctx, v)
	moves, err2 := s.Moves(ctx, v, 1000)
	var held int64
	err3 := p.Data.Read(ctx, func(tx *db.Tx) error {
		for _, o := range orders {
			rs, err := s.Reserved(tx, o)
			if err != nil {
				return err
			}
			for _, x := range rs {
				if x.Variant == v && x.State == "open" {
					held += x.Quantity
				}
			}
		}
		return nil
	})
	if err := errors.Join(err1, err2, err3); err != nil {
		r.Fatal(err)
	}
	var onHand, reserved int64
	for _, m := range moves {
		onHand, reserved = onHand+m.OnHand, reserved+m.Reserved
	}
	if l.OnHand < 0 || l.Reserved < 0 || l.Reserved > l.OnHand || l.Reserved != held || onHand != l.OnHand || reserved != l.Reserved {
		r.Fatalf("%+v, open reservations %d, moves %d and %d", l, held, onHand, reserved)
	}
}

// A second click on the same form, or a colleague's count in between, is told and changes nothing; sales do not count.
func TestTheSameFormCountsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := stock.New(stock.Deps{DB: p.Data})
		v := counted(t, s, 5)
		seen, err := s.ByHand(ctx, v)
		must(t, err)
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return s.Reserve(tx, newID(), []stock.Want{{v, 2}}, until) }))
		c := by(v, 10)
		c.Seen = &seen
		must(t, s.Receive(ctx, c))
		if err := s.Receive(ctx, c); fault.As(err) == nil || fault.As(err).Key != "stock.changed_meanwhile" {
			t.Errorf("the second click: %v", err)
		}
		c.Pieces = 9
		if err := s.Set(ctx, c); !fault.Is(err, fault.Conflict) {
			t.Errorf("a count from an old page: %v", err)
		}
		levels(t, s, v, 15, 2)
	})
}
