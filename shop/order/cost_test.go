package order_test

import (
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/id"
	"strongroom/shop/order"
	"strongroom/shop/payment"
)

// From the cart to the paid order the shopper waits for at most five commits, keys and all.
func TestFiveCommitsFromCartToPaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 100)
		s.began(v, 1) // the pools are filled
		count := func() int64 {
			_, a := p.Data.Counts()
			_, b := p.Keys.Counts()
			return a + b
		}
		before := count()
		placed := s.began(v, 1)
		s.says(placed.Order, payment.StatusPaid)
		if n := count() - before; n > 5 {
			t.Fatalf("%d commits", n)
		}
	})
}

// BenchmarkPlace measures the store's own work in Place on one processor: compare with 1.5 ms.
func BenchmarkPlace(b *testing.B) {

	p := dbtest.Open(b, db.SQLite)
	s := open(b, p)
	v := s.goods("Bowl", 2400, 1_000_000)
	carts, attempts := make([]id.Token, b.N), make([]string, b.N)
	for i := range carts {
		carts[i] = s.fill(v, 1)
		s.must(s.orders.Draft(s.ctx, carts[i], "en", details()))
		r, err := s.orders.Review(s.ctx, carts[i], "en")
		s.must(err)
		attempts[i] = r.Attempt
	}
	b.ResetTimer()
	for i := range carts {
		if _, err := s.orders.Place(s.ctx, carts[i], attempts[i], network(i)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLetter measures writing a confirmation: reading, revealing, the link, both parts.
func BenchmarkLetter(b *testing.B) {
	s := open(b, dbtest.Open(b, db.SQLite))
	placed := s.place(s.fill(s.goods("Bowl", 2400, 100), 2), details())
	l := order.Letter{Kind: order.LetterConfirmation, Order: placed.Order}
	b.ResetTimer()
	for range b.N {
		if _, err := s.letters.Write(s.ctx, l); err != nil {
			b.Fatal(err)
		}
	}
}
