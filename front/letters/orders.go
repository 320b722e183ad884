package letters

import (
	"context"
	"strconv"
	"strings"

	"strongroom/base/config"
	"strongroom/base/lang"
	"strongroom/shop/delivery"
	"strongroom/shop/order"
)

// aboutOrder writes the mails to the buyer.
func (l *Writer) aboutOrder(ctx context.Context, a order.Letter, c order.Content) (letter, error) {
	switch a.Kind {
	case order.LetterConfirmation, order.LetterCorrected:
		return l.confirmation(ctx, a.Kind, c)
	case order.LetterLateRefund, order.LetterDoubleRefund:
		return l.refund(a.Kind, c), nil
	case order.LetterTransferDue:
		return l.transferDue(ctx, c)
	case order.LetterCollect:
		return l.collect(c)
	case order.LetterFailed:
		return l.failed(c), nil
	case order.LetterTaken:
		return l.taken(c), nil
	case order.LetterHoldEnded:
		return l.holdEnded(c), nil
	case order.LetterSent:
		return l.sent(c), nil
	case order.LetterBack, order.LetterCalledOff:
		return l.back(a.Kind, c), nil
	}
	if a.Kind == order.LetterCancelled && !a.Payment.IsZero() {
		return l.released(c), nil
	}
	other, err := l.instead(ctx, a.Kind, c)
	if err != nil || other != "" {
		return l.short(order.LetterKind(other), c), err
	}
	return l.short(a.Kind, c), nil
}

// short is a mail of one sentence and the link.
func (l *Writer) short(kind order.LetterKind, c order.Content) letter {
	t, p := l.begin(c.Language, string(kind), "number", c.Number)
	intro := p.T("letters."+string(kind)+".intro", "number", c.Number, "amount", p.Money(c.Amount, c.Currency))
	t.Preview = intro
	t.para(intro)
	l.link(&t, p, c)
	l.contact(&t, p)
	return t
}

func (l *Writer) refund(kind order.LetterKind, c order.Content) letter {
	t, p := l.begin(c.Language, "refund", "number", c.Number)
	key := "letters.refund.intro"
	if kind == order.LetterDoubleRefund {
		key = "letters.refund.double"
	}
	intro := p.T(key, "number", c.Number, "amount", p.Money(c.Amount, c.Currency))
	t.Preview = intro
	t.para(intro)
	l.link(&t, p, c)
	l.contact(&t, p)
	return t
}

func (l *Writer) failed(c order.Content) letter {
	t, p := l.begin(c.Language, "failed", "number", c.Number)
	key := "letters.failed.closed"
	if c.State == order.AwaitingPayment {
		key = "letters.failed.intro"
	}
	intro := p.T(key, "number", c.Number, "amount", p.Money(c.Amount, c.Currency),
		"until", p.DateTime(c.PayUntil.In(l.d.Shop.TimeZone)))
	t.Preview = intro
	t.para(intro)
	l.link(&t, p, c)
	l.contact(&t, p)
	return t
}

// confirmation is the durable record of the contract.
func (l *Writer) confirmation(ctx context.Context, kind order.LetterKind, c order.Content) (letter, error) {
	t, p := l.begin(c.Language, string(kind), "number", c.Number)
	if kind == order.LetterCorrected {
		t.para(p.T("letters.corrected.intro"))
	}
	t.Preview = l.standing(p, c)
	t.para(t.Preview)
	t.facts(row{Label: p.T("letters.number"), Value: c.Number},
		row{Label: p.T("letters.date"), Value: p.DateTime(c.PlacedAt.In(l.d.Shop.TimeZone))},
		row{Label: p.T("letters.state"), Value: p.T(c.StateKey())})
	if c.AtCounter() {
		l.counter(&t, p, c)
	} else if _, err := l.transfer(ctx, &t, p, c); err != nil {
		return t, err
	}
	l.link(&t, p, c)
	t.heading(p.T("letters.goods"))
	t.add(goodsOf(p, c))
	t.add(sumsOf(p, c))
	l.whereTo(&t, p, c)
	l.contact(&t, p)
	return t, l.law(&t, p, c)
}

// standing says in one or two sentences how the order stands.
func (l *Writer) standing(p *lang.Printer, c order.Content) string {
	switch {
	case c.Held:
		return p.T("letters.confirmation.held", "until", p.DateTime(c.PayUntil.In(l.d.Shop.TimeZone)))
	case c.State == order.AwaitingPayment:
		return p.T("letters.confirmation.open", "until", p.DateTime(c.PayUntil.In(l.d.Shop.TimeZone)))
	case c.AtCounter():
		return p.T("letters.confirmation.counter")
	case c.State == order.PaymentPending:
		return p.T("letters.confirmation.pending")
	case c.State == order.Authorised && c.PickUp:
		return p.T("letters.confirmation.reserved_pickup")
	case c.State == order.Authorised:
		return p.T("letters.confirmation.reserved")
	case c.State.Settled() && c.PickUp:
		return p.T("letters.confirmation.paid_pickup")
	case c.State.Settled():
		return p.T("letters.confirmation.paid")
	}
	return p.T(c.StateKey())
}

// link is the button to the order, and how long it works.
func (l *Writer) link(t *letter, p *lang.Printer, c order.Content) {
	key := "letters.button.order"
	if c.State == order.AwaitingPayment && !c.Held {
		key = "letters.button.pay"
	}
	t.button(p.T(key), l.path(l.d.LinkPath, p.Code(), c.Link))
	until := "letters.button.until"
	if c.Delivered.IsZero() && c.ClosedAt.IsZero() {
		until = "letters.button.open" // the periods have not begun
	}
	t.para(p.T(until, "until", p.Date(c.Until.In(l.d.Shop.TimeZone))))
}

func goodsOf(p *lang.Printer, c order.Content) block {
	b := block{Kind: goods}
	for _, g := range c.Lines {
		var more []string
		for _, x := range []string{g.Options, g.SKU, g.Producer} {
			if x != "" {
				more = append(more, x)
			}
		}
		if g.Quantity > 1 {
			more = append(more, p.T("letters.each", "price", p.Money(g.Unit, c.Currency)))
		}
		b.Goods = append(b.Goods, good{Name: g.Name, Detail: strings.Join(more, " · "),
			Quantity: strconv.FormatInt(g.Quantity, 10) + " ×", Total: p.Money(g.Gross, c.Currency)})
	}
	return b
}

// sumsOf lists the sums. In a shop whose prices contain the tax the total comes first and the tax within it after.
func sumsOf(p *lang.Printer, c order.Content) block {
	m := func(label string, v string) row { return row{Label: label, Value: v} }
	b := block{Kind: sums, Rows: []row{m(p.T("letters.sum.goods"), p.Money(c.Goods, c.Currency))}}
	if c.Discount > 0 {
		b.Rows = append(b.Rows, m(strings.TrimSpace(p.T("letters.sum.discount", "code", c.Code)), p.Money(-c.Discount, c.Currency)))
	}
	b.Rows = append(b.Rows, m(p.T("letters.sum.shipping", "name", c.OfferName), p.Money(c.Shipping, c.Currency)))
	total := row{Label: p.T("letters.sum.total"), Value: p.Money(c.Total, c.Currency), Strong: true}
	key := "letters.sum.tax_on_top"
	if c.Mode == config.Inclusive {
		key = "letters.sum.tax_within"
		b.Rows = append(b.Rows, total)
	} else {
		b.Rows = append(b.Rows, m(p.T("letters.sum.net"), p.Money(c.Net, c.Currency)))
	}
	for _, t := range c.Taxes {
		b.Rows = append(b.Rows, m(p.T(key, "rate", p.Percent(t.Rate)), p.Money(t.Tax, c.Currency)))
	}
	if c.Mode != config.Inclusive {
		b.Rows = append(b.Rows, total)
	}
	return b
}

func (l *Writer) whereTo(t *letter, p *lang.Printer, c order.Content) {
	d := c.Details
	if c.PickUp {
		t.heading(p.T("letters.pickup"))
		l.placeOf(t, c)
		t.para(p.T("letters.pickup.by", "name", d.Delivery.Name))
	} else {
		t.heading(p.T("letters.delivery"))
		t.add(block{Kind: address, Lines: delivery.Print(d.Delivery, p.Country(d.Delivery.Country))})
	}
	if c.DaysMax > 0 && !c.PickUp {
		t.para(p.T("letters.days", "n", c.DaysMax, "min", c.DaysMin))
	}
	if d.BillingDiffers {
		t.heading(p.T("letters.billing"))
		t.add(block{Kind: address, Lines: delivery.Print(d.Billing, p.Country(d.Billing.Country))})
	}
	if d.Note != "" {
		t.heading(p.T("letters.note"))
		t.add(block{Kind: quote, Text: d.Note})
	}
}

func (l *Writer) contact(t *letter, p *lang.Printer) {
	t.heading(p.T("letters.contact"))
	if l.d.Shop.Phone == "" {
		t.para(p.T("letters.contact.mail", "email", l.d.Shop.Email))
		return
	}
	t.para(p.T("letters.contact.text", "email", l.d.Shop.Email, "phone", l.d.Shop.Phone))
}

// law adds what a consumer must get on a durable medium: withdrawal notice with the model form and the withdrawal
// function, the legal guarantee, the terms.
func (l *Writer) law(t *letter, p *lang.Printer, c order.Content) error {
	t.heading(p.T("letters.guarantee"))
	t.para(p.T("letters.guarantee.text"))
	for _, name := range []string{"withdrawal", "terms"} {
		text := l.d.Pages.Markdown(p.Code(), name)
		if strings.TrimSpace(text) == "" {
			continue
		}
		d, err := l.w.document(text)
		if err != nil {
			return err
		}
		t.page(p.T("letters."+name), d)
		if name == "withdrawal" {
			t.para(p.T("letters.withdrawal.how"))
			t.button(p.T("letters.withdrawal.button"), l.path(l.d.WithdrawPath, p.Code(), ""))
		}
	}
	return nil
}

// ownerOrder tells the owner of an order with masks in place of the person.
func (l *Writer) ownerOrder(c order.Content) letter {
	code := l.d.Shop.DefaultLanguage
	p := l.d.Texts.For(code)
	t, _ := l.begin(code, "owner", "number", c.Number, "total", p.Money(c.Total, c.Currency))
	key := "letters.owner.intro"
	switch {
	case c.AtCounter():
		key = "letters.owner.counter"
	case c.State == order.Authorised:
		key = "letters.owner.held"
	case !c.State.Settled():
		key = "letters.owner.pending"
	}
	t.Preview = p.T(key, "number", c.Number, "until", l.until(p, c))
	t.para(t.Preview)
	t.add(goodsOf(p, c))
	t.add(sumsOf(p, c))
	where := p.Country(c.Country)
	for _, f := range c.Masks {
		if f.Name == "delivery.name" {
			where = f.Text + ", " + where
		}
	}
	t.facts(row{Label: p.T("letters.owner.to"), Value: where})
	t.para(p.T("letters.owner.show", "number", c.Number))
	return t
}
