package tour

import "strings"

// Docs are the pages of plain text, by their path.
var Docs = [...]string{"/delivery", "/returns", "/contact", "/imprint", "/privacy", "/terms", "/withdrawal-notice", "/guarantee"}

// Products of the sample shop that show something special.
const (
	WithOptions = "/p/morning-bowl"
	SoldOutOne  = "/p/dinner-plate" // moss, 27 cm is sold out
	Plain       = "/p/olive-oil"
)

// Stop is called at every page of a walk, with a name for it.
type Stop func(name string)

// Browse walks through everything that is the same for everybody.
func Browse(g *Guide, stop Stop) {
	g.Fail.Helper()
	at := func(name, path string) { g.Goto(g.To(path)); stop(name) }
	at("home", "/")
	at("category", "/c/tableware")
	at("category-in-stock", "/c/tableware?stock=1&min=20&max=60&sort=price")
	at("category-none", "/c/tableware?min=99999")
	at("search-all", "/search?sort=newest")
	if g.Has("a[rel=next]") {
		g.Follow("a[rel=next]")
		stop("search-all-next")
	}
	at("search", "/search?q="+map[string]string{"en": "bowl", "de": "schale"}[g.Lang])
	at("search-typo", "/search?q="+map[string]string{"en": "tabelcloth", "de": "tishdecke"}[g.Lang])
	at("search-none", "/search?q=xyzzyquux")
	at("product", WithOptions)
	at("product-plain", Plain)
	g.Goto(g.To(SoldOutOne))
	soldOut(g)
	stop("product-sold-out")
	for _, d := range Docs {
		at("text"+strings.ReplaceAll(d, "/", "-"), d)
	}
	at("failure-404", "/c/no-such-thing")
	at("order-link", "/order/link")
	at("withdraw", "/withdraw")
	at("order-without-cookie", "/order")
	at("link-bad", "/order/open/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	at("cart-empty", "/cart")
}

// soldOut chooses options until the page says that this one is sold out.
func soldOut(g *Guide) {
	g.Fail.Helper()
	for range 4 {
		if g.Has(".opt-link.out") {
			g.Follow(".opt-link.out")
			return
		}
		if !g.Has(".pick:first-of-type li:nth-child(2) a") {
			return
		}
		g.Follow(".pick:first-of-type li:nth-child(2) a")
	}
}

// Cart walks through the cart, from what was put in to what was typed wrong.
func Cart(g *Guide, stop Stop) {
	g.Fail.Helper()
	g.Add(WithOptions)
	stop("cart-one")
	g.Add(Plain)
	stop("cart")
	g.Fill("#f-code", "NO-SUCH-CODE")
	g.Press("shop.code_go")
	stop("cart-wrong-code")
	g.Fill(`input[name="quantity"]`, "9999")
	g.Follow(`.line-act button.plain`)
	stop("cart-wrong-quantity")
	g.Goto(g.To("/cart"))
}

// Forms walks from the cart to the hosted page, with what can go wrong on the way.
func Forms(g *Guide, who Person, stop Stop) {
	g.Fail.Helper()
	g.Checkout()
	stop("details")
	g.Click("#f-billing-differs")
	stop("details-billing")
	g.Fill("#f-email", "not an address")
	g.Press("shop.to_check")
	stop("details-wrong")
	g.Click("#f-billing-differs")
	g.Details(who)
	stop("check")
	g.Oblige()
	stop("hosted")
}

// Endings walks through what can come of a payment: left, declined, refused by the bank, on its way, paid.
func Endings(g *Guide, who Person, stop Stop) {
	g.Fail.Helper()
	g.Choose("cancel")
	stop("order-left")
	g.again("declined")
	g.State("order.state_awaiting_payment")
	stop("order-declined")
	g.again("")
	g.Choose("step")
	stop("hosted-step")
	g.Follow(`button[name=answer][value=yes]`)
	g.State("order.state_paid")
	stop("order-paid")
	g.Fill("#f-email", "x")
	g.Press("shop.mail_correct")
	stop("order-wrong-mail")
	g.Buy(Plain, who, "pending")
	stop("order-pending")
}

// again goes to the hosted page once more from an open order and chooses there, if an ending is named.
func (g *Guide) again(outcome string) {
	g.Fail.Helper()
	g.Follow(`form[action$="/order/pay"] button`)
	g.Hosted()
	if outcome != "" {
		g.Choose(outcome)
	}
}

// After walks through what comes after buying: mails, link, a new link, withdrawal.
func After(g *Guide, who Person, stop Stop) {
	g.Fail.Helper()
	m := g.Mail(who.Email, "letters.confirmation.subject")
	g.Goto(g.Demo.Outbox + "/")
	stop("outbox")
	g.Goto(m.Address)
	stop("outbox-mail")
	g.Goto(m.Links("/order/open/")[0])
	stop("link")
	g.Press("shop.link_go")
	stop("order-by-link")
	g.Goto(g.To("/order/link"))
	g.Press("shop.renew_go")
	stop("order-link-wrong")
	g.Fill("#f-number", "K7Q2-M9XD")
	g.Fill("#f-email", "nobody@buyer.example")
	g.Press("shop.renew_go")
	stop("order-link-done")
	g.Goto(g.To("/withdraw"))
	stop("withdraw-known") // this browser opens an order, so the form is filled in
	g.Fill("#f-email", "x")
	g.Press("shop.withdraw_next")
	stop("withdraw-wrong")
	g.Fill("#f-name", who.Name)
	g.Fill("#f-email", who.Email)
	g.Press("shop.withdraw_next")
	stop("withdraw-check")
	g.Press("shop.withdraw_confirm")
	stop("withdrawn")
}

// Walk is the whole way.
func Walk(g *Guide, stop Stop) {
	g.Fail.Helper()
	who := Somebody()
	Browse(g, stop)
	Cart(g, stop)
	Forms(g, who, stop)
	Endings(g, who, stop)
	After(g, who, stop)
	Account(g, Somebody().Email, Passphrase, stop)
	Own(g, who, stop)
	Limited(g, stop)
}
