package storefront

import (
	"net/http"
	"strings"

	"strongroom/front/parts"
	"strongroom/shop/order"
	"strongroom/shop/payment/offline"
)

// transferView is what a shopper must know to pay by transfer, in words and as the square that banking apps read, or to pay
// where she picks her goods up.
type transferView struct {
	Title, Lead string
	Rows        []fact
	Code        parts.Square // empty where there can be none
}

// transfer fills in where the money goes, while it is waited for.
func (s *Storefront) transfer(r *http.Request, p *orderPage, v order.View) error {
	if s.Transfer == nil || v.State != order.PaymentPending {
		return nil
	}
	i, ok, err := s.Transfer(r.Context(), v.Payment)
	switch {
	case err != nil || !ok || i.Rest == 0:
		return err
	case i.Method == offline.PickUp:
		s.counter(p, v)
		return nil
	}
	t := p.T
	p.Heading, p.Lead = t("shop.transfer_title"), t("shop.transfer_lead")
	x := &transferView{Title: t("shop.transfer_how"), Lead: t("shop.transfer_until", "date", p.P.Date(s.local(i.Until)))}
	add := func(key, value string) {
		if value != "" {
			x.Rows = append(x.Rows, fact{t(key), value})
		}
	}
	add("letters.transfer.holder", i.Bank.Holder)
	add("letters.transfer.iban", offline.PrintIBAN(i.Bank.IBAN))
	add("letters.transfer.bic", i.Bank.BIC)
	add("letters.transfer.bank", i.Bank.Name)
	if i.Received > 0 {
		add("letters.transfer.received", p.P.Money(i.Received, i.Currency))
	}
	add("letters.transfer.sum", p.P.Money(i.Rest, i.Currency))
	add("letters.transfer.purpose", i.Purpose)
	if code := i.Code(); code != "" {
		if x.Code, err = parts.QR(code); err != nil {
			return err
		}
	}
	p.Transfer = x
	return nil
}

// counter fills in what is to be paid where the goods are picked up, while they are kept.
func (s *Storefront) counter(p *orderPage, v order.View) {
	t := p.T
	ready := v.Parcel == order.Sent
	p.Heading, p.Lead = t("shop.counter_title"), t("shop.counter_lead")
	x := &transferView{Title: t("shop.counter_how"), Lead: t("shop.counter_unready")}
	if ready {
		p.Heading, p.Lead = t("shop.counter_ready"), t("shop.counter_ready_lead")
		x.Lead = t("shop.counter_bring")
	}
	x.Rows = []fact{{t("shop.counter_sum"), p.Money(v.Total)}, {t("shop.counter_number"), v.Number},
		{t("shop.counter_where"), strings.ReplaceAll(v.Place, "\n", ", ")}, {t("shop.counter_until"), p.P.DateTime(s.local(v.PayUntil))}}
	p.Transfer = x
}
