package admin

import (
	"strongroom/base/money"
	"strongroom/shop/order"
)

// heldText says how a held sum stands, and whether that wants somebody's attention.
func (a *Admin) heldText(c *call, d order.Desk) (text string, warn bool) {
	t := c.site.T
	switch {
	case d.State != order.Authorised:
		return "", false
	case d.Taking:
		return t("admin.held_taking"), true
	case d.LettingGo:
		return t("admin.held_letting_go"), true
	case d.Declined:
		return t("admin.held_declined"), true
	}
	return t("admin.held", "amount", c.site.P.Money(d.Total, d.Currency), "date", a.when(c, d.PayUntil)), false
}

// orderCapture takes a held sum, or a part of it, before the goods leave.
func (a *Admin) orderCapture(c *call) error {
	amount := money.Amount(0)
	if c.form.Text("take", 20) != "" {
		if amount = amountOf(c.form, "take", a.Shop.Currency); amount == 0 && c.form.Err() == nil {
			c.form.Fail("take", "order.capture_invalid", nil)
		}
	}
	err := c.form.Err()
	if err == nil {
		err = a.Order.Capture(c.r.Context(), c.who(), c.r.PathValue("number"), amount, seenOf(c.form))
	}
	return a.after(c, "capture", "captured", err)
}

// orderLetGo lets a held sum go.
func (a *Admin) orderLetGo(c *call) error {
	err := a.Order.LetGo(c.r.Context(), c.who(), c.r.PathValue("number"))
	return a.after(c, "let_go", "let_go", a.unlessThere(c, err, func(d order.Desk) bool { return d.State == order.AwaitingPayment }))
}
