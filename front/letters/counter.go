package letters

import (
	"context"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/lang"
	"strongroom/shop/order"
	"strongroom/shop/payment/offline"
)

// atCounter says whether an order is, or was, to be paid where it is picked up.
func (l *Writer) atCounter(ctx context.Context, c order.Content) (bool, error) {
	if l.d.Transfer == nil || !c.PickUp {
		return false, nil
	}
	i, ok, err := l.d.Transfer(ctx, c.Payment)
	return ok && i.Method == offline.PickUp, err
}

// counter says what is to be paid at the counter, what to bring, and until when everything is kept.
func (l *Writer) counter(t *letter, p *lang.Printer, c order.Content) {
	t.heading(p.T("letters.counter.heading"))
	t.para(p.T("letters.counter.text"))
	t.facts(row{Label: p.T("letters.counter.number"), Value: c.Number}, row{Label: p.T("letters.counter.sum"), Value: p.Money(c.Total, c.Currency)},
		row{Label: p.T("letters.counter.until"), Value: p.DateTime(c.PayUntil.In(l.d.Shop.TimeZone))})
}

// collect reminds of an order that is kept for a little while only.
func (l *Writer) collect(c order.Content) (letter, error) {
	t, p := l.begin(c.Language, "collect", "number", c.Number)
	if !c.AtCounter() {
		return t, fault.New(fault.Gone, "order.not_payable") // overtaken: it was picked up or ended meanwhile
	}
	key := "letters.collect.intro"
	if c.Parcel != order.Sent {
		key = "letters.collect.unready"
	}
	t.Preview = p.T(key, "number", c.Number, "until", p.DateTime(c.PayUntil.In(l.d.Shop.TimeZone)))
	t.para(t.Preview)
	l.counter(&t, p, c)
	l.placeOf(&t, c)
	l.link(&t, p, c)
	l.contact(&t, p)
	return t, nil
}

// placeOf is where an order is picked up, and when that is open.
func (l *Writer) placeOf(t *letter, c order.Content) {
	t.add(block{Kind: address, Lines: append([]string{c.OfferName}, strings.Split(c.Place, "\n")...)})
}

// instead is the other text of a mail of one sentence where an order is paid at the counter; empty for the usual one.
func (l *Writer) instead(ctx context.Context, kind order.LetterKind, c order.Content) (string, error) {
	if kind != order.LetterExpired && kind != order.LetterReceived {
		return "", nil
	}
	at, err := l.atCounter(ctx, c)
	switch {
	case err != nil || !at:
		return "", err
	case kind == order.LetterExpired:
		return "uncollected", nil
	}
	return "collected", nil
}
