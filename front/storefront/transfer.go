package storefront

import (
	"net/http"

	"strongroom/front/parts"
	"strongroom/shop/order"
	"strongroom/shop/payment/offline"
)

// transferView is what a shopper must know to pay by transfer: in words, and as the square that banking apps read.
type transferView struct {
	Lead string
	Rows []fact
	Code parts.Square // empty where there can be none
}

// transfer fills in where the money goes, while it is waited for.
func (s *Storefront) transfer(r *http.Request, p *orderPage, v order.View) error {
	if s.Transfer == nil || v.State != order.PaymentPending {
		return nil
	}
	i, ok, err := s.Transfer(r.Context(), v.Payment)
	if err != nil || !ok || i.Rest == 0 {
		return err
	}
	t := p.T
	p.Heading, p.Lead = t("shop.transfer_title"), t("shop.transfer_lead")
	x := &transferView{Lead: t("shop.transfer_until", "date", p.P.Date(s.local(i.Until)))}
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
