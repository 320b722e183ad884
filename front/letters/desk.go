package letters

import (
	"strconv"
	"strings"

	"strongroom/shop/delivery"
	"strongroom/shop/order"
)

// sent says that goods left, or lie ready to be picked up: what, by whom, and where to.
func (l *Writer) sent(c order.Content) letter {
	key := "sent"
	if c.PickUp {
		key = "ready"
	}
	t, p := l.begin(c.Language, key, "number", c.Number)
	t.Preview = p.T("letters."+key+".intro", "number", c.Number)
	t.para(t.Preview)
	if c.Sent.Tracking != "" {
		t.facts(row{Label: p.T("letters.sent.carrier"), Value: p.T("order.carrier_" + c.Sent.Carrier)},
			row{Label: p.T("letters.sent.tracking"), Value: c.Sent.Tracking})
	}
	t.heading(p.T("letters.sent.goods"))
	b := block{Kind: address}
	for _, s := range c.Sent.Lines {
		for _, g := range c.Lines {
			if g.Position == s.Position {
				b.Lines = append(b.Lines, strings.TrimSuffix(strconv.FormatInt(s.Quantity, 10)+" × "+g.Name+", "+g.Options, ", "))
			}
		}
	}
	t.add(b)
	if c.Sent.Rest > 0 {
		t.para(p.T("letters.sent.rest", "n", c.Sent.Rest))
	}
	if c.PickUp {
		l.placeOf(&t, c)
		if c.AtCounter() {
			l.counter(&t, p, c)
		}
	} else {
		t.heading(p.T("letters.delivery"))
		t.add(block{Kind: address, Lines: delivery.Print(c.Details.Delivery, p.Country(c.Details.Delivery.Country))})
	}
	l.link(&t, p, c)
	l.contact(&t, p)
	return t
}

// back says that the shop gives money back, with or without cancelling the order.
func (l *Writer) back(kind order.LetterKind, c order.Content) letter {
	t, p := l.begin(c.Language, string(kind), "number", c.Number)
	key := "letters." + string(kind) + ".intro"
	if kind == order.LetterCalledOff && c.Amount == 0 {
		key = "letters.called_off.free"
	}
	t.Preview = p.T(key, "number", c.Number, "amount", p.Money(c.Amount, c.Currency))
	t.para(t.Preview)
	l.link(&t, p, c)
	l.contact(&t, p)
	return t
}
