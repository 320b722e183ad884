package stripe

import (
	"context"
	"regexp"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// pageSize is how many lines Stripe gives at once.
const pageSize = 100

var lineForm = regexp.MustCompile(`^txn_[A-Za-z0-9_]{1,190}$`)

// Movements lists the lines of the account's balance, newest first. Lines never change, and none is added to a time that
// has passed, so the order of a day stands once the day is over. Sums are in the currency of the balance, which is
// another than the payment's where Stripe converts. A line of a payment does not say with which payout it left.
func (g *Gateway) Movements(ctx context.Context, from, to time.Time, cursor string) (page []payment.Movement, next string, err error) {
	ctx, cancel := within(ctx)
	defer cancel()
	p := &api.BalanceTransactionListParams{CreatedRange: &api.RangeQueryParams{GreaterThanOrEqual: seconds(from), LesserThan: seconds(to)}}
	p.Limit = api.Int64(pageSize)
	p.AddExpand("data.source")
	if cursor != "" {
		if !lineForm.MatchString(cursor) {
			return nil, "", refused(payment.ErrNotFound, "no line is called so")
		}
		p.StartingAfter = api.String(cursor)
	}
	found, err := list[api.BalanceTransactionList](ctx, g, "/v1/balance_transactions", p)
	if err != nil {
		return nil, "", err
	}
	for _, t := range found.Data {
		m, err := movement(t)
		if err != nil {
			return nil, "", err
		}
		page = append(page, m)
	}
	if n := len(found.Data); found.HasMore && n > 0 {
		next = found.Data[n-1].ID
	}
	return page, next, nil
}

// seconds rounds up to Stripe's whole seconds: what happened at a whole second is at or after t exactly if it is at or
// after that.
func seconds(t time.Time) int64 {
	s := t.Unix()
	if t.Nanosecond() > 0 {
		s++
	}
	return s
}

// movementKinds are Stripe's types of lines; what is not in it is an adjustment.
var movementKinds = map[api.BalanceTransactionType]payment.MovementKind{
	"charge": payment.MovedPayment, "payment": payment.MovedPayment, "payment_failure_refund": payment.MovedPayment,
	"payment_reversal": payment.MovedPayment,
	"refund":           payment.MovedRefund, "payment_refund": payment.MovedRefund, "refund_failure": payment.MovedRefund,
	"stripe_fee": payment.MovedFee, "stripe_fx_fee": payment.MovedFee, "tax_fee": payment.MovedFee,
	"payout": payment.MovedPayout, "payout_cancel": payment.MovedPayout, "payout_failure": payment.MovedPayout}

func movement(t *api.BalanceTransaction) (payment.Movement, error) {
	if t == nil {
		t = &api.BalanceTransaction{} // refused below
	}
	c := currency(t.Currency)
	amount, err := fromStripe(t.Amount, c)
	var fee money.Amount
	if err == nil {
		fee, err = fromStripe(t.Fee, c)
	}
	if err != nil || t.ID == "" {
		return payment.Movement{}, refused(payment.ErrMismatch, "a line of the balance cannot be read")
	}
	m := payment.Movement{Ref: t.ID, Kind: movementKinds[t.Type], Amount: amount, Fee: fee, Currency: c, At: time.Unix(t.Created, 0).UTC()}
	source(t.Source, &m)
	if m.Kind != "" {
		return m, nil
	}
	m.Kind = payment.MovedAdjustment
	if m.Dispute == "" {
		return m, nil
	}
	switch {
	case amount < 0:
		m.Kind = payment.MovedDispute
	case amount > 0:
		m.Kind = payment.MovedWon
	default:
		m.Kind = payment.MovedDisputeFee
	}
	return m, nil
}

// source says what a line is about.
func source(s *api.BalanceTransactionSource, m *payment.Movement) {
	switch {
	case s == nil:
	case s.Charge != nil:
		m.Charge, m.Reference = s.Charge.ID, s.Charge.Metadata[metaReference]
	case s.Refund != nil:
		m.Refund, m.Reference = s.Refund.ID, s.Refund.Metadata[metaReference]
		if s.Refund.Charge != nil {
			m.Charge = s.Refund.Charge.ID
		}
	case s.Dispute != nil:
		m.Dispute = s.Dispute.ID
		if s.Dispute.Charge != nil {
			m.Charge = s.Dispute.Charge.ID
		}
	case s.Payout != nil:
		m.Payout = s.Payout.ID
	}
}
