package letters

import (
	"strongroom/base/lang"
	"strongroom/shop/order"
)

// taken says that a reserved sum was taken, and what of it was not.
func (l *Writer) taken(c order.Content) letter {
	t, p := l.begin(c.Language, "taken", "number", c.Number)
	t.Preview = p.T("letters.taken.intro", "number", c.Number, "amount", p.Money(c.Amount, c.Currency))
	t.para(t.Preview)
	if c.LetGo > 0 {
		key := "letters.taken.less"
		if c.Less {
			key = "letters.taken.rest"
		}
		t.para(p.T(key, "amount", p.Money(c.LetGo, c.Currency)))
	}
	l.link(&t, p, c)
	l.contact(&t, p)
	return t
}

// holdEnded says that a sum is reserved no longer, and until when the order can be paid again.
func (l *Writer) holdEnded(c order.Content) letter {
	t, p := l.begin(c.Language, "hold_ended", "number", c.Number)
	key := "letters.hold_ended.over"
	if c.State == order.AwaitingPayment {
		key = "letters.hold_ended.intro"
	}
	t.Preview = p.T(key, "number", c.Number, "amount", p.Money(c.Amount, c.Currency), "until", l.until(p, c))
	t.para(t.Preview)
	l.link(&t, p, c)
	l.contact(&t, p)
	return t
}

// released says that an order was cancelled whose sum was only reserved.
func (l *Writer) released(c order.Content) letter {
	t, p := l.begin(c.Language, "cancelled", "number", c.Number)
	t.Preview = p.T("letters.cancelled.released", "number", c.Number)
	t.para(t.Preview)
	l.link(&t, p, c)
	l.contact(&t, p)
	return t
}

// ownerHold tells the owner that a reserved sum is not sure for much longer.
func (l *Writer) ownerHold(c order.Content) letter {
	code := l.d.Shop.DefaultLanguage
	p := l.d.Texts.For(code)
	params := []any{"number", c.Number, "amount", p.Money(c.Amount, c.Currency), "until", l.until(p, c)}
	t, p := l.begin(code, "owner_hold", params...)
	t.Preview = p.T("letters.owner_hold.intro", params...)
	t.para(t.Preview)
	t.para(p.T("letters.owner_hold.do", "address", l.d.Shop.AdminURL+"/orders/"+c.Number))
	t.para(p.T("letters.owner_hold.console", params...))
	return t
}

func (l *Writer) until(p *lang.Printer, c order.Content) string {
	return p.DateTime(c.PayUntil.In(l.d.Shop.TimeZone))
}
