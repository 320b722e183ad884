package attack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/front/demo/sandbox"
	"strongroom/tools/shopper"
)

// forgedNotices tells the store that a dear order is paid, with everything but a genuine notice of its own account and
// mode (V2.3.1, V11.3.3, V11.2.4): nothing is believed, and every refusal is an entry in the log.
func forgedNotices(t *testing.T, s *site) string {
	_, _, open := s.hosted(t, "/en/p/jug")
	_, _, other := s.hosted(t, "/en/p/card")
	body := notice("evt_forged", "session.paid", open.ID, open.Reference, "test", "test")
	genuine := func(b string) string { return sandbox.Sign(time.Now(), []byte(b), noticeSecret) }
	mac := strings.SplitN(genuine(body), "v1=", 2)[1]
	now := fmt.Sprint(time.Now().Unix())
	tries := map[string]struct {
		body   string
		header []string
	}{
		"no signature":            {body, nil},
		"an empty one":            {body, []string{""}},
		"another secret":          {body, []string{sandbox.Sign(time.Now(), []byte(body), "whsec_another_secret_0123456789")}},
		"six minutes old":         {body, []string{sandbox.Sign(time.Now().Add(-6*time.Minute), []byte(body), noticeSecret)}},
		"six minutes early":       {body, []string{sandbox.Sign(time.Now().Add(6*time.Minute), []byte(body), noticeSecret)}},
		"another time":            {body, []string{"t=" + fmt.Sprint(time.Now().Unix()-1) + ",v1=" + mac}},
		"altered body":            {strings.Replace(body, "evt_forged", "evt_forgee", 1), []string{genuine(body)}},
		"a blank more":            {body + " ", []string{genuine(body)}},
		"two headers":             {body, []string{genuine(body), genuine(body)}},
		"two times":               {body, []string{genuine(body) + ",t=" + now}},
		"the body of another":     {notice("evt_13x", "session.paid", other.ID, other.Reference, "test", "test"), []string{genuine(body)}},
		"live event in test mode": {notice("evt_13l", "session.paid", open.ID, open.Reference, "test", "live"), nil},
		"another account":         {notice("evt_13a", "session.paid", open.ID, open.Reference, "acct_other", "test"), nil},
		"no json":                 {"paid=1", nil},
		"two values":              {body + body, nil},
		"nothing":                 {"", nil},
		"a megabyte":              {`{"id":"` + strings.Repeat("a", 1<<20) + `"}`, nil},
		"an old scheme":           {body, []string{strings.Replace(genuine(body), "v1=", "v0=", 1)}},
		"a short one":             {body, []string{"t=" + now + ",v1=" + mac[:32]}},
		"negative time":           {body, []string{"t=-1,v1=" + mac}},
	}
	signed := map[string]bool{"live event in test mode": true, "another account": true, "no json": true, "two values": true, "nothing": true, "a megabyte": true}
	before := s.refusals(t, "payment.notice")
	for name, x := range tries {
		if signed[name] {
			x.header = []string{genuine(x.body)}
		}
		if code := s.sendAs(t, x.body, x.header); code < 400 || code > 499 {
			t.Errorf("%s was answered with %d", name, code)
		}
	}
	if got := s.state(t, open.Order); got != 1 {
		t.Errorf("the order stands in state %d", got)
	}
	if n := s.count(t, `SELECT COUNT(*) FROM payment_notice WHERE event LIKE 'evt_forge%' OR event IN ('evt_13x', 'evt_13l', 'evt_13a')`); n != 0 {
		t.Errorf("%d forged notices were kept", n)
	}
	if s.refusals(t, "payment.notice") <= before {
		t.Error("no refusal stands in the log")
	}
	return fmt.Sprintf("%d ways to forge, replay late, alter, double or cross modes; all refused and logged", len(tries))
}

func (s *site) sendAs(t *testing.T, body string, signatures []string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Shop+"/notices/sandbox", strings.NewReader(body))
	fatal(t, err)
	req.Header.Set("Content-Type", "application/json")
	for _, v := range signatures {
		req.Header.Add(sandbox.SignatureHeader, v)
	}
	resp, err := s.plain().Do(req)
	if err != nil { // the door may close on a body that is too long
		return http.StatusRequestEntityTooLarge
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// refundRace has a member of the staff give money back a hundred times at once, until nothing is left, and then after a
// chargeback (V2.3.3, V2.3.4, V15.4.2): never more than was paid, at the provider, in the ledger and on the order.
func refundRace(t *testing.T, s *site) string {
	o := openOffice(t, s)
	ida := o.come(o.SetUpLink(), "Ida", 2)
	bought, err := o.stranger().Buy(t.Context(), o.Shop, "/en/p/bowl", shopper.Somebody("greta@buyers.example"), shopper.Paid)
	fatal(t, err)
	wait(t, func() bool { return o.state(t, bought.Number) == 3 })
	paid := o.witness(t, bought.Number)
	n := 100
	done := int64(0)
	for range 6 { // each round every page is fresh, so that only the sum can refuse
		done += o.refundAtOnce(t, ida, bought.Number, n, "9.00")
	}
	after := o.witness(t, bought.Number)
	if after.Refunded > paid.Captured || after.Refunded != done*900 {
		t.Errorf("%d refunds of 9.00 were taken, the provider gave back %d of %d", done, after.Refunded, paid.Captured)
	}
	if done != paid.Captured/900 {
		t.Errorf("%d refunds of 9.00 of %d went through", done, paid.Captured)
	}
	o.booksAgree(t)

	second, err := o.stranger().Buy(t.Context(), o.Shop, "/en/p/bowl", shopper.Somebody("frida@buyers.example"), shopper.Paid)
	fatal(t, err)
	wait(t, func() bool { return o.state(t, second.Number) == 3 })
	w := o.witness(t, second.Number)
	fatal(t, o.Sandbox.Try(t.Context(), w.ID, sandbox.Trial{Dispute: "open", Reason: "fraudulent"}))
	wait(t, func() bool {
		return o.count(t, `SELECT COUNT(*) FROM payment_dispute WHERE state = 'open' AND taken > 0`) == 1
	})
	if n := o.count(t, `SELECT COUNT(*) FROM audit_entry WHERE action = 'fraud.disputed'`); n != 1 {
		t.Errorf("the defence heard %d times of the chargeback", n)
	}
	if got := o.refundAtOnce(t, ida, second.Number, 20, "1.00"); got != 0 || o.witness(t, second.Number).Refunded != 0 {
		t.Errorf("%d refunds after a chargeback", got)
	}
	o.booksAgree(t)
	return fmt.Sprintf("%d refunds at once in 6 rounds, %d went through, %d of %d given back; none after a chargeback", n, done, after.Refunded, paid.Captured)
}

// refundAtOnce sends n refunds of the same sum side by side, each from a page of its own, and says how many were taken.
func (o *office) refundAtOnce(t *testing.T, v *shopper.Shopper, number string, n int, sum string) int64 {
	t.Helper()
	page := o.get(v, "/orders/"+number)
	form, err := page.Form("/orders/" + number + "/refund")
	if err != nil {
		return 0 // the page offers none any more
	}
	var taken atomic.Int64
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			f := form
			f.Values = url.Values{}
			for k, x := range form.Values {
				f.Values[k] = x
			}
			f.Values.Set("attempt", fmt.Sprintf("%s-%d-%d", number, time.Now().UnixNano(), i))
			p, err := v.Submit(t.Context(), f, url.Values{"sum": {sum}, "why": {"goodwill"}})
			if err != nil {
				t.Error(err)
				return
			}
			if p.Status >= 500 {
				t.Errorf("a refund was answered with %d", p.Status)
			}
			if strings.Contains(p.URL.RawQuery, "done=refunded") {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	return taken.Load()
}

// witness is what the provider says about an order.
func (s *site) witness(t *testing.T, number string) sandbox.WitnessLine {
	t.Helper()
	for _, w := range s.Sandbox.Witness() {
		if w.Order == number {
			return w
		}
	}
	t.Fatalf("the provider does not know order %s", number)
	return sandbox.WitnessLine{}
}

// booksAgree has the store compare itself with the provider: nothing may differ, and the ledger must sum to zero.
func (s *site) booksAgree(t *testing.T) {
	t.Helper()
	out, err := s.Command("payment", "reconcile", "--json")
	if err != nil {
		t.Errorf("the comparison found something: %v\n%s", err, out)
	}
	var ledger struct {
		OK bool `json:"ok"`
	}
	out, err = s.Command("payment", "ledger", "--json")
	if err != nil || json.Unmarshal([]byte(out), &ledger) != nil || !ledger.OK {
		t.Errorf("the ledger: %v\n%s", err, out)
	}
}
