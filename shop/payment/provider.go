package payment

import (
	"context"
	"time"

	"strongroom/base/money"
)

// What follows is what a provider can do beyond taking one payment. An engine fulfils what its provider offers, and the
// service asks for each with a type assertion; a provider without statements is reconciled by its sessions alone.

// KeyReport is what a provider says about the keys that an engine works with. Nothing in it is secret.
type KeyReport struct {
	Account  string // the account that the money goes to
	Typed    bool   // that account is what was typed: the provider does not say whose keys they are
	Name     string // what the provider calls the account, for people; empty where it does not say
	Mode     Mode
	Scopes   []Scope
	Warnings []string // message keys: "payment.key_full" says that the key may do more than the store needs
}

// Scope is one right that a key needs.
type Scope struct {
	Name    string // in the provider's words, as they stand on the page where keys are made
	Granted bool
}

// Inspector tests keys without moving money.
type Inspector interface {
	Inspect(ctx context.Context) (KeyReport, error)
}

// Subscription is an address to which the provider sends its notices.
type Subscription struct {
	Ref    string // the provider's name of it
	Secret string // what its notices are verified with; empty where the provider is asked instead
}

// Subscriber has the provider send notices to an address. An address that is known already is kept, and a secret that
// the provider shows only once is made anew.
type Subscriber interface {
	Subscribe(ctx context.Context, key, address string) (Subscription, error)
}

// MovementKind says why the balance at a provider moved.
type MovementKind string

// The kinds of movements. What an engine does not know is an Adjustment, never left out.
const (
	MovedPayment    MovementKind = "payment"
	MovedRefund     MovementKind = "refund"
	MovedFee        MovementKind = "fee" // a fee that stands alone; fees of a payment stand in its Fee
	MovedPayout     MovementKind = "payout"
	MovedDispute    MovementKind = "dispute"     // taken for a dispute
	MovedWon        MovementKind = "dispute_won" // given back after a dispute
	MovedDisputeFee MovementKind = "dispute_fee" // or given back
	MovedAdjustment MovementKind = "adjustment"
)

// Movement is one line of the provider's own account.
type Movement struct {
	Ref       string // the provider's name of the line, unique there
	Kind      MovementKind
	Session   string // what it is about, as far as the provider says
	Charge    string
	Refund    string
	Dispute   string
	Payout    string       // the payout that it left with
	Reference string       // ours: Payment.Reference
	Amount    money.Amount // as the balance moves before fees: above zero it rises
	Fee       money.Amount // taken from it, above zero
	Currency  money.Currency
	At        time.Time
}

// Statement is the provider's own account of what moved.
type Statement interface {
	// Movements lists from (inclusive) to (exclusive) in a fixed order, at most some hundred a page. Next is empty after
	// the last page.
	Movements(ctx context.Context, from, to time.Time, cursor string) (page []Movement, next string, err error)
}

// DisputeStatus is where a dispute stands.
type DisputeStatus string

// The states of a dispute at the provider.
const (
	DisputeInquiry  DisputeStatus = "inquiry" // a question that takes no money yet
	DisputeOpen     DisputeStatus = "open"    // an answer is due
	DisputeReview   DisputeStatus = "review"  // answered; the bank decides
	DisputeWon      DisputeStatus = "won"
	DisputeLost     DisputeStatus = "lost"
	DisputeAccepted DisputeStatus = "accepted" // given up by the store
)

// DisputeAnswer is a dispute as the provider describes it.
type DisputeAnswer struct {
	Ref      string
	Session  string
	Charge   string
	Status   DisputeStatus
	Reason   string // one lower-case word of the provider's list: "fraudulent", "not_received"
	Amount   money.Amount
	Currency money.Currency
	Account  string
	Mode     Mode
	Opened   time.Time
	Due      time.Time    // until when evidence is taken; zero when none is
	Taken    money.Amount // of the balance, with nothing for fees
	Fee      money.Amount
}

// Evidence is what a store sends to answer a dispute. Texts are personal or may be: they are revealed for this call only.
type Evidence struct {
	Product   string // what was bought
	Buyer     string
	Email     string
	Address   string // of delivery
	Carrier   string
	Tracking  string
	ShippedAt time.Time
	Policy    string // of returns, as it was when the order was placed
	Text      string // the store's own words
	Submit    bool   // false: kept as a draft at the provider
}

// DisputeSource says how disputes stand.
type DisputeSource interface {
	// Dispute asks how one stands.
	Dispute(ctx context.Context, ref string) (DisputeAnswer, error)
	// Disputes lists those that changed since a moment, at most some hundred a page, for notices that were lost.
	Disputes(ctx context.Context, since time.Time, cursor string) (page []DisputeAnswer, next string, err error)
}

// DisputeReply takes what the store has to say to one.
type DisputeReply interface {
	// Answer sends evidence.
	Answer(ctx context.Context, key, ref string, e Evidence) (DisputeAnswer, error)
	// Accept gives up.
	Accept(ctx context.Context, key, ref string) (DisputeAnswer, error)
}

// Disputer is the part of a gateway that deals with disputes.
type Disputer interface {
	DisputeSource
	DisputeReply
}
