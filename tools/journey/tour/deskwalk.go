package tour

import "strings"

// Office walks past every page of the desk: from the printed link over orders to goods. It needs a demo that nobody has
// set up yet, and it buys in the shop what it then sends.
func Office(g *Guide, stop Stop) {
	g.Fail.Helper()
	at := func(name string) { stop("desk-" + name) }
	g.Goto(g.Desk("/sign-in"))
	at("unowned")
	SetUp(g, 0, at)
	g.Goto(g.Desk("/orders"))
	at("orders-empty")
	g.Goto(g.Desk("/approvals"))
	at("approvals-empty")
	who := Somebody()
	g.Buy(Plain, who, "disputed") // half a minute later
	g.State("order.state_paid")
	numbers := g.stockUp(who)
	orders(g, who, numbers, at)
	goods(g, at)
	outward(g, numbers, at)
	dispute(g, at)
	for _, page := range []string{"", "/disputes", "/ledger"} {
		g.Goto(g.Desk("/money" + page))
		at("money" + strings.ReplaceAll(page, "/", "-"))
	}
	Guard(g, at)
	g.Goto(g.Desk("/find?q=bowl"))
	at("find")
	g.Goto(g.Desk("/find?q=xyzzyquux"))
	at("find-none")
	g.Goto(g.Desk("/no-such-page"))
	at("failure-404")
	g.Goto(g.Desk("/confirm"))
	at("confirm")
	g.Goto(g.Desk("/ways/app"))
	at("app")
	g.Goto(g.Desk("/ways/password"))
	at("password")
	g.Goto(g.Desk("/orders"))
	g.Press("admin.sign_out")
	at("sign-in")
}

// dispute looks at the page of the payment that was disputed meanwhile.
func dispute(g *Guide, at Stop) {
	g.Fail.Helper()
	const row = `main a[href^="/money/disputes/"]`
	for range 300 {
		if g.Goto(g.Desk("/money/disputes")); g.Has(row) {
			g.Follow(row)
			at("money-dispute")
			return
		}
	}
	g.Fail.Fatalf("no dispute came")
}

// stockUp buys: two orders that are paid, one that waits for its payment, one that was left.
func (g *Guide) stockUp(who Person) (numbers []string) {
	g.Fail.Helper()
	for _, outcome := range []string{"paid", "pending", "cancel", "paid"} {
		g.Add(WithOptions)
		if outcome == "paid" {
			g.Add(Plain)
		}
		g.Checkout()
		g.Details(who)
		g.Oblige()
		g.Choose(outcome)
		if outcome == "paid" {
			g.State("order.state_paid")
		}
		numbers = append(numbers, g.Number())
	}
	return numbers
}

// orders walks through the list and what can be done with an order.
func orders(g *Guide, who Person, numbers []string, at Stop) {
	g.Fail.Helper()
	g.Goto(g.Desk("/orders"))
	at("orders")
	g.Goto(g.Desk("/orders?state=expired&parcel=sent"))
	at("orders-none")
	g.Goto(g.Desk("/orders"))
	g.Fill("#f-email", who.Email)
	g.Press("admin.look_up")
	at("orders-found")
	g.Goto(g.Desk("/orders/" + numbers[0]))
	at("order")
	g.Fill("#f-tracking", "!")
	g.Press("admin.ship_go")
	at("order-ship-wrong")
	g.Fill("#f-tracking", "JD0146 0000 1234")
	g.Fill("#ship-1", "1")
	g.Fill("#ship-2", "0")
	g.Press("admin.ship_go")
	at("order-partly")
	g.ClickText(g.T("admin.reveal"))
	g.Select("#f-reason", "question")
	g.Press("admin.reveal_go")
	at("order-revealed")
	g.Goto(g.Desk("/orders/" + numbers[3]))
	g.ClickText(g.T("admin.refund"))
	g.Fill("#f-sum", "0,50")
	g.Press("admin.refund_go")
	at("order-refunded")
	g.Press("admin.assign")
	g.Press("admin.slip")
	at("slips")
	g.Goto(g.Desk("/orders/" + numbers[2]))
	at("order-unpaid")
}

// goods walks through the list of products and the pages of one.
func goods(g *Guide, at Stop) {
	g.Fail.Helper()
	g.Goto(g.Desk("/products"))
	at("products")
	g.Goto(g.Desk("/products?q=xyzzyquux"))
	at("products-none")
	g.Goto(g.Desk("/products/morning-bowl"))
	at("product")
	g.Goto(g.Desk("/products/morning-bowl/options"))
	at("options")
	g.Goto(g.Desk("/products/morning-bowl/add"))
	at("variant-new")
	g.Goto(g.Desk("/products/morning-bowl/pictures"))
	at("pictures")
	g.Goto(g.Desk("/products/morning-bowl"))
	g.Follow("table th[scope=row] a")
	at("variant")
	g.Goto(g.Desk("/new-product"))
	at("product-new")
	g.Fill("#f-handle", "Not An Address")
	g.Fill("#f-sku", "X-1")
	g.Fill("#f-price", "twelve")
	g.Fill("#f-weight-g", "400")
	g.Press("admin.save")
	at("product-new-wrong")
}
