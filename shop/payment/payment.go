// Package payment takes money for orders through the hosted pages of payment providers.
//
// # The way of a payment
//
// Prepare writes the payment in the order's own transaction, with the key under which the provider will be asked.
// After the commit Begin starts the hosted session (2 seconds; the sweep does it otherwise) and the shopper is sent to
// Payment.URL. From then on the payment moves only by what the provider says when it is asked: a notice, the return
// page (Refresh), the sweep and Expire all end in one fetch and one function, apply, which compares amount, currency,
// reference, account and mode before anything counts. What differs goes to the state mismatch, and a person looks.
//
// No network call happens inside a transaction. Everything that goes outside carries a key made of the reference, the
// operation and a counter that stands in the database before the call, so that a call whose answer was lost is
// repeated without a second effect.
//
// # Late money
//
// A payment that was closed (expired, declined) can still be paid at the provider. It then moves to paid with Late
// set, and the Payee decides in the same transaction: take the order up again, or RefundTx.
//
// # Held sums
//
// A payment with Manual holds its sum first. What is to be done with it, once, is a row before the provider is asked
// (hold.go): a job captures or lets go with that row's key until the end is known.
//
// # Ledger
//
// Every movement of money or of a claim is a balanced booking (ledger.go, docs/payments.md). CheckLedger sums it all.
package payment

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
)

// State is where a payment stands.
type State string

// The states of a payment.
const (
	Prepared   State = "prepared" // written; the provider may or may not know of it
	Open       State = "open"     // the shopper can pay
	Pending    State = "pending"  // the shopper is done and the money is on its way
	Authorised State = "authorised"
	Paid       State = "paid"
	Declined   State = "declined"
	Expired    State = "expired"
	Voided     State = "voided"
	Mismatch   State = "mismatch" // the provider describes something else than we asked for: a person looks
)

// moves says which states follow which. What is not listed does not happen, whatever the provider says.
var moves = map[State][]State{
	Prepared:   {Open, Pending, Authorised, Paid, Declined, Expired, Voided, Mismatch},
	Open:       {Pending, Authorised, Paid, Declined, Expired, Voided, Mismatch},
	Pending:    {Authorised, Paid, Declined, Expired, Voided, Mismatch},
	Authorised: {Paid, Declined, Expired, Voided, Mismatch},
	Declined:   {Authorised, Paid, Mismatch}, // late money
	Expired:    {Authorised, Paid, Mismatch}, // late money
	Voided:     {Mismatch},
}

// May says whether a payment can move from s to next.
func (s State) May(next State) bool { return slices.Contains(moves[s], next) }

// Active says whether the payment can still be paid in time: its stock stays reserved.
func (s State) Active() bool { return s == Prepared || s == Open || s == Pending || s == Authorised }

// Payment is one attempt to be paid.
type Payment struct {
	ID        id.ID
	Order     id.ID
	Reference string // random, 32 hexadecimal digits: what the outside calls the payment
	Number    string // the order's number
	Provider  string
	Account   string
	Mode      Mode
	Amount    money.Amount
	Currency  money.Currency
	Manual    bool      // the sum is held first and captured when the order says so
	HeldUntil time.Time // until when the provider answers for the held sum; zero before there is one
	Secure    bool      // the provider is asked for its extra step
	State     State
	Late      bool // the money came after the payment was closed
	Keys      int64
	Ref       string
	Charge    string
	URL       string
	ReturnURL string
	CancelURL string
	Language  string
	Captured  money.Amount
	Asked     money.Amount // refunds that were asked for and did not fail
	Refunded  money.Amount
	Disputed  money.Amount // what disputes have taken
	Expires   time.Time
	Made      time.Time
	Changed   time.Time
	Moves     int64 // how often it has moved
	Polls     int64
	Next      time.Time
	Signals   Signals // what the provider said with this move; not kept
}

// Refundable is what may still be refunded.
func (p Payment) Refundable() money.Amount {
	if p.State != Paid {
		return 0
	}
	return max(p.Captured-p.Asked-p.Disputed, 0)
}

// key is the provider key of an operation. All but refunds happen at most once in a payment's life.
func (p Payment) key(operation string, n int64) string {
	return fmt.Sprintf("%s-%s-%d", p.Reference, operation, n)
}

// Want is what an order asks for.
type Want struct {
	Order    id.ID
	Number   string // the order number that the shopper reads on the provider's page
	Amount   money.Amount
	Currency money.Currency
	Provider string // empty: the first one
	Manual   bool   // hold first where the provider can, capture when the order agrees
	Secure   bool   // ask for the provider's extra step (3-D Secure), whatever it thinks itself
	PickUp   bool   // the order is picked up, so that it can be paid where it is handed over
	Expires  time.Time
	// ReturnURL and CancelURL are where the provider sends the shopper. "{payment}" in them becomes the reference. They
	// are stored and shown to the provider, so they must hold no secret.
	ReturnURL, CancelURL string
	Language             string
	Actor                access.Actor
}

// Payee is told of every move, inside the transaction that makes it; an error undoes the move. The order fulfils it.
//
// Paid without Late: the order is paid. Paid with Late: the payment was closed before; take the order up again, or
// refund with RefundTx in the same transaction. Authorised: nil has the held sum captured at once, ErrKeep keeps it held
// until CaptureTx or VoidTx, ErrLetGo has it let go, and any other error undoes the move. Declined, Expired, Voided: no
// money came, or a held sum is held no more; nothing is left to come but late money.
type Payee interface {
	PaymentMoved(tx *db.Tx, p Payment) error
}

// Watcher is a Payee that also wants to know what a session shows while it stays open: cards that were declined in it.
type Watcher interface {
	// PaymentSeen is told outside any transaction, after each answer of the provider that says something of that sort.
	PaymentSeen(ctx context.Context, p Payment, g Signals) error
}

// Defendant is a Payee that also wants to know when a payment is disputed.
type Defendant interface {
	// PaymentDisputed is told inside the transaction that hears of it, once for each dispute: not of a bank's mere question, and
	// not again when a dispute moves on, ends or begins anew.
	PaymentDisputed(tx *db.Tx, order id.ID) error
}

// MinExpires and MaxExpires bound how long a session may live.
const (
	MinExpires = time.Minute
	MaxExpires = 48 * time.Hour
)

// withReference puts the reference where a return address wants it.
func withReference(address, reference string) string {
	return strings.ReplaceAll(address, "{payment}", reference)
}
