//go:build browser

package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// A guest's cart joins the own one at sign-in, the checkout knows who buys, the order stands in the account, its address
// is kept with one click, and after signing out nothing of it is left for the next one at this browser. With and
// without script. V14.3.1, V8.2.2.
func TestBuyingWithAnAccount(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		who := tour.Somebody()
		signUp(t, g, who.Email)
		withPassword(g)
		g.Add(tour.Plain)
		g.Goto(g.To("/account"))
		signOut(g)
		g.Goto(g.To("/cart"))
		g.Say(g.T("shop.cart_empty"))
		g.Add(tour.Plain)
		signIn(g, who.Email, passphrase)
		g.Must("/account")
		g.Goto(g.To("/cart"))
		same(t, "pieces of both carts", g.Value(`input[name="quantity"]`), "2")
		if g.Sees(g.T("shop.not_merged")) {
			t.Error("everything came along, and the cart says otherwise")
		}
		g.Checkout()
		same(t, "the address of the account", g.Value("#f-email"), who.Email)
		g.Details(who)
		g.Oblige()
		g.Choose("paid")
		g.State("order.state_paid")
		number := g.Number()
		g.Press("shop.keep_address_go")
		g.Must("/account/addresses")
		g.MailSaying(who.Email, "letters.identity.changed.address_added")
		g.Say(who.Street)
		g.Goto(g.To("/account/orders"))
		g.Say(number)
		g.Press("account.order_open")
		g.Must("/order")
		same(t, "the order", g.Number(), number)
		if g.Sees(g.T("shop.keep_address")) {
			t.Error("an address that is kept is offered again")
		}
		g.Add(tour.Plain)
		g.Checkout()
		same(t, "the kept street", g.Value("#f-delivery-street"), who.Street)
		g.Goto(g.To("/account"))
		signOut(g)
		nothingLeft(t, g, who, number)
	})
}

// On the way to the checkout somebody signs in whose two carts hold more than is sold at once: the cart comes first and says
// so. What came along whole is not spoken of.
func TestCartsThatDoNotFitTogether(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[1].o)
	who := tour.Somebody()
	signUp(t, g, who.Email)
	withPassword(g)
	g.Add(tour.Plain)
	g.Goto(g.To("/account"))
	signOut(g)
	g.Add(tour.Plain)
	g.Fill(`input[name=quantity]`, "999")
	g.Follow(".line-act button.plain")
	g.Goto(g.To("/account/sign-in?to=checkout"))
	g.Fill("#f-email", who.Email)
	g.Fill("#f-password", passphrase)
	g.Follow(`form[action$="/account/sign-in"] button[type=submit]:not([name])`)
	g.Must("/cart")
	g.Say(g.T("shop.not_merged"))
	g.Say(g.T("shop.merged_fewer"))
	same(t, "pieces", g.Value(`input[name="quantity"]`), "999")
	g.Goto(g.To("/cart"))
	if g.Sees(g.T("shop.not_merged")) {
		t.Error("it is said again")
	}
}

// nothingLeft is what the next one at a browser tries after somebody has signed out.
func nothingLeft(t *testing.T, g *tour.Guide, who tour.Person, number string) {
	t.Helper()
	for _, path := range []string{"/order", "/checkout", "/withdraw", "/cart", "/account/orders", "/account/addresses", "/account/address"} {
		g.Goto(g.To(path))
		html := g.String("document.documentElement.outerHTML")
		for _, secret := range []string{who.Email, who.Street, who.Name, number} {
			if strings.Contains(html, secret) {
				t.Errorf("%s shows %q after signing out", path, secret)
			}
		}
	}
	g.Add(tour.Plain)
	g.Checkout()
	for _, field := range []string{"#f-email", "#f-delivery-name", "#f-delivery-street", "#f-delivery-city"} {
		same(t, "a guest's "+field, g.Value(field), "")
	}
	for _, c := range g.Cookies() {
		if c.Name == "__Host-account" || c.Name == "__Host-order" {
			t.Errorf("%s is still there", c.Name)
		}
	}
}

// What somebody may try with the forms of her own pages: the id of another account's address, an order of somebody else,
// a token of another session, fields that no form has. V8.2.2, V8.3.1, V3.5.1, V15.3.3.
func TestForgedFormsOfTheAccount(t *testing.T) {
	t.Parallel()
	turn(t)
	ada, eve := guide(t, "en", ways[0].o), guide(t, "en", ways[0].o)
	who := tour.Somebody()
	signUp(t, ada, who.Email)
	withPassword(ada)
	ada.Goto(ada.To("/account/address"))
	ada.Address(who)
	hers := ada.String(`document.querySelector('input[name="address"]').value`)
	ada.Buy(tour.Plain, who, "paid")
	ada.State("order.state_paid")
	number := ada.Number()
	ada.Goto(ada.To("/account/addresses"))
	foreign := ada.Value(`input[name="form_token"]`)

	signUp(t, eve, tour.Somebody().Email)
	withPassword(eve)
	thief := tour.Somebody()
	thief.Name, thief.Street = "Eve Fuchs", "Diebsteig 3"
	eve.Goto(eve.To("/account/address"))
	eve.Address(thief)
	for _, act := range []string{"choose", "remove"} {
		said := forge(eve, "/account/addresses/"+act, map[string]string{"address": hers})
		if !strings.Contains(said, eve.T("shopper.address_unknown")) {
			t.Errorf("%s with another account's address: %s", act, said)
		}
	}
	if said := forge(eve, "/account/address", fields(thief, map[string]string{"of": hers})); !strings.Contains(said, eve.T("shopper.address_unknown")) {
		t.Errorf("changed another account's address: %s", said)
	}
	eve.Goto(eve.To("/account/address?of=" + hers))
	eve.Say(eve.T("shopper.address_unknown"))
	if said := forge(eve, "/account/orders/open", map[string]string{"number": number}); !strings.Contains(said, eve.T("order.not_found")) {
		t.Errorf("opened another account's order: %s", said)
	}
	if said := forge(eve, "/account/profile", map[string]string{"name": "Eve", "form_token": foreign}); !strings.Contains(said, eve.T("web.form_foreign")) {
		t.Errorf("a token of another session was taken: %s", said)
	}
	forge(eve, "/account/address", fields(thief, map[string]string{"account": "00000000000000000000000000000000", "subject": hers, "id": hers, "chosen": "1", "made_at": "0"}))
	eve.Goto(eve.To("/account/addresses"))
	same(t, "addresses of the forger", len(eve.Texts(".things li")), 2)
	same(t, "standard addresses of the forger", strings.Count(eve.Text("main"), eve.T("account.address_chosen")+"\n"), 1)

	ada.Goto(ada.To("/account/addresses"))
	same(t, "her addresses", len(ada.Texts(".things li")), 1)
	ada.Say(who.Street)
}

func fields(p tour.Person, more map[string]string) map[string]string {
	out := map[string]string{"name": p.Name, "street": p.Street, "postcode": p.Postcode, "city": p.City, "country": "DE"}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// forge sends a form that no page of ours has, with the token of the page that is open unless another one is named, and
// returns what the answer says.
func forge(g *tour.Guide, path string, values map[string]string) string {
	g.Fail.Helper()
	if !g.At("/account/addresses") {
		g.Goto(g.To("/account/addresses"))
	}
	var b strings.Builder
	for name, v := range values {
		b.WriteString("v[" + quoted(name) + "] = " + quoted(v) + ";")
	}
	g.Bool(`(() => { const v = {form_token: document.querySelector('input[name="form_token"]').value}; ` + b.String() + `
		const f = document.createElement("form"); f.method = "post"; f.action = ` + quoted(g.To(path)) + `;
		for (const [name, value] of Object.entries(v)) { const i = document.createElement("input"); i.type = "hidden"; i.name = name; i.value = value; f.append(i); }
		document.body.append(f); f.submit(); return true; })()`)
	g.Loaded()
	return g.Text("main")
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

// Who has nothing but the mailbox comes in by a mailed link, sees how the orders stand, with the address masked, and
// changes nothing: each page says why and how to get more. V8.2.2, V6.3.7.
func TestMailedLinkOnlyLooks(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		who := tour.Somebody()
		g.Buy(tour.Plain, who, "paid")
		g.State("order.state_paid")
		number := g.Number()
		g.Mail(who.Email, "letters.confirmation.subject") // from then on the order can be found by its address
		other := guide(t, "en", chrome.Options{Width: 390, Height: 844, NoScript: true})
		signUp(t, other, who.Email) // and leaves without choosing a way to sign in
		third := guide(t, "en", chrome.Options{Width: 390, Height: 844})
		third.Goto(third.To("/account/sign-in"))
		third.Fill("#f-email", who.Email)
		third.Press("account.link_go")
		third.Must("/account/wait")
		third.Goto(linkTo(t, third, who.Email, "letters.identity.sign_in.subject"))
		third.Press("account.link_sign_in_go")
		third.Must("/account")
		third.Press("account.orders")
		third.Say(number)
		third.Say(third.T("account.limited_why"))
		third.Press("account.order_state")
		for _, secret := range []string{who.Name, who.Street, who.Postcode, who.City, who.Email} {
			if third.Sees(secret) {
				t.Errorf("a session of a mailed link shows %q", secret)
			}
		}
		for _, path := range []string{"/account/profile", "/account/addresses", "/account/address", "/account/close", "/account/words", "/account/email"} {
			third.Goto(third.To(path))
			third.Must("/account")
			third.Say(third.T("identity.limited"))
		}
		third.Add(tour.Plain)
		third.Checkout()
		same(t, "what the checkout knows", third.Value("#f-email")+third.Value("#f-delivery-name"), "")
	})
}

// Closing takes everything away, says what it will take, tells by mail, and leaves the orders.
func TestClosingTheAccount(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "de", ways[3].o)
	who := tour.Somebody()
	signUp(t, g, who.Email)
	withPassword(g)
	g.Goto(g.To("/account/address"))
	g.Address(who)
	g.Buy(tour.Plain, who, "paid")
	g.State("order.state_paid")
	link := g.Mail(who.Email, "letters.confirmation.subject").Links("/order/open/")[0]
	g.Goto(g.To("/account/close"))
	g.Say(g.T("account.close_stays_3"))
	g.Press("account.close_go")
	g.Must("/account/closed")
	nothingLeft(t, g, who, "\x00")
	g.Mail(who.Email, "letters.identity.closed.subject")
	signIn(g, who.Email, passphrase)
	g.Say(g.T("identity.refused"))
	g.Goto(link)
	g.Press("shop.link_go")
	g.State("order.state_paid")
}

// Own words stand on top of the mails about orders too, and the page shows how.
func TestOwnWordsInMails(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[2].o)
	who := tour.Somebody()
	signUp(t, g, who.Email)
	withPassword(g)
	g.Goto(g.To("/account/words"))
	g.Fill("#f-words", "seven blue herons")
	g.Press("account.words_set")
	same(t, "the words as a mail shows them", g.Text(".mail-words"), g.T("letters.words", "words", "seven blue herons"))
	g.Buy(tour.Plain, who, "paid")
	g.State("order.state_paid")
	if m := g.Mail(who.Email, "letters.confirmation.subject"); !strings.Contains(m.Text, "seven blue herons") {
		t.Errorf("the mail about the order is without the words:\n%s", m.Text)
	}
	stranger := guide(t, "en", ways[3].o)
	other := tour.Somebody()
	stranger.Buy(tour.Plain, other, "paid")
	if m := stranger.Mail(other.Email, "letters.confirmation.subject"); strings.Contains(m.Text, "herons") || strings.Contains(m.Text, "own words") {
		t.Error("somebody else's mail has words")
	}
}

// A changed address counts once both mailboxes have agreed, in whatever order, and not before; mails go to the new one from
// then on, and the old one is told (V6.3.7).
func TestChangingTheAddress(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"old", "new"} {
		t.Run(first+" first", func(t *testing.T) {
			t.Parallel()
			turn(t)
			g, other := guide(t, "en", ways[2].o), guide(t, "en", ways[3].o)
			who, next := tour.Somebody(), tour.Somebody()
			signUp(t, g, who.Email)
			withPassword(g)
			g.Goto(g.To("/account/email"))
			g.Fill("#f-email", next.Email)
			g.Press("account.email_change")
			code := g.Text("output.code")
			agree := map[string]func(){
				"old": func() {
					g.Goto(linkTo(t, g, who.Email, "letters.identity.email_old.subject"))
					g.Press("account.link_email_old_go")
					g.Say(g.T("account.done_email_old"))
				},
				"new": func() {
					other.Goto(linkTo(t, other, next.Email, "letters.identity.email_new.subject"))
					other.Fill("#f-code", "AAAA-AAAA")
					other.Press("account.link_email_new_go")
					other.Say(other.T("identity.code_wrong"))
					other.Fill("#f-code", code)
					other.Press("account.link_email_new_go")
					other.Say(other.T("account.done_email_new"))
				}}
			agree[first]()
			g.Goto(g.To("/account/email"))
			g.Say(g.T("account.email_waits"))
			none(t, g, who.Email, "letters.identity.email_changed.subject")
			agree[map[string]string{"old": "new", "new": "old"}[first]]()
			g.MailSaying(who.Email, "letters.identity.email_changed.after")
			g.Goto(g.To("/account"))
			signOut(g)
			signIn(g, who.Email, passphrase)
			g.Say(g.T("identity.refused"))
			signIn(g, next.Email, passphrase)
			g.Must("/account")
		})
	}
}

// The pages of an account with the keyboard alone: in, an address, its page, out; wherever the focus is, it can be seen.
func TestAccountWithTheKeyboardAlone(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		who := tour.Somebody()
		signUp(t, g, who.Email)
		withPassword(g)
		signOut(g)
		k := keys{g, t}
		k.reach("#f-email")
		k.Type(who.Email)
		k.reach("#f-password")
		k.Type(passphrase)
		k.press(kb.Enter)
		k.Must("/account")
		k.reach(`.own-cards a[href$="/account/addresses"]`)
		k.press(kb.Enter)
		k.Must("/account/addresses")
		k.reach(`a[href$="/account/address"]`)
		k.press(kb.Enter)
		for _, f := range [...][2]string{{"#f-name", who.Name}, {"#f-street", who.Street}, {"#f-postcode", who.Postcode}, {"#f-city", who.City}} {
			k.reach(f[0])
			k.Type(f[1])
		}
		k.press(kb.Enter) // saves, and does not fit the fields to the country
		k.Must("/account/addresses")
		k.Say(who.Street)
		k.reach(`form[action$="/addresses/remove"] button`)
		k.press(" ")
		k.Say(k.T("account.said_addresses_removed"))
		k.reach(`form[action$="/account/sign-out"] button`)
		k.press(kb.Enter)
		k.Must("/account/sign-in")
	})
}

// Withdrawing begins in the list of orders with everything filled in, and the list says from then on that it was declared.
func TestWithdrawingFromTheAccount(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "de", ways[3].o)
	who := tour.Somebody()
	signUp(t, g, who.Email)
	withPassword(g)
	g.Buy(tour.Plain, who, "paid")
	g.State("order.state_paid")
	number := g.Number()
	g.Goto(g.To("/account/orders"))
	g.Press("account.order_withdraw")
	g.Must("/withdraw")
	for field, want := range map[string]string{"#f-number": number, "#f-email": who.Email, "#f-name": who.Name} {
		same(t, field, g.Value(field), want)
	}
	g.Press("shop.withdraw_next")
	g.Press("shop.withdraw_confirm")
	g.Say(g.T("shop.withdrawn"))
	g.Goto(g.To("/account/orders"))
	said, _, _ := strings.Cut(g.T("account.order_withdrawn", "date", "\x00"), "\x00")
	g.Say(said)
	if g.Has(`input[name="to"][value="withdraw"]`) {
		t.Error("what was withdrawn can be withdrawn again")
	}
}
