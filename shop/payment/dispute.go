package payment

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Dispute is a payment that its buyer has taken to her bank. Where it stands is what the provider says when asked;
// what it has taken is in the ledger to the same sum, and cannot be refunded.
type Dispute struct {
	ID       id.ID
	Provider string
	Account  string // at the provider; empty: not known
	Mode     Mode
	Ref      string
	Payment  id.ID // zero: of no payment of ours
	Order    id.ID
	Number   string
	State    DisputeStatus
	Reason   string
	Amount   money.Amount
	Currency money.Currency
	Taken    money.Amount
	Bookings int64
	Answered bool
	Moves    int64
	Opened   time.Time
	Due      time.Time // until when an answer is taken; zero: none is
	Changed  time.Time
	Next     time.Time
}

// Answerable says whether evidence can be sent, or the dispute given up.
func (d Dispute) Answerable(now time.Time) bool {
	return (d.State == DisputeOpen || d.State == DisputeInquiry) && (d.Due.IsZero() || now.Before(d.Due))
}

// Over says whether the dispute has come to an end.
func (d Dispute) Over() bool {
	return d.State == DisputeWon || d.State == DisputeLost || d.State == DisputeAccepted
}

// DisputeStates lists the states in the order of a dispute's life.
func DisputeStates() []DisputeStatus {
	return []DisputeStatus{DisputeInquiry, DisputeOpen, DisputeReview, DisputeWon, DisputeLost, DisputeAccepted}
}

// DisputeMove is one row of a dispute's history.
type DisputeMove struct {
	Old, New DisputeStatus
	Cause    string
	Taken    money.Amount
	At       time.Time
}

const (
	disputePoll   = 6 * time.Hour
	reminderAhead = 48 * time.Hour
	overtaking    = time.Minute // longer than any answer is on its way
)

// errOvertaken says that a dispute ended a moment ago by what was just heard, and is under way by an answer that may be
// older. What is true is asked for again: a dispute can be taken up anew.
var errOvertaken = fmt.Errorf("%w: an answer about a dispute that has just ended", ErrTemporary)

// reasonForm keeps the provider's word for a reason a word.
var reasonForm = regexp.MustCompile(`^[a-z0-9_]{0,40}$`)

// Disputes lists the disputes that are under way, the most urgent first, and then the last that ended.
func (s *Service) Disputes(ctx context.Context, who access.Actor) (open, past []Dispute, err error) {
	defer fault.Wrap(&err, "payment: disputes")
	if err := s.audit.Allow(ctx, who, access.PaymentView, audit.Act{Action: "payment.disputes", Object: "payment"}); err != nil {
		return nil, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if open, err = openDisputes(tx); err == nil {
			past, err = pastDisputes(tx, 50)
		}
		return err
	})
	return open, past, err
}

// Dispute is one dispute with its history.
func (s *Service) Dispute(ctx context.Context, who access.Actor, v id.ID) (d Dispute, moves []DisputeMove, err error) {
	defer fault.Wrap(&err, "payment: dispute")
	act := audit.Act{Action: "payment.disputes", Object: "dispute", ObjectID: v}
	if err := s.audit.Allow(ctx, who, access.PaymentView, act); err != nil {
		return d, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if d, err = disputeByID(tx, v); err == nil {
			moves, err = disputeMoves(tx, v)
		}
		return err
	})
	return d, moves, err
}

// DisputesOf lists the disputes of an order, the oldest first.
func (s *Service) DisputesOf(ctx context.Context, order id.ID) (list []Dispute, err error) {
	defer fault.Wrap(&err, "payment: disputes of an order")
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { list, err = disputesOf(tx, order); return err })
	return list, err
}

// till is where a dispute is. One of which that is not known is looked for where new payments go.
func (d Dispute) till() till { return till{d.Provider, d.Account, d.Mode} }

// disputer finds who deals with disputes at an account: another account of the same provider knows nothing of them.
func (s *Service) disputer(ctx context.Context, at till) (Disputer, Description, error) {
	g, err := s.at(ctx, at)
	if at.Account == "" && !s.held(ctx) {
		g, err = s.engine(at.Provider)
	}
	if err != nil {
		return nil, Description{}, err
	}
	d, ok := g.(Disputer)
	if !ok {
		return nil, Description{}, fault.New(fault.Conflict, "payment.no_disputes")
	}
	return d, g.Describe(), nil
}

// askDispute asks how a dispute stands, and brings the answer in.
func (s *Service) askDispute(ctx context.Context, at till, ref, cause string) error {
	g, of, err := s.disputer(ctx, at)
	if err != nil {
		return err
	}
	cctx, cancel := context.WithTimeout(ctx, jobLimit)
	defer cancel()
	a, err := g.Dispute(cctx, ref)
	if err != nil {
		return err
	}
	return s.settleDispute(ctx, of, a, cause)
}

// heardDispute deals with a notice about a dispute: the provider is asked at once, or by a job.
func (s *Service) heardDispute(ctx context.Context, provider string, n Notice, p Payment) error {
	cctx, cancel := context.WithTimeout(ctx, callLimit)
	at := till{provider, n.Account, n.Mode}
	err := s.askDispute(cctx, at, n.Dispute, "notice")
	cancel()
	if err == nil || Final(err) || fault.Is(err, fault.Conflict) {
		return s.keepNotice(ctx, provider, n, p.ID)
	}
	return s.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		fresh, err := insertNotice(tx, provider, n, p.ID, false)
		if err != nil || !fresh {
			return err
		}
		_, err = s.jobs.Enqueue(tx, job.Job{Kind: "payment.dispute", Key: provider + "/" + n.ID, Args: disputeArgs{at, n.Dispute, n.ID}})
		return err
	})
}

type disputeArgs struct {
	till
	Dispute, Event string
}

func (s *Service) lateDispute(ctx context.Context, a disputeArgs) error {
	if err := s.askDispute(ctx, a.till, a.Dispute, "notice"); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return finishNotice(tx, a.Provider, a.Event) })
}

// pollDisputes asks about disputes that nobody has told of for a while.
func (s *Service) pollDisputes(ctx context.Context) {
	if s.held(ctx) {
		return
	}
	var due []Dispute
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { due, err = dueDisputes(tx, 50); return err })
	for _, d := range due {
		if aerr := s.askDispute(ctx, d.till(), d.Ref, "poll"); aerr != nil {
			s.log.Info("a dispute was not answered for and is asked about again", "dispute", d.ID, "error", aerr)
		}
		if err == nil {
			err = s.db.Write(ctx, func(tx *db.Tx) error { return postponeDispute(tx, d, tx.Now().Add(disputePoll)) })
		}
	}
	if err != nil {
		s.log.Warn("disputes were not looked after", "error", err)
	}
}

// disputes brings in what changed at the provider since the first day of a run: notices may have been lost.
func (r *run) disputes(ctx context.Context) error {
	g, of, err := r.s.disputer(ctx, r.at)
	if fault.Is(err, fault.Conflict) {
		return r.page(ctx, func(*db.Tx) (runRow, error) { return r.row.nextStep(stepBook), nil })
	}
	if err != nil {
		return err
	}
	cctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	list, next, err := g.Disputes(cctx, r.row.span.From.Begin(r.s.zone), r.row.cursor)
	if err != nil {
		return fmt.Errorf("the disputes at %s cannot be read: %w", r.provider, told(err))
	}
	if next != "" && next == r.row.cursor || len(next) > 500 {
		return fmt.Errorf("the disputes at %s have no end: %w", r.provider, ErrMismatch)
	}
	var odd []Difference
	for _, a := range list {
		err := r.s.settleDispute(ctx, of, a, "reconcile")
		if errors.Is(err, ErrMismatch) { // one that cannot be true keeps nothing else from being compared
			odd, err = append(odd, r.oddDispute(a)), nil
		}
		if err != nil {
			return err
		}
	}
	return r.page(ctx, func(tx *db.Tx) (runRow, error) {
		row := r.row
		for _, d := range odd {
			if err := noteDifference(tx, d); err != nil {
				return row, err
			}
		}
		if row.cursor = next; next == "" {
			row = row.nextStep(stepBook)
		}
		return row, nil
	})
}

// oddDispute is what is listed of a dispute that the provider describes as it cannot be.
func (r *run) oddDispute(a DisputeAnswer) Difference {
	d := Difference{Provider: r.provider, Kind: DisputeUnbooked, Subject: "dispute/" + a.Ref[:min(len(a.Ref), 180)], Day: r.row.day, Currency: a.Currency}
	if len(d.Currency) != 3 {
		d.Currency = "XXX" // ISO 4217: no currency
	}
	if money.Check(a.Amount) == nil {
		d.Theirs = a.Amount
	}
	return d
}

// genuine says whether an answer about a dispute can be true of the provider's account.
func (a DisputeAnswer) genuine(of Description) bool {
	return a.Ref != "" && len(a.Ref) <= 200 && slices.Contains(DisputeStates(), a.Status) && a.Account == of.Account && a.Mode == of.Mode &&
		a.Amount > 0 && money.Check(a.Amount) == nil && a.Taken >= 0 && money.Check(a.Taken) == nil && len(a.Currency) == 3
}

// settleDispute brings what the provider said into the database: state, ledger, audit entry, event, and the owner told.
func (s *Service) settleDispute(ctx context.Context, of Description, a DisputeAnswer, cause string) error {
	if !a.genuine(of) {
		return fmt.Errorf("%w: a dispute", ErrMismatch)
	}
	if !reasonForm.MatchString(a.Reason) {
		a.Reason = "other"
	}
	return s.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		d, err := s.disputeOf(tx, of, a)
		if err != nil {
			return err
		}
		return s.applyDispute(tx, d, a, cause)
	})
}

// disputeOf finds the row of a dispute, or makes it, and keeps others from it until the transaction ends.
func (s *Service) disputeOf(tx *db.Tx, of Description, a DisputeAnswer) (Dispute, error) {
	p, ours, err := byNotice(tx, of.Name, Notice{Ref: a.Session, Charge: a.Charge})
	if err != nil {
		return Dispute{}, err
	}
	d := Dispute{ID: tx.NewID(), Provider: of.Name, Account: of.Account, Mode: of.Mode, Ref: a.Ref, Reason: a.Reason, Amount: a.Amount,
		Currency: a.Currency, Opened: a.Opened}
	if ours && p.till() == d.till() {
		d.Payment, d.Order, d.Number = p.ID, p.Order, p.Number
	}
	if err := insertDispute(tx, d); err != nil {
		return Dispute{}, err
	}
	return lockDispute(tx, of.Name, a.Ref)
}

// applyDispute moves a dispute to where the provider says it stands.
func (s *Service) applyDispute(tx *db.Tx, d Dispute, a DisputeAnswer, cause string) error {
	if d.State == a.Status && d.Taken == a.Taken && d.Due.Equal(a.Due) {
		return nil
	}
	if d.Over() && !(Dispute{State: a.Status}).Over() && cause != "reconcile" && tx.Now().Sub(d.Changed) < overtaking {
		return errOvertaken
	}
	old, delta := d, a.Taken-d.Taken
	d.State, d.Taken, d.Due, d.Changed = a.Status, a.Taken, a.Due, tx.Now()
	d.Moves++
	if d.Next = tx.Now().Add(disputePoll); d.Over() {
		d.Next = time.Time{}
	}
	d.Answered = d.Answered || a.Status == DisputeReview
	if delta != 0 && !d.Payment.IsZero() { // of no payment of ours: its lines in the provider's account are booked as unclear
		d.Bookings++
		if err := s.bookDispute(tx, d, delta); err != nil {
			return err
		}
	}
	err := s.accuse(tx, d)
	if err == nil {
		err = updateDispute(tx, d)
	}
	if err == nil {
		err = insertDisputeMove(tx, d, old.State, cause)
	}
	if err == nil {
		e := audit.Entry{Actor: s.actor, Action: "payment.dispute", Object: "dispute", ObjectID: d.ID, Reason: cause, Outcome: audit.Done,
			Facts: []audit.Fact{{Key: "state", Text: string(d.State)}, {Key: "amount", Int: int64(d.Amount)}, {Key: "taken", Int: int64(d.Taken)}}}
		if cause == "notice" {
			e.Actor = access.Provider(d.Provider)
		}
		err = s.audit.Record(tx, e)
	}
	if err == nil && d.State != old.State {
		err = tx.Emit(DisputeMoved{Dispute: d.ID, Payment: d.Payment, Order: d.Order, Provider: d.Provider, From: string(old.State), To: string(d.State),
			Amount: int64(d.Amount)})
	}
	if err != nil || d.State == old.State {
		return err
	}
	return s.tellOfDispute(tx, d, old.State)
}

// accuse tells the payee of a dispute when it becomes one.
func (s *Service) accuse(tx *db.Tx, d Dispute) error {
	to, ok := s.payee.(Defendant)
	if !ok || d.Order.IsZero() || !d.State.claims() {
		return nil
	}
	before, err := claimedBefore(tx, d.ID)
	if err != nil || before {
		return err
	}
	return to.PaymentDisputed(tx, d.Order)
}

// claims says whether the money is being taken back, and not only asked about.
func (s DisputeStatus) claims() bool {
	return s == DisputeOpen || s == DisputeReview || s == DisputeLost
}

// bookDispute books what a dispute has taken since, or given back.
func (s *Service) bookDispute(tx *db.Tx, d Dispute, delta money.Amount) error {
	_, err := Post(tx, Booking{Key: fmt.Sprintf("dispute/%s/%d", d.ID, d.Bookings), Kind: "dispute", Order: d.Order, Payment: d.Payment,
		Currency: d.Currency, Lines: []Line{{Disputed, delta}, {clearing + d.Provider, -delta}}})
	if err != nil {
		return err
	}
	return holdDisputed(tx, d.Payment, delta)
}

// tellOfDispute tells the owner of a new dispute, of one that wants an answer again, and of its end, and reminds her before
// an answer is no longer taken.
func (s *Service) tellOfDispute(tx *db.Tx, d Dispute, old DisputeStatus) error {
	l := Letter{Kind: LetterDispute, Provider: d.Provider, Dispute: d.ID, Key: d.ID.String()}
	switch {
	case d.Over():
		l.Kind, l.Key = LetterDisputeOver, fmt.Sprintf("%s/%d", d.ID, d.Moves)
		return s.tellOwner(tx, l)
	case old == "":
	case old == DisputeOpen || !d.Answerable(tx.Now()):
		return nil
	default:
		l.Key += fmt.Sprintf("/%d", d.Moves)
	}
	if err := s.tellOwner(tx, l); err != nil || d.Due.IsZero() {
		return err
	}
	l.Kind, l.At = LetterDisputeDue, d.Due.Add(-reminderAhead)
	if l.At.Before(tx.Now()) {
		return nil
	}
	return s.tellOwner(tx, l)
}
