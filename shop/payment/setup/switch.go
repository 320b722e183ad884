package setup

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

// wish is the switch as it is frozen when a second person is asked.
type wish struct {
	Provider id.ID
	Anyway   bool
}

// SwitchOn has shoppers offered the provider. What it lacks is refused; anyway passes over a missing test payment and a
// missing notice address, and says so in the log. Another account of the same provider is switched off by it.
//
// In a store that took real money before, an account that money never went to wants a second person: then waiting is
// true and nothing has changed yet.
func (s *Service) SwitchOn(ctx context.Context, who access.Actor, v id.ID, anyway bool) (waiting bool, err error) {
	defer fault.Wrap(&err, "payment: switch on")
	if err := s.allow(ctx, who, "payment.switch_on", v); err != nil {
		return false, err
	}
	p, err := s.get(ctx, v)
	if err != nil {
		return false, err
	}
	if err := s.ready(ctx, p, anyway); err != nil {
		return false, err
	}
	if alone, err := s.alone(ctx, p); err != nil {
		return false, err
	} else if !alone && who.Kind == access.KindStaff {
		return true, s.askSecond(ctx, who, p, anyway)
	}
	return false, s.switchOn(ctx, who, p, anyway, access.Approved{})
}

// ready refuses what is not whole.
func (s *Service) ready(ctx context.Context, p Provider, anyway bool) error {
	p, err := s.whole(ctx, s.shown(p))
	if err != nil {
		return err
	}
	t, err := s.TrialOf(ctx, p, false)
	if err != nil {
		return err
	}
	for _, m := range p.Missing(t.Paid()) {
		if m == "keys" || !anyway {
			return fault.New(fault.Conflict, "provider.missing_"+m)
		}
	}
	if p.Broken {
		return fault.New(fault.Conflict, "provider.missing_keys")
	}
	return nil
}

// alone says whether one person may switch the provider on: no real money moves, or it went to that account before, or
// the store never took any. The payments say so too: a provider can be forgotten by one person, and what was paid cannot.
func (s *Service) alone(ctx context.Context, p Provider) (bool, error) {
	if p.Mode != payment.Live || !p.FirstOn.IsZero() {
		return true, nil
	}
	if took, err := s.payments.TookLive(ctx); err != nil || took {
		return false, err
	}
	var list []Provider
	err := s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { list, err = providers(tx); return err })
	for _, q := range list {
		if q.Mode == payment.Live && !q.FirstOn.IsZero() {
			return false, err
		}
	}
	return err == nil, err
}

func (s *Service) askSecond(ctx context.Context, who access.Actor, p Provider, anyway bool) error {
	if s.d.Second == nil {
		return fault.New(fault.Forbidden, "access.denied").With("may", access.NewAccount.Key())
	}
	params, err := json.Marshal(wish{p.ID, anyway})
	if err != nil {
		return err
	}
	_, err = s.d.Second.Ask(ctx, who, access.Wish{Kind: access.NewAccount, Params: params, Object: "provider", ObjectID: p.ID,
		Facts: map[string]string{"provider": s.shown(p).Label, "account": p.Account}})
	return err
}

// OnApproved switches a provider on that two people agreed on, or one after a day. It is staff's executor.
func (s *Service) OnApproved(ctx context.Context, params []byte, by access.Approved) (err error) {
	if err := by.For(access.NewAccount); err != nil {
		return err
	}
	defer fault.Wrap(&err, "payment: switch on")
	var w wish
	if err := json.Unmarshal(params, &w); err != nil {
		return err
	}
	p, err := s.get(ctx, w.Provider)
	if err != nil {
		return err
	}
	if err := s.ready(ctx, p, w.Anyway); err != nil {
		return err
	}
	return s.switchOn(ctx, access.System("staff"), p, w.Anyway, by)
}

func (s *Service) switchOn(ctx context.Context, who access.Actor, p Provider, anyway bool, by access.Approved) error {
	if p.State == On {
		return nil
	}
	_, err := s.change(ctx, p, func(tx *db.Tx, q *Provider) error {
		list, err := providers(tx)
		for _, old := range list {
			if err == nil && old.Name == q.Name && old.State == On {
				old.State, old.Since = Off, tx.Now()
				if _, err = update(tx, old); err == nil {
					err = s.record(tx, who, "payment.switch_off", old)
				}
			}
		}
		if err != nil {
			return err
		}
		q.State, q.Since = On, tx.Now()
		if q.FirstOn.IsZero() {
			q.FirstOn = tx.Now()
		}
		facts := append(both(by), audit.Fact{Key: "anyway", Int: db.Bool(anyway)})
		if err := s.record(tx, who, "payment.switch_on", *q, facts...); err != nil {
			return err
		}
		return s.tell(tx, "on", *q)
	})
	return err
}

// both names the people behind an act.
func both(by access.Approved) []audit.Fact {
	if by.Request.IsZero() {
		return nil
	}
	facts := []audit.Fact{{Key: "request", Text: by.Request.String()}, {Key: "asked_by", Text: by.AskedBy.String()}}
	if by.DecidedBy.IsZero() {
		return append(facts, audit.Fact{Key: "waited", Text: "a_day"})
	}
	return append(facts, audit.Fact{Key: "decided_by", Text: by.DecidedBy.String()})
}

// Move moves a provider that is on one place up or down among the ways to pay that shoppers see. At the end it stays.
func (s *Service) Move(ctx context.Context, who access.Actor, v id.ID, up bool) (err error) {
	defer fault.Wrap(&err, "payment: arrange")
	if err := s.allow(ctx, who, "payment.arrange", v); err != nil {
		return err
	}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		list, err := providers(tx)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(p Provider) bool { return p.State != On })
		at := slices.IndexFunc(list, func(p Provider) bool { return p.ID == v })
		to := at + 1
		if up {
			to = at - 1
		}
		switch {
		case at < 0:
			return fault.New(fault.NotFound, "provider.unknown")
		case to < 0 || to == len(list):
			return nil
		}
		moved := list[at]
		list[at], list[to] = list[to], list[at]
		for i, p := range list {
			if err := setPlace(tx, p, i+1); err != nil {
				return err
			}
		}
		if err := raise(tx); err != nil {
			return err
		}
		return s.record(tx, who, "payment.arrange", moved, audit.Fact{Key: "place", Int: int64(to + 1)})
	})
	if err != nil {
		return err
	}
	return s.Refresh(ctx)
}

// SwitchOff stops new payments. Those that are open are still asked about, and everything can still be given back.
func (s *Service) SwitchOff(ctx context.Context, who access.Actor, v id.ID) (err error) {
	defer fault.Wrap(&err, "payment: switch off")
	if err := s.allow(ctx, who, "payment.switch_off", v); err != nil {
		return err
	}
	p, err := s.get(ctx, v)
	if err != nil || p.State != On {
		return err
	}
	_, err = s.change(ctx, p, func(tx *db.Tx, q *Provider) error {
		q.State, q.Since = Off, tx.Now()
		if err := s.record(tx, who, "payment.switch_off", *q); err != nil {
			return err
		}
		return s.tell(tx, "off", *q)
	})
	return err
}

// Forget destroys the keys of a provider that is not on. While payments or refunds with them are open it is refused;
// afterwards nothing can be given back through the store any more.
func (s *Service) Forget(ctx context.Context, who access.Actor, v id.ID) (err error) {
	defer fault.Wrap(&err, "payment: forget keys")
	if err := s.allow(ctx, who, "payment.forget", v); err != nil {
		return err
	}
	p, err := s.get(ctx, v)
	if err != nil {
		return err
	}
	open := int64(0)
	if p.Account != "" {
		if open, err = s.payments.OpenWith(ctx, p.Name, p.Account, p.Mode); err != nil {
			return err
		}
	}
	if p.State == On || open > 0 {
		return fault.New(fault.Conflict, "provider.still_needed").With("n", open)
	}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		q, err := byID(tx, v)
		if err == nil && q.changes != p.changes {
			err = errChanged()
		}
		if err != nil {
			return err
		}
		if err := drop(tx, v); err != nil {
			return err
		}
		return s.record(tx, who, "payment.forget", q)
	})
	if err != nil {
		return err
	}
	return s.Refresh(ctx)
}

// PutProof notes where the provider's attestation of compliance (PCI DSS) is, and its date.
func (s *Service) PutProof(ctx context.Context, who access.Actor, v id.ID, link, day string) (err error) {
	defer fault.Wrap(&err, "payment: attestation")
	if err := s.allow(ctx, who, "payment.proof", v); err != nil {
		return err
	}
	bad := fault.New(fault.Invalid, "provider.keys_invalid")
	if u, err := url.Parse(link); link != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(link) > 500) {
		bad.WithField("link", "provider.link_form", nil)
	}
	t, perr := time.Parse(time.DateOnly, day)
	if day != "" && (perr != nil || t.After(s.d.DB.Clock().Now())) {
		bad.WithField("day", "provider.day_form", nil)
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	p, err := s.get(ctx, v)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, p, func(tx *db.Tx, q *Provider) error {
		q.ProofLink, q.ProofDay = link, day
		return s.record(tx, who, "payment.proof", *q)
	})
	return err
}
