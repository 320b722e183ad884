package payment

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"time"
)

// Offer is a gateway and whether shoppers are offered it. One that is switched off is still asked how its payments
// stand, and gives money back.
type Offer struct {
	Gateway
	On bool
}

// nameForm is what a gateway may be called: it is part of the notice address, of account names and of events.
var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,20}$`)

// CheckGateway says what is wrong with how a gateway describes itself.
func CheckGateway(g Gateway) error {
	t := g.Describe()
	if !nameForm.MatchString(t.Name) {
		return fmt.Errorf("payment: %q is no name for a gateway", t.Name)
	}
	if t.Account == "" || (t.Mode != Test && t.Mode != Live) {
		return fmt.Errorf("payment: %s names no account or no mode", t.Name)
	}
	u, err := url.Parse(t.Origin)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || (u.Scheme != "https" && t.Mode == Live) {
		return fmt.Errorf("payment: %s has no exact https origin", t.Name)
	}
	return nil
}

// add takes a gateway that the configuration names.
func (s *Service) add(g Gateway) error {
	if err := CheckGateway(g); err != nil {
		return err
	}
	for _, o := range s.fixed {
		if name := g.Describe().Name; o.Describe().Name == name {
			return fmt.Errorf("payment: two gateways are called %s", name)
		}
	}
	s.fixed = append(s.fixed, Offer{Gateway: g, On: true})
	return nil
}

// offers are all gateways that there are at this moment: those of the configuration first.
func (s *Service) offers() []Offer {
	if s.more == nil {
		return s.fixed
	}
	return append(s.fixed[:len(s.fixed):len(s.fixed)], s.more()...)
}

// offered finds a gateway that takes what is wanted; the first one if none is named. known says that the named one is on
// and does not take this.
func (s *Service) offered(w Want) (g Gateway, known bool) {
	for _, o := range s.offers() {
		d := o.Describe()
		switch {
		case !o.On || w.Provider != "" && d.Name != w.Provider:
		case d.Takes(w.Amount, w.PickUp):
			return o.Gateway, true
		default:
			known = true
		}
	}
	return nil, known && w.Provider != ""
}

// Providers describes the gateways that are switched on, the default first.
func (s *Service) Providers() []Description {
	out := []Description{}
	for _, o := range s.offers() {
		if o.On {
			out = append(out, o.Describe())
		}
	}
	return out
}

// Described says how a provider describes itself now, on or not; false if there is none of that name.
func (s *Service) Described(provider string) (Description, bool) {
	for _, o := range s.offers() {
		if d := o.Describe(); d.Name == provider {
			return d, true
		}
	}
	return Description{}, false
}

// Hold is how long goods are held while money of this provider is on its way; 0 if it does not say.
func (s *Service) Hold(provider string) time.Duration {
	for _, o := range s.offers() {
		if d := o.Describe(); d.Name == provider && d.Hold > 0 {
			return d.Hold
		}
	}
	return 0
}

// errHeld says that the store is a copy that must not act outside.
var errHeld = errors.New("payment: this store is an unreleased copy")

// till is one account at a provider, in one mode. What is at one is asked about there and nowhere else.
type till struct {
	Provider string
	Account  string
	Mode     Mode
}

func (d Description) till() till { return till{d.Name, d.Account, d.Mode} }

func (p Payment) till() till { return till{p.Provider, p.Account, p.Mode} }

// gateway finds the gateway that works for the account and mode that a payment was prepared for, switched on or not: a
// payment of a test account is never asked for with live keys.
func (s *Service) gateway(ctx context.Context, p Payment) (Gateway, error) {
	return s.at(ctx, p.till())
}

func (s *Service) at(ctx context.Context, want till) (Gateway, error) {
	if s.held(ctx) {
		return nil, fmt.Errorf("%w: %w", ErrTemporary, errHeld)
	}
	known := false
	for _, o := range s.offers() {
		t := o.Describe().till()
		if t == want {
			return o.Gateway, nil
		}
		known = known || t.Provider == want.Provider
	}
	if known {
		return nil, fmt.Errorf("%w: the keys are of another account or mode", ErrTemporary)
	}
	return nil, fmt.Errorf("%w: %s is switched off", ErrTemporary, want.Provider)
}

// called are all gateways of that name: a provider may be there with its old account and with a new one.
func (s *Service) called(name string) (out []Gateway) {
	for _, o := range s.offers() {
		if o.Describe().Name == name {
			out = append(out, o.Gateway)
		}
	}
	return out
}
