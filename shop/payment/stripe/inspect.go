package stripe

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/shop/payment"
)

// probe is one question whose answer tells whether a key has a right, and that changes nothing: it is about something
// that does not exist. Stripe refuses for want of the right (403) before it looks for the thing (404).
type probe struct {
	scope, permission string // as the page says it, and as its address does
	method, path      string
}

// probes are the rights that the store needs, in the words of the page where restricted keys are made.
var probes = []probe{
	{"Checkout Sessions: Write", "rak_checkout_session_write", http.MethodPost, "/v1/checkout/sessions/cs_MODE_none/expire"},
	{"PaymentIntents: Write", "rak_payment_intent_write", http.MethodPost, "/v1/payment_intents/pi_none/cancel"},
	{"Charges and Refunds: Write", "rak_charge_write", http.MethodPost, "/v1/refunds/re_none/cancel"},
	{"Disputes: Write", "rak_dispute_write", http.MethodPost, "/v1/disputes/dp_none/close"},
	{"Balance: Read", "rak_balance_read", http.MethodGet, "/v1/balance"},
	{"Balance Transaction Sources: Read", "rak_balance_transaction_source_read", http.MethodGet, "/v1/balance_transactions?limit=1&expand%5B0%5D=data.source"},
	{"Webhook Endpoints: Write", "rak_webhook_write", http.MethodPost, "/v1/webhook_endpoints/we_none"},
}

// beyond are rights whose loss would hurt and that the store never uses: a key that has one may do too much.
var beyond = []probe{
	{"Payouts: Write", "", http.MethodPost, "/v1/payouts/po_none/cancel"},
	{"Customers: Read", "", http.MethodGet, "/v1/customers/cus_none"},
}

// KeyPage is where a restricted key is made, with the rights that the store needs filled in as far as the page heeds it.
func KeyPage(mode payment.Mode) string {
	var b strings.Builder
	b.WriteString("https://dashboard.stripe.com/")
	if mode == payment.Test {
		b.WriteString("test/")
	}
	b.WriteString("apikeys/create?name=Strongroom")
	for _, p := range probes {
		b.WriteString("&permissions%5B%5D=" + p.permission)
	}
	return b.String()
}

// Scopes are the rights that a restricted key needs, as the page where keys are made says them.
func Scopes() []string {
	list := make([]string, len(probes))
	for i, p := range probes {
		list[i] = p.scope
	}
	return list
}

// nothing is an answer that nobody reads.
type nothing struct{ api.APIResource }

// Inspect asks what the key may do and whose it is. It moves nothing.
func (g *Gateway) Inspect(ctx context.Context) (payment.KeyReport, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	r := payment.KeyReport{Mode: g.mode}
	var err error
	if r.Account, r.Name, err = g.whose(ctx); err != nil {
		return payment.KeyReport{}, err
	}
	if r.Typed = r.Account == ""; !r.Typed {
		if err := g.learn(r.Account); err != nil {
			return payment.KeyReport{}, err
		}
	}
	r.Account = g.accountID()
	granted, err := g.mayAll(ctx, slices.Concat(probes, beyond))
	if err == nil {
		err = g.rightMode(ctx, &r)
	}
	if err != nil {
		return payment.KeyReport{}, err
	}
	for i, p := range probes {
		r.Scopes = append(r.Scopes, payment.Scope{Name: p.scope, Granted: granted[i]})
	}
	if slices.Contains(granted[len(probes):], true) {
		r.Warnings = append(r.Warnings, "payment.key_full")
	}
	return r, nil
}

// mayAll tries rights side by side, because somebody waits for the answer.
func (g *Gateway) mayAll(ctx context.Context, list []probe) ([]bool, error) {
	granted, errs := make([]bool, len(list)), make([]error, len(list))
	var all sync.WaitGroup
	for i, p := range list {
		if granted[i] = g.full; !g.full {
			all.Go(func() { granted[i], errs[i] = g.may(ctx, p) })
		}
	}
	all.Wait()
	return granted, errors.Join(errs...)
}

// may tries one right.
func (g *Gateway) may(ctx context.Context, p probe) (bool, error) {
	path := strings.ReplaceAll(p.path, "MODE", string(g.mode))
	_, err := ask[nothing](ctx, g, p.method, path, "", &api.Params{})
	var r *refusal
	switch {
	case err == nil:
		return true, nil
	case !errors.As(err, &r) || r.kind == payment.ErrTemporary || r.status == http.StatusUnauthorized:
		return false, err
	}
	return r.status != http.StatusForbidden, nil
}

// clockSlack is how far our clock may be from Stripe's before somebody is told; notices are refused at five minutes.
const clockSlack = time.Minute

// rightMode compares the key's prefix with what Stripe says, and our clock with Stripe's.
func (g *Gateway) rightMode(ctx context.Context, r *payment.KeyReport) error {
	b, err := ask[api.Balance](ctx, g, http.MethodGet, "/v1/balance", "", &api.BalanceParams{})
	var no *refusal
	if errors.As(err, &no) && no.status == http.StatusForbidden {
		return nil // the report says that the right is missing
	}
	if err != nil {
		return err
	}
	if b.Livemode != g.live() {
		return refused(payment.ErrMismatch, "the key's prefix names one mode and Stripe the other")
	}
	if g.o.Now != nil && b.LastResponse != nil {
		if at, err := http.ParseTime(b.LastResponse.Header.Get("Date")); err == nil && g.o.Now().Sub(at).Abs() > clockSlack {
			r.Warnings = append(r.Warnings, "payment.stripe_clock")
		}
	}
	return nil
}

// whose asks whose key it is. A restricted key may not be allowed to read that; its refusal names the account all the
// same, and an empty one means that Stripe does not tell.
func (g *Gateway) whose(ctx context.Context) (account, name string, err error) {
	a, err := ask[api.Account](ctx, g, http.MethodGet, "/v1/account", "", &api.AccountParams{})
	var no *refusal
	if errors.As(err, &no) && no.status == http.StatusForbidden {
		return no.account, "", nil
	}
	if err != nil {
		return "", "", err
	}
	if !accountForm.MatchString(a.ID) {
		return "", "", refused(payment.ErrMismatch, "the answer is no account")
	}
	if a.Settings != nil && a.Settings.Dashboard != nil {
		name = a.Settings.Dashboard.DisplayName
	}
	if name == "" && a.BusinessProfile != nil {
		name = a.BusinessProfile.Name
	}
	return a.ID, name, nil
}

// learn takes the account that Stripe names. A key of another account than the configured one is refused: its sessions
// would pay somebody else.
func (g *Gateway) learn(account string) error {
	if !g.account.CompareAndSwap(nil, &account) && g.accountID() != account {
		return refused(payment.ErrMismatch, "the key is of another account")
	}
	g.verified.Store(true)
	return nil
}

// belongs makes sure, once in the engine's life, that the key is of the account that the store expects.
func (g *Gateway) belongs(ctx context.Context) error {
	if g.verified.Load() {
		return nil
	}
	account, _, err := g.whose(ctx)
	switch {
	case err != nil:
		return err
	case account != "":
		return g.learn(account)
	case g.accountID() == "":
		return refused(payment.ErrRejected, "whose key it is must be configured, because Stripe does not tell this key")
	}
	g.verified.Store(true)
	return nil
}
