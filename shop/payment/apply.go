package payment

import (
	"context"
	"errors"
	"time"

	"strongroom/base/db"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// errMoved says that somebody else moved the payment between our reading and our writing; the caller repeats.
var errMoved = errors.New("payment: moved by somebody else")

// disagree names the first thing in which the provider's session is not the payment's; empty if there is none. This is
// what stands between a paid session of another, cheaper order and our order being marked paid.
func disagree(p Payment, ses Session) string {
	switch {
	case ses.Reference != p.Reference:
		return "reference"
	case ses.Account != p.Account:
		return "account"
	case ses.Mode != p.Mode:
		return "mode"
	case ses.Currency != p.Currency:
		return "currency"
	case ses.Amount != p.Amount:
		return "amount"
	case ses.Ref == "" || (p.Ref != "" && ses.Ref != p.Ref):
		return "session"
	case ses.Captured < 0 || ses.Captured > p.Amount || ses.Refunded < 0 || ses.Refunded > ses.Captured:
		return "captured"
	case ses.Status == StatusPaid && (ses.Captured == 0 || (!p.Manual && ses.Captured != p.Amount)):
		return "captured"
	case ses.Status != StatusPaid && ses.Captured != 0:
		return "captured"
	case p.State == Paid && ses.Status == StatusPaid && ses.Captured != p.Captured:
		return "captured"
	}
	return ""
}

// states translates the provider's words.
var states = map[Status]State{StatusOpen: Open, StatusPending: Pending, StatusAuthorised: Authorised, StatusPaid: Paid,
	StatusDeclined: Declined, StatusExpired: Expired, StatusVoided: Voided}

// news says whether the session would change anything about the payment, so that most questions end without a write.
func news(p Payment, ses Session) bool {
	next, ok := states[ses.Status]
	return !ok || disagree(p, ses) != "" || p.State.May(next) || (p.State == Paid && len(ses.Refunds) > 0)
}

// settle brings what the provider said into the database.
func (s *Service) settle(ctx context.Context, p Payment, ses Session, cause string) (Payment, error) {
	if !news(p, ses) {
		return p, s.watch(ctx, p, ses)
	}
	return s.write(ctx, func(tx *db.Tx) (Payment, error) { return s.apply(tx, p, ses, cause) })
}

// watch passes on what a session shows that stays where it is.
func (s *Service) watch(ctx context.Context, p Payment, ses Session) error {
	w, ok := s.payee.(Watcher)
	if !ok || p.State != Open || ses.Signals.Declines == 0 {
		return nil
	}
	return w.PaymentSeen(context.WithoutCancel(ctx), p, ses.Signals)
}

// write runs fn in a transaction, again if the payment was moved under its hands.
func (s *Service) write(ctx context.Context, fn func(tx *db.Tx) (Payment, error)) (p Payment, err error) {
	for range 5 {
		err = s.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) (err error) { p, err = fn(tx); return err })
		if !errors.Is(err, errMoved) {
			break
		}
	}
	return p, err
}

// apply is the one function that moves payments, and it moves them only to where the provider says they stand. It
// reads the payment again inside the transaction, compares, writes the move, its ledger booking, audit entry and event,
// and tells the payee.
func (s *Service) apply(tx *db.Tx, p Payment, ses Session, cause string) (Payment, error) {
	p, err := s.GetTx(tx, p.ID)
	if err != nil {
		return p, err
	}
	next, known := states[ses.Status]
	what := disagree(p, ses)
	if !known {
		what = "status"
	}
	if what == "" && p.State == Authorised && p.State.May(next) {
		if what, err = s.conclude(tx, p, next, ses); err != nil {
			return p, err
		}
	}
	if what != "" {
		return s.mismatch(tx, p, ses, what, cause)
	}
	if p.State == Paid {
		return p, s.syncRefunds(tx, p, ses)
	}
	if !p.State.May(next) {
		return p, nil
	}
	old := p.State
	p.Late = (old == Declined || old == Expired) && (next == Paid || next == Authorised)
	p.State, p.Ref, p.Charge, p.URL, p.Captured = next, ses.Ref, ses.Charge, ses.URL, ses.Captured
	p.Signals = ses.Signals
	if next == Authorised {
		p.HeldUntil = s.heldUntil(p, ses, tx.Now())
	}
	if next == Open && !ses.Expires.IsZero() && ses.Expires.Before(p.Expires) {
		s.log.Info("a provider closes its session earlier than asked", "provider", p.Provider)
	}
	if p, err = s.move(tx, p, old, cause); err != nil {
		return p, err
	}
	if next == Paid && len(ses.Refunds) > 0 {
		err = s.syncRefunds(tx, p, ses)
	}
	return p, err
}

// move writes one move and everything that belongs to it.
func (s *Service) move(tx *db.Tx, p Payment, old State, cause string) (Payment, error) {
	p.Changed, p.Polls = tx.Now(), 0
	p.Moves++
	p.Next = nextPoll(p, tx.Now())
	ok, err := updatePayment(tx, p, old)
	if err == nil && !ok {
		err = errMoved
	}
	if err == nil {
		err = insertMove(tx, p, old, cause)
	}
	if err == nil && p.State == Paid {
		err = bookPayment(tx, p)
	}
	if err == nil {
		err = s.audit.Record(tx, s.entry(p, "payment."+string(p.State), audit.Done, cause))
	}
	if err == nil {
		err = tell(tx, p)
	}
	if err == nil && p.State != Open && p.State != Mismatch {
		err = s.tellPayee(tx, p)
	}
	return p, err
}

// tellPayee asks the payee what it makes of the move, and sees to held sums. One that came late is let go.
func (s *Service) tellPayee(tx *db.Tx, p Payment) error {
	err := s.answer(tx, p)
	if p.State != Authorised {
		return err
	}
	switch {
	case err == nil && !p.Late:
		_, err = s.act(tx, kindCapture, HoldAsk{Payment: p.ID, Key: "auto", Amount: p.Amount, Actor: s.actor})
	case errors.Is(err, ErrKeep) && !p.Late:
		err = nil
	case err == nil, errors.Is(err, ErrKeep), errors.Is(err, ErrLetGo):
		_, err = s.act(tx, kindVoid, HoldAsk{Payment: p.ID, Key: "let_go", Actor: s.actor})
	}
	return err
}

// mismatch is what becomes of a payment whose session is something else: nothing is marked paid, and a person is told.
func (s *Service) mismatch(tx *db.Tx, p Payment, ses Session, what, cause string) (Payment, error) {
	old := p.State
	e := s.entry(p, "payment.mismatch", audit.Refused, cause)
	e.Facts = append(e.Facts, audit.Fact{Key: "differs", Text: what}, audit.Fact{Key: "said_amount", Int: bounded(ses.Amount)},
		audit.Fact{Key: "said_captured", Int: bounded(ses.Captured)})
	if old == Mismatch {
		return p, nil // told once
	}
	if err := s.audit.Record(tx, e); err != nil {
		return p, err
	}
	if err := tx.Emit(Mismatched{about(p), what}); err != nil {
		return p, err
	}
	if !old.May(Mismatch) {
		return p, nil // paid stays paid: what was verified once is not undone by an odd answer
	}
	p.State = Mismatch
	p.Moves++
	p.Changed, p.Polls, p.Next, p.URL = tx.Now(), 0, time.Time{}, ""
	ok, err := updatePayment(tx, p, old)
	if err == nil && !ok {
		err = errMoved
	}
	if err == nil {
		err = insertMove(tx, p, old, cause)
	}
	return p, err
}

func bounded(a money.Amount) int64 { return int64(max(-money.Max, min(a, money.Max))) }

// entry is the audit entry of an act on a payment.
func (s *Service) entry(p Payment, action string, o audit.Outcome, cause string) audit.Entry {
	actor := s.actor
	if cause == "notice" {
		actor = access.Provider(p.Provider)
	}
	return audit.Entry{Actor: actor, Action: action, Object: "payment", ObjectID: p.ID, Reason: cause, Outcome: o,
		Facts: []audit.Fact{{Key: "amount", Int: int64(p.Amount)}, {Key: "captured", Int: int64(p.Captured)},
			{Key: "provider", Text: p.Provider}}}
}

// failed records that a call to a provider came to nothing. Floods are counted by the audit log.
func (s *Service) failed(ctx context.Context, p Payment, action string, err error) {
	s.log.Warn("a payment provider did not do as asked", "provider", p.Provider, "action", action, "payment", p.ID, "error", err)
	e := s.entry(p, action, audit.Failed, word(err))
	s.audit.Refuse(context.WithoutCancel(ctx), e)
}
