package setup

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

// small are test payments in currencies whose unit is worth little; elsewhere it is one unit. Providers refuse less.
var small = map[money.Currency]money.Amount{"CZK": 2000, "DKK": 500, "HKD": 1000, "HUF": 20000, "INR": 5000, "JPY": 100, "MXN": 2000,
	"NOK": 500, "PLN": 500, "RON": 500, "SEK": 500, "THB": 2000, "TRY": 3000, "TWD": 5000}

// TrialAmount is what a test payment costs.
func (s *Service) TrialAmount() money.Amount {
	if a := small[s.d.Shop.Currency]; a > 0 {
		return a
	}
	return 100
}

// Trial is the newest test payment of a provider.
type Trial struct {
	payment.Payment
	Refund string // where giving it back stands; empty before that
	Heard  bool   // a notice about it came
}

// Paid says that the money came, so that the whole way works.
func (t Trial) Paid() bool { return t.State == payment.Paid }

// StartTrial makes a test payment, or returns the one that is open: the same session, notices and refund as a shopper's.
// back is where the provider sends the owner afterwards.
func (s *Service) StartTrial(ctx context.Context, who access.Actor, v id.ID, lang, back string) (t Trial, err error) {
	defer fault.Wrap(&err, "payment: test payment")
	if err := s.allow(ctx, who, "payment.trial", v); err != nil {
		return t, err
	}
	p, err := s.get(ctx, v)
	if err != nil {
		return t, err
	}
	if t, err = s.TrialOf(ctx, p, false); err != nil {
		return t, err
	}
	if !t.ID.IsZero() && t.State.Active() {
		t.Payment, err = s.payments.Begin(ctx, t.ID)
		return t, err
	}
	g, _, err := s.build(p)
	if err != nil || p.State == Draft {
		return t, fault.New(fault.Conflict, "provider.missing_keys").Because(err)
	}
	var pay payment.Payment
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		q, err := byID(tx, v)
		if err == nil && q.changes != p.changes {
			err = errChanged()
		}
		if err != nil {
			return err
		}
		pay, err = s.payments.PrepareTrial(tx, g, payment.Want{Number: "TEST", Amount: s.TrialAmount(), Currency: s.d.Shop.Currency,
			Expires: tx.Now().Add(31 * time.Minute), ReturnURL: back, CancelURL: back, Language: lang, Actor: who})
		if err != nil {
			return err
		}
		q.Trial = pay.ID
		if _, err = update(tx, q); err != nil {
			return err
		}
		return s.record(tx, who, "payment.trial", q, audit.Fact{Key: "amount", Int: int64(pay.Amount)})
	})
	if err != nil {
		return t, err
	}
	if err := s.Refresh(ctx); err != nil {
		return t, err
	}
	t = Trial{Payment: pay}
	t.Payment, err = s.payments.Begin(ctx, pay.ID)
	return t, err
}

// TrialOf reads how the newest test payment stands; the zero Trial if there is none. asking has the provider asked first:
// the owner comes back from its page.
func (s *Service) TrialOf(ctx context.Context, p Provider, asking bool) (t Trial, err error) {
	defer fault.Wrap(&err, "payment: test payment")
	if p.Trial.IsZero() {
		return t, nil
	}
	if asking {
		t.Payment, err = s.payments.Refresh(ctx, p.Trial)
	} else {
		t.Payment, err = s.payments.Get(ctx, p.Trial)
	}
	if fault.Is(err, fault.NotFound) {
		return Trial{}, nil
	}
	if err != nil {
		return t, err
	}
	if t.Heard, err = s.payments.Heard(ctx, t.Payment); err != nil {
		return t, err
	}
	list, err := s.payments.RefundsOf(ctx, t.ID)
	for _, r := range list {
		t.Refund = r.State
	}
	return t, err
}
