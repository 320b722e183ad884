package tour

import "strings"

// Guard walks past what the defence against stolen cards shows: to its staff (queue, lists, limits) and to shoppers (the
// step, an order that a person looks at). It needs who is signed in at the desk, and leaves the usual limits behind.
func Guard(g *Guide, at Stop) {
	g.Fail.Helper()
	g.Goto(g.Desk("/review"))
	at("review-empty")
	g.Goto(g.Desk("/review/lists"))
	at("lists-empty")
	g.Press("fraud.list_add")
	at("lists-wrong")
	g.Fill("#f-value", "mallory@attackers.example")
	g.Fill("#f-why", "Three chargebacks in a row")
	g.Press("fraud.list_add")
	at("lists")
	g.Goto(g.Desk("/review/rules"))
	at("rules")
	g.limits("20", "40", func() { at("rules-tried") })
	g.declines()
	at2 := func(name string) { at("shop-" + name) }
	g.step(at2)
	held := Somebody()
	held.Email = strings.Replace(held.Email, "buyer.example", "mailinator.com", 1)
	g.Add(Plain)
	g.Checkout()
	g.Details(held)
	g.Press("shop.oblige")
	g.Must("/order")
	g.Say(g.T("shop.order_held_lead"))
	at2("order-held")
	number := g.Number()
	g.Goto(g.Desk("/review"))
	g.Say(number)
	at("review")
	g.Follow(`form[action$="/release"] button`)
	at("review-released")
	g.Goto(g.To("/order"))
	at2("order-released")
	g.limits("40", "70", func() {})
}

// limits tries and saves from how many points on a step is asked for, and a person looks.
func (g *Guide) limits(step, hold string, tried func()) {
	g.Fail.Helper()
	g.Goto(g.Desk("/review/rules"))
	g.Fill("#f-step", step)
	g.Fill("#f-hold", hold)
	g.Press("fraud.rules_try")
	tried()
	g.Press("fraud.rules_save")
	if strings.HasPrefix(g.Title(), g.T("admin.confirm")) {
		g.Prove()
	}
	g.Seated("/review/rules")
}

// declines has somebody new, in this browser, order and see three cards declined.
func (g *Guide) declines() {
	g.Fail.Helper()
	g.Drop(g.Demo.Shop, "__Host-device")
	g.Buy(Plain, Somebody(), "declined")
	g.again("declined")
	g.again("declined")
}

// step asks for another payment of an order in which three cards were declined, and looks at the step in between, which
// otherwise is over by itself. It ends at the provider's page.
func (g *Guide) step(at Stop) {
	g.Fail.Helper()
	scripts := g.Scripts()
	g.Still(true)
	g.Follow(`form[action$="/order/pay"] button`)
	g.Must("/order/step")
	at("step-plain")
	g.Eval(`const f = document.querySelector("form[data-riddle]"), w = f.querySelector("progress"); f.hidden = w.hidden = false; w.value = 3`, nil)
	at("step")
	g.Still(!scripts)
	g.Goto(g.To("/order"))
	g.Follow(`form[action$="/order/pay"] button`)
	g.Arrive()
}

// Arrive waits for the provider's page, to which the step leads by itself.
func (g *Guide) Arrive() {
	g.Fail.Helper()
	g.Wait("the provider's page, after the step", `location.pathname.startsWith("/pay/") && document.readyState === "complete"`)
	if !g.Seen() { // nobody followed anything there
		g.Loaded()
	}
	g.Hosted()
}
