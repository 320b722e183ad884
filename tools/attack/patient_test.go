package attack

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

// crowd is a store in which patient testers try out cards while honest people buy. Sessions are counted as the provider
// sees them.
type crowd struct {
	*sale
	honest             sync.Map     // ids of sessions that are not the testers'
	free, step, barred atomic.Int64 // honest newcomers during the attack
}

// patientTesting is row 10 once more, by testers whom nothing gives away but how their payments end: names, addresses and
// countries like everybody's, a fresh browser, cart and network each, goods and sums of all sorts, and the time that people
// take. The store has just had a sale, whose buyers all paid. The bound is the same; buyers of the sale who come again
// meanwhile notice nothing, and honest newcomers get through when they show that their address is theirs (V2.4.1, V2.4.2).
func patientTesting(t *testing.T, s *site) string {
	buyers, testers, newcomers := size(40, 1000), size(60, 1000), size(8, 100)
	x := &crowd{sale: &sale{site: &site{Rig: rig.New(t, s.Engine)}, t: t}}
	x.Import(goods())
	x.Start()
	regulars := make([]*shopper.Shopper, size(4, 40))
	x.each(buyers, func(i int) error {
		b := x.Network.New(buyerFrom(i))
		if i < len(regulars) {
			regulars[i] = b
		}
		return x.buys(b, i)
	})
	if through := x.through.Load(); through*100 < int64(buyers)*99 {
		t.Errorf("%d of %d buyers of the sale got through without a step", through, buyers)
	}
	sold := len(x.Sandbox.Witness())
	ready := x.prepare(testers)
	x.each(len(ready)*7/10, func(i int) error { return x.trial(ready[i], i) })
	alone := len(x.Sandbox.Witness()) - sold
	var others sync.WaitGroup
	others.Go(func() {
		x.each(len(regulars), func(i int) error { return x.again(regulars[i], i) })
		x.inLanes(4, newcomers, x.arrive) // as many as the budget of those for whom something speaks lets pay at once
	})
	x.each(len(ready)*3/10, func(i int) error { return x.trial(ready[len(ready)*7/10+i], i) })
	others.Wait()
	further := 0
	for i, w := range x.Sandbox.Witness() {
		if _, theirs := x.honest.Load(w.ID); x.at50 > 0 && i >= x.at50 && !theirs {
			further++
		}
	}
	if further > 10 || alone > 60 || x.declines.Load() < 13 {
		t.Errorf("%d sessions of testers before others came, %d declines in all, %d sessions after the fiftieth", alone, x.declines.Load(), further)
	}
	if x.count(t, `SELECT COUNT(*) FROM audit_entry WHERE action = 'fraud.strict'`) == 0 {
		t.Error("no entry says that the store became strict")
	}
	if n := x.barred.Load(); n > 0 {
		t.Errorf("%d of %d honest newcomers had to wait", n, newcomers)
	}
	return fmt.Sprintf("%d buyers of a sale: %d paid without a step; %d patient testers: %d sessions, %d declines, %d sessions after the fiftieth; %d who bought before noticed nothing; %d honest newcomers meanwhile: %d at once, %d by step or mail, %d had to wait",
		buyers, x.through.Load(), testers, alone, x.declines.Load(), further, len(regulars), newcomers, x.free.Load(), x.step.Load(), x.barred.Load())
}

// attempt is a tester who has filled in everything and is about to press the button.
type attempt struct {
	b   *shopper.Shopper
	pay shopper.Form
}

// prepare has testers come as far as the button, and then wait as long as people take to read the page.
func (x *crowd) prepare(n int) []attempt {
	x.t.Helper()
	list := make([]attempt, n)
	x.each(n, func(i int) error {
		b := x.Network.New(fmt.Sprintf("%d.%d.%d.9", 60+i%60, i%251, i*7%253))
		page, err := b.ToDetails(x.t.Context(), x.Shop, fmt.Sprintf("/en/p/thing-%d", i*37%200))
		if err != nil {
			return err
		}
		form, err := page.Form("/checkout")
		if err != nil {
			return err
		}
		if page, err = b.Submit(x.t.Context(), form, person(i, "rented").Fill(form)); err != nil {
			return err
		}
		list[i].b = b
		list[i].pay, err = page.Form("/checkout/pay")
		return err
	})
	select {
	case <-x.t.Context().Done():
	case <-time.After(2100 * time.Millisecond):
	}
	return list
}

// person has a name and an address like anybody's.
func person(i int, house string) shopper.Person {
	first := [...]string{"Anna", "Jonas", "Mia", "Paul", "Lena", "Emil", "Clara", "Felix", "Marie", "Anton", "Ida"}
	last := [...]string{"Schneider", "Vogel", "Brandt", "Keller", "Sommer", "Lorenz", "Busch"}
	street := [...]string{"Lindenweg", "Bahnhofstraße", "Am Markt", "Gartenweg", "Schulstraße"}
	f, l := first[i%len(first)], last[i/3%len(last)]
	p := shopper.Somebody(fmt.Sprintf("%s.%s%d@%s%d.example", strings.ToLower(f), strings.ToLower(l), i, house, i%17))
	p["name"], p["street"], p["line1"] = f+" "+l, fmt.Sprintf("%s %d", street[i%len(street)], 1+i%90), fmt.Sprintf("%s %d", street[i%len(street)], 1+i%90)
	return p
}

// trial is a tester's evening: a card, perhaps a second one in the same session, and once more from the order's page.
func (x *crowd) trial(a attempt, i int) error {
	ctx := x.t.Context()
	page, err := a.b.Submit(ctx, a.pay, nil)
	for range 2 {
		if err != nil {
			return err
		}
		if page, err = x.solve(ctx, a.b, page); err != nil {
			return err
		}
		if page.URL.Host == mustHost(x.Shop) {
			return nil // no session
		}
		if i%3 == 0 {
			if page, err = a.b.Pay(ctx, page, "retry"); err != nil {
				return nil // the store has closed the session
			}
			x.declined()
		}
		if page, err = a.b.Pay(ctx, page, shopper.Declined); err != nil {
			return nil
		}
		x.declined()
		form, ferr := page.Form("/order/pay")
		if ferr != nil {
			return nil
		}
		page, err = a.b.Submit(ctx, form, nil)
	}
	return err
}

// again is a buyer of the sale who buys something else during the attack: nothing may stand in her way.
func (x *crowd) again(b *shopper.Shopper, i int) error {
	page, err := x.order(x.t.Context(), b, fmt.Sprintf("/en/p/thing-%d", 50+i), person(i, "again"))
	if err != nil {
		return err
	}
	if page.URL.Host == mustHost(x.Shop) {
		return fmt.Errorf("somebody who has paid before is stopped at %s", page.URL.Path)
	}
	x.mine(page)
	if page, err = b.Pay(x.t.Context(), page, shopper.Paid); err == nil && page.Number() == "" {
		err = fmt.Errorf("somebody who has paid before came to nothing at %s", page.URL.Path)
	}
	return err
}

var orderLink = regexp.MustCompile(`https://[^\s"<>]+/order/open/[A-Za-z0-9_-]{43}`)

// arrive is an honest newcomer during the attack: her browser takes the step, and if she is to wait she uses the link in her
// mail.
func (x *crowd) arrive(i int) error {
	ctx, who := x.t.Context(), person(i, "home")
	b := x.Network.New(fmt.Sprintf("%d.7.%d.3", 150+i%50, i%250))
	page, err := x.order(ctx, b, fmt.Sprintf("/en/p/thing-%d", 100+i%90), who)
	if err != nil {
		return err
	}
	met := &x.free
	if page.URL.Host == mustHost(x.Shop) {
		met = &x.step
		if page, err = x.solve(ctx, b, page); err != nil {
			return err
		}
	}
	if page.URL.Host == mustHost(x.Shop) {
		if page, err = x.throughMail(ctx, b, page, who["email"]); err != nil {
			return err
		}
	}
	if page.URL.Host == mustHost(x.Shop) {
		x.barred.Add(1)
		return nil
	}
	x.mine(page)
	if page, err = b.Pay(ctx, page, shopper.Paid); err != nil {
		return err
	}
	if page.Number() == "" { // the bank asks who pays
		if err = x.answer(ctx, b, page); err != nil {
			return err
		}
	}
	met.Add(1)
	return nil
}

// answer says yes to the bank's own step.
func (x *crowd) answer(ctx context.Context, b *shopper.Shopper, page *shopper.Page) error {
	form, err := page.Form("/step")
	if err != nil {
		return err
	}
	page, err = b.Submit(ctx, form, url.Values{"answer": {"yes"}})
	if err == nil && page.Number() == "" {
		err = fmt.Errorf("an honest newcomer came to nothing at %s", page.URL.Path)
	}
	return err
}

// throughMail asks for the link on the page of an order that waits, opens it, and tries to pay.
func (x *crowd) throughMail(ctx context.Context, b *shopper.Shopper, page *shopper.Page, email string) (*shopper.Page, error) {
	form, err := page.Form("/order/step/mail")
	if err != nil {
		return nil, err
	}
	if _, err = b.Submit(ctx, form, nil); err != nil {
		return nil, err
	}
	m, ok := x.Mail.Wait(email, 20*time.Second, func(d string) bool { return orderLink.MatchString(unfolded(d)) })
	if !ok {
		return nil, fmt.Errorf("no link came to %s", email)
	}
	if page, err = b.Get(ctx, orderLink.FindString(unfolded(m.Data))); err != nil {
		return nil, err
	}
	for _, action := range []string{"/order/open", "/order/pay"} {
		if form, err = page.Form(action); err != nil {
			return nil, err
		}
		if page, err = b.Submit(ctx, form, nil); err != nil {
			return nil, err
		}
	}
	return page, nil
}

func unfolded(data string) string { return strings.ReplaceAll(data, "=\r\n", "") }

// mine notes that a session is an honest buyer's.
func (x *crowd) mine(page *shopper.Page) {
	x.honest.Store(strings.TrimPrefix(page.URL.Path, "/pay/"), true)
}
