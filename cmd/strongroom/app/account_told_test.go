package app

import (
	"strings"
	"testing"
	"time"

	"strongroom/guard/access"
	"strongroom/shop/stock"
)

// What a guest has gathered and what cannot come along at sign-in is said at once: on the first page, and in the cart for
// as long as something waits in this browser. On the way to buying the cart comes before the checkout then.
func TestWhatStaysBehindAtSignInIsSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		goods := h.product()
		phone := h.browser(1).signUp("ada@buyer.example").add(goods, 5)
		h.left(goods, 7)
		desk := h.browser(2).add(goods, 4).letIn("ada@buyer.example")
		desk.says("shop.merged_fewer")
		if got := desk.pieces(); got != "7" {
			t.Errorf("%s pieces of the seven that there are", got)
		}
		if desk.get("/en/cart"); strings.Contains(desk.text(), desk.t("shop.not_merged")) {
			t.Error("it is said again when nothing waits")
		}
		h.left(goods, 900)
		phone.address("Plantedstreet 1").get("/en/checkout")
		phone.send("/checkout", "delivery.country", "DE", "billing_differs", "", "offer", "").at("/checkout/pay").send("/checkout/pay")

		third := h.browser(3).add(goods, 2)
		third.get("/en/account/sign-in?to=checkout").send("/account/sign-in", "email", "ada@buyer.example", "password", passphrase).at("/account/wait")
		third.get(h.link("ada@buyer.example", "signing in")).send("/account/link").at("/account").says("shop.merged_waiting")
		third.get("/en/cart").says("shop.not_merged").says("shop.merged_waiting")
		if third.jar["__Host-shop"] == "" {
			t.Error("what waits in this browser has lost its cookie")
		}
		third.get("/en/account").send("/account/sign-out").at("/account/sign-in")
		third.add(goods, 1).get("/en/account/sign-in?to=checkout").send("/account/sign-in", "email", "ada@buyer.example", "password", passphrase)
		third.at("/cart").says("shop.merged_waiting")
		if third.get("/en/account?merged=title"); strings.Contains(third.text(), "shop.merged") || strings.Contains(third.text(), third.t("shop.not_merged")) {
			t.Error("a word of somebody else's choice says something")
		}
	})
}

// left is how many pieces of a product are on the shelf.
func (h *counter) left(product string, pieces int64) {
	h.t.Helper()
	p, err := h.s.Catalog.Product(h.t.Context(), "en", strings.TrimPrefix(product, "/en/p/"))
	for _, v := range p.Variants {
		if err == nil {
			err = h.s.Stock.Set(h.t.Context(), stock.Change{Variant: v.ID, Pieces: pieces, Reason: stock.Counted, Actor: access.Console()})
		}
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// Whoever is in an account cannot have goods sent elsewhere unnoticed: each change of an address is mailed to its owner, and
// the mail holds neither the address nor anything of it. A name is not worth a mail.
func TestChangedAddressesAreMailed(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example")
		told := func(key string) {
			t.Helper()
			h.clock.Advance(time.Second)
			m := h.mail("ada@buyer.example", "Something changed")
			said := strings.Join(strings.Fields(m.Text), " ")
			if !strings.Contains(said, b.t("letters.identity.changed."+key)) || strings.Contains(m.Text+m.HTML, "Planted") {
				t.Errorf("%s: the mail says %s", key, said)
			}
		}
		b.address("Plantedstreet 1")
		told("address_added")
		b.address("Plantedroad 2")
		b.get("/en/account/addresses").send("/account/addresses/choose")
		told("address_chosen")
		b.get("/en/account/addresses").send("/account/addresses/remove")
		told("address_removed")
		h.mu.Lock()
		before := len(h.mails)
		h.mu.Unlock()
		b.get("/en/account/profile").send("/account/profile", "name", "Ada Planted")
		h.run()
		if h.mu.Lock(); len(h.mails) != before {
			t.Errorf("%d mails about a name", len(h.mails)-before)
		}
		h.mu.Unlock()
	})
}
