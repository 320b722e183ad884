package storefront

import (
	"net/url"
	"slices"
	"strings"
	"time"

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
	Going        string // where she goes, or what happens instead
	Kinds        string // what can be paid with there, if it is more than one sort of thing
	Counter      bool   // she pays when she picks the goods up
	Selected     bool
}

// Only is the way of a shop that has one.
func (w payWays) Only() payWay { return w.Ways[0] }

// payWays are the providers at this moment that take such an order. chosen is selected if it is still among them.
func (s *Storefront) payWays(p *parts.Page, total money.Amount, chosen string, pickUp bool) payWays {
	if total <= 0 {
		return payWays{}
	}
	out := payWays{Total: p.Money(total)}
	pick := 0
	for _, d := range s.Providers() {
		if !d.Takes(total, pickUp) {
			continue
		}
		if d.Name == chosen {
			pick = len(out.Ways)
		}
		w := payWay{Value: d.Name, Label: labelOf(p, d), Shape: shapeOf(d), Host: s.hostOf(d), Counter: d.Counter, Kinds: kindsOf(p, d)}
		w.Going = going(p, w, int(d.Hold/(24*time.Hour)))
		out.Ways = append(out.Ways, w)
	}
	if out.None = len(out.Ways) == 0; !out.None {
		out.Ways[pick].Selected = true
	}
	return out
}

// labelOf is the provider's name, or the method's in the reader's language.
func labelOf(p *parts.Page, d payment.Description) string {
	if d.Offline && p.P.Has("payment.method_"+d.Name) {
		return p.T("payment.method_" + d.Name)
	}
	return d.Label
}

// kindsOf names what a provider's page offers, where that is several.
func kindsOf(p *parts.Page, d payment.Description) string {
	var out []string
	for _, m := range d.Methods {
		if p.P.Has("payment.method_" + m) {
			out = append(out, p.T("payment.method_"+m))
		}
	}
	if len(out) < 2 {
		return ""
	}
	return strings.Join(out, ", ")
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

// going says where a way leads.
func going(p *parts.Page, w payWay, days int) string {
	switch {
	case w.Counter:
		return p.T("shop.going_counter", "n", days)
	case w.Host == "":
		return p.T("shop.going_inside")
	}
	return p.T("shop.going_to", "host", w.Host)
}

// inside says whether one of the ways leads to no page of a provider.
func (w payWays) inside() bool {
	return slices.ContainsFunc(w.Ways, func(x payWay) bool { return x.Host == "" })
}

// nextStep is the first step after the button: with the host, if there is only one.
func nextStep(p *parts.Page, w payWays) string {
	switch {
	case len(w.Ways) > 1 && w.inside():
		return p.T("shop.next_pay_either", "total", w.Total)
	case len(w.Ways) > 1:
		return p.T("shop.next_pay_chosen", "total", w.Total)
	case w.Only().Counter:
		return p.T("shop.next_pay_counter", "total", w.Total)
	case w.Only().Host == "":
		return p.T("shop.next_pay_inside", "total", w.Total)
	}
	return p.T("shop.next_pay", "total", w.Total, "host", w.Only().Host, "name", w.Only().Label)
}

// stays says that none of the ways leads away from the shop.
func (w payWays) stays() bool {
	return !slices.ContainsFunc(w.Ways, func(x payWay) bool { return x.Host != "" })
}
