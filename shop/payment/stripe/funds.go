package stripe

import (
	"context"
	"errors"
	"net/http"
	"slices"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// Capture takes a held sum, or part of it; the rest is let go.
func (g *Gateway) Capture(ctx context.Context, key, ref string, amount money.Amount) (payment.Session, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	s, err := g.session(ctx, ref)
	if err != nil {
		return payment.Session{}, err
	}
	take, err := toStripe(amount, currency(s.Currency))
	if err == nil {
		err = g.check(s, ref)
	}
	if err != nil {
		return payment.Session{}, err
	}
	// What was captured already is asked about all the same: under the same key Stripe repeats its answer, and under
	// another it refuses.
	if now := status(s); now != payment.StatusAuthorised && now != payment.StatusPaid {
		return payment.Session{}, refused(payment.ErrDeclined, "no sum is held")
	}
	_, err = ask[api.PaymentIntent](ctx, g, http.MethodPost, "/v1/payment_intents/"+s.PaymentIntent.ID+"/capture", key,
		&api.PaymentIntentCaptureParams{AmountToCapture: api.Int64(take)})
	if err != nil {
		return payment.Session{}, err
	}
	return g.Fetch(ctx, ref)
}

// Void lets a held sum go.
func (g *Gateway) Void(ctx context.Context, key, ref string) (payment.Session, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	s, err := g.session(ctx, ref)
	if err == nil {
		err = g.check(s, ref)
	}
	if err != nil {
		return payment.Session{}, err
	}
	switch status(s) {
	case payment.StatusVoided:
		return g.read(ctx, s, ref)
	case payment.StatusAuthorised:
	default:
		return payment.Session{}, refused(payment.ErrDeclined, "no sum is held")
	}
	_, err = ask[api.PaymentIntent](ctx, g, http.MethodPost, "/v1/payment_intents/"+s.PaymentIntent.ID+"/cancel", key,
		&api.PaymentIntentCancelParams{})
	if err != nil {
		return payment.Session{}, err
	}
	return g.Fetch(ctx, ref)
}

// Refund gives a part back. Stripe forgets a key after a day or more, but not what was made with it: each refund
// carries its key, and is looked for before one is made, so that a question that is repeated after a week gives nothing
// back twice.
func (g *Gateway) Refund(ctx context.Context, key, ref string, amount money.Amount) (payment.RefundAnswer, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	var none payment.RefundAnswer
	s, err := g.session(ctx, ref)
	if err == nil {
		err = g.check(s, ref)
	}
	if err != nil {
		return none, err
	}
	give, err := toStripe(amount, currency(s.Currency))
	if err != nil {
		return none, err
	}
	if status(s) != payment.StatusPaid {
		return none, refused(payment.ErrDeclined, "nothing was paid")
	}
	made, _, err := g.refundsOf(ctx, s.PaymentIntent)
	if err != nil {
		return none, err
	}
	if i := slices.IndexFunc(made, func(r *api.Refund) bool { return key != "" && r.Metadata[metaRefund] == key }); i >= 0 {
		if made[i].Amount != give {
			return none, refused(payment.ErrRejected, "the key made a refund of another sum")
		}
		return answer(made[i])
	}
	r, err := ask[api.Refund](ctx, g, http.MethodPost, "/v1/refunds", key, &api.RefundParams{
		PaymentIntent: api.String(s.PaymentIntent.ID), Amount: api.Int64(give),
		Metadata: map[string]string{metaRefund: key, metaReference: s.ClientReferenceID}})
	if err != nil {
		return none, tooMuch(err)
	}
	return answer(r)
}

// tooMuch knows the one refusal of a sum that comes without a code.
func tooMuch(err error) error {
	var r *refusal
	if errors.As(err, &r) && r.status == http.StatusBadRequest && r.param == "amount" && errors.Is(err, payment.ErrRejected) && r.code != "idempotency_error" {
		r.kind = payment.ErrDeclined
	}
	return err
}

// refundStates are Stripe's words; a refund that waits for its receiver is on its way.
var refundStates = map[api.RefundStatus]payment.RefundStatus{
	api.RefundStatusPending: payment.RefundPending, api.RefundStatusRequiresAction: payment.RefundPending,
	api.RefundStatusSucceeded: payment.RefundDone, api.RefundStatusFailed: payment.RefundFailed,
	api.RefundStatusCanceled: payment.RefundFailed}

func answer(r *api.Refund) (payment.RefundAnswer, error) {
	amount, err := fromStripe(r.Amount, currency(r.Currency))
	state, ok := refundStates[r.Status]
	if !ok {
		state = payment.RefundPending
	}
	if err == nil && r.ID == "" {
		err = refused(payment.ErrMismatch, "the answer is no refund")
	}
	return payment.RefundAnswer{Ref: r.ID, Key: r.Metadata[metaRefund], Status: state, Amount: amount}, err
}

// refundsOf are the refunds of captured money, newest first, at most MaxRefunds. What was held and let go is written by
// Stripe as a refund too; no money moved with it, so no line of the balance belongs to it.
func (g *Gateway) refundsOf(ctx context.Context, pi *api.PaymentIntent) (made []*api.Refund, all bool, err error) {
	c := pi.LatestCharge
	if c == nil {
		return nil, true, nil
	}
	found := c.Refunds
	if found == nil || found.HasMore {
		p := &api.RefundListParams{PaymentIntent: api.String(pi.ID)}
		p.Limit = api.Int64(payment.MaxRefunds)
		if found, err = list[api.RefundList](ctx, g, "/v1/refunds", p); err != nil {
			return nil, false, err
		}
	}
	for _, r := range found.Data {
		if r != nil && (r.Status != api.RefundStatusSucceeded || r.BalanceTransaction != nil) {
			made = append(made, r)
		}
	}
	return made, !found.HasMore, nil
}

// refunds writes what was given back into a session, newest last.
func (g *Gateway) refunds(ctx context.Context, s *payment.Session, pi *api.PaymentIntent) error {
	made, all, err := g.refundsOf(ctx, pi)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(made) {
		a, err := answer(r)
		if err != nil {
			return err
		}
		if s.Refunds = append(s.Refunds, a); a.Status == payment.RefundDone {
			s.Refunded += a.Amount
		}
	}
	if !all {
		s.Refunded, err = fromStripe(pi.LatestCharge.AmountRefunded, s.Currency)
	}
	return err
}
