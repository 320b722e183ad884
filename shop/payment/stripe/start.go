package stripe

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/shop/payment"
)

// What we write beside things at Stripe, so that they can be told to be ours.
const (
	metaReference = "strongroom_reference"
	metaOrder     = "strongroom_order"
	metaRefund    = "strongroom_refund"
	metaAccepted  = "strongroom_accepted"
	metaNotices   = "strongroom_notices"
)

// languages are those of the hosted page; for all others Stripe follows the browser.
var languages = map[string]bool{"bg": true, "cs": true, "da": true, "de": true, "el": true, "en": true, "es": true,
	"et": true, "fi": true, "fr": true, "hr": true, "hu": true, "it": true, "ja": true, "lt": true, "lv": true, "mt": true,
	"nb": true, "nl": true, "pl": true, "pt": true, "ro": true, "sk": true, "sl": true, "sv": true, "tr": true, "zh": true}

// orders is what stands before the order's number on the hosted page.
var orders = map[string]string{"de": "Bestellung ", "en": "Order "}

// Start makes a session, or finds the one that the key made.
//
// Stripe lets a session live for 30 minutes at least and 24 hours at most. A shorter life is held by us, who expire the
// session in time: when Stripe finds the end too near, the same is asked with an end that is shortLife later, under a
// key of its own. Which of the two stands depends on Stripe's clock alone and never changes back, so that one key
// still makes one session (ADR 129).
func (g *Gateway) Start(ctx context.Context, r payment.StartRequest) (payment.Session, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	if err := g.belongs(ctx); err != nil {
		return payment.Session{}, err
	}
	s, err := g.start(ctx, r, r.Key, r.Expires)
	if tooNear(err) {
		s, err = g.start(ctx, r, r.Key+"-later", r.Expires.Add(shortLife))
	}
	if err != nil {
		return payment.Session{}, err
	}
	return g.read(ctx, s, "")
}

// shortLife is Stripe's shortest life of a session, and a minute for the way.
const shortLife = 31 * time.Minute

// tooNear says whether Stripe refused the end of the session. Nothing was made then, and nothing can be under this key.
func tooNear(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == http.StatusBadRequest && r.param == "expires_at" && errors.Is(err, payment.ErrRejected)
}

func (g *Gateway) start(ctx context.Context, r payment.StartRequest, key string, end time.Time) (*api.CheckoutSession, error) {
	amount, err := toStripe(r.Amount, r.Currency)
	if err != nil {
		return nil, err
	}
	if !page(r.ReturnURL) || !page(r.CancelURL) || r.Key == "" || r.Reference == "" {
		return nil, refused(payment.ErrRejected, "the request is not complete")
	}
	p := &api.CheckoutSessionParams{
		Mode: api.String("payment"), SubmitType: api.String("pay"), Locale: api.String(locale(r.Language)),
		ClientReferenceID: api.String(r.Reference), Metadata: map[string]string{metaReference: r.Reference},
		SuccessURL: api.String(r.ReturnURL), CancelURL: api.String(r.CancelURL), ExpiresAt: api.Int64(end.Unix()),
		// The shopper pays the order's sum in the order's currency, and nothing else.
		AdaptivePricing: &api.CheckoutSessionAdaptivePricingParams{Enabled: api.Bool(false)},
		LineItems: []*api.CheckoutSessionLineItemParams{{Quantity: api.Int64(1),
			PriceData: &api.CheckoutSessionLineItemPriceDataParams{Currency: api.String(lower(r.Currency)), UnitAmount: api.Int64(amount),
				ProductData: &api.CheckoutSessionLineItemPriceDataProductDataParams{Name: api.String(title(r))}}}},
		PaymentIntentData: &api.CheckoutSessionPaymentIntentDataParams{Description: api.String(title(r)),
			Metadata: map[string]string{metaReference: r.Reference, metaOrder: r.Order}},
	}
	offered := g.o.Methods
	if r.Manual { // other methods hold no sums
		offered = []string{"card"}
		p.PaymentIntentData.CaptureMethod = api.String("manual")
	}
	if r.Secure {
		offered = proven(offered)
	}
	p.PaymentMethodTypes = api.StringSlice(offered)
	if r.Secure && slices.Contains(offered, "card") {
		p.PaymentMethodOptions = &api.CheckoutSessionPaymentMethodOptionsParams{
			Card: &api.CheckoutSessionPaymentMethodOptionsCardParams{RequestThreeDSecure: api.String("challenge")}}
	}
	return ask[api.CheckoutSession](ctx, g, http.MethodPost, "/v1/checkout/sessions", key, p)
}

// proven leaves out the methods at which nobody proves who she is before the goods leave, if others are left: where the extra
// step is asked for, a direct debit from somebody else's account is no way around it.
func proven(offered []string) []string {
	if out := slices.DeleteFunc(slices.Clone(offered), func(m string) bool { return methods[m] }); len(out) > 0 {
		return out
	}
	return offered
}

func title(r payment.StartRequest) string {
	if before, ok := orders[r.Language]; ok {
		return before + r.Order
	}
	return orders["en"] + r.Order
}

func locale(language string) string {
	if languages[language] {
		return language
	}
	return "auto"
}

// page says whether an address can be gone back to.
func page(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http")
}
