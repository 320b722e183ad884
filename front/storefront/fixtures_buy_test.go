package storefront

import (
	"github.com/a-h/templ"

	"strongroom/front/parts"
)

var token = pair{"form_token", "c2FtcGxl"}

func minis() []miniLine {
	return []miniLine{{Name: "Morning bowl", Options: "Sage, small", Count: "2 ×", Total: "€38.40", Picture: productPic("morning-bowl", "")},
		{Name: "Olive oil, first pressing", Count: "1 ×", Total: "€19.50", Picture: productPic("olive-oil", "")}}
}

func (f *frame) sums() []sumRow {
	t := f.site.T
	return []sumRow{{t("shop.sum_goods"), "€57.90", ""}, {t("shop.sum_discount_code", "code", "SPRING"), "−€5.79", ""}, {t("shop.sum_delivery_to", "country", "Germany"), "€4.90", ""},
		{t("shop.sum_total"), "€57.01", "total"}, {t("shop.sum_tax_within", "rate", "19%"), "€9.10", "fine"}}
}

func (f *frame) answers(change bool) []answer {
	t := f.site.T
	list := []answer{{t("shop.answer_email"), "ada@example.com", ""}, {t("shop.answer_delivery"), "Ada Example\nLindenweg 4\n79098 Freiburg\nGermany", ""},
		{t("shop.answer_billing"), t("shop.answer_billing_same"), ""}, {t("shop.answer_way"), "Parcel, 2 to 3 working days", ""}}
	for i := range list {
		if change {
			list[i].Change = f.site.To("/checkout#f-email")
		}
	}
	return list
}

func (f *frame) buyPages(all map[string]templ.Component) {
	t := f.site.T
	lines := []cartLineView{{ID: "a1", Href: f.site.To("/p/morning-bowl"), Name: "Morning bowl", Options: "Sage, small", Unit: "€19.20", Total: "€38.40", Typed: "2", Picture: productPic("morning-bowl", "")},
		{ID: "a2", Href: f.site.To("/p/olive-oil"), Name: "Olive oil, first pressing", Unit: "€19.50", Base: "€39.00 per l", Total: "€19.50", Typed: "1", Picture: productPic("olive-oil", "")}}
	cart := &cartPage{Page: f.private(t("shop.cart_title"), "/cart"), Token: token, Ways: ways(4), Lines: lines, Sums: f.sums(), Free: t("shop.free_missing", "sum", "€12.10"), Notice: t("shop.cart_added"),
		CodeField: parts.Field{Name: "code", Label: t("shop.code_label")}, Codes: []codeView{{"c1", t("shop.code_on", "code", "SPR…")}}}
	all["cart"] = cartView(cart)
	closed := *cart
	closed.Closed, closed.Notice = true, ""
	all["cart-closed"] = cartView(&closed)
	all["cart-empty"] = cartView(&cartPage{Page: f.private(t("shop.cart_title"), "/cart"), Token: token})
	wrong := *cart
	wrong.Page = f.private(t("shop.cart_title"), "/cart")
	wrong.Problems = []parts.Problem{{Field: "code", Text: "This code is not known."}, {Field: "n-a1", Text: t("cart.short", "n", 1)}}
	wrong.Lines = append([]cartLineView{}, lines...)
	wrong.Lines[0].Trouble = t("cart.short", "n", 1)
	wrong.CodeField = parts.Field{Name: "code", Label: t("shop.code_label"), Value: `"><script>alert(1)</script>`, Wrong: "This code is not known."}
	all["cart-wrong"] = cartView(&wrong)
	all["details"] = detailsView(f.details(false))
	all["details-wrong"] = detailsView(f.details(true))
	check := &checkPage{Page: f.quiet(t("shop.check_title"), "/checkout/pay"), Token: token, Ways: ways(4), Attempt: "attempt", Answers: f.answers(true), Lines: minis(), Sums: f.sums()}
	all["check"] = checkView(check)
	changed := *check
	changed.Page = f.quiet(t("shop.check_title"), "/checkout/pay")
	changed.Changes = []string{"Morning bowl: the price is now €24.00 instead of €19.20."}
	all["check-changed"] = checkView(&changed)
}

func (f *frame) quiet(title, path string) *parts.Page {
	p := f.private(title, path)
	p.Quiet, p.NoScript = true, true
	return p
}

func (f *frame) details(wrong bool) *detailsPage {
	t := f.site.T
	p := &detailsPage{Page: f.quiet(t("shop.details_title"), "/checkout"), Token: token, Lines: minis(), Sums: f.sums(),
		Contact:        []fieldRow{{{Name: "email", Label: t("shop.email"), Hint: t("shop.email_hint"), Type: "email", Fill: "email", Max: 254, Value: "ada@example.com"}}, {{Name: "phone", Label: t("shop.phone"), Hint: t("shop.phone_hint"), Type: "tel", Fill: "tel", Optional: true}}},
		Country:        parts.Field{Name: "delivery.country", Label: t("shop.country"), Fill: "shipping country", Value: "DE", Options: []parts.Option{{Value: "AT", Text: "Austria"}, {Value: "DE", Text: "Germany"}}},
		Offers:         parts.Field{Name: "offer", Label: t("shop.way_label"), Options: []parts.Option{{Value: "standard", Text: "Parcel", Hint: "24 to 26 November", Aside: "€4.90", Selected: true}, {Value: "pickup", Text: "Pick up in Freiburg", Hint: "From 24 November", Aside: t("shop.way_free")}}},
		BillingCountry: parts.Field{Name: "billing.country", Label: t("shop.country"), Fill: "billing country", Value: "DE", Options: []parts.Option{{Value: "AT", Text: "Austria"}, {Value: "DE", Text: "Germany"}}},
		Note:           parts.Field{Name: "note", Label: t("shop.note"), Optional: true, Rows: 3, Max: 500}}
	p.Delivery, p.Billing = f.address("delivery", "shipping "), f.address("billing", "billing ")
	if wrong {
		p.Problems = []parts.Problem{{Field: "email", Text: t("web.email")}, {Field: "delivery.postcode", Text: t("web.required")}, {Field: "offer", Text: t("web.choice")}}
		p.Contact[0][0].Value, p.Contact[0][0].Wrong = `<img src=x onerror=alert(1)>`, t("web.email")
		p.Delivery[2][0].Wrong, p.Offers.Wrong = t("web.required"), t("web.choice")
		p.BillingDiffers = true
	}
	return p
}

func (f *frame) address(group, fill string) []fieldRow {
	return []fieldRow{{{Name: group + ".name", Label: "Full name", Fill: fill + "name", Value: "Ada Example"}}, {{Name: group + ".street", Label: "Street and number", Fill: fill + "address-line1"}},
		{{Name: group + ".postcode", Label: "Postcode", Fill: fill + "postal-code", Mode: "numeric"}, {Name: group + ".city", Label: "City", Fill: fill + "address-level2"}}}
}

// ways are providers that are switched on.
func ways(n int) payWays {
	all := []payWay{{Value: "sandbox", Label: "Dune Pay", Shape: "purse", Host: "pay.localhost", Selected: true}, {Value: "card", Label: "Card & Co", Shape: "card", Host: "card.example"},
		{Value: "bank", Label: "Bank", Shape: "bank", Host: "bank.example"}, {Value: "hand", Label: "At pick-up", Shape: "hand"}}
	return payWays{Ways: all[:n], Total: "€52.90", None: n == 0}
}

func (f *frame) orderPages(all map[string]templ.Component) {
	t := f.site.T
	order := func(title, lead, state, class string) *orderPage {
		return &orderPage{Page: f.private(t("shop.order_title", "number", "K7Q2-M9XD"), "/order"), Token: token, Heading: t(title), Lead: t(lead), Number: "K7Q2-M9XD", State: t(state), StateClass: class,
			Lines: minis(), Sums: f.sums(), Answers: f.answers(false), History: []fact{{t("order.reason_placed"), "22 November 2026, 10:31 (CET)"}},
			Withdrawal: t("shop.withdraw_open", "days", 14), LinkUntil: t("shop.link_until", "date", "12 January 2027")}
	}
	paid := order("shop.order_thanks", "shop.order_paid_lead", "order.state_paid", "done")
	paid.CanCorrect, paid.Email = true, "ada@example.com"
	paid.EmailField = parts.Field{Name: "email", Label: t("shop.mail_new"), Type: "email", Fill: "email"}
	all["order-paid"] = orderView(paid)
	all["order-reserved"] = orderView(order("shop.order_thanks", "shop.order_reserved_lead", "order.state_authorised", "done"))
	released := order("shop.order_released", "shop.order_released_lead", "order.state_awaiting_payment", "bad")
	released.CanPay, released.PayText, released.Ways = true, t("shop.pay_now"), ways(2)
	all["order-released"] = orderView(released)
	waiting := order("shop.order_waiting", "shop.order_waiting_lead", "order.state_awaiting_payment", "")
	waiting.Waiting = true
	all["order-waiting"] = orderView(waiting)
	declined := order("shop.order_declined", "shop.order_declined_lead", "order.state_awaiting_payment", "bad")
	declined.Ways = ways(2)
	declined.CanPay, declined.PayText, declined.PayUntil = true, t("shop.pay_again"), t("shop.pay_until", "time", "11:06")
	all["order-declined"] = orderView(declined)
	all["order-pending"] = orderView(order("shop.order_pending", "shop.order_pending_lead", "order.state_payment_pending", ""))
	all["order-link"] = linkView(&linkPage{Page: f.private(t("shop.link_title"), "/order/open"), Action: f.site.To("/order/open"), Link: "secret"})
	renewRows := []fieldRow{{{Name: "number", Label: t("shop.renew_number"), Hint: t("shop.renew_number_hint")}}, {{Name: "email", Label: t("shop.email"), Type: "email", Fill: "email"}}}
	all["order-renew"] = renewView(&formPage{Page: f.private(t("shop.renew_title"), "/order/link"), Rows: renewRows})
	all["order-renew-done"] = renewView(&formPage{Page: f.private(t("shop.renew_title"), "/order/link"), Done: true})
	rows := []fieldRow{{{Name: "name", Label: t("shop.withdraw_name"), Fill: "name"}}, {{Name: "number", Label: t("shop.withdraw_number"), Optional: true}}, {{Name: "email", Label: t("shop.withdraw_email"), Type: "email", Fill: "email"}}, {{Name: "lines", Label: t("shop.withdraw_lines"), Rows: 3, Optional: true}}}
	all["withdraw"] = withdrawView(&formPage{Page: f.page(t("shop.withdraw_title"), "/withdraw"), Rows: rows})
	all["withdraw-check"] = withdrawCheckView(&withdrawCheckPage{Page: f.private(t("shop.withdraw_check"), "/withdraw"), Answers: f.answers(false)[:2], Hidden: []pair{{"name", "Ada"}}})
	all["withdrawn"] = withdrawnView(&withdrawnPage{Page: f.private(t("shop.withdrawn"), "/withdraw"), Said: t("shop.withdrawn_said", "time", "22 November 2026, 10:31 (CET)")})
}
