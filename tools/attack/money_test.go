package attack

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/front/demo/sandbox"
	"strongroom/tools/shopper"
)

const noticeSecret = "whsec_rig_0123456789abcdef0123456789abcdef"

// stranger is a new browser from an address of its own.
func (s *site) stranger() *shopper.Shopper {
	return s.Network.New(fmt.Sprintf("198.18.%d.%d", rand.IntN(256), 1+rand.IntN(254)))
}

// tampering sends every field of the purchase with prices, quantities and currencies of the attacker's choice (V2.2.2,
// V2.3.2, V15.3.3): the provider must be asked for the server's price, or the request must be refused.
func tampering(t *testing.T, s *site) string {
	tried := 0
	hostile := []string{"-1", "0", "1e9", "99999999999999999999", "1.5", "٣", "1,000", " ", "NaN", "0x10", "1;2", "'"}
	for _, h := range hostile {
		b := s.stranger()
		add := s.addForm(t, b, "/en/p/bowl")
		p, err := b.Submit(t.Context(), add, url.Values{"quantity": {h}})
		fatal(t, err)
		if p.Status >= 500 {
			t.Errorf("quantity %q: status %d", h, p.Status)
		}
		tried++
	}
	for _, extra := range []url.Values{
		{"price": {"1"}}, {"unit": {"1"}, "total": {"1"}}, {"currency": {"JPY"}}, {"amount": {"-3400"}}, {"discount": {"3400"}},
		{"attempt": {"e30.e30"}}, {"attempt": {""}}, {"tax": {"0"}}, {"shipping": {"-500"}},
	} {
		s.tamper(t, extra)
		tried++
	}
	return fmt.Sprintf("%d altered fields; the provider was asked for the server's price or for nothing", tried)
}

// tamper goes to the last page and adds the fields to the obliging form.
func (s *site) tamper(t *testing.T, extra url.Values) {
	t.Helper()
	b := s.stranger()
	before := len(s.Sandbox.Witness())
	_, err := b.Submit(t.Context(), s.addForm(t, b, "/en/p/bowl"), nil)
	fatal(t, err)
	p, err := b.Get(t.Context(), s.Shop+"/en/checkout")
	fatal(t, err)
	form, err := p.Form("/checkout")
	fatal(t, err)
	p, err = b.Submit(t.Context(), form, shopper.Somebody("mallory@attackers.example").Fill(form))
	fatal(t, err)
	pay, err := p.Form("/checkout/pay")
	fatal(t, err)
	p, err = b.Submit(t.Context(), pay, extra)
	fatal(t, err)
	if p.Status >= 500 {
		t.Errorf("%v: status %d", extra, p.Status)
	}
	for _, w := range s.Sandbox.Witness()[before:] {
		if w.Amount < 3400 || w.Currency != "EUR" {
			t.Errorf("%v: the provider was asked for %d %s", extra, w.Amount, w.Currency)
		}
	}
}

func (s *site) addForm(t *testing.T, b *shopper.Shopper, product string) shopper.Form {
	t.Helper()
	p, err := b.Get(t.Context(), s.Shop+product)
	fatal(t, err)
	f, err := p.Form("/cart/add")
	fatal(t, err)
	return f
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hosted goes to the provider's page for one product and returns the session's reference and order number.
func (s *site) hosted(t *testing.T, product string) (b *shopper.Shopper, page *shopper.Page, w sandbox.WitnessLine) {
	t.Helper()
	b = s.stranger()
	page, err := b.ToPayment(t.Context(), s.Shop, product, shopper.Somebody("mallory@attackers.example"))
	fatal(t, err)
	all := s.Sandbox.Witness()
	for _, line := range all {
		if strings.HasSuffix(page.URL.Path, line.ID) {
			return b, page, line
		}
	}
	t.Fatalf("%s is no session that the provider knows", page.URL)
	return
}

// state is an order's state in the store's own database: 1 awaiting payment, 3 paid.
func (s *site) state(t *testing.T, number string) int64 {
	t.Helper()
	return s.count(t, `SELECT state FROM order_head WHERE number = $1`, number)
}

// anothersMoney pays a cheap order and claims the money for a dear one: by the return address, by notices that name
// the wrong session, and by notices of the other mode or account (V2.3.1, V2.4.1).
func anothersMoney(t *testing.T, s *site) string {
	cheap, page, paid := s.hosted(t, "/en/p/card")
	dear, dearPage, open := s.hosted(t, "/en/p/jug")
	_, err := cheap.Pay(t.Context(), page, shopper.Paid)
	fatal(t, err)
	_ = dearPage
	for _, ref := range []string{paid.Reference, paid.ID, open.Reference, open.ID} {
		for _, name := range []string{"payment", "session", "session_id", "reference", "ref"} {
			_, err := dear.Get(t.Context(), s.Shop+"/en/order/return?"+url.Values{name: {ref}}.Encode())
			fatal(t, err)
		}
	}
	for i, body := range []string{
		notice("evt_a", "session.paid", paid.ID, open.Reference, "test", "test"),
		notice("evt_b", "session.paid", open.ID, open.Reference, "test", "live"),
		notice("evt_c", "session.paid", open.ID, open.Reference, "other", "test"),
		notice("evt_d", "session.paid", open.ID, open.Reference, "test", "test"),
	} {
		s.send(t, body, sandbox.Sign(time.Now(), []byte(body), noticeSecret), i)
	}
	if got := s.state(t, open.Order); got != 1 {
		t.Errorf("the dear order stands in state %d", got)
	}
	if got := s.state(t, paid.Order); got != 3 {
		t.Errorf("the cheap order stands in state %d", got)
	}
	return "20 return addresses and 4 genuine signatures over false claims; nothing was believed"
}

func notice(event, kind, session, reference, account, mode string) string {
	return fmt.Sprintf(`{"id":%q,"type":%q,"session":%q,"reference":%q,"account":%q,"mode":%q,"created":%d}`,
		event, kind, session, reference, account, mode, time.Now().Unix())
}

func (s *site) send(t *testing.T, body, signature string, _ int) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Shop+"/notices/sandbox", strings.NewReader(body))
	fatal(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(sandbox.SignatureHeader, signature)
	resp, err := s.plain().Do(req)
	fatal(t, err)
	_ = resp.Body.Close()
	return resp.StatusCode
}

// replayedNotices sends genuine notices of one payment many times, shuffled, and forged ones among them (V2.3.1,
// V11.3.3): one effect, and nothing for the forged.
func replayedNotices(t *testing.T, s *site) string {
	b, page, w := s.hosted(t, "/en/p/bowl")
	_, err := b.Pay(t.Context(), page, shopper.Paid)
	fatal(t, err)
	moves := func() int64 {
		return s.count(t, `SELECT COUNT(*) FROM payment_move m JOIN payment_payment p ON p.id = m.payment_id WHERE p.number = $1`, w.Order) +
			s.count(t, `SELECT COUNT(*) FROM payment_ledger l JOIN order_head h ON h.id = l.order_id WHERE h.number = $1`, w.Order)
	}
	wait(t, func() bool { return s.state(t, w.Order) == 3 })
	fatal(t, s.Sandbox.Try(t.Context(), w.ID, sandbox.Trial{Refund: 500}))
	fatal(t, s.Sandbox.Try(t.Context(), w.ID, sandbox.Trial{Dispute: "open", Reason: "fraudulent"}))
	disputes := func() int64 {
		return s.count(t, `SELECT COUNT(*) FROM payment_dispute WHERE number = $1 AND state = 'open'`, w.Order)
	}
	wait(t, func() bool {
		return disputes() == 1 && s.count(t, `SELECT refunded FROM payment_payment WHERE number = $1`, w.Order) == 500
	})
	before := moves()
	var bodies []string
	for _, kind := range []string{"session.paid", "session.pending", "session.expired", "session.declined", "refund.done", "dispute.opened", "dispute.closed"} {
		for range size(10, 50) { // each event so often
			bodies = append(bodies, notice("evt_"+w.ID+"_"+kind, kind, w.ID, w.Reference, "test", "test"))
		}
	}
	rand.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	refused := 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i, body := range bodies {
		wg.Go(func() {
			s.send(t, body, sandbox.Sign(time.Now(), []byte(body), noticeSecret), i)
			forged := [...]string{sandbox.Sign(time.Now(), []byte(body), "whsec_another_secret_0123456789"),
				sandbox.Sign(time.Now().Add(-time.Hour), []byte(body), noticeSecret), sandbox.Sign(time.Now(), []byte(body+" "), noticeSecret), ""}
			if code := s.send(t, body, forged[i%len(forged)], i); code < 400 || code > 499 {
				t.Errorf("a forged notice was answered with %d", code)
			}
			mu.Lock()
			refused++
			mu.Unlock()
		})
	}
	wg.Wait()
	if after, state := moves(), s.state(t, w.Order); after != before || state != 3 && state != 6 || disputes() != 1 {
		t.Errorf("%d moves and bookings before, %d after, state %d, %d disputes", before, after, state, disputes())
	}
	if n := s.count(t, `SELECT COUNT(*) FROM payment_dispute_move m JOIN payment_dispute d ON d.id = m.dispute_id WHERE d.number = $1`, w.Order); n != 1 {
		t.Errorf("the dispute moved %d times", n)
	}
	if s.refusals(t, "payment.notice") == 0 {
		t.Error("no refusal stands in the log")
	}
	return fmt.Sprintf("%d genuine notices shuffled, %d forged; one effect", len(bodies), refused)
}

// wait polls for what happens in the background.
func wait(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("it did not happen within 30 seconds")
		}
	}
}
