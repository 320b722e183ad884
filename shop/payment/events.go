package payment

import (
	"strongroom/base/db"
	"strongroom/base/id"
)

// About names the payment that an event tells of. A test payment has no order.
type About struct {
	Payment, Order id.ID
	Provider       string
	Amount         int64 // of the payment, in minor units
}

// Started says that the hosted page is open.
type Started struct{ About }

// EventName is the event's name.
func (Started) EventName() string { return "payment.started" }

// WasPaid says that the money is there. Late: after the payment was closed.
type WasPaid struct {
	About
	Captured int64
	Late     bool
}

// EventName is the event's name.
func (WasPaid) EventName() string { return "payment.paid" }

// WasDeclined says that a bank refused, or that money on its way did not arrive.
type WasDeclined struct{ About }

// EventName is the event's name.
func (WasDeclined) EventName() string { return "payment.declined" }

// BecamePending says that the money is on its way.
type BecamePending struct{ About }

// EventName is the event's name.
func (BecamePending) EventName() string { return "payment.pending" }

// WasAuthorised says that the sum is held.
type WasAuthorised struct {
	About
	Late bool
}

// EventName is the event's name.
func (WasAuthorised) EventName() string { return "payment.authorised" }

// HasExpired says that the page is closed and nothing was paid.
type HasExpired struct{ About }

// EventName is the event's name.
func (HasExpired) EventName() string { return "payment.expired" }

// WasVoided says that a held sum was let go.
type WasVoided struct{ About }

// EventName is the event's name.
func (WasVoided) EventName() string { return "payment.voided" }

// Mismatched says that the provider describes something else than what was asked for. Nothing was marked paid; a
// person must look. What is the first field that differs.
type Mismatched struct {
	About
	What string
}

// EventName is the event's name.
func (Mismatched) EventName() string { return "payment.mismatched" }

// Refunded says that a refund is confirmed.
type Refunded struct {
	About
	Refund id.ID
	Sum    int64 // of this refund
	Reason string
}

// EventName is the event's name.
func (Refunded) EventName() string { return "payment.refunded" }

// RefundRefused says that the provider refuses a refund for good; the money is still with the store.
type RefundRefused struct {
	About
	Refund id.ID
	Sum    int64
	Why    string
}

// EventName is the event's name.
func (RefundRefused) EventName() string { return "payment.refund_refused" }

// HoldRefused says that the provider did not do what was asked with a held sum: Kind is "capture" or "void". Nothing was
// taken.
type HoldRefused struct {
	About
	Kind string
	Sum  int64
	Why  string
}

// EventName is the event's name.
func (HoldRefused) EventName() string { return "payment.hold_refused" }

func about(p Payment) About { return About{p.ID, orderOf(p), p.Provider, int64(p.Amount)} }

// tell emits the event of a move.
func tell(tx *db.Tx, p Payment) error {
	a := about(p)
	switch p.State {
	case Open:
		return tx.Emit(Started{a})
	case Pending:
		return tx.Emit(BecamePending{a})
	case Authorised:
		return tx.Emit(WasAuthorised{a, p.Late})
	case Paid:
		return tx.Emit(WasPaid{a, int64(p.Captured), p.Late})
	case Declined:
		return tx.Emit(WasDeclined{a})
	case Expired:
		return tx.Emit(HasExpired{a})
	case Voided:
		return tx.Emit(WasVoided{a})
	}
	return nil
}

// DisputeMoved says that a dispute began, or stands elsewhere.
type DisputeMoved struct {
	Dispute, Payment, Order id.ID
	Provider                string
	From, To                string // From is empty for a new one
	Amount                  int64
}

// EventName is the event's name.
func (DisputeMoved) EventName() string { return "payment.dispute_moved" }
