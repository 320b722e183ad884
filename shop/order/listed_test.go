package order_test

import (
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

// Orders become findable many at once; an address that was corrected finds nothing any more, whenever that was, and
// neither does the address of somebody who was erased.
func TestOrdersBecomeFindableTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		waiting := func(want int64) {
			t.Helper()
			if n := s.number("SELECT COUNT(*) FROM order_unlisted"); n != want {
				t.Errorf("%d orders wait instead of %d", n, want)
			}
		}
		found := func(email string, want int) {
			t.Helper()
			list, err := s.orders.Find(s.ctx, member(access.Support), vault.Typed(email))
			s.must(err)
			if len(list) != want {
				t.Errorf("%s finds %d orders instead of %d", email, len(list), want)
			}
			waiting(0)
		}
		early, _ := paidAndMailed(s)
		late, _ := paidAndMailed(s)
		waiting(2)
		s.must(s.orders.CorrectEmail(s.ctx, early.Browser, "early@mail.example")) // before it was listed
		found(plantedEmail, 1)
		found("early@mail.example", 1)
		s.must(s.orders.CorrectEmail(s.ctx, late.Browser, "late@mail.example")) // after
		waiting(1)
		found("late@mail.example", 1)
		found(plantedEmail, 0)
		gone, _ := paidAndMailed(s)
		_, err := s.orders.Erase(s.ctx, gone.Number, access.Console(), "asked for it", true)
		s.must(err)
		found(plantedEmail, 0)
		for range 5 {
			paidAndMailed(s)
		}
		before, _ := p.Keys.Counts()
		s.must(s.orders.MakeFindable(s.ctx))
		if after, _ := p.Keys.Counts(); after-before > 1 {
			t.Errorf("%d writes of the keys for 5 orders", after-before)
		}
		found(plantedEmail, 5)
	})
}

// Several at once (the job, who looks for an address, other processes) take nothing out of the index that is right.
func TestOrdersAreMadeFindableByManyAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		for round := range 4 {
			for range 10 {
				paidAndMailed(s)
			}
			var hands sync.WaitGroup
			for range 8 {
				hands.Go(func() {
					if err := s.orders.MakeFindable(s.ctx); err != nil {
						t.Error(err)
					}
				})
			}
			hands.Wait()
			list, err := s.orders.Find(s.ctx, member(access.Support), vault.Typed(plantedEmail))
			s.must(err)
			if want := min(10*(round+1), 50); len(list) != want {
				t.Fatalf("%d of %d orders are found", len(list), want)
			}
		}
	})
}

// One address that cannot be opened keeps no other order from being found. It is told, kept, and found once it is mended.
func TestADamagedAddressHoldsUpNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		bad, _ := paidAndMailed(s)
		other, _ := paidAndMailed(s)
		email := func(of id.ID) (b []byte) {
			s.must(p.Data.Read(s.ctx, func(tx *db.Tx) error {
				return tx.QueryRow("SELECT email FROM order_personal WHERE order_id = $1", of).Scan(&b)
			}))
			return b
		}
		set := func(b []byte) {
			s.must(p.Data.Write(s.ctx, func(tx *db.Tx) error {
				_, err := tx.Exec("UPDATE order_personal SET email = $1 WHERE order_id = $2", b, bad.Order)
				return err
			}))
		}
		found := func(want, damaged int) {
			t.Helper()
			list, err := s.orders.Find(s.ctx, member(access.Support), vault.Typed(plantedEmail))
			s.must(err)
			n, err := order.Damaged(s.ctx, p.Data)
			s.must(err)
			if len(list) != want || n != damaged {
				t.Errorf("%d orders are found instead of %d, %d are damaged instead of %d", len(list), want, n, damaged)
			}
		}
		whole := email(bad.Order)
		set(email(other.Order)) // sealed for another order
		found(1, 1)
		paidAndMailed(s)
		found(2, 1)
		set(whole)
		found(2, 1) // it is not tried with every look
		p.Clock.Advance(time.Hour + time.Second)
		found(3, 0)
		set([]byte("no sealed value"))
		found(3, 0)
	})
}
