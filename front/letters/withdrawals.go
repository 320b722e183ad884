package letters

import (
	"context"

	"strongroom/base/lang"
	"strongroom/base/mail"
	"strongroom/shop/order"
)

func (l *Writer) aboutWithdrawal(ctx context.Context, a order.Letter) (m mail.Message, to about, err error) {
	d, err := l.d.Orders.WithdrawalForLetter(ctx, a)
	if err != nil {
		return m, to, err
	}
	if a.Kind == order.LetterOwnerWithdrawal {
		m, err = l.message(l.ownerWithdrawal(d), l.d.Shop.OwnerEmail, "")
		return m, to, err
	}
	t := l.receipt(d)
	l.own(ctx, &t, d.Email)
	m, err = l.message(t, d.Email, d.Name)
	return m, about{a.Withdrawal, d.Subject}, err
}

// receipt confirms that a withdrawal arrived, with its content and the time of its receipt. It says the same whether
// or not the number is known: the mail is no way to find out which orders exist.
func (l *Writer) receipt(d order.Declared) letter {
	t, p := l.begin(d.Language, "receipt")
	t.Preview = p.T("letters.receipt.intro")
	t.para(t.Preview)
	t.facts(row{Label: p.T("letters.receipt.at"), Value: l.when(p, d), Strong: true},
		row{Label: p.T("letters.number"), Value: d.Number},
		row{Label: p.T("letters.receipt.name"), Value: d.Name},
		row{Label: p.T("letters.receipt.email"), Value: d.Email})
	t.heading(p.T("letters.receipt.content"))
	goods := d.Lines
	if goods == "" {
		goods = p.T("letters.receipt.everything")
	}
	t.add(block{Kind: quote, Text: p.T("letters.receipt.statement", "goods", goods)})
	t.para(p.T("letters.receipt.next"))
	l.contact(&t, p)
	return t
}

// when is the moment of receipt in the store's zone, to the second.
func (l *Writer) when(p *lang.Printer, d order.Declared) string {
	at := d.At.In(l.d.Shop.TimeZone)
	return p.Date(at) + ", " + at.Format("15:04:05 MST")
}

func (l *Writer) ownerWithdrawal(d order.Declared) letter {
	code := l.d.Shop.DefaultLanguage
	p := l.d.Texts.For(code)
	number, key := d.Order.Number, "letters.owner_withdrawal.unknown"
	switch d.Known {
	case order.KnownByLink:
		key = "letters.owner_withdrawal.link"
	case order.KnownByMatch:
		key = "letters.owner_withdrawal.match"
	default:
		number = p.T("letters.owner_withdrawal.no_number")
	}
	t, _ := l.begin(code, "owner_withdrawal", "number", number)
	t.Preview = p.T(key, "number", number)
	t.para(t.Preview)
	t.facts(row{Label: p.T("letters.receipt.at"), Value: l.when(p, d)},
		row{Label: p.T("letters.owner_withdrawal.by"), Value: d.Name + ", " + d.Email})
	t.para(p.T("letters.owner_withdrawal.refund"))
	return t
}
