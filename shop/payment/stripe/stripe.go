// Package stripe is the payment engine for Stripe: Checkout Sessions whose page stands at Stripe, so that card data
// never arrives here.
//
// The official library supplies the shapes of requests and answers and the encoding; when a call is repeated, what its
// errors mean, what may leave the process and what a notice is worth is decided here. docs/stripe.md tells a shopkeeper
// how to set it up, ADR 129 and 130 why it is so.
//
// Time and repetition: a call is tried up to three times with the same key within 8 seconds, and only after answers
// that leave open whether anything happened. Redirects are not followed and answers are bounded. Nothing of a refusal
// but its status, code and request id gets into an error, because Stripe repeats what it was sent.
package stripe

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/shop/payment"
)

// Name is what the engine is called: in notice addresses, settings and the ledger.
const Name = "stripe"

// Version is the version of Stripe's API that the engine speaks and subscribes to. A test holds it to the library's,
// so that moving it is a decision.
const Version = "2026-03-25.dahlia"

// Where Stripe is.
const (
	BaseURL = "https://api.stripe.com"
	Origin  = "https://checkout.stripe.com"
)

// Tolerance is how far a notice's time of signing may lie from ours, in either direction.
const Tolerance = 300 * time.Second

// maxSecrets is how many signing secrets are valid at once: one, or two while they are being changed.
const maxSecrets = 2

// Options say for whom the engine works.
type Options struct {
	Key     string       // rk_test_, rk_live_; sk_ works and is warned about
	Secrets []string     // signing secrets of notices, newest first; none: no notice is believed
	Account string       // acct_...; empty: learned by Inspect, or before the first session
	Mode    payment.Mode // the mode that the store is in; empty: the key's
	Methods []string     // Stripe's words; empty: card
	BaseURL string       // empty: Stripe
	Origin  string       // of the hosted page; empty: Stripe's, otherwise the account's own domain for it
	Client  *http.Client // whose transport is used; nil: the network
	Log     *slog.Logger
	Now     func() time.Time // to tell a wrong clock; nil: it is not looked at
}

// Gateway is the engine. It is safe for use by many goroutines.
type Gateway struct {
	o        Options
	mode     payment.Mode
	full     bool // the key may do anything
	api      api.Backend
	account  atomic.Pointer[string] // whose key it is, once that is known
	verified atomic.Bool            // and Stripe has said so
	log      *slog.Logger
}

var (
	_ payment.Gateway    = (*Gateway)(nil)
	_ payment.Inspector  = (*Gateway)(nil)
	_ payment.Subscriber = (*Gateway)(nil)
	_ payment.Statement  = (*Gateway)(nil)
	_ payment.Disputer   = (*Gateway)(nil)
)

var (
	keyForm     = regexp.MustCompile(`^(rk|sk)_(test|live)_[A-Za-z0-9_]{10,240}$`)
	secretForm  = regexp.MustCompile(`^whsec_[A-Za-z0-9+/=_-]{16,240}$`)
	accountForm = regexp.MustCompile(`^acct_[A-Za-z0-9]{1,60}$`)
)

// methods are the ways to pay that can be offered, each with whether its money comes later.
var methods = map[string]bool{"card": false, "bancontact": false, "eps": false, "ideal": false, "klarna": false,
	"link": false, "p24": false, "twint": false, "sepa_debit": true, "bacs_debit": true, "us_bank_account": true}

// sold says in which currencies a method can be paid with that not every account can offer; the others know no such bound.
var sold = map[string][]money.Currency{"bancontact": {"EUR"}, "eps": {"EUR"}, "ideal": {"EUR"}, "p24": {"EUR", "PLN"}, "twint": {"CHF"},
	"sepa_debit": {"EUR"}, "bacs_debit": {"GBP"}, "us_bank_account": {"USD"}}

// MethodsFor lists the methods that can be paid with in a currency, cards first. Klarna and Link are left to who knows that
// the account has them: they depend on the shop's country, too.
func MethodsFor(c money.Currency) []string {
	out := []string{"card"}
	for _, m := range slices.Sorted(maps.Keys(sold)) {
		if slices.Contains(sold[m], c) {
			out = append(out, m)
		}
	}
	return out
}

// New checks the options and makes the engine. What a person can mend is a fault with words for that person.
func New(o Options) (*Gateway, error) {
	mode, full, err := readKey(o.Key)
	if err != nil {
		return nil, err
	}
	if o.Mode != "" && o.Mode != mode {
		return nil, otherMode(mode)
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	g := &Gateway{o: o, mode: mode, full: full, log: o.Log}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if o.Account != "" {
		g.account.Store(&o.Account)
	}
	g.api = backend(o)
	return g, nil
}

// readKey says what a key is for, and tells keys apart that people mix up.
func readKey(key string) (mode payment.Mode, full bool, err error) {
	wrong := func(word string) (payment.Mode, bool, error) {
		return "", false, fault.New(fault.Invalid, word).WithField("key", word, nil)
	}
	switch {
	case strings.HasPrefix(key, "pk_"):
		return wrong("payment.stripe_key_publishable")
	case strings.HasPrefix(key, "whsec_"):
		return wrong("payment.stripe_key_secret")
	case !keyForm.MatchString(key):
		return wrong("payment.stripe_key_form")
	}
	kind, rest, _ := strings.Cut(key, "_")
	word, _, _ := strings.Cut(rest, "_")
	return payment.Mode(word), kind == "sk", nil
}

// otherMode says that a key of this mode stands in a store of the other. They cannot be mixed.
func otherMode(key payment.Mode) error {
	if key == payment.Live {
		return fault.New(fault.Invalid, "payment.stripe_key_live").WithField("key", "payment.stripe_key_live", nil)
	}
	return fault.New(fault.Invalid, "payment.stripe_key_test").WithField("key", "payment.stripe_key_test", nil)
}

// Check says which of the settings "key" and "account" is wrong, and the message key of what is, before anybody is asked;
// empty words if neither is.
func Check(settings map[string]string, store payment.Mode) (field, key string) {
	_, err := New(Options{Key: settings["key"], Account: settings["account"], Mode: store})
	if f := fault.As(err); err != nil && f != nil && len(f.Fields) > 0 {
		return f.Fields[0].Name, f.Fields[0].Key
	}
	return "", ""
}

// complete checks what is left and fills in what is usual.
func (o *Options) complete() error {
	if o.BaseURL == "" {
		o.BaseURL = BaseURL
	}
	if o.Origin == "" {
		o.Origin = Origin
	}
	if len(o.Methods) == 0 {
		o.Methods = []string{"card"}
	}
	for _, m := range o.Methods {
		if _, ok := methods[m]; !ok {
			return fmt.Errorf("stripe: the method %q is not offered", m)
		}
	}
	if o.Account != "" && !accountForm.MatchString(o.Account) {
		return fault.New(fault.Invalid, "payment.stripe_account_form").WithField("account", "payment.stripe_account_form", nil)
	}
	if len(o.Secrets) > maxSecrets {
		return errors.New("stripe: one or two signing secrets are valid at once")
	}
	for _, s := range o.Secrets {
		if !secretForm.MatchString(s) {
			return fault.New(fault.Invalid, "payment.stripe_secret_form").WithField("secret", "payment.stripe_secret_form", nil)
		}
	}
	if !origin(o.BaseURL) || !origin(o.Origin) {
		return errors.New("stripe: addresses must be scheme and host")
	}
	return nil
}

func origin(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.Path == "" && u.User == nil && u.RawQuery == "" && (u.Scheme == "https" || u.Scheme == "http")
}

// Describe says who the gateway is. The account is empty until it is configured or learned.
func (g *Gateway) Describe() payment.Description {
	d := payment.Description{Name: Name, Label: "Stripe", Account: g.accountID(), Mode: g.mode, Origin: g.o.Origin,
		Methods: slices.Clone(g.o.Methods), Late: slices.ContainsFunc(g.o.Methods, func(m string) bool { return methods[m] })}
	if slices.Contains(g.o.Methods, "card") { // nothing else holds a sum
		d.Holds = holds
	}
	return d
}

// holds is how long Stripe holds a card payment, unless the card's own answer says otherwise.
const holds = 7 * 24 * time.Hour

func (g *Gateway) accountID() string {
	if a := g.account.Load(); a != nil {
		return *a
	}
	return ""
}

func (g *Gateway) live() bool { return g.mode == payment.Live }
