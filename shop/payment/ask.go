package payment

import (
	"context"
	"errors"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Refresh asks the provider how a payment stands and moves it there: for the return page, and whenever somebody wants
// to know now. If the provider does not answer, the payment is returned as it is known, without an error.
func (s *Service) Refresh(ctx context.Context, payment id.ID) (p Payment, err error) {
	defer fault.Wrap(&err, "payment: refresh")
	if p, err = s.Get(ctx, payment); err != nil || !askable(p) {
		return p, err
	}
	q, err := s.ask(ctx, p, "ask", callLimit)
	if err != nil && s.outside(err) {
		s.log.Info("a payment is shown as last known", "payment", p.ID, "error", err)
		return p, nil
	}
	return q, err
}

// askable says whether the provider's answer can still change anything.
func askable(p Payment) bool { return p.State != Mismatch && p.State != Voided }

// outside says whether an error came from the provider, not from our own database or code.
func (s *Service) outside(err error) bool {
	return errors.Is(err, ErrTemporary) || Final(err) || errors.Is(err, context.DeadlineExceeded)
}

// ask fetches the session, having started it if that is not known to have happened, and settles what is said.
func (s *Service) ask(ctx context.Context, p Payment, cause string, limit time.Duration) (Payment, error) {
	if p = s.current(p); p.Ref == "" {
		q, err := s.start(ctx, p, limit)
		if err != nil || q.State != Open {
			return q, err
		}
		p = q // the provider may have repeated what it said the first time
	}
	ses, err := s.fetch(ctx, p, limit)
	if err != nil {
		return p, err
	}
	return s.settle(ctx, p, ses, cause)
}

func (s *Service) fetch(ctx context.Context, p Payment, limit time.Duration) (Session, error) {
	g, err := s.gateway(ctx, p)
	if err != nil {
		return Session{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	return g.Fetch(ctx, p.Ref)
}

// Expire has the provider close the session and moves the payment to where it then stands: expired, or paid if the
// shopper was faster. Nothing is released before the provider has answered.
func (s *Service) Expire(ctx context.Context, payment id.ID) (p Payment, err error) {
	defer fault.Wrap(&err, "payment: expire")
	if p, err = s.Get(ctx, payment); err != nil || !p.State.Active() {
		return p, err
	}
	p, err = s.expire(ctx, p, callLimit)
	return p, told(err)
}

func (s *Service) expire(ctx context.Context, p Payment, limit time.Duration) (Payment, error) {
	if p = s.current(p); p.Ref == "" {
		// Whether the provider knows the session is unknown: ask with the old key, and close what comes back. Only its
		// refusal proves that nothing is there.
		q, err := s.start(ctx, p, limit)
		if errors.Is(err, ErrRejected) || errors.Is(err, ErrDeclined) {
			return s.closeUnasked(ctx, p)
		}
		if err != nil || !q.State.Active() {
			return q, err
		}
		p = q
	}
	g, err := s.gateway(ctx, p)
	if err != nil {
		return p, err
	}
	cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	ses, err := g.Expire(cctx, p.key("expire", 1), p.Ref)
	if errors.Is(err, ErrNotFound) && s.db.Clock().Now().After(p.Expires.Add(forgetting)) {
		return s.closeUnasked(ctx, p)
	}
	if err != nil {
		s.failed(ctx, p, "payment.expire", err)
		return p, err
	}
	return s.settle(ctx, p, ses, "expire")
}

// forgetting is how long after its end a session must be unknown to the provider, which then has forgotten it: some
// keep sessions that led to nothing for hours only. Before that, not knowing one of its own is a fault.
const forgetting = 24 * time.Hour

// closeUnasked closes a payment of which the provider knows nothing: it refused to start it, or has forgotten it.
func (s *Service) closeUnasked(ctx context.Context, p Payment) (Payment, error) {
	return s.write(ctx, func(tx *db.Tx) (Payment, error) {
		q, err := s.GetTx(tx, p.ID)
		if err != nil || q.State != p.State || !q.State.Active() {
			return q, err
		}
		old := q.State
		q.State, q.URL = Expired, ""
		return s.move(tx, q, old, "expire")
	})
}

// Moves is the payment's history.
func (s *Service) Moves(ctx context.Context, payment id.ID) (list []Move, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { list, err = selectMoves(tx, payment); return err })
	fault.Wrap(&err, "payment: moves")
	return list, err
}
