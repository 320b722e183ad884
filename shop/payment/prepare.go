package payment

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/url"
	"regexp"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// Prepare writes a payment for an order in the order's own transaction, before any call goes outside. An order has one
// payment that can be paid at a time: if it stands already, with the same sum, it is returned; with another sum it is a
// conflict, and the caller has the old one closed first (Expire).
func (s *Service) Prepare(tx *db.Tx, w Want) (p Payment, err error) {
	defer fault.Wrap(&err, "payment: prepare")
	g, known := s.offered(w)
	switch {
	case g != nil:
	case known:
		return Payment{}, fault.New(fault.Invalid, "payment.provider_unfit")
	case w.Provider == "":
		return Payment{}, fault.New(fault.Conflict, "payment.none_on")
	default:
		return Payment{}, fault.New(fault.Invalid, "payment.provider_unknown")
	}
	if p, err = draft(tx, w, g); err != nil {
		return Payment{}, err
	}
	wrote, err := insertPayment(tx, p)
	if err != nil || wrote {
		return p, err
	}
	old, ok, err := activePayment(tx, w.Order)
	switch {
	case err != nil:
		return Payment{}, err
	case !ok || old.Amount != p.Amount || old.Currency != p.Currency || old.Provider != p.Provider:
		return Payment{}, fault.New(fault.Conflict, "payment.active")
	}
	return old, nil
}

// numberForm is an order number: it is shown on the provider's page, so nothing else may get there.
var numberForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,40}$`)

// draft checks what is wanted and makes the row of it.
func draft(tx *db.Tx, w Want, g Gateway) (Payment, error) {
	switch {
	case w.Order.IsZero() || !numberForm.MatchString(w.Number):
		return Payment{}, fault.New(fault.Malformed, "payment.order_missing")
	case w.Amount <= 0 || money.Check(w.Amount) != nil:
		return Payment{}, fault.New(fault.Invalid, "payment.amount_invalid")
	case !w.Currency.Known():
		return Payment{}, fault.New(fault.Invalid, "payment.currency_unknown")
	case w.Expires.Before(tx.Now().Add(MinExpires)) || w.Expires.After(tx.Now().Add(MaxExpires)):
		return Payment{}, fault.New(fault.Invalid, "payment.expiry_invalid")
	case !absolute(w.ReturnURL) || !absolute(w.CancelURL):
		return Payment{}, fault.New(fault.Malformed, "payment.address_invalid")
	}
	d := g.Describe()
	ref := newReference()
	return Payment{ID: tx.NewID(), Order: w.Order, Reference: ref, Number: w.Number, Provider: d.Name, Account: d.Account,
		Mode: d.Mode, Amount: w.Amount, Currency: w.Currency, Manual: w.Manual && d.Holds > 0, Secure: w.Secure, State: Prepared, Keys: 1,
		ReturnURL: withReference(w.ReturnURL, ref), CancelURL: withReference(w.CancelURL, ref), Language: w.Language,
		// Sessions end at whole seconds with most providers: what we say and what they say must agree.
		Expires: w.Expires.Truncate(time.Second), Made: tx.Now(), Changed: tx.Now(), Next: tx.Now().Add(15 * time.Second)}, nil
}

func absolute(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= 1000 && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http")
}

func newReference() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("payment: the system's random source failed: " + err.Error())
	}
	return hex.EncodeToString(b[:])
}

// Begin starts the hosted session of a prepared payment, within two seconds, and returns the payment with its URL. It
// may be called again at any time: a session that stands is returned as it is. If the provider does not answer, the
// payment stays prepared, the caller says so kindly, and Begin or the sweep asks again with the same key. That the
// session stands is written with the next commit (db.Ride).
func (s *Service) Begin(ctx context.Context, payment id.ID) (p Payment, err error) {
	defer fault.Wrap(&err, "payment: begin")
	if p, err = s.Get(ctx, payment); err != nil {
		return p, err
	}
	if p = s.current(p); p.State != Prepared {
		return p, nil
	}
	ses, err := s.askStart(ctx, p, callLimit)
	switch {
	case err != nil:
		s.failed(ctx, p, "payment.start", err)
	case ses.Status == StatusOpen && disagree(p, ses) == "":
		return s.opened(ctx, p, ses), nil
	default:
		p, err = s.settle(ctx, p, ses, "start")
	}
	if err == nil && p.State == Mismatch {
		err = ErrMismatch
	}
	return p, told(err)
}

// opened has written down that the session stands, and does not wait for it: were it lost, the payment is still
// prepared, and whoever asks next gets the same session of the provider by the same key.
func (s *Service) opened(ctx context.Context, p Payment, ses Session) Payment {
	s.opening.Store(p.ID, ses)
	s.db.Ride(ctx, func(tx *db.Tx) error {
		_, err := s.apply(tx, p, ses, "start")
		return err
	}, func(err error) {
		s.opening.Delete(p.ID)
		if err != nil && !errors.Is(err, errMoved) {
			s.log.Warn("an open session is not written down yet; the sweep asks for it again", "payment", p.ID, "error", err)
		}
	})
	p.State, p.Ref, p.URL = Open, ses.Ref, ses.URL
	return p
}

// current is a payment as it was read, or open if that is about to be written.
func (s *Service) current(p Payment) Payment {
	if ses, ok := s.opening.Load(p.ID); ok && p.State == Prepared {
		p.State, p.Ref, p.URL = Open, ses.(Session).Ref, ses.(Session).URL
	}
	return p
}

// openingAs finds the payment whose session of that name is about to be written. There are never more than a few.
func (s *Service) openingAs(ref string) (v id.ID, found bool) {
	s.opening.Range(func(key, ses any) bool {
		if ref != "" && ses.(Session).Ref == ref {
			v, found = key.(id.ID), true
		}
		return !found
	})
	return v, found
}

// start asks the provider for the session, or for the one that an earlier call with the same key made.
func (s *Service) start(ctx context.Context, p Payment, limit time.Duration) (Payment, error) {
	ses, err := s.askStart(ctx, p, limit)
	if err != nil {
		s.failed(ctx, p, "payment.start", err)
		return p, err
	}
	return s.settle(ctx, p, ses, "start")
}

func (s *Service) askStart(ctx context.Context, p Payment, limit time.Duration) (Session, error) {
	g, err := s.gateway(ctx, p)
	if err != nil {
		return Session{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	return g.Start(ctx, StartRequest{Key: p.key("start", 1), Reference: p.Reference, Order: p.Number, Amount: p.Amount,
		Currency: p.Currency, Manual: p.Manual, ReturnURL: p.ReturnURL, CancelURL: p.CancelURL, Language: p.Language,
		Secure: p.Secure, Expires: p.Expires})
}
