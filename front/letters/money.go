package letters

import (
	"context"
	"errors"

	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/base/mail"
	"strongroom/base/money"
	"strongroom/shop/payment"
)

// sendMoney tells the owner of a dispute, or that provider and store do not agree.
func (l *Writer) sendMoney(ctx context.Context, r job.Run, a payment.Letter) error {
	d, open, current, err := l.d.Money.ForLetter(ctx, a)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || !current {
		return err
	}
	t := l.aboutDispute(a, d)
	if a.Kind == payment.LetterDifferences {
		t = l.aboutDifferences(a, open)
	}
	m, err := l.message(t, l.d.Shop.OwnerEmail, "")
	if err != nil {
		return err
	}
	m.ID, m.Kind = r.ID.String(), "money_"+a.Kind
	if err = l.d.Mail.Send(ctx, m); errors.Is(err, mail.ErrRefused) {
		return job.Permanent(err)
	}
	return err
}

// aboutDispute is the mail about a dispute: that there is one, that time runs out, or how it ended.
func (l *Writer) aboutDispute(a payment.Letter, d payment.Dispute) letter {
	code := l.d.Shop.DefaultLanguage
	p := l.d.Texts.For(code)
	due, number := "", d.Number
	if !d.Due.IsZero() {
		due = p.DateTime(d.Due.In(l.d.Shop.TimeZone))
	}
	if number == "" {
		number = p.T("letters.dispute_over.no_order")
	}
	params := []any{"number", number, "amount", sum(p, d.Amount, d.Currency), "reason", d.Reason, "date", due, "state", p.T("payment.dispute." + string(d.State))}
	t, p := l.begin(code, a.Kind, params...)
	t.Preview = p.T("letters."+a.Kind+".intro", params...)
	t.para(t.Preview)
	if a.Kind == payment.LetterDisputeOver {
		return t
	}
	if d.Taken > 0 {
		t.para(p.T("letters.dispute.taken", "amount", sum(p, d.Taken, d.Currency)))
	}
	t.para(p.T("letters.dispute.do", "date", due))
	t.para(p.T("letters.dispute.stop"))
	return t
}

func (l *Writer) aboutDifferences(a payment.Letter, open int64) letter {
	t, p := l.begin(l.d.Shop.DefaultLanguage, a.Kind, "n", open)
	t.Preview = p.T("letters.differences.intro", "name", a.Provider, "n", open)
	t.para(t.Preview)
	t.para(p.T("letters.differences.do"))
	return t
}

// sum is an amount in a currency that the store may not know.
func sum(p *lang.Printer, a money.Amount, c money.Currency) string {
	if c.Known() {
		return p.Money(a, c)
	}
	return money.Decimal(a, c) + " " + string(c)
}
