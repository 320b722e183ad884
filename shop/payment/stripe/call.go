package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	api "github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/form"

	"strongroom/shop/payment"
)

const tries = 3

// refusal is an answer that is none: one of the seam's errors, and what may be told of it.
type refusal struct {
	kind    error
	status  int
	code    string        // Stripe's code or type, a word of its list
	param   string        // the name of the parameter that it is about
	request string        // Stripe's number of the request, for whoever asks Stripe
	account string        // whose key was used, where the refusal tells
	after   time.Duration // when Stripe wants to be asked again
	again   bool          // whether asking again makes sense
	cause   error         // of the network
}

// Error says what happened in words that hold nothing of what was sent.
func (r *refusal) Error() string {
	s := r.kind.Error()
	if r.status != 0 {
		s += fmt.Sprintf(": stripe answered %d", r.status)
	}
	for _, part := range []string{r.code, r.param, r.request} {
		if part != "" {
			s += " " + part
		}
	}
	if r.cause != nil {
		s += ": " + r.cause.Error()
	}
	return s
}

// Unwrap names the kind, and the cause if there is one.
func (r *refusal) Unwrap() []error {
	if r.cause != nil {
		return []error{r.kind, r.cause}
	}
	return []error{r.kind}
}

// answered is what an answer of the library can be read into.
type answered[T any] interface {
	*T
	api.LastResponseSetter
}

// ask sends one request, again while that makes sense and time is left, and reads the answer into a new T.
func ask[T any, P answered[T]](ctx context.Context, g *Gateway, method, path, key string, p api.ParamsContainer) (P, error) {
	c := p.GetParams()
	c.Context = ctx
	if key != "" {
		c.IdempotencyKey = &key
	}
	return repeat[T, P](ctx, func(out P) error { return g.api.Call(method, path, g.o.Key, p, out) })
}

// list is ask for one page of a list, whose parameters the library encodes another way.
func list[T any, P answered[T]](ctx context.Context, g *Gateway, path string, p api.ListParamsContainer) (P, error) {
	l := p.GetListParams()
	l.Context = ctx
	query := &form.Values{}
	form.AppendTo(query, p)
	return repeat[T, P](ctx, func(out P) error {
		return g.api.CallRaw(http.MethodGet, path, g.o.Key, []byte(query.Encode()), l.GetParams(), out)
	})
}

func repeat[T any, P answered[T]](ctx context.Context, once func(out P) error) (P, error) {
	var r *refusal
	for try := range tries {
		if try > 0 && !pause(ctx, max(r.after, 50*time.Millisecond<<try)) {
			break
		}
		out := P(new(T))
		err := once(out)
		if err == nil {
			return out, nil
		}
		if r = understood(ctx, err); !r.again {
			break
		}
	}
	return nil, r
}

// longest is the longest pause: who is told to come back later than that comes back with the next question.
const longest = 2 * time.Second

// pause says whether it passed before the time was over.
func pause(ctx context.Context, d time.Duration) bool {
	if d > longest {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// wordForm is what may be told of an answer: codes, names of parameters and request numbers look so.
var wordForm = regexp.MustCompile(`^[A-Za-z0-9_.\[\]-]{1,80}$`)

func word(s string) string {
	if wordForm.MatchString(s) {
		return s
	}
	return ""
}

// onAccount finds the account in the refusal of a restricted key, which is the one place where Stripe tells it to a
// key that may not read it.
var onAccount = regexp.MustCompile(`account '(acct_[A-Za-z0-9]{1,60})'`)

// understood turns what the library returns into one of the seam's errors. Only an answer in Stripe's own form proves
// anything; all else leaves open what happened.
func understood(ctx context.Context, err error) *refusal {
	var e *api.Error
	if !errors.As(err, &e) {
		r := &refusal{kind: payment.ErrTemporary, again: ctx.Err() == nil}
		for _, known := range []error{context.DeadlineExceeded, context.Canceled, errRedirect, errLong} {
			if errors.Is(err, known) {
				r.cause = known
			}
		}
		return r
	}
	r := &refusal{status: e.HTTPStatusCode, code: word(string(e.Code)), param: word(e.Param), request: word(e.RequestID)}
	if r.code == "" {
		r.code = word(string(e.Type))
	}
	r.kind = kindOf(e)
	if r.kind == payment.ErrTemporary {
		r.again, r.after = ctx.Err() == nil, 0
		if e.LastResponse != nil {
			h := e.LastResponse.Header
			if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil && s > 0 {
				r.after = min(time.Duration(s)*time.Second, time.Minute)
			}
			r.again = r.again && h.Get("Stripe-Should-Retry") != "false"
		}
	}
	if m := onAccount.FindStringSubmatch(e.Msg); m != nil && e.HTTPStatusCode == http.StatusForbidden {
		r.account = m[1]
	}
	return r
}

// against are the codes of a 400 that refuse this very thing for good, whoever asks; what is not in the list is our
// request's fault, and a person looks.
var against = []api.ErrorCode{"amount_too_large", "balance_insufficient", "capture_charge_authorization_expired",
	"charge_already_captured", "charge_already_refunded", "charge_disputed", "charge_exceeds_source_limit",
	"charge_expired_for_capture", "charge_not_refundable", "intent_invalid_state", "payment_intent_unexpected_state",
	"refund_disputed_payment"}

func kindOf(e *api.Error) error {
	switch {
	case e.HTTPStatusCode == http.StatusConflict, e.HTTPStatusCode == http.StatusTooManyRequests, e.HTTPStatusCode >= 500,
		e.Code == "lock_timeout", e.Code == "idempotency_key_in_use":
		return payment.ErrTemporary
	case e.HTTPStatusCode == http.StatusNotFound, e.Code == "resource_missing":
		return payment.ErrNotFound
	case e.Type == api.ErrorTypeIdempotency:
		return payment.ErrRejected
	case e.HTTPStatusCode == http.StatusPaymentRequired, e.Type == api.ErrorTypeCard, slices.Contains(against, e.Code):
		return payment.ErrDeclined
	}
	return payment.ErrRejected
}

// within bounds one operation.
func within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, limit)
}

// refused is a refusal of our own, before anything was sent.
func refused(kind error, why string) error { return fmt.Errorf("%w: stripe: %s", kind, why) }
