package attack

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"strongroom/tools/shopper"
)

// hoarding puts everything that there is of a scarce thing into thousands of carts (V2.4.1): a cart sets nothing aside, so
// whoever comes then and pays gets it. What is set aside for an order that nobody pays is free again after the time that a
// payment has.
func hoarding(t *testing.T, s *site) string {
	const lamp = "/en/p/lamp"
	carts := size(100, 10_000)
	next := make(chan int)
	var lanes sync.WaitGroup
	for range 8 {
		lanes.Go(func() {
			for range next {
				b := s.stranger()
				form, err := s.cartForm(t, b, lamp)
				if err == nil {
					var p *shopper.Page
					if p, err = b.Submit(t.Context(), form, url.Values{"quantity": {"3"}}); err == nil && p.Status != http.StatusOK {
						err = fmt.Errorf("a cart was answered with %d", p.Status)
					}
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range carts {
		next <- i
	}
	close(next)
	lanes.Wait()
	const free = `SELECT l.on_hand - l.reserved FROM stock_level l JOIN catalog_variant v ON v.id = l.variant WHERE v.sku = 'LAMP-1'`
	if n := s.count(t, free); n != 3 {
		t.Errorf("%d of 3 lamps are free after %d carts", n, carts)
	}
	bought, err := s.stranger().Buy(t.Context(), s.Shop, lamp, shopper.Somebody("late@buyers.example"), shopper.Paid)
	fatal(t, err)
	wait(t, func() bool { return s.state(t, bought.Number) == 3 })
	s.hosted(t, lamp) // ordered, and nobody pays
	if n := s.count(t, `SELECT COUNT(*) FROM order_head WHERE state = 1 AND pay_until - placed_at > $1`, int64(36*60*1_000_000)); n != 0 {
		t.Errorf("%d orders that nobody pays keep their goods for longer than a payment has time", n)
	}
	return fmt.Sprintf("%d carts with all there was; the next buyer got it", carts)
}

// cartForm is the form beside a product by which it gets into a cart.
func (s *site) cartForm(t *testing.T, b *shopper.Shopper, product string) (f shopper.Form, err error) {
	p, err := b.Get(t.Context(), s.Shop+product)
	if err != nil {
		return f, err
	}
	return p.Form("/cart/add")
}
