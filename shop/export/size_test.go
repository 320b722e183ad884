package export_test

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/shop/order/ordertest"
)

// counted is a reader's end of a download: it keeps nothing but the number of lines.
type counted struct{ lines, bytes int }

func (c *counted) Write(p []byte) (int, error) {
	for _, b := range p {
		if b == '\n' {
			c.lines++
		}
	}
	c.bytes += len(p)
	return len(p), nil
}

// An export of many orders is made page by page: all of them are in it, each with its look, and the memory does not grow
// with their number. With STRONGROOM_TEST_ATTACK=full they are 100,000, on SQLite.
func TestManyOrdersLeaveInPages(t *testing.T) {
	many := 500
	if os.Getenv("STRONGROOM_TEST_ATTACK") == "full" {
		many = 100_000
	}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		n := many
		if p.Engine == db.Postgres {
			n = min(many, 500)
		}
		s := open(t, p)
		ida, max := s.TwoOwners()
		began := time.Now()
		s.crowd(n)
		put := time.Since(began)
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began = time.Now()
		request := s.agreed(ida, max, s.wish())
		for range n {
			if s.Number(`SELECT state FROM export_file`) == 2 {
				break
			}
			s.Clock.Advance(time.Second)
			s.Run()
		}
		made := time.Since(began)
		if looks, orders := s.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look' AND outcome = 1`), s.Number(`SELECT orders FROM export_file`); looks != int64(n) || orders != int64(n) {
			t.Fatalf("%d looks, %d of %d orders", looks, orders, n)
		}
		began = time.Now()
		d, err := s.export.Fetch(s.Ctx, ida.Seat(), request)
		s.Must(err)
		var got counted
		s.Must(d.Write(s.Ctx, &got))
		fetched := time.Since(began)
		runtime.GC()
		runtime.ReadMemStats(&after)
		if got.lines != n+1 || int64(got.bytes) != d.Size {
			t.Errorf("%d lines for %d orders, %d of %d bytes", got.lines, n, got.bytes, d.Size)
		}
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
			t.Errorf("%d MB more are held than before", grown>>20)
		}
		t.Logf("%d orders, placed in %s: made in %s (%.0f a second), fetched in %s, %d MB", n, put.Round(time.Second), made.Round(time.Millisecond),
			float64(n)/made.Seconds(), fetched.Round(time.Millisecond), got.bytes>>20)
	})
}

// crowd places n orders of n people by several hands, so that they share commits.
func (s *shop) crowd(n int) {
	s.T.Helper()
	var hands sync.WaitGroup
	const many = 16
	for hand := range many {
		hands.Go(func() {
			for i := hand; i < n; i += many {
				ordertest.Put(s.House, ordertest.Placed{Number: fmt.Sprintf("C%07d", i), Email: fmt.Sprintf("p%d@planted.example", i), Name: fmt.Sprintf("Planted Person %d", i),
					Street: "Plantedstreet 7", Product: "Bowl", At: s.Clock.Now().Add(-time.Duration(n-i) * time.Second)})
			}
		})
	}
	hands.Wait()
}
