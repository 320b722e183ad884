package paypal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"strongroom/shop/payment"
)

// right is something that the store needs, in the words of the page where PayPal's keys are made, and what the token
// says of it.
type right struct {
	name   string
	scopes []string
}

const services = "https://uri.paypal.com/services/"

var rights = []right{
	{"Accept payments", []string{services + "payments/payment/authcapture", services + "payments/refund"}},
	{"Webhooks", []string{services + "applications/webhooks"}},
	{"Customer disputes", []string{services + "disputes/read-seller", services + "disputes/update-seller"}},
	{"Transaction search", []string{services + "reporting/search/read"}},
}

// payouts lets a key send money to anybody. The store never does.
const payouts = "https://uri.paypal.com/payments/payouts"

// Inspect gets a new token, which says what it may, and makes an order that nobody is sent to, which says whose money
// it would be: PayPal publishes no other way to ask for the account of a key. Nothing is moved, and the order is closed.
func (g *Gateway) Inspect(ctx context.Context) (payment.KeyReport, error) {
	ctx, done := within(ctx)
	defer done()
	a, err := g.askToken(ctx, g.o.BaseURL)
	if err != nil {
		return payment.KeyReport{}, g.elsewhere(ctx, err)
	}
	granted := strings.Fields(a.Scope)
	r := payment.KeyReport{Mode: g.o.Mode}
	for _, n := range rights {
		missing := func(s string) bool { return !slices.Contains(granted, s) }
		r.Scopes = append(r.Scopes, payment.Scope{Name: n.name, Granted: !slices.ContainsFunc(n.scopes, missing)})
	}
	if slices.Contains(granted, payouts) {
		r.Warnings = append(r.Warnings, "payment.key_full")
	}
	u, err := g.payee(ctx)
	if err != nil {
		return payment.KeyReport{}, err
	}
	r.Account, r.Name = u.Payee.Merchant, word(u.Payee.Email)
	return r, nil
}

// elsewhere says of refused keys whether the other mode knows them.
func (g *Gateway) elsewhere(ctx context.Context, err error) error {
	if g.o.OtherURL == "" || !errors.Is(err, payment.ErrRejected) {
		return err
	}
	if _, oerr := g.askToken(ctx, g.o.OtherURL); oerr == nil {
		return fmt.Errorf("%w: %w", payment.ErrRejected, ErrOtherMode)
	}
	return err
}

// ErrOtherMode is the reason that keys are refused which are right, but not here.
var ErrOtherMode = errors.New("paypal: the keys are of the other mode")

// payee makes an order to see whose it is.
func (g *Gateway) payee(ctx context.Context) (u unit, err error) {
	var b [16]byte
	if _, err = rand.Read(b[:]); err != nil {
		return u, fmt.Errorf("%w: %w", payment.ErrTemporary, err)
	}
	m := mark{reference: "inspection", expires: g.o.Clock.Now()}
	in := map[string]any{"intent": m.intent(), "purchase_units": []unitRequest{{Amount: sum{"EUR", "1.00"}, Custom: m.String()}}}
	var o order
	err = g.call(ctx, ask{method: http.MethodPost, path: "/v2/checkout/orders", key: "inspect-" + hex.EncodeToString(b[:]), in: in}, &o)
	if err != nil {
		return u, err
	}
	s, err := g.stand(o, "")
	if err != nil {
		return u, err
	}
	if !accountForm.MatchString(s.Account) {
		return u, fmt.Errorf("%w: PayPal does not say whose account it is", payment.ErrMismatch)
	}
	if _, err := g.close(ctx, s, payment.StatusExpired); err != nil {
		g.o.Log.Info("the order of an inspection could not be closed and ends by itself", "error", err)
	}
	return o.Units[0], nil
}

// kinds are the events that the store hears of. Everything that can move a payment is among them.
var kinds = []string{"CHECKOUT.ORDER.APPROVED", "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
	"PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.AUTHORIZATION.VOIDED",
	"PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.PENDING", "PAYMENT.CAPTURE.DECLINED", "PAYMENT.CAPTURE.DENIED",
	"PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED", "PAYMENT.REFUND.PENDING", "PAYMENT.REFUND.FAILED",
	"CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.UPDATED", "CUSTOMER.DISPUTE.RESOLVED"}

type webhook struct {
	ID     string   `json:"id,omitempty"`
	URL    string   `json:"url"`
	Events []kindOf `json:"event_types"`
}

type kindOf struct {
	Name string `json:"name"`
}

func allKinds() (list []kindOf) {
	for _, k := range kinds {
		list = append(list, kindOf{k})
	}
	return list
}

// Subscribe has PayPal send notices to an address, once however often it is asked: PayPal itself keeps the list.
func (g *Gateway) Subscribe(ctx context.Context, _, address string) (payment.Subscription, error) {
	ctx, done := within(ctx)
	defer done()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(address) > 2048 {
		return payment.Subscription{}, fmt.Errorf("%w: notices go to an address with https only", payment.ErrRejected)
	}
	w, err := g.webhook(ctx, address)
	switch {
	case err != nil:
	case w.ID == "":
		err = g.call(ctx, ask{method: http.MethodPost, path: "/v1/notifications/webhooks", once: true,
			in: webhook{URL: address, Events: allKinds()}}, &w)
	case !hears(w):
		err = g.call(ctx, ask{method: http.MethodPatch, path: "/v1/notifications/webhooks/" + w.ID,
			in: []patch{{"replace", "/event_types", allKinds()}}}, &w)
	}
	if err == nil && (!webhookForm.MatchString(w.ID) || w.URL != address) {
		err = fmt.Errorf("%w: another address", payment.ErrMismatch)
	}
	return payment.Subscription{Ref: w.ID}, err
}

// webhook finds the subscription of an address.
func (g *Gateway) webhook(ctx context.Context, address string) (webhook, error) {
	var a struct {
		Webhooks []webhook `json:"webhooks"`
	}
	err := g.call(ctx, ask{method: http.MethodGet, path: "/v1/notifications/webhooks"}, &a)
	for _, w := range a.Webhooks {
		if w.URL == address && webhookForm.MatchString(w.ID) {
			return w, err
		}
	}
	return webhook{}, err
}

func hears(w webhook) bool {
	for _, k := range kinds {
		if !slices.ContainsFunc(w.Events, func(e kindOf) bool { return e.Name == k || e.Name == "*" }) {
			return false
		}
	}
	return true
}
