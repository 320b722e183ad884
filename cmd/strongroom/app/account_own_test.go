package app

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/shop/catalog"
	"strongroom/shop/catalog/catalogtest"
	"strongroom/shop/stock"
)

// product puts goods on the shelves and is the page of one of them, of which there are many.
func (h *counter) product() (page string) {
	h.t.Helper()
	ctx := h.t.Context()
	if err := catalogtest.Fill(ctx, h.s.Catalog, 2, 1); err != nil {
		h.t.Fatal(err)
	}
	list, err := h.s.Catalog.List(ctx, catalog.Query{Lang: "en"})
	if err != nil || len(list.Cards) == 0 {
		h.t.Fatal("no goods: ", err)
	}
	p, err := h.s.Catalog.Product(ctx, "en", list.Cards[0].Handle)
	for _, v := range p.Variants {
		if err == nil {
			err = h.s.Stock.Set(ctx, stock.Change{Variant: v.ID, Pieces: 900, Reason: stock.Counted, Actor: access.Console()})
		}
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return "/en/p/" + list.Cards[0].Handle
}

// add puts pieces of a product into the cart.
func (b *visitor) add(product string, n int) *visitor {
	b.h.t.Helper()
	return b.get(product).send("/cart/add", "quantity", strconv.Itoa(n)).at("/cart")
}

// pieces is how many are in the cart.
func (b *visitor) pieces() string {
	b.h.t.Helper()
	b.get("/cart/count")
	return strings.Trim(b.body, "{}\":\ncount ")
}

// letIn signs in from a browser that the account does not know yet.
func (b *visitor) letIn(email string) *visitor {
	b.h.t.Helper()
	b.signIn(email, passphrase).at("/account/wait")
	return b.get(b.h.link(email, "signing in")).send("/account/link").at("/account")
}

// address keeps one in the account.
func (b *visitor) address(street string) *visitor {
	b.h.t.Helper()
	return b.get("/en/account/address").send("/account/address", "name", "Ada Planted", "street", street, "postcode", "04109", "city", "Plantedtown",
		"country", "DE").at("/account/addresses")
}

// One cart in every browser of an account: what a guest has gathered joins it at sign-in, once, however many requests
// come at once; no token of it stands in a cookie; and a browser that is signed out from afar has nothing of it at
// once (V7.4.1, V7.4.3).
func TestOneCartInEveryBrowser(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		goods := h.product()
		phone := h.browser(1).signUp("ada@buyer.example").add(goods, 1)
		desk := h.browser(2).add(goods, 2).letIn("ada@buyer.example")
		var wg sync.WaitGroup
		for range 5 {
			again := *desk
			again.jar = map[string]string{}
			for k, v := range desk.jar {
				again.jar[k] = v
			}
			wg.Go(func() { again.get("/en/cart") })
		}
		wg.Wait()
		for name, b := range map[string]*visitor{"phone": phone, "desk": desk} {
			if got := b.pieces(); got != "3" {
				t.Errorf("%s pieces on the %s", got, name)
			}
		}
		if desk.jar["__Host-shop"] != "" {
			t.Error("the own cart has a token in a cookie")
		}
		desk.add(goods, 1)
		if got := phone.pieces(); got != "4" {
			t.Errorf("%s pieces on the phone after one more at the desk", got)
		}
		// A form that another browser of the same account got is not taken here. V3.5.1.
		foreign := desk.get("/en/cart").form("/cart/set")
		if phone.ask(http.MethodPost, "/en/cart/set", foreign); phone.status != http.StatusForbidden {
			t.Errorf("a form of another browser: %d", phone.status)
		}
		phone.room("/account/devices").send("/account/devices/everywhere")
		if got := desk.pieces(); got != "0" {
			t.Errorf("a browser that is signed out from afar has %s pieces", got)
		}
		if got := phone.pieces(); got != "4" {
			t.Errorf("%s pieces are left", got)
		}
	})
}

// The checkout knows who is signed in and nobody else: neither a guest, nor a browser signed out from afar, nor a stolen
// session cookie, nor a session of a mailed link. An order opened from the account closes with its sessions. V8.2.2.
func TestTheCheckoutKnowsWhoIsSignedIn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		goods := h.product()
		desk := h.browser(2).signUp("ada@buyer.example").address("Plantedstreet 1").add(goods, 1)
		desk.get("/en/checkout")
		for field, want := range map[string]string{"email": "ada@buyer.example", "delivery.name": "Ada Planted", "delivery.street": "Plantedstreet 1", "delivery.postcode": "04109", "delivery.city": "Plantedtown"} {
			if got := desk.one(field); got != want {
				t.Errorf("%s is %q", field, got)
			}
		}
		desk.send("/checkout", "delivery.country", "DE", "billing_differs", "", "offer", "").at("/checkout/pay").send("/checkout/pay")
		desk.get("/en/order").at("/order")
		desk.get("/en/account/orders")
		number := desk.form("/account/orders/open").Get("number")
		desk.send("/account/orders/open").at("/order")

		desk.get("/en/account/activity").says("account.act_address_added")

		thief := h.browser(3)
		thief.jar[identity.CookieAccount] = desk.jar[identity.CookieAccount]
		thief.add(goods, 1)
		nothing(t, "a stolen session cookie", thief)

		phone := h.browser(1).letIn("ada@buyer.example")
		phone.get("/en/account/orders").send("/account/orders/open").at("/order")
		desk.room("/account/devices").send("/account/devices/everywhere")
		h.run()
		nothing(t, "a browser signed out from afar", phone.add(goods, 1))
		if phone.get("/en/order"); strings.Contains(phone.body, number) {
			t.Error("an order stays open in a browser that was signed out from afar")
		}
	})
}

// nothing stops if a page of the checkout knows somebody.
func nothing(t *testing.T, who string, b *visitor) {
	t.Helper()
	b.get("/en/checkout").at("/checkout")
	if strings.Contains(b.body, "Planted") || strings.Contains(b.body, "ada@") {
		t.Errorf("the checkout tells %s what an account knows", who)
	}
}

// Closing takes cart, orders and addresses out of every browser and out of the store; what an order needs stays with the
// order. The address can begin a new account, which finds nothing of the old one. V7.4.2.
func TestClosedAccountsAreGone(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		goods := h.product()
		desk := h.browser(2).signUp("ada@buyer.example").address("Plantedstreet 1").add(goods, 1)
		phone := h.browser(1).letIn("ada@buyer.example")
		if desk.get("/en/account/close"); strings.HasPrefix(desk.path, "/en/account/factor") {
			desk.send("/account/factor", "method", "password", "proof-password", passphrase)
		}
		desk.at("/account/close").send("/account/close").at("/account/closed")
		h.run()
		if m := h.mail("ada@buyer.example", "is closed"); strings.Contains(m.Text, "/link/") {
			t.Error("the last mail has a link")
		}
		for name, b := range map[string]*visitor{"the other browser": phone, "this browser": desk} {
			nothing(t, name, b.add(goods, 1))
			if b.get("/en/account/addresses"); b.path == "/en/account/addresses" {
				t.Errorf("%s is still in", name)
			}
		}
		rows, err := h.s.Data.Rows(t.Context(), []string{"shopper_address", "shopper_person"})
		if err != nil || rows["shopper_address"]+rows["shopper_person"] != 0 {
			t.Errorf("left are %v, %v", rows, err)
		}
		h.wait(time.Hour + time.Minute)
		h.wait(2 * time.Minute)
		again := h.browser(5).signUp("ada@buyer.example")
		if again.get("/en/account/addresses"); strings.Contains(again.body, "Planted") {
			t.Error("the new account has the old one's address")
		}
		if got := again.pieces(); got != "0" {
			t.Errorf("the new account has %s pieces of the old one", got)
		}
	})
}

// A session of a mailed link is a guest to cart and checkout, and finds every page that changes something closed.
func TestALimitedSessionBuysAsAGuest(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		goods := h.product()
		b := h.browser(1)
		b.get("/en/account/sign-up").send("/account/sign-up", "email", "ada@buyer.example").at("/account/wait")
		b.get(h.link("ada@buyer.example", "Confirm")).send("/account/link").at("/account/begin") // and leaves
		b = h.browser(2)
		b.get("/en/account/sign-in").send("/account/sign-in", "email", "ada@buyer.example", "link", "1").at("/account/wait")
		b.get(h.link("ada@buyer.example", "Your link")).send("/account/link").at("/account")
		b.add(goods, 1)
		if b.jar["__Host-shop"] == "" {
			t.Error("a session that may only look has an own cart")
		}
		nothing(t, "a session that may only look", b)
		token := b.get("/en/account").form("/account/sign-out")
		for _, path := range []string{"/account/profile", "/account/address", "/account/addresses/keep", "/account/addresses/remove", "/account/orders/open", "/account/words",
			"/account/email", "/account/close", "/account/password", "/account/devices/everywhere"} {
			token.Set("address", id.ID{1}.String())
			if b.ask(http.MethodPost, "/en"+path, token); b.path != "/en/account?only=look" {
				t.Errorf("%s: %s, %d", path, b.path, b.status)
			}
		}
	})
}
