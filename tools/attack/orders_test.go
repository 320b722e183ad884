package attack

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"strongroom/base/id"
	"strongroom/tools/shopper"
)

// othersOrders tries every way to an order with the marks of another one (V8.2.2, V8.3.1): its number, its
// payment reference, random and altered tokens, and one's own cookie.
func othersOrders(t *testing.T, s *site) string {
	victim := s.stranger()
	mail := fmt.Sprintf("victim.%d@buyers.example", rand.Uint32())
	o, err := victim.Buy(t.Context(), s.Shop, "/en/p/jug", shopper.Somebody(mail), shopper.Paid)
	fatal(t, err)
	attacker := s.stranger()
	_, err = attacker.Buy(t.Context(), s.Shop, "/en/p/card", shopper.Somebody("mallory@attackers.example"), shopper.Paid)
	fatal(t, err)
	var paths []string
	for _, v := range []string{o.Number, strings.ReplaceAll(o.Number, "-", ""), "1", string(id.NewToken()), id.New(time.Now(), nil).String()} {
		for _, form := range []string{"/en/order/%s", "/en/order?number=%s", "/en/order?order=%s", "/en/order?id=%s", "/en/order/open/%s", "/en/order/return?order=%s", "/en/order/return?payment=%s", "/order/%s", "/api/order/%s", "/en/order/link?number=%s"} {
			paths = append(paths, fmt.Sprintf(form, url.PathEscape(v)))
		}
	}
	for _, path := range paths {
		for _, b := range []*shopper.Shopper{attacker, s.stranger()} {
			p, err := b.Get(t.Context(), s.Shop+path)
			fatal(t, err)
			if strings.Contains(string(p.Body), "Salt jug") || strings.Contains(string(p.Body), mail) || p.Status >= 500 {
				t.Errorf("%s: status %d shows the victim's order", path, p.Status)
			}
		}
	}
	for range size(20, 500) {
		b := s.stranger()
		p, err := b.Post(t.Context(), s.Shop+"/en/order/open", url.Values{"link": {string(id.NewToken())}}, nil)
		fatal(t, err)
		if strings.Contains(string(p.Body), "Salt jug") || p.Status < 400 {
			t.Errorf("a random token was answered with %d", p.Status)
		}
	}
	sameTime(t, s, o.Number)
	return fmt.Sprintf("%d addresses with foreign marks, random tokens; nothing opened, no difference in time", len(paths))
}

// sameTime compares how long the store takes for a number that exists and one that does not.
func sameTime(t *testing.T, s *site, number string) {
	t.Helper()
	n := size(60, 2000)
	measure := func(v string) time.Duration {
		b := s.stranger()
		p, err := b.Get(t.Context(), s.Shop+"/en/order/link")
		fatal(t, err)
		f, err := p.Form("/order/link")
		fatal(t, err)
		start := time.Now()
		_, err = b.Submit(t.Context(), f, url.Values{"number": {v}, "email": {"nobody@buyers.example"}})
		fatal(t, err)
		return time.Since(start)
	}
	var known, unknown []time.Duration
	for range n {
		known = append(known, measure(number))
		unknown = append(unknown, measure(id.NewNumber()))
	}
	a, b := median(known), median(unknown)
	if diff := a - b; diff > 3*time.Millisecond || diff < -3*time.Millisecond {
		t.Errorf("a known number takes %s and an unknown one %s", a, b)
	}
}

func median(d []time.Duration) time.Duration {
	for i := range d {
		for j := i; j > 0 && d[j] < d[j-1]; j-- {
			d[j], d[j-1] = d[j-1], d[j]
		}
	}
	return d[len(d)/2]
}

// numberAndMail knows an order's number and its e-mail address, and gets nothing for it but a mail to that address
// (V6.3.8 in spirit, V8.2.1).
func numberAndMail(t *testing.T, s *site) string {
	mail := fmt.Sprintf("known.%d@buyers.example", rand.Uint32())
	o, err := s.stranger().Buy(t.Context(), s.Shop, "/en/p/jug", shopper.Somebody(mail), shopper.Paid)
	fatal(t, err)
	ask := func(number, address string) (body string, cookies []string) {
		b := s.stranger()
		p, err := b.Get(t.Context(), s.Shop+"/en/order/link")
		fatal(t, err)
		f, err := p.Form("/order/link")
		fatal(t, err)
		p, err = b.Submit(t.Context(), f, url.Values{"number": {number}, "email": {address}})
		fatal(t, err)
		if q, err := b.Get(t.Context(), s.Shop+"/en/order"); err != nil || strings.Contains(string(q.Body), "Salt jug") {
			t.Errorf("the order opened (%v)", err)
		}
		return strings.NewReplacer(number, "N", address, "A").Replace(string(p.Body)), p.Header.Values("Set-Cookie")
	}
	right, _ := ask(o.Number, mail)
	wrongMail, _ := ask(o.Number, "other@buyers.example")
	wrongNumber, _ := ask(id.NewNumber(), mail)
	if strip(right) != strip(wrongMail) || strip(right) != strip(wrongNumber) {
		t.Error("the answer tells whether number and address belong together")
	}
	if _, sent := s.Mail.Wait("other@buyers.example", 2*time.Second, func(string) bool { return true }); sent {
		t.Error("a mail went to an address that is not the order's")
	}
	return "right and wrong pairs get the same answer and open nothing; only the order's own address gets mail"
}

// strip takes out what differs with every page: form tokens.
func strip(body string) string {
	for {
		i := strings.Index(body, `type="hidden"`)
		if i < 0 {
			return body
		}
		end := strings.Index(body[i:], ">")
		if end < 0 {
			return body
		}
		body = body[:i] + body[i+end:]
	}
}

// flood fills the store with slow and huge requests while people buy (V2.4.1, V15.2.2).
func flood(t *testing.T, s *site) string {
	stop := make(chan struct{})
	junk := strings.Repeat("a", 10_000)
	many := url.Values{}
	for i := range 255 {
		many.Set(fmt.Sprint("f", i), junk[:100])
	}
	attackers := 24
	for i := range attackers {
		go func() {
			b := s.Network.New(fmt.Sprintf("198.19.%d.%d", i, i+1))
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				switch n % 3 {
				case 0:
					_, _ = b.Get(t.Context(), s.Shop+"/en/search?q="+junk[:2000]+fmt.Sprint(n))
				case 1:
					_, _ = b.Once(t.Context(), http.MethodPost, s.Shop+"/en/cart/add", many.Encode())
				case 2:
					_, _ = b.Once(t.Context(), http.MethodPost, s.Shop+"/en/withdraw", "name="+junk)
				}
			}
		}()
	}
	defer close(stop)
	var slowest time.Duration
	n := size(15, 100)
	for i := range n {
		start := time.Now()
		_, err := s.Network.New(fmt.Sprintf("198.20.0.%d", i+1)).Buy(t.Context(), s.Shop, "/en/p/card",
			shopper.Somebody(fmt.Sprintf("calm.%d@buyers.example", i)), shopper.Paid)
		if err != nil {
			t.Errorf("a purchase failed in the flood: %v", err)
		}
		slowest = max(slowest, time.Since(start))
	}
	if slowest > 10*time.Second {
		t.Errorf("the slowest purchase took %s", slowest)
	}
	return fmt.Sprintf("%d attackers without pause; %d purchases went through, the slowest in %s", attackers, n, slowest.Round(time.Millisecond))
}
