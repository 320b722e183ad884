package paypal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"strongroom/shop/payment"
)

// locales are the languages of the hosted page that PayPal takes, as it wants them written.
var locales = map[string]string{"en": "en-GB", "de": "de-DE", "fr": "fr-FR", "it": "it-IT", "es": "es-ES", "nl": "nl-NL",
	"da": "da-DK", "sv": "sv-SE", "no": "no-NO", "pl": "pl-PL", "pt": "pt-PT"}

// Start makes an order, or finds the one that the key made. PayPal answers a repeated key with the first order,
// whatever it comes with, so that the order itself is compared. A start whose time is over is asked for all the
// same: only so is it known whether an earlier call, whose answer was lost, made an order.
func (g *Gateway) Start(ctx context.Context, r payment.StartRequest) (payment.Session, error) {
	ctx, done := within(ctx)
	defer done()
	amount, err := pay(r.Amount, r.Currency)
	if err == nil {
		err = g.startable(r)
	}
	if err != nil {
		return payment.Session{}, err
	}
	m := mark{reference: r.Reference, held: r.Manual, expires: r.Expires.Truncate(time.Second).UTC()}
	in := orderRequest{Intent: m.intent(), Units: []unitRequest{{Amount: amount, Custom: m.String(), Invoice: r.Order}},
		Context: orderContext{Locale: locales[r.Language], Shipping: "NO_SHIPPING", Action: "PAY_NOW",
			Method: methodRequest{"IMMEDIATE_PAYMENT_REQUIRED"}, Return: r.ReturnURL, Cancel: r.CancelURL}}
	var o order
	err = g.call(ctx, ask{method: http.MethodPost, path: "/v2/checkout/orders", key: r.Key, in: in}, &o)
	if errors.Is(err, payment.ErrNotFound) || errors.Is(err, payment.ErrDeclined) && !says(err, unpayable) {
		err = fmt.Errorf("%w: %v", payment.ErrRejected, err)
	}
	if err != nil {
		return payment.Session{}, err
	}
	s, err := g.stand(o, "")
	switch {
	case err != nil:
		return payment.Session{}, err
	case !o.Created.Before(r.Expires):
		// Only now was it made, though its time is over: it is closed again, and there was none before.
		_, err = g.close(ctx, s, payment.StatusExpired)
		if err == nil {
			err = fmt.Errorf("%w: it would be over before it begins", payment.ErrRejected)
		}
		return payment.Session{}, err
	case s.Amount != r.Amount || s.Currency != r.Currency || s.Reference != r.Reference || s.mark.held != r.Manual:
		return payment.Session{}, fmt.Errorf("%w: the key was used for another order", payment.ErrRejected)
	}
	return s.Session, nil
}

// startable says whether a request can become an order.
func (g *Gateway) startable(r payment.StartRequest) error {
	switch {
	case g.o.Account == "":
		return fmt.Errorf("%w: the account at PayPal is not known", payment.ErrRejected)
	case !referenceForm.MatchString(r.Reference) || !idForm.MatchString(r.Order) || r.Key == "":
		return fmt.Errorf("%w: reference, order number or key", payment.ErrRejected)
	case !web(r.ReturnURL) || !web(r.CancelURL):
		return fmt.Errorf("%w: an address to come back to", payment.ErrRejected)
	case r.Expires.Unix() <= 0:
		return fmt.Errorf("%w: no end", payment.ErrRejected)
	}
	return nil
}

func web(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http")
}

// get asks for an order.
func (g *Gateway) get(ctx context.Context, ref string) (s standing, err error) {
	if !orderForm.MatchString(ref) {
		return s, payment.ErrNotFound
	}
	var o order
	if err = g.call(ctx, ask{method: http.MethodGet, path: "/v2/checkout/orders/" + ref}, &o); err != nil {
		return s, err
	}
	return g.stand(o, ref)
}

// Fetch asks how an order stands. PayPal keeps no clock for us and holds nothing by itself: an order whose time is over
// is closed as soon as that is seen, and an approved one that is to be held is held.
func (g *Gateway) Fetch(ctx context.Context, ref string) (payment.Session, error) {
	ctx, done := within(ctx)
	defer done()
	s, err := g.get(ctx, ref)
	if err == nil {
		s, err = g.tend(ctx, s)
	}
	return s.Session, err
}

// tend does what PayPal leaves to the store.
func (g *Gateway) tend(ctx context.Context, s standing) (standing, error) {
	switch {
	case s.Status == payment.StatusOpen && !g.o.Clock.Now().Before(s.mark.expires) && !s.mark.expires.IsZero():
		return g.close(ctx, s, payment.StatusExpired)
	case s.Status == payment.StatusAuthorised && s.mark.held && s.hold == nil:
		return g.authorise(ctx, s)
	}
	return s, nil
}

// authorise holds the sum of an approved order.
func (g *Gateway) authorise(ctx context.Context, s standing) (standing, error) {
	err := g.call(ctx, ask{method: http.MethodPost, path: "/v2/checkout/orders/" + s.Ref + "/authorize",
		key: s.Reference + "-authorise", in: struct{}{}}, nil)
	switch {
	case says(err, unpayable):
		return g.close(ctx, s, payment.StatusDeclined)
	case err != nil && !errors.Is(err, payment.ErrDeclined):
		return s, err
	}
	return g.get(ctx, s.Ref)
}

// Expire closes an order that nobody has approved. One that was approved first is the service's to decide: it comes
// back as authorised, and one that was captured as paid.
func (g *Gateway) Expire(ctx context.Context, _, ref string) (payment.Session, error) {
	ctx, done := within(ctx)
	defer done()
	s, err := g.get(ctx, ref)
	if err == nil && s.Status == payment.StatusOpen {
		s, err = g.close(ctx, s, payment.StatusExpired)
	} else if err == nil {
		s, err = g.tend(ctx, s)
	}
	return s.Session, err
}

// close turns the intent of an order round and writes into it how it ended, in one change. PayPal then refuses the one
// verb that could take its money; whatever was faster is found by asking again.
func (g *Gateway) close(ctx context.Context, s standing, how payment.Status) (standing, error) {
	m := s.mark
	m.closed = how
	err := g.call(ctx, ask{method: http.MethodPatch, path: "/v2/checkout/orders/" + s.Ref, in: []patch{
		{"replace", "/intent", m.intent()},
		{"replace", "/purchase_units/@reference_id=='default'/custom_id", m.String()},
	}}, nil)
	if err != nil && !errors.Is(err, payment.ErrDeclined) {
		return s, err
	}
	now, gerr := g.get(ctx, s.Ref)
	if gerr == nil && now.Status == payment.StatusOpen {
		return now, fmt.Errorf("%w: the order could not be closed", payment.ErrTemporary)
	}
	return now, gerr
}
