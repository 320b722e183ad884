package order

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
)

// Erasure says what an erasure of an order's person did, and what the law keeps.
type Erasure struct {
	Number   string
	Purposes []vault.Purpose // destroyed
	KeptTill time.Time       // billing details stay readable until then; zero when nothing is kept
}

// fiscalYears is how long billing details are kept after the end of the order's year (see privacy.BillingName).
const fiscalYears = 10

// Erase destroys the keys of an order's person. An order that still waits for its money is refused, and so is one whose
// time of withdrawal and returns runs, unless the person insists (evenSo): she then gives up being reached about it.
// What money was taken for keeps its billing details under the fiscal key until the law lets go. It is for the console;
// staff ask a second person (shop/person).
func (s *Service) Erase(ctx context.Context, number string, who access.Actor, reason string, evenSo bool) (e Erasure, err error) {
	defer fault.Wrap(&err, "order: erase")
	if err := s.d.Audit.AllowFresh(ctx, who, access.OrderErase, audit.Act{Action: "order.erase", Object: "order"}); err != nil {
		return e, err
	}
	if who.Kind == access.KindStaff {
		return e, access.Approved{}.For(access.ErasePerson)
	}
	if reason = oneLine(reason); reason == "" {
		return e, fault.New(fault.Invalid, "order.reason_missing").WithField("reason", "order.reason_missing", nil)
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		o, ok, err := byNumber(tx, id.ParseNumber(number))
		if err != nil || !ok {
			return orNotFound(err)
		}
		if err := s.erasable(o, evenSo); err != nil {
			return err
		}
		e = s.erasureOf(o)
		return s.eraseTx(tx, o, who, reason, e.Purposes)
	})
	if err != nil {
		return Erasure{}, err
	}
	_, err = s.d.Vault.EraseIntended(ctx, s.d.DB) // at once; if this fails, the vault's job does it
	return e, err
}

// eraseTx writes the intent, ends every link and visit, and deletes what the remaining key does not keep.
func (s *Service) eraseTx(tx *db.Tx, o Order, who access.Actor, reason string, purposes []vault.Purpose, facts ...audit.Fact) error {
	for _, step := range []func() error{
		func() error { return s.d.Vault.Intend(tx, o.Subject, purposes...) },
		func() error { return nextGeneration(tx, o.ID) },
		func() error { return dropPasses(tx, o.ID) },
		func() error { return dropFulfilment(tx, o.ID) },
		func() error { return dropTracking(tx, o.ID) },
		func() error { return s.forgetCase(tx, o.ID) },
		func() error {
			return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "order.erase", Object: "order", ObjectID: o.ID,
				Reason: reason, Outcome: audit.Done, Facts: append(facts, audit.Fact{Key: "purposes", Int: int64(len(purposes))})})
		},
		func() error { return tx.Emit(OrderErased{Order: o.ID}) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) erasable(o Order, evenSo bool) error {
	if o.State.Open() || o.State == Authorised {
		return fault.New(fault.Conflict, "order.erase_open").WithHint("Let the order be paid or expire first.")
	}
	until := s.linkUntil(o)
	if o.State.Settled() && s.d.DB.Clock().Now().Before(until) && !evenSo {
		return fault.New(fault.Conflict, "order.erase_waits").With("day", until.In(s.d.Shop.TimeZone).Format(time.DateOnly)).
			WithHint("Add --even-so if the person wants it now and knows that the shop cannot reach her about this order any more.")
	}
	return nil
}

func (s *Service) erasureOf(o Order) Erasure {
	e := Erasure{Number: o.Number, Purposes: []vault.Purpose{vault.Fulfilment}}
	if o.PaidAt.IsZero() {
		e.Purposes = append(e.Purposes, vault.Fiscal)
		return e
	}
	year := o.PaidAt.In(s.d.Shop.TimeZone).Year()
	e.KeptTill = time.Date(year+fiscalYears, time.December, 31, 0, 0, 0, 0, s.d.Shop.TimeZone)
	return e
}
