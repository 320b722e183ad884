package stripe

import (
	"context"
	"net/http"
	"slices"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/shop/payment"
)

// kinds are the events that notices are made for. All of them lead to a payment or a dispute that is then asked about.
var kinds = []string{
	"checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
	"checkout.session.expired",
	"charge.succeeded", "charge.failed", "charge.captured", "charge.expired", "charge.pending", "charge.refunded", "charge.updated",
	"refund.created", "refund.updated", "refund.failed",
	"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn",
	"charge.dispute.funds_reinstated",
	"payment_intent.canceled",
}

const maxEndpoints = 300

// Subscribe has Stripe send notices to an address, in our version of its API. Stripe shows the signing secret of an
// endpoint only when it is made, so a new endpoint takes the place of an old one with the same address; others are left
// alone. Between the two steps both stand, and what the old one sends is not believed, which loses nothing: the new one
// sends it too.
func (g *Gateway) Subscribe(ctx context.Context, key, address string) (payment.Subscription, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	var none payment.Subscription
	if !page(address) {
		return none, refused(payment.ErrRejected, "notices need an address")
	}
	made, err := ask[api.WebhookEndpoint](ctx, g, http.MethodPost, "/v1/webhook_endpoints", key, &api.WebhookEndpointParams{
		URL: api.String(address), EnabledEvents: api.StringSlice(kinds), APIVersion: api.String(Version),
		Description: api.String("Strongroom"), Metadata: map[string]string{metaNotices: "1"}})
	if err != nil {
		return none, err
	}
	if made.ID == "" || made.URL != address || !secretForm.MatchString(made.Secret) || made.Livemode != g.live() {
		return none, refused(payment.ErrMismatch, "the answer is not the endpoint that was asked for")
	}
	all, err := g.endpoints(ctx)
	if err != nil {
		return none, err
	}
	if !slices.ContainsFunc(all, func(e *api.WebhookEndpoint) bool { return e.ID == made.ID }) {
		return none, refused(payment.ErrRejected, "the key made an endpoint that is gone")
	}
	for _, old := range all {
		if old.URL != address || old.ID == made.ID {
			continue
		}
		if _, err := ask[api.WebhookEndpoint](ctx, g, http.MethodDelete, "/v1/webhook_endpoints/"+old.ID, "", &api.WebhookEndpointParams{}); err != nil {
			return none, err
		}
	}
	return payment.Subscription{Ref: made.ID, Secret: made.Secret}, nil
}

func (g *Gateway) endpoints(ctx context.Context) (all []*api.WebhookEndpoint, err error) {
	for after := ""; len(all) < maxEndpoints; {
		p := &api.WebhookEndpointListParams{}
		p.Limit = api.Int64(100)
		if after != "" {
			p.StartingAfter = api.String(after)
		}
		found, err := list[api.WebhookEndpointList](ctx, g, "/v1/webhook_endpoints", p)
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(found.Data, func(e *api.WebhookEndpoint) bool { return e == nil })...)
		if !found.HasMore || len(found.Data) == 0 {
			break
		}
		after = found.Data[len(found.Data)-1].ID
	}
	return all, nil
}
