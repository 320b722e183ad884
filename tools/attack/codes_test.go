package attack

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"strongroom/base/id"
	"strongroom/tools/shopper"
)

func (s *site) code(t *testing.T, args ...string) string {
	t.Helper()
	out := s.MustCommand(append([]string{"discount", "create", "--label", "attack"}, args...)...)
	return strings.TrimSpace(out)
}

// withCode fills a cart and types the code.
func (s *site) withCode(t *testing.T, b *shopper.Shopper, code string) (*shopper.Page, error) {
	add, err := b.Get(t.Context(), s.Shop+"/en/p/bowl")
	if err != nil {
		return nil, err
	}
	f, err := add.Form("/cart/add")
	if err != nil {
		return nil, err
	}
	if _, err = b.Submit(t.Context(), f, nil); err != nil {
		return nil, err
	}
	return s.typeCode(t, b, code)
}

func (s *site) typeCode(t *testing.T, b *shopper.Shopper, code string) (*shopper.Page, error) {
	p, err := b.Get(t.Context(), s.Shop+"/en/cart")
	if err != nil {
		return nil, err
	}
	f, err := p.Form("/cart/code")
	if err != nil {
		return nil, err
	}
	return b.Submit(t.Context(), f, url.Values{"code": {code}})
}

// codeRace lets many shoppers redeem a code that works once, all at the same time (V2.3.4).
func codeRace(t *testing.T, s *site) string {
	code := s.code(t, "--percent", "50", "--uses", "1")
	n := size(40, 200)
	pages := make([]*shopper.Page, n)
	people := make([]*shopper.Shopper, n)
	var wg sync.WaitGroup
	gate := make(chan struct{}, 16)
	for i := range n {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			people[i] = s.Network.New(fmt.Sprintf("198.21.%d.%d", i/200, i%200+1))
			if _, err := s.withCode(t, people[i], code); err != nil {
				t.Error(err)
				return
			}
			p, err := people[i].Get(t.Context(), s.Shop+"/en/checkout")
			if err != nil {
				t.Error(err)
				return
			}
			f, err := p.Form("/checkout")
			if err != nil {
				t.Error(err)
				return
			}
			who := shopper.Somebody(fmt.Sprintf("race%d@buyers.example", i))
			if pages[i], err = people[i].Submit(t.Context(), f, who.Fill(f)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range n {
		wg.Go(func() {
			if pages[i] == nil {
				return
			}
			if f, err := pages[i].Form("/checkout/pay"); err == nil {
				_, _ = people[i].Submit(t.Context(), f, nil)
			}
		})
	}
	wg.Wait()
	if got := s.count(t, `SELECT COUNT(*) FROM order_head WHERE discount > 0`); got != 1 {
		t.Errorf("%d orders have the discount of a code that works once", got)
	}
	return fmt.Sprintf("%d shoppers at once; one of them got it", n)
}

// codeGuessing guesses codes until it is stopped, and combines real ones (V2.4.1).
func codeGuessing(t *testing.T, s *site) string {
	b := s.stranger()
	b.From = "198.22.0.1"
	if _, err := s.withCode(t, b, "AAAA-AAAA"); err != nil {
		t.Fatal(err)
	}
	stopped := 0
	n := size(60, 2000)
	for range n {
		p, err := s.typeCode(t, b, id.NewCode(16))
		fatal(t, err)
		if p.Status == 429 || strings.Contains(string(p.Body), "Too many") || strings.Contains(string(p.Body), "too many") {
			stopped++
		}
	}
	if stopped < n/2 {
		t.Errorf("%d of %d guesses were stopped", stopped, n)
	}
	right := s.code(t, "--percent", "10")
	if p, err := s.typeCode(t, b, right); err != nil || strings.Contains(string(p.Body), "/cart/code/drop") {
		t.Errorf("after so many guesses a right code was still taken (%v)", err)
	}
	codes := []string{s.code(t, "--percent", "100", "--stacks"), s.code(t, "--amount", "9999.00", "--stacks"), s.code(t, "--free-delivery", "--stacks"),
		s.code(t, "--percent", "60"), s.code(t, "--amount", "30.00")}
	pairs := 0
	for _, one := range codes {
		for _, two := range codes {
			s.pair(t, one, two)
			pairs++
		}
	}
	return fmt.Sprintf("%d of %d guesses stopped; %d pairs combined, no sum below zero", stopped, n, pairs)
}

func (s *site) pair(t *testing.T, one, two string) {
	t.Helper()
	b := s.stranger()
	if _, err := s.withCode(t, b, one); err != nil {
		t.Error(err)
		return
	}
	p, err := s.typeCode(t, b, two)
	if err != nil { // the form may be gone: one code is all that there may be
		p, err = b.Get(t.Context(), s.Shop+"/en/cart")
		fatal(t, err)
	}
	if strings.Contains(string(p.Body), "€-") || strings.Contains(string(p.Body), `class="total">−`) || p.Status >= 500 {
		t.Errorf("%s with %s: status %d", one, two, p.Status)
	}
	if strings.Count(string(p.Body), "34.00") == 0 {
		t.Errorf("%s with %s: the goods' price is gone from %q (%d), %q", one, two, p.Title(), p.Status, p.Problems())
	}
}
