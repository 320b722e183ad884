package paypal

import (
	"context"
	"fmt"
	"net/http"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// Capture takes the money of an approved order, which is always all of it, or a part or all of a held sum; the rest of
// that is let go. A refusal that leaves the order useless closes it, so that it is declined and not approved for ever.
func (g *Gateway) Capture(ctx context.Context, key, ref string, amount money.Amount) (payment.Session, error) {
	ctx, done := within(ctx)
	defer done()
	s, err := g.get(ctx, ref)
	if err == nil {
		s, err = g.tend(ctx, s)
	}
	if err != nil {
		return payment.Session{}, err
	}
	a, err := g.capturing(s, key, amount)
	if err != nil {
		return payment.Session{}, err
	}
	err = g.call(ctx, a, nil)
	if says(err, unpayable) {
		g.giveUp(ctx, s)
	}
	if err != nil {
		return payment.Session{}, err
	}
	s, err = g.get(ctx, ref)
	return s.Session, err
}

// capturing is the call that takes the money, or why there is none. What was captured before is asked for again all
// the same: whether it was with this key, only PayPal knows.
func (g *Gateway) capturing(s standing, key string, amount money.Amount) (a ask, err error) {
	in, err := pay(amount, s.Currency)
	if err != nil {
		return a, err
	}
	held := s.Amount
	if s.hold != nil {
		if held, err = s.hold.Amount.in(s.Currency); err != nil {
			return a, err
		}
	}
	paid := s.Status == payment.StatusPaid || s.Status == payment.StatusPending
	switch {
	case s.Status != payment.StatusAuthorised && !paid:
		return a, fmt.Errorf("%w: nothing is held", payment.ErrDeclined)
	case amount > held || s.hold == nil && amount != held:
		return a, fmt.Errorf("%w: not what is held", payment.ErrDeclined)
	case s.hold == nil:
		return ask{method: http.MethodPost, path: "/v2/checkout/orders/" + s.Ref + "/capture", key: key, in: struct{}{}}, nil
	case !orderForm.MatchString(s.hold.ID):
		return a, fmt.Errorf("%w: a hold without a name", payment.ErrMismatch)
	}
	return ask{method: http.MethodPost, path: "/v2/payments/authorizations/" + s.hold.ID + "/capture", key: key,
		in: captureRequest{in, true}}, nil
}

// giveUp closes what can never be captured, or lets the held sum go. If that fails, the next question finds the order
// as it stands.
func (g *Gateway) giveUp(ctx context.Context, s standing) {
	var err error
	if s.hold != nil {
		err = g.release(ctx, s, s.Reference+"-give-up")
	} else {
		_, err = g.close(ctx, s, payment.StatusDeclined)
	}
	if err != nil {
		g.o.Log.Info("an order that PayPal does not capture could not be closed", "order", s.Ref, "error", err)
	}
}

func (g *Gateway) release(ctx context.Context, s standing, key string) error {
	if !orderForm.MatchString(s.hold.ID) {
		return payment.ErrMismatch
	}
	return g.call(ctx, ask{method: http.MethodPost, path: "/v2/payments/authorizations/" + s.hold.ID + "/void", key: key}, nil)
}

// Void lets a held sum go, or closes an order that was only approved.
func (g *Gateway) Void(ctx context.Context, key, ref string) (payment.Session, error) {
	ctx, done := within(ctx)
	defer done()
	s, err := g.get(ctx, ref)
	switch {
	case err != nil:
		return payment.Session{}, err
	case s.Status == payment.StatusVoided || s.mark.closed != "":
		return s.Session, nil
	case s.Status == payment.StatusPaid || s.Status == payment.StatusPending:
		return payment.Session{}, fmt.Errorf("%w: it is captured", payment.ErrDeclined)
	case s.hold == nil:
		s, err = g.close(ctx, s, payment.StatusVoided)
		return s.Session, err
	}
	if err = g.release(ctx, s, key); err != nil && !says(err, []string{"PREVIOUSLY_VOIDED", "AUTHORIZATION_VOIDED"}) {
		return payment.Session{}, err
	}
	s, err = g.get(ctx, ref)
	return s.Session, err
}

// Refund gives back a part of what was captured. PayPal forgets keys after some hours and would refund again, so the
// refunds of the order are looked through first: each carries its key.
func (g *Gateway) Refund(ctx context.Context, key, ref string, amount money.Amount) (payment.RefundAnswer, error) {
	ctx, done := within(ctx)
	defer done()
	o, s, err := g.paidOrder(ctx, ref)
	if err != nil {
		return payment.RefundAnswer{}, err
	}
	in, err := pay(amount, s.Currency)
	if err != nil {
		return payment.RefundAnswer{}, err
	}
	for _, r := range o.Units[0].Payments.Refunds {
		if r.Custom == key && key != "" {
			return same(r, s.Currency, amount)
		}
	}
	if !orderForm.MatchString(s.Charge) || s.Status != payment.StatusPaid {
		return payment.RefundAnswer{}, fmt.Errorf("%w: nothing was captured", payment.ErrDeclined)
	}
	var r refund
	err = g.call(ctx, ask{method: http.MethodPost, path: "/v2/payments/captures/" + s.Charge + "/refund", key: key,
		in: refundRequest{in, key}}, &r)
	if err != nil {
		return payment.RefundAnswer{}, err
	}
	return same(r, s.Currency, amount)
}

// same says what became of a refund, unless its key was used for another sum.
func same(r refund, c money.Currency, amount money.Amount) (payment.RefundAnswer, error) {
	a, err := r.answer(c)
	if err == nil && a.Amount != amount {
		err = fmt.Errorf("%w: the key was used for another refund", payment.ErrRejected)
	}
	if err != nil {
		return payment.RefundAnswer{}, err
	}
	return a, nil
}

// paidOrder asks for an order with all its parts.
func (g *Gateway) paidOrder(ctx context.Context, ref string) (o order, s standing, err error) {
	if !orderForm.MatchString(ref) {
		return o, s, payment.ErrNotFound
	}
	if err = g.call(ctx, ask{method: http.MethodGet, path: "/v2/checkout/orders/" + ref}, &o); err == nil {
		s, err = g.stand(o, ref)
	}
	return o, s, err
}
