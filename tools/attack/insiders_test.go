package attack

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/admin"
	"strongroom/guard/access"
	"strongroom/tools/shopper"
)

var enterLink = regexp.MustCompile(`https://[^\s"<>]+/enter/[A-Za-z0-9_-]{43}`)

// invitations are the links to the desk that were mailed to an address.
func (o *office) invitations(email string) (found []string) {
	for _, m := range o.Mail.All() {
		if link := enterLink.FindString(strings.ReplaceAll(m.Data, "=\r\n", "")); m.To == email && link != "" {
			found = append(found, link)
		}
	}
	return found
}

// hire has the owner invite somebody by the form of the desk, who comes by the mailed link and enrols two passkeys.
func (o *office) hire(owner *shopper.Shopper, name, role string) *shopper.Shopper {
	o.t.Helper()
	email := strings.ToLower(name) + "@shop.example"
	p := o.send(owner, o.get(owner, "/staff/new"), "/staff", url.Values{"name": {name}, "email": {email}, "role": {role}, "language": {"en"}})
	if p.URL.Path != "/staff" || p.Status != http.StatusOK {
		o.t.Fatalf("the invitation leads to %s (%d): %q", p.URL, p.Status, p.Problems())
	}
	wait(o.t, func() bool { return len(o.invitations(email)) > 0 })
	v := o.visitor()
	p, err := v.Get(o.t.Context(), o.invitations(email)[0])
	fatal(o.t, err)
	o.send(v, p, "/enter", nil)
	o.enrol(v)
	if p := o.enrol(v); !o.in(v) || p.Status != http.StatusOK {
		o.t.Fatalf("%s is at %s (%d)", name, p.URL, p.Status)
	}
	return v
}

// push sends fields to an address of the desk with a form token of this browser, and follows nothing.
func (o *office) push(v *shopper.Shopper, path string, fields url.Values) *shopper.Page {
	o.t.Helper()
	for _, f := range o.get(v, "/ways").Forms() {
		if token := f.Values.Get(web.TokenField); token != "" {
			fields.Set(web.TokenField, token)
			break
		}
	}
	v.Headers = http.Header{"Sec-Fetch-Site": {"same-origin"}}
	defer func() { v.Headers = nil }()
	p, err := v.Once(o.t.Context(), http.MethodPost, o.Admin+path, fields.Encode())
	fatal(o.t, err)
	return p
}

// ids reads a column of ids.
func (s *site) ids(t *testing.T, query string) (out []id.ID) {
	t.Helper()
	s.change(t, func(tx *db.Tx) (err error) {
		out, err = db.All(tx, func(r db.Scanner) (v id.ID, err error) { err = r.Scan(&v); return v, err }, query)
		return err
	})
	return out
}

// helpDesk is row 27: colleagues of every role, and somebody outside, try to get one of them new ways of signing in: by
// another invitation, by taking a passkey away, by a recovery of the shop. Nobody at the desk, not even the owner, can
// reset what somebody else signs in with.
func helpDesk(t *testing.T, s *site) string {
	o := openOffice(t, s)
	owner := o.come(o.SetUpLink(), "Ida", 2)
	people := map[string]*shopper.Shopper{access.Owner: owner}
	for i, role := range []string{access.Manager, access.Support, access.Fulfilment, access.Accounting} {
		people[role] = o.hire(owner, fmt.Sprintf("Colleague%d", i), role)
	}
	members := o.ids(t, "SELECT id FROM staff_member ORDER BY id")
	keys := o.ids(t, "SELECT id FROM identity_passkey ORDER BY id")
	if len(members) != len(people) || len(keys) != 2*len(people) {
		t.Fatalf("%d members with %d passkeys", len(members), len(keys))
	}
	tries := 0
	for role, v := range people {
		own := 0
		for _, member := range members {
			tries++
			if p := o.push(v, "/staff/"+member.String()+"/again", url.Values{}); p.Status < 400 {
				t.Errorf("the %s has %s invited again: %d to %q", role, member, p.Status, p.Header.Get("Location"))
			}
		}
		for _, key := range keys {
			tries++
			if p := o.get(v, "/ways"); strings.Contains(string(p.Body), key.String()) { // her own are her affair
				own++
				continue
			}
			if p := o.push(v, "/ways/passkey/remove", url.Values{"passkey": {key.String()}}); p.Status < 400 {
				t.Errorf("the %s takes away a passkey of somebody else: %d", role, p.Status)
			}
		}
		if own != 2 {
			t.Errorf("the %s sees %d passkeys", role, own)
		}
	}
	o.noReset(t)
	stranger := o.newcomer(t, "ida@shop.example", "203.0.113.27")
	stranger.submit(stranger.get("/recover"), "/account/recover", url.Values{"email": {stranger.email}})
	if p, err := o.Command("owner", "recover"); err == nil {
		t.Errorf("the console recovers an owner without the kit: %s", p)
	}
	if now := o.ids(t, "SELECT id FROM identity_passkey ORDER BY id"); fmt.Sprint(now) != fmt.Sprint(keys) {
		t.Error("the passkeys are others than before")
	}
	for role, v := range people {
		if p := o.get(v, "/ways"); p.Status != http.StatusOK || p.URL.Path != "/ways" {
			t.Errorf("the %s is out: %s", role, p.URL)
		}
	}
	if n := o.count(t, `SELECT COUNT(*) FROM audit_entry WHERE outcome = 2 AND action = 'staff.invite'`); n < int64(len(people)) {
		t.Errorf("%d refusals in the log", n)
	}
	if n := len(o.invitations("ida@shop.example")) + len(o.links("ida@shop.example")); n != 0 {
		t.Errorf("%d links were mailed to the owner", n)
	}
	for i := range len(people) - 1 {
		if n := len(o.invitations(fmt.Sprintf("colleague%d@shop.example", i))); n != 1 {
			t.Errorf("%d invitations of one colleague", n)
		}
	}
	return fmt.Sprintf("%d tries by %d roles, one from outside, one on the console: nobody's ways of signing in are reset", tries, len(people))
}

// noReset holds the desk's addresses to having none that would reset somebody: ways of signing in are changed below
// /ways alone, which is one's own.
func (o *office) noReset(t *testing.T) {
	t.Helper()
	for _, a := range admin.Addresses() {
		for _, word := range []string{"passkey", "password", "factor", "reset", "recover"} {
			if strings.Contains(a.Path, word) && !strings.HasPrefix(a.Path, "/ways") && !strings.HasPrefix(a.Path, "/sign-in/") {
				t.Errorf("%s %s may reset somebody", a.Method, a.Path)
			}
		}
	}
}

// buyers has so many people buy something, and gives the numbers of their orders by their addresses.
func (o *office) buyers(t *testing.T, n int) map[string]string {
	t.Helper()
	var mu sync.Mutex
	var hands sync.WaitGroup
	numbers, gate := map[string]string{}, make(chan struct{}, 8)
	for i := range n {
		hands.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			email := fmt.Sprintf("reader-%s@buyer.example", word(i))
			b, err := o.Network.New(fmt.Sprintf("198.33.%d.%d", i/200, i%200+1)).Buy(t.Context(), o.Shop, "/en/p/bowl", shopper.Somebody(email), shopper.Paid)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			numbers[email] = b.Number
		})
	}
	hands.Wait()
	return numbers
}

// word writes a number in letters: a row of digits may pass for a card number, which forms refuse.
func word(n int) string {
	out := []byte{byte('a' + n%26)}
	for n /= 26; n > 0; n /= 26 {
		out = append(out, byte('a'+n%26))
	}
	return string(out)
}

// bribed is row 28: a member of the support reads one customer after the other through the desk. She is stopped at her
// quota, and the owner is told; everybody she saw stands in the log. A colleague who touches a canary notices nothing, and
// owner and the address outside are told (V16.3.2).
func bribed(t *testing.T, s *site) string {
	const quota = 20
	o := openOffice(t, s)
	owner := o.come(o.SetUpLink(), "Ida", 2)
	eva, max := o.hire(owner, "Eva", access.Support), o.hire(owner, "Max", access.Support)
	people := o.buyers(t, size(30, 500))
	began := time.Now()
	looks := func(outcome int) int64 {
		return o.count(t, `SELECT COUNT(DISTINCT object_id) FROM audit_entry WHERE action = 'vault.look' AND outcome = $1`, outcome)
	}
	before, seen, stopped := looks(1), 0, 0
	for email, number := range people {
		p := o.get(eva, "/orders/"+number)
		if strings.Contains(string(p.Body), email) {
			t.Errorf("the order's page shows %s before she asks", email)
		}
		p = o.send(eva, p, "/reveal", url.Values{"reason": {"question"}})
		switch clear := strings.Contains(string(p.Body), email); {
		case clear && p.Status == http.StatusOK:
			seen++
		case !clear && p.Status == http.StatusTooManyRequests:
			stopped++
		default:
			t.Errorf("a look is answered with %d", p.Status)
		}
	}
	hours := int(time.Since(began.Truncate(time.Hour))/time.Hour) + 1 // an hour is one of the clock
	if seen < quota || seen > quota*hours || stopped != len(people)-seen {
		t.Errorf("of %d people she saw %d, and was stopped %d times", len(people), seen, stopped)
	}
	if n := looks(1) - before; n != int64(seen) || looks(2) == 0 {
		t.Errorf("%d looks in the log for %d people, %d refused", n, seen, looks(2))
	}
	const overQuota = "Subject: Somebody looks at many people"
	if _, ok := o.Mail.Wait("ida@shop.example", time.Minute, func(d string) bool { return strings.Contains(d, overQuota) }); !ok || o.told("ida@shop.example", overQuota) > hours {
		t.Errorf("the owner got %d mails of the quota", o.told("ida@shop.example", overQuota))
	}
	if p := o.get(eva, "/data/people"); p.Status != http.StatusForbidden {
		t.Errorf("the support is shown the page of mass exports: %d", p.Status)
	}
	o.touch(t, max)
	return fmt.Sprintf("%d customers read through the desk: %d seen, then stopped %d times, the owner told; a canary touched: owner and the address outside told, once",
		len(people), seen, stopped)
}

// touch has a member look at a canary, more than once.
func (o *office) touch(t *testing.T, max *shopper.Shopper) {
	t.Helper()
	const planted, subject = "wilhelmina@buyer.example", "Subject: Somebody looked where nobody has a reason to"
	b, err := o.stranger().Buy(t.Context(), o.Shop, "/en/p/bowl", shopper.Somebody(planted), shopper.Paid)
	fatal(t, err)
	o.MustCommand("order", "canary", b.Number, "--reason", "one of three")
	for range 3 {
		p := o.get(max, "/orders/"+b.Number)
		if strings.Contains(strings.ToLower(string(p.Body)), "canary") {
			t.Error("the desk says that the order is a canary")
		}
		if p = o.send(max, p, "/reveal", url.Values{"reason": {"question"}}); p.Status != http.StatusOK || !strings.Contains(string(p.Body), planted) {
			t.Errorf("whoever looks at a canary notices it: %d", p.Status)
		}
	}
	for _, to := range []string{"ida@shop.example", "shop@rig.example"} {
		m, ok := o.Mail.Wait(to, time.Minute, func(d string) bool { return strings.Contains(d, subject) })
		if !ok || strings.Contains(m.Data, planted) {
			t.Errorf("%s was told: %v, with the invented person's address", to, ok)
		}
		if n := o.told(to, subject); n != 1 {
			t.Errorf("%s got %d mails of one canary", to, n)
		}
	}
	if n := o.count(t, `SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look' AND object_id = (SELECT id FROM order_head WHERE number = $1)`, b.Number); n < 3 {
		t.Errorf("%d looks at the canary in the log", n)
	}
}
