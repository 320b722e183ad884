package order

import (
	"context"
	"errors"
	"slices"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

var (
	errPaid        = fault.New(fault.Conflict, "order.paid_already")
	errPending     = fault.New(fault.Conflict, "order.payment_pending")
	errHeldAlready = fault.New(fault.Conflict, "order.held_already")
	errNotPayable  = fault.New(fault.Gone, "order.not_payable")
	errMethod      = fault.New(fault.Conflict, "payment.provider_unknown")
	errTooOften    = fault.New(fault.TooMany, "order.pay_too_often")
)

// Pay starts the hosted payment session of the order, or finds the one that is open, and returns its address. visit is
// the token of the browser or of a visit through the mailed link. After a failed payment it starts a new one for the
// same order: the goods are still reserved.
func (s *Service) Pay(ctx context.Context, visit id.Token) (url string, err error) {
	return s.PayBy(ctx, visit, "")
}

// PayBy is Pay with the provider that the shopper chooses this time. A session that is open elsewhere is closed first, so
// that never two of them can be paid.
func (s *Service) PayBy(ctx context.Context, visit id.Token, method string) (url string, err error) {
	defer fault.Wrap(&err, "order: pay")
	o, by, err := s.through(ctx, visit)
	if err != nil {
		return "", err
	}
	p, err := s.payable(ctx, o, method, by.kind == visitAccess)
	if err != nil {
		return "", err
	}
	if p.State == payment.Prepared {
		if p, err = s.d.Payment.Begin(ctx, p.ID); err != nil {
			return "", fault.New(fault.Unavailable, "order.payment_away").Because(err)
		}
	}
	if p.URL == "" {
		return "", errPending
	}
	return p.URL, nil
}

// payable finds the payment of an order that can be paid now, and prepares another one if the last came to nothing, or if
// the defence withheld the first. mailed says that the buyer came through the link in her mail.
func (s *Service) payable(ctx context.Context, o Order, method string, mailed bool) (p payment.Payment, err error) {
	if err := mayPay(o); err != nil {
		return p, err
	}
	chosen := o.method // before
	if method != "" {
		o.method = method
	}
	if method != "" && !s.offered(o, method) {
		return p, errMethod
	}
	if o.method != chosen {
		if err := s.write(ctx, func(tx *db.Tx) error { return setMethod(tx, o.ID, o.method) }); err != nil {
			return p, err
		}
	}
	if o.Payment.IsZero() {
		return s.another(ctx, o, mailed)
	}
	p, err = s.d.Payment.Get(ctx, o.Payment)
	switch {
	case err != nil:
		return p, err
	case !p.State.Active():
		return s.another(ctx, o, mailed)
	case method != "" && method != p.Provider:
		return s.instead(ctx, o, p, mailed)
	}
	return p, nil
}

// mayPay says why an order cannot be paid now.
func mayPay(o Order) error {
	switch {
	case o.State == PaymentPending:
		return errPending
	case o.State == Authorised:
		return errHeldAlready
	case o.State.Settled():
		return errPaid
	case o.State != AwaitingPayment:
		return errNotPayable
	}
	return nil
}

// chosen says why an order cannot be paid in the way that was chosen with it.
func (s *Service) chosen(o Order) error {
	for _, d := range s.d.Payment.Providers() {
		switch {
		case d.Name != o.method:
		case !d.Takes(o.Total, o.PickUp):
			return fault.New(fault.Invalid, "payment.provider_unfit")
		default:
			return nil
		}
	}
	return fault.New(fault.Invalid, "payment.provider_unknown")
}

func (s *Service) offered(o Order, method string) bool {
	return slices.ContainsFunc(s.d.Payment.Providers(), func(d payment.Description) bool { return d.Name == method && d.Takes(o.Total, o.PickUp) })
}

// instead has the open session closed at its provider, and begins another one elsewhere once that has confirmed that the
// old one cannot be paid any more.
func (s *Service) instead(ctx context.Context, o Order, p payment.Payment, mailed bool) (payment.Payment, error) {
	p, err := s.d.Payment.Expire(ctx, p.ID)
	if err != nil {
		return p, fault.New(fault.Unavailable, "order.payment_away").Because(err)
	}
	var now Order
	if err := s.read(ctx, func(tx *db.Tx) (err error) { now, err = byID(tx, o.ID); return err }); err != nil {
		return p, err
	}
	if err := mayPay(now); err != nil {
		return p, err // paid meanwhile, or money is on its way
	}
	if p.State.Active() {
		return p, errPending
	}
	now.method = o.method
	return s.another(ctx, now, mailed)
}

// another prepares a further payment of the same order and keeps its goods reserved for it.
func (s *Service) another(ctx context.Context, o Order, mailed bool) (p payment.Payment, err error) {
	if o.method != "" && !s.offered(o, o.method) { // chosen before, and switched off meanwhile
		return p, errMethod
	}
	var stopped error
	err = s.write(ctx, func(tx *db.Tx) error {
		stopped = nil
		if !tx.Now().Before(o.PayUntil) {
			return errNotPayable
		}
		list, err := s.d.Payment.OfOrderTx(tx, o.ID)
		if err != nil {
			return err
		}
		if len(list) >= maxPayments {
			return errTooOften
		}
		pass, err := s.gate(tx, o, mailed)
		if stopped = pass.Err; err != nil || stopped != nil {
			return err // what the defence wrote stands
		}
		return s.replace(tx, o, pass.Secure, &p)
	})
	if err == nil && stopped != nil {
		return p, stopped
	}
	if errors.Is(err, errMoved) { // a second click was quicker: its payment is the one
		return s.current(ctx, o.ID)
	}
	return p, err
}

func (s *Service) replace(tx *db.Tx, o Order, secure bool, p *payment.Payment) (err error) {
	until := tx.Now().Add(s.d.Session + reserveMargin)
	if o.PayUntil.After(until) {
		until = o.PayUntil
	}
	w := s.want(o, access.System("order"))
	w.Expires, w.Secure = tx.Now().Add(s.d.Session), secure
	if *p, err = s.d.Payment.Prepare(tx, w); err != nil {
		return err
	}
	if err := s.unpaid(tx, o, p.ID); err != nil {
		return err
	}
	if err := swapPayment(tx, o, p.ID, until); err != nil {
		return err
	}
	return s.d.Stock.Extend(tx, o.ID, until)
}

func (s *Service) current(ctx context.Context, order id.ID) (p payment.Payment, err error) {
	var o Order
	if err = s.read(ctx, func(tx *db.Tx) (err error) { o, err = byID(tx, order); return err }); err != nil {
		return p, err
	}
	return s.d.Payment.Get(ctx, o.Payment)
}

// Returned asks the provider how the payment stands, once, when the browser comes back from it. When the provider does
// not answer, the order is shown as it stands: the notice or the sweep brings the rest.
func (s *Service) Returned(ctx context.Context, visit id.Token) (v View, err error) {
	defer fault.Wrap(&err, "order: returned")
	o, p, err := s.through(ctx, visit)
	if err != nil {
		return v, err
	}
	if !o.State.Open() || o.Payment.IsZero() { // a notice was quicker
		v.Order = o
		if err := s.read(ctx, func(tx *db.Tx) error { return s.view(tx, &v, p) }); err != nil {
			return View{}, err
		}
		return s.complete(ctx, v)
	}
	if _, err := s.d.Payment.Refresh(ctx, o.Payment); err != nil {
		s.log.Info("a payment was not refreshed on return", "order", o.ID, "error", err)
	}
	return s.Open(ctx, visit)
}
