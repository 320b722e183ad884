package payment

import (
	"context"
	"slices"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Kind says what differs. Each has three texts: "payment.diff.<kind>", "..._do" (what to do) and "..._act" (the one
// thing that the desk offers).
type Kind string

// The kinds of differences.
const (
	PaidThere       Kind = "paid_there"       // the provider has the money and the store does not say so
	PaidHere        Kind = "paid_here"        // the store says paid and the provider's account shows nothing
	SumDiffers      Kind = "sum_differs"      // both say paid, of different sums or currencies
	RefundThere     Kind = "refund_there"     // the provider has given back more than the store knows of
	RefundHere      Kind = "refund_here"      // the store says refunded and the provider's account does not show it
	RefundOutside   Kind = "refund_outside"   // made at the provider's own desk; it is booked
	PaymentUnknown  Kind = "payment_unknown"  // money that belongs to no payment of the store
	Adjustment      Kind = "adjustment"       // something else moved at the provider
	OrderUnpaid     Kind = "order_unpaid"     // an order says paid, and no payment of it is
	OrderBehind     Kind = "order_behind"     // a payment is paid, and its order does not say so
	OrderDiffers    Kind = "order_differs"    // the order's total is not what was paid
	FeeUnbooked     Kind = "fee_unbooked"     // a fee that the ledger does not have
	PayoutUnbooked  Kind = "payout_unbooked"  // a payout that the ledger does not have
	DisputeUnbooked Kind = "dispute_unbooked" // the provider took another sum for a dispute than the ledger has
	HoldOver        Kind = "hold_over"        // a held sum past its time, or with a capture whose end nobody knows
	LedgerDiffers   Kind = "ledger_differs"   // the ledger's entries of a payment are not its sums
)

// Kinds lists all of them.
func Kinds() []Kind {
	return []Kind{PaidThere, PaidHere, SumDiffers, RefundThere, RefundHere, RefundOutside, PaymentUnknown, Adjustment, OrderUnpaid,
		OrderBehind, OrderDiffers, FeeUnbooked, PayoutUnbooked, DisputeUnbooked, LedgerDiffers, HoldOver}
}

// Action is the one thing that can be done about a difference beside accepting it.
func (k Kind) Action() string {
	switch k {
	case PaidThere, PaidHere, SumDiffers, RefundThere, RefundHere, OrderBehind, DisputeUnbooked, HoldOver:
		return "ask" // the provider, now
	case FeeUnbooked, PayoutUnbooked, LedgerDiffers, OrderUnpaid, OrderDiffers:
		return "again" // compare again
	}
	return "accept" // it is what it is: somebody has looked at it
}

// The states of a difference.
const (
	DifferenceOpen     = "open"
	DifferenceSettled  = "settled"  // it is not there any more
	DifferenceAccepted = "accepted" // it is there, and somebody has said why that is all right
)

// Difference is one thing in which provider, ledger and orders do not agree.
type Difference struct {
	ID       id.ID
	Provider string
	Kind     Kind
	Subject  string
	Payment  id.ID
	Order    id.ID
	Number   string
	Day      Day
	Ours     money.Amount
	Theirs   money.Amount
	Currency money.Currency
	State    string
	Why      string
	Found    time.Time
	Seen     time.Time
	Ended    time.Time
}

// WhyAccepted lists the words for accepting a difference; each has a text under "payment.why_".
func WhyAccepted() []string {
	return []string{"provider_explained", "booked_elsewhere", "made_by_us", "trial", "other"}
}

const maxNote = 500

// Differences lists differences in a state, the newest first; after is the ID of the last one of the page before.
func (s *Service) Differences(ctx context.Context, who access.Actor, state string, after id.ID) (list []Difference, err error) {
	defer fault.Wrap(&err, "payment: differences")
	if err := s.audit.Allow(ctx, who, access.PaymentView, audit.Act{Action: "payment.differences", Object: "payment"}); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { list, err = selectDifferences(tx, state, after, 100); return err })
	return list, err
}

// OpenDifferences counts what nobody has dealt with.
func (s *Service) OpenDifferences(ctx context.Context) (n int64, err error) {
	defer fault.Wrap(&err, "payment: count differences")
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { n, err = countDifferences(tx); return err })
	return n, err
}

// AcceptDifference says that a difference is all right, with a word and a note that stands sealed in the audit log.
func (s *Service) AcceptDifference(ctx context.Context, who access.Actor, v id.ID, why, note string) (err error) {
	defer fault.Wrap(&err, "payment: accept a difference")
	act := audit.Act{Action: "payment.difference_accept", Object: "difference", ObjectID: v}
	if err := s.audit.Allow(ctx, who, access.PaymentSettle, act); err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "payment.accept_invalid")
	if !slices.Contains(WhyAccepted(), why) {
		f.WithField("why", "payment.accept_why", nil)
	}
	if len(note) > maxNote || (why == "other" && note == "") {
		f.WithField("note", "payment.accept_note", fault.Params{"max": maxNote})
	}
	if len(f.Fields) > 0 {
		return f
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		d, err := differenceByID(tx, v)
		if err != nil {
			return err
		}
		ok, err := acceptDifference(tx, v, why)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "payment.difference_over")
		}
		if err != nil {
			return err
		}
		return s.audit.Record(tx, audit.Entry{Actor: who, Action: act.Action, Object: act.Object, ObjectID: v, Reason: note, Outcome: audit.Done,
			Facts: []audit.Fact{{Key: "kind", Text: string(d.Kind)}, {Key: "ours", Int: int64(d.Ours)}, {Key: "theirs", Int: int64(d.Theirs)}, {Key: "why", Text: why}}})
	})
}

// AskAboutDifference asks the provider about the payment of a difference, compares it again, and returns the difference
// as it then stands.
func (s *Service) AskAboutDifference(ctx context.Context, who access.Actor, v id.ID) (d Difference, err error) {
	defer fault.Wrap(&err, "payment: ask about a difference")
	act := audit.Act{Action: "payment.difference_ask", Object: "difference", ObjectID: v}
	if err := s.audit.Allow(ctx, who, access.PaymentSettle, act); err != nil {
		return d, err
	}
	if err = s.db.Read(ctx, func(tx *db.Tx) (err error) { d, err = differenceByID(tx, v); return err }); err != nil {
		return d, err
	}
	if d.State != DifferenceOpen {
		return d, nil
	}
	if err := s.look(ctx, d); err != nil {
		return d, told(err)
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { d, err = differenceByID(tx, v); return err })
	return d, err
}
