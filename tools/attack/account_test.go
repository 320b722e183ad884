package attack

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
	"strongroom/tools/standin/stripe"
)

// anotherAccount is whoever has an owner's session and wants the shop's money: in a live shop that sells, she sets up an
// account of her own at the same provider and switches it on. Nothing changes until a second owner, who sees which account
// it is, agrees; the one who asked cannot agree to it herself (V2.3.5, V8.2.1).
func anotherAccount(t *testing.T, s *site) string {
	const own, foreign, ownKey, foreignKey = "acct_1KilnAndOrchard", "acct_1Mallory", "rk_live_51ownownownownown01", "rk_live_51malloryswallet01"
	post := &postman{}
	firm := stripe.New(stripe.Config{Clock: clock.System(), Client: &http.Client{Timeout: 10 * time.Second, Transport: post}, Accounts: []stripe.Account{
		{ID: own, Name: "Kiln & Orchard", Keys: []stripe.Key{{Secret: ownKey, Live: true, Rights: stripe.Rights()}}},
		{ID: foreign, Name: "Kiln and Orchard", Keys: []stripe.Key{{Secret: foreignKey, Live: true, Rights: stripe.Rights()}}}}})
	out := rig.StartOutside(t, map[string]http.Handler{"api.stripe.com": firm})
	o := &office{t: t, site: &site{Rig: rig.New(t, s.Engine, append(out.Env, "STRONGROOM_LIMITS_SCALE=1000", rig.WithDesk,
		"STRONGROOM_SERVER_TEST_MODE=false", "STRONGROOM_PAYMENT_PROVIDER=")...)}}
	post.way = func() http.RoundTripper { return o.Transport() }
	o.Import("handle,category,title:en,title:de,summary:en,description:en,tax_class,sku,price,weight_g,stock\n" +
		"card,paper,Card,Karte,A card,Printed.,standard,CARD-1,1.50,20,1000000\n")
	o.Start()
	o.desk = o.DeskNetwork()
	f := &firms{site: o.site, stripe: firm, post: post}
	ida := o.come(o.SetUpLink(), "Ida", 2)

	if p := o.switchedOn(ida, ownKey); !strings.Contains(p.URL.RawQuery, "done=provider_on") {
		t.Fatalf("the first account of a shop that never sold: %s (%d) %q", p.URL, p.Status, p.Problems())
	}
	sold := f.sell(t, "stripe", "/en/p/card")
	sold.pays()
	sold.returns(t)
	wait(t, func() bool { firm.Step(t.Context()); return sold.state(t) == 3 })
	olga := o.hire(ida, "Olga", "manager")
	o.change(t, func(tx *db.Tx) error { // a second owner is made by two people, or by one after a day: that was a week ago
		_, err := tx.Exec(`UPDATE staff_member SET role = 'owner', invited_by = NULL, made_at = $1, active_at = $1 WHERE role = 'manager'`,
			time.Now().Add(-7*24*time.Hour).UnixMicro())
		if err == nil {
			_, err = tx.Exec(`UPDATE staff_owners SET count = count + 1`)
		}
		return err
	})

	p := o.switchedOn(ida, foreignKey)
	if !strings.Contains(p.URL.RawQuery, "done=provider_asked") {
		t.Errorf("another account led to %s (%d)", p.URL, p.Status)
	}
	goes := func(to string, after string) {
		t.Helper()
		before := firm.Sessions(to, true)
		f.sell(t, "stripe", "/en/p/card")
		if n := firm.Sessions(to, true); n != before+1 {
			t.Errorf("%s: the money of a shopper does not go to %s", after, to)
		}
	}
	goes(own, "asked for")
	wish, err := o.get(ida, "/approvals").Form("/approvals/decide")
	fatal(t, err)
	wish.Values.Set("decision", "yes")
	if p := o.push(ida, "/approvals/decide", wish.Values); p.Status != http.StatusConflict && p.Status != http.StatusForbidden {
		t.Errorf("agreeing to one's own wish: %d", p.Status)
	}
	goes(own, "agreed to by who asked")

	approvals := o.get(olga, "/approvals")
	for _, word := range []string{"Send real money to another account", foreign, "Ida"} {
		if !strings.Contains(string(approvals.Body), word) {
			t.Errorf("who is to agree does not read %q", word)
		}
	}
	if p := o.send(olga, approvals, "/approvals/decide", url.Values{"decision": {"yes"}}); p.Status != http.StatusOK {
		t.Errorf("agreeing: %d %q", p.Status, p.Problems())
	}
	wait(t, func() bool {
		return o.count(t, `SELECT COUNT(*) FROM payment_provider WHERE account = $1 AND state = 'on'`, foreign) == 1
	})
	if n := o.count(t, `SELECT COUNT(*) FROM payment_provider WHERE account = $1 AND state = 'off'`, own); n != 1 {
		t.Error("two accounts are on")
	}
	goes(foreign, "agreed to by a second owner")
	for _, m := range []struct{ to, subject string }{{"olga@shop.example", "A dangerous act waits for you"},
		{"shop@rig.example", "Somebody asks for what cannot be undone"}, {"ida@shop.example", "Your request was decided on"}} {
		if _, ok := o.Mail.Wait(m.to, 30*time.Second, func(d string) bool { return strings.Contains(d, "Subject: "+m.subject) }); !ok {
			t.Errorf("%s got no mail %q", m.to, m.subject)
		}
	}
	wait(t, func() bool { return o.told("shop@rig.example", "Subject: Stripe takes payments now") == 2 })
	if n := o.refusals(t, "payment.switch_on"); n != 2 {
		t.Errorf("%d entries of switching on", n)
	}
	return fmt.Sprintf("an account of a thief's own at the shop's provider: asked for, not agreed to by who asked; on when a second owner agreed; entries and mails (%d)", len(o.Mail.All()))
}

// switchedOn pastes a key at the desk, registers the notices and asks for the provider to be switched on.
func (o *office) switchedOn(v *shopper.Shopper, key string) *shopper.Page {
	o.t.Helper()
	p := o.send(v, o.get(v, "/new-provider/stripe"), "/new-provider/stripe", url.Values{"paste.key": {key}})
	at := p.URL.Path
	o.send(v, o.get(v, at), at+"/notices", nil)
	return o.send(v, o.get(v, at), at+"/on", url.Values{"anyway": {"1"}})
}
