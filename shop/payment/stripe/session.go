package stripe

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// within a session's answer: what was tried, what of it was paid and what was given back.
var sessionParts = []string{"payment_intent.latest_charge.refunds"}

var (
	sessionForm = regexp.MustCompile(`^cs_(test|live)_[A-Za-z0-9]{1,190}$`)
	intentForm  = regexp.MustCompile(`^pi_[A-Za-z0-9_]{1,190}$`)
)

func lower(c money.Currency) string { return strings.ToLower(string(c)) }

// Fetch asks how a session stands.
func (g *Gateway) Fetch(ctx context.Context, ref string) (payment.Session, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	s, err := g.session(ctx, ref)
	if err != nil {
		return payment.Session{}, err
	}
	return g.read(ctx, s, ref)
}

// known says whether a name can be one of our mode; nothing else is ever asked about.
func (g *Gateway) known(ref string) error {
	m := sessionForm.FindStringSubmatch(ref)
	if m == nil || payment.Mode(m[1]) != g.mode {
		return refused(payment.ErrNotFound, "no session of this mode is called so")
	}
	return nil
}

func (g *Gateway) session(ctx context.Context, ref string) (*api.CheckoutSession, error) {
	if err := g.known(ref); err != nil {
		return nil, err
	}
	p := &api.CheckoutSessionParams{Expand: api.StringSlice(sessionParts)}
	return ask[api.CheckoutSession](ctx, g, http.MethodGet, "/v1/checkout/sessions/"+ref, "", p)
}

// Expire closes an open session. Stripe refuses to expire what was paid or has ended; then the answer is how it stands.
func (g *Gateway) Expire(ctx context.Context, key, ref string) (payment.Session, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	if err := g.known(ref); err != nil {
		return payment.Session{}, err
	}
	p := &api.CheckoutSessionExpireParams{Expand: api.StringSlice(sessionParts)}
	s, err := ask[api.CheckoutSession](ctx, g, http.MethodPost, "/v1/checkout/sessions/"+ref+"/expire", key, p)
	var r *refusal
	if errors.As(err, &r) && r.status == http.StatusBadRequest {
		now, ferr := g.session(ctx, ref)
		if ferr != nil {
			return payment.Session{}, ferr
		}
		if now.Status == api.CheckoutSessionStatusOpen {
			return payment.Session{}, err
		}
		s, err = now, nil
	}
	if err != nil {
		return payment.Session{}, err
	}
	return g.read(ctx, s, ref)
}

// read says what an answer means, if it is about what was asked and agrees with itself.
func (g *Gateway) read(ctx context.Context, s *api.CheckoutSession, ref string) (payment.Session, error) {
	if err := g.agrees(s, ref); err != nil {
		return payment.Session{}, err
	}
	c := currency(s.Currency)
	amount, err := fromStripe(s.AmountTotal, c)
	out := payment.Session{Ref: s.ID, Status: status(s), Amount: amount, Currency: c, Reference: s.ClientReferenceID,
		Account: g.accountID(), Mode: modeOf(s.Livemode), URL: s.URL, Expires: time.Unix(s.ExpiresAt, 0).UTC()}
	pi := s.PaymentIntent
	if err != nil || pi == nil {
		return out, err
	}
	if out.Status == payment.StatusPaid {
		if out.Captured, err = fromStripe(pi.AmountReceived, c); err != nil {
			return payment.Session{}, err
		}
		if err := g.refunds(ctx, &out, pi); err != nil {
			return payment.Session{}, err
		}
	}
	if c := pi.LatestCharge; c != nil {
		out.Charge = c.ID
		if d := c.PaymentMethodDetails; out.Status == payment.StatusAuthorised && d != nil && d.Card != nil && d.Card.CaptureBefore > 0 {
			out.HeldUntil = time.Unix(d.Card.CaptureBefore, 0).UTC()
		}
	}
	out.Signals = g.signals(ctx, pi)
	return out, nil
}

// agrees refuses an answer that is about something else, of the other mode, leads a shopper elsewhere, or whose payment
// is not the session's.
func (g *Gateway) agrees(s *api.CheckoutSession, ref string) error {
	pi := s.PaymentIntent
	switch {
	case !sessionForm.MatchString(s.ID) || ref != "" && s.ID != ref:
		return refused(payment.ErrMismatch, "the answer is about another session")
	case s.Livemode != g.live():
		return refused(payment.ErrMismatch, "the answer is of the other mode")
	case s.Mode != api.CheckoutSessionModePayment:
		return refused(payment.ErrMismatch, "the session takes no single payment")
	case s.URL != "" && !g.atStripe(s.URL):
		return refused(payment.ErrMismatch, "the page stands elsewhere")
	case pi != nil && (pi.Amount != s.AmountTotal || pi.Currency != s.Currency || pi.Livemode != s.Livemode || !intentForm.MatchString(pi.ID)):
		return refused(payment.ErrMismatch, "the payment is not the session's")
	case pi != nil && pi.Metadata[metaReference] != s.ClientReferenceID:
		return refused(payment.ErrMismatch, "the payment belongs to another order")
	}
	return nil
}

func (g *Gateway) atStripe(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.User == nil && u.Scheme+"://"+u.Host == g.o.Origin
}

func modeOf(live bool) payment.Mode {
	if live {
		return payment.Live
	}
	return payment.Test
}

// status reduces what session and payment say together. Money decides first; then the session, which stays open after a
// declined card, so that its shopper can try another one.
func status(s *api.CheckoutSession) payment.Status {
	pi := s.PaymentIntent
	if pi == nil {
		return map[api.CheckoutSessionStatus]payment.Status{api.CheckoutSessionStatusOpen: payment.StatusOpen,
			api.CheckoutSessionStatusExpired: payment.StatusExpired}[s.Status]
	}
	switch pi.Status {
	case api.PaymentIntentStatusSucceeded:
		return payment.StatusPaid
	case api.PaymentIntentStatusRequiresCapture:
		return payment.StatusAuthorised
	case api.PaymentIntentStatusProcessing:
		return payment.StatusPending
	}
	switch s.Status {
	case api.CheckoutSessionStatusOpen:
		return payment.StatusOpen
	case api.CheckoutSessionStatusExpired:
		return payment.StatusExpired
	}
	return over(pi)
}

// over says how a session that is complete stands when there is no money in it.
func over(pi *api.PaymentIntent) payment.Status {
	switch pi.Status {
	case api.PaymentIntentStatusCanceled:
		if pi.LatestCharge != nil { // a sum was held, and let go by us, at Stripe's desk or by time
			return payment.StatusVoided
		}
		return payment.StatusExpired
	case api.PaymentIntentStatusRequiresAction, api.PaymentIntentStatusRequiresConfirmation:
		return payment.StatusPending
	case api.PaymentIntentStatusRequiresPaymentMethod: // money that was to come later did not
		return payment.StatusDeclined
	}
	return "" // a word that we do not know: the service calls it a mismatch
}
