package letters

import (
	"context"

	"strongroom/base/fault"
	"strongroom/base/lang"
	"strongroom/shop/order"
	"strongroom/shop/payment/offline"
)

// transfer says to which account an order is paid by transfer, how much and under which purpose. false means that it is not
// waited for one.
func (l *Writer) transfer(ctx context.Context, t *letter, p *lang.Printer, c order.Content) (bool, error) {
	if l.d.Transfer == nil || c.State != order.PaymentPending {
		return false, nil
	}
	i, ok, err := l.d.Transfer(ctx, c.Payment)
	if err != nil || !ok || i.Rest == 0 || i.Method != offline.Transfer {
		return false, err
	}
	t.heading(p.T("letters.transfer.heading"))
	t.para(p.T("letters.transfer.text", "until", p.Date(i.Until.In(l.d.Shop.TimeZone))))
	rows := []row{{Label: p.T("letters.transfer.holder"), Value: i.Bank.Holder}, {Label: p.T("letters.transfer.iban"), Value: offline.PrintIBAN(i.Bank.IBAN)}}
	if i.Bank.BIC != "" {
		rows = append(rows, row{Label: p.T("letters.transfer.bic"), Value: i.Bank.BIC})
	}
	if i.Bank.Name != "" {
		rows = append(rows, row{Label: p.T("letters.transfer.bank"), Value: i.Bank.Name})
	}
	if i.Received > 0 {
		rows = append(rows, row{Label: p.T("letters.transfer.received"), Value: p.Money(i.Received, i.Currency)})
	}
	t.facts(append(rows, row{Label: p.T("letters.transfer.sum"), Value: p.Money(i.Rest, i.Currency)}, row{Label: p.T("letters.transfer.purpose"), Value: i.Purpose})...)
	return true, nil
}

// transferDue is the mail that asks once more, or for the rest.
func (l *Writer) transferDue(ctx context.Context, c order.Content) (letter, error) {
	t, p := l.begin(c.Language, "transfer_due", "number", c.Number)
	t.Preview = p.T("letters.transfer_due.intro", "number", c.Number)
	t.para(t.Preview)
	due, err := l.transfer(ctx, &t, p, c)
	if err != nil {
		return t, err
	}
	if !due {
		return t, fault.New(fault.Gone, "order.not_payable") // overtaken: it came meanwhile
	}
	l.link(&t, p, c)
	l.contact(&t, p)
	return t, nil
}
