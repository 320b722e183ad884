package storefront

import (
	"net/url"

	"strongroom/base/money"
	"strongroom/front/parts"
	"strongroom/shop/payment"
)

// payWays is what a shopper is told before she leaves for the page of a provider: how much, where, and what then. Its zero
// value is for what costs nothing.
type payWays struct {
	Ways  []payWay
	Total string
	None  bool // nobody takes money at the moment
}

// payWay is one provider that is switched on.
type payWay struct {
	Value, Label string
	Shape        string // of its mark: card, bank, purse, hand
	Host         string // where she is going; empty if she stays
	Selected     bool
}

// Only is the way of a shop that has one.
func (w payWays) Only() payWay { return w.Ways[0] }

// payWays are the providers at this moment. chosen is selected if it is still among them.
func (s *Storefront) payWays(p *parts.Page, total money.Amount, chosen string) payWays {
	if total <= 0 {
		return payWays{}
	}
	out := payWays{Total: p.Money(total)}
	pick := 0
	for i, d := range s.Providers() {
		out.Ways = append(out.Ways, payWay{Value: d.Name, Label: d.Label, Shape: shapeOf(d), Host: s.hostOf(d)})
		if d.Name == chosen {
			pick = i
		}
	}
	if out.None = len(out.Ways) == 0; !out.None {
		out.Ways[pick].Selected = true
	}
	return out
}

// hostOf is the name of the host that a shopper goes to; empty for a method of the shop's own.
func (s *Storefront) hostOf(d payment.Description) string {
	u, err := url.Parse(d.Origin)
	if err != nil || d.Origin == s.Shop.PublicURL {
		return ""
	}
	return u.Hostname()
}

// shapeOf is the drawing beside a provider's name. It says what sort of thing it is and copies nobody's mark.
func shapeOf(d payment.Description) string {
	if len(d.Methods) == 0 {
		return "purse"
	}
	switch d.Methods[0] {
	case "card":
		return "card"
	case "bank", "transfer":
		return "bank"
	case "pickup", "cash":
		return "hand"
	}
	return "purse"
}

// going says where one of several ways leads.
func going(p *parts.Page, w payWay) string {
	if w.Host == "" {
		return p.T("shop.going_inside")
	}
	return p.T("shop.going_to", "host", w.Host)
}

// nextStep is the first step after the button: with the host, if there is only one.
func nextStep(p *parts.Page, w payWays) string {
	switch {
	case len(w.Ways) > 1:
		return p.T("shop.next_pay_chosen", "total", w.Total)
	case w.Only().Host == "":
		return p.T("shop.next_pay_inside", "total", w.Total)
	}
	return p.T("shop.next_pay", "total", w.Total, "host", w.Only().Host, "name", w.Only().Label)
}
