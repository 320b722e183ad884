package stripe

import (
	"context"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/shop/payment"
)

// signals gathers what Stripe tells about how a session was paid. It is for the defence against fraud, and what cannot
// be had is left out: no payment waits for it.
func (g *Gateway) signals(ctx context.Context, pi *api.PaymentIntent) (s payment.Signals) {
	s.Declines = g.declines(ctx, pi.ID)
	c := pi.LatestCharge
	if c == nil {
		return s
	}
	if c.Disputed {
		s.Dispute = g.newestDispute(ctx, pi.ID)
	}
	d := c.PaymentMethodDetails
	if d == nil || d.Card == nil {
		return s
	}
	if len(d.Card.Country) == 2 {
		s.Country = d.Card.Country
	}
	if d.Card.Checks != nil {
		switch v := string(d.Card.Checks.AddressPostalCodeCheck); v {
		case "pass", "fail":
			s.Postcode = v
		}
	}
	s.Secured = d.Card.ThreeDSecure != nil && d.Card.ThreeDSecure.Result == api.ChargePaymentMethodDetailsCardThreeDSecureResultAuthenticated
	return s
}

// declines counts the attempts that failed: the session tells of the newest attempt only.
func (g *Gateway) declines(ctx context.Context, intent string) (n int64) {
	p := &api.ChargeListParams{PaymentIntent: api.String(intent)}
	p.Limit = api.Int64(100)
	found, err := list[api.ChargeList](ctx, g, "/v1/charges", p)
	if err != nil {
		g.log.Debug("the attempts of a session are not counted", "error", err)
		return 0
	}
	for _, c := range found.Data {
		if c != nil && c.Status == api.ChargeStatusFailed {
			n++
		}
	}
	return n
}

func (g *Gateway) newestDispute(ctx context.Context, intent string) string {
	p := &api.DisputeListParams{PaymentIntent: api.String(intent)}
	p.Limit = api.Int64(1)
	found, err := list[api.DisputeList](ctx, g, "/v1/disputes", p)
	if err != nil || len(found.Data) == 0 || found.Data[0] == nil {
		return ""
	}
	return found.Data[0].ID
}
