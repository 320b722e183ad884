package payment

import (
	"context"
	"net/http"
	"time"

	"strongroom/base/money"
)

// Mode says whether money is real. A payment never changes its mode, and an answer of the other mode never counts.
type Mode string

// The two modes.
const (
	Test Mode = "test"
	Live Mode = "live"
)

// Status is where a session stands in the provider's own words, reduced to what all providers share.
type Status string

// The states of a session.
const (
	StatusOpen       Status = "open"       // the shopper can pay
	StatusPending    Status = "pending"    // the shopper is done; the money is on its way or not
	StatusAuthorised Status = "authorised" // the money is held and waits for Capture
	StatusPaid       Status = "paid"
	StatusDeclined   Status = "declined"
	StatusExpired    Status = "expired"
	StatusVoided     Status = "voided" // a held sum was let go
)

// Session is one hosted payment as the provider describes it when asked.
type Session struct {
	Ref       string // the provider's name of the session
	Charge    string // the provider's name of the money in it, once there is some
	Status    Status
	Amount    money.Amount
	Currency  money.Currency
	Reference string // ours: Payment.Reference
	Account   string // whose money it is
	Mode      Mode
	Captured  money.Amount
	Refunded  money.Amount
	Refunds   []RefundAnswer // newest last, at most MaxRefunds
	URL       string         // the hosted page; empty when nothing is left to do there
	Expires   time.Time
	HeldUntil time.Time // until when the provider answers for a held sum; zero where it does not say
	Signals   Signals
}

// Signals is what a provider tells about how a session was paid, for the defence against fraud. Empty means unknown.
type Signals struct {
	Declines int64  // payments that were tried in this session and declined
	Country  string // of the card or the payer: two letters
	Postcode string // "pass", "fail": whether the bank knows the billing postcode so
	Secured  bool   // the extra step was taken and passed
	Dispute  string // the newest dispute about it
}

// RefundStatus is where a refund stands.
type RefundStatus string

// The states of a refund at the provider.
const (
	RefundPending RefundStatus = "pending"
	RefundDone    RefundStatus = "done"
	RefundFailed  RefundStatus = "failed"
)

// RefundAnswer is one refund as the provider describes it.
type RefundAnswer struct {
	Ref    string
	Key    string // the idempotency key that it was asked with; empty if somebody made it at the provider's own desk
	Status RefundStatus
	Amount money.Amount
}

// MaxRefunds bounds the refunds of one payment.
const MaxRefunds = 100

// StartRequest asks for a hosted session.
type StartRequest struct {
	Key       string
	Reference string
	Order     string // the order number that the shopper reads on the provider's page
	Amount    money.Amount
	Currency  money.Currency
	Manual    bool // hold the sum and wait for Capture
	ReturnURL string
	CancelURL string
	Language  string
	Secure    bool // ask for the provider's extra step (3-D Secure), whatever it thinks itself
	Expires   time.Time
}

// Notice is a verified message of the provider. It is a hint to ask, and never the truth itself.
type Notice struct {
	ID        string // unique at the provider
	Kind      string // its own word, for the log
	Ref       string // the session, or
	Charge    string // the money, or
	Reference string // ours, or
	Dispute   string // a dispute; at least one of the four
	Account   string
	Mode      Mode
	At        time.Time
}

// Description says who the gateway is and for whom it works.
type Description struct {
	Name    string // "sandbox", "stripe": a lower-case word, part of the notice address
	Label   string // for people
	Account string // the account at the provider that the money goes to
	Mode    Mode
	Origin  string   // exact origin of the hosted page, for form-action
	Methods []string // "card", "bank": what the provider offers there
	Late    bool     // some of its methods settle later
	// Hold is how long goods are held while money is on its way; 0 for what suits most providers.
	Hold time.Duration
	// Holds is how long a sum can be held before it is captured; 0 for a provider that takes money at once only.
	Holds time.Duration
	// Offline says that there is no page to go to: the shopper is told what to do, and staff say what came.
	Offline bool
	// Counter says that it is paid where the goods are handed over: only orders that are picked up can be, and nothing is on
	// its way before.
	Counter bool
	// Most is the greatest sum that it takes; 0 for any.
	Most money.Amount
}

// Takes says whether a sum can be paid so, by an order that is picked up or not.
func (d Description) Takes(amount money.Amount, pickUp bool) bool {
	return (pickUp || !d.Counter) && (d.Most == 0 || amount <= d.Most)
}

// Describer says who the gateway is.
type Describer interface {
	Describe() Description
}

// Sessions is the part of a gateway that deals with hosted pages.
type Sessions interface {
	// Start makes a session, or returns the one that the same key made before.
	Start(ctx context.Context, r StartRequest) (Session, error)
	// Fetch asks how the session stands now.
	Fetch(ctx context.Context, ref string) (Session, error)
	// Expire closes an open session. The answer is the truth: a session that was paid first comes back as paid.
	Expire(ctx context.Context, key, ref string) (Session, error)
}

// Funds is the part of a gateway that moves money.
type Funds interface {
	// Capture takes a held sum, or part of it; the rest is let go.
	Capture(ctx context.Context, key, ref string, amount money.Amount) (Session, error)
	// Void lets a held sum go.
	Void(ctx context.Context, key, ref string) (Session, error)
	// Refund gives back a part of what was captured.
	Refund(ctx context.Context, key, ref string, amount money.Amount) (RefundAnswer, error)
}

// Notices is the part of a gateway that hears from the provider.
type Notices interface {
	// ParseNotice verifies the raw body before it reads it. Every refusal is ErrNotice, whatever the reason; another
	// error says that the provider was to be asked and did not answer, so that the notice must come again.
	ParseNotice(ctx context.Context, now time.Time, header http.Header, body []byte) (Notice, error)
}

// Gateway is the seam to a payment provider. The service calls it, engines below this package fulfil it (sandbox, and
// later others), and package gatewaytest holds all of them to the same behaviour:
//
//   - The same key with the same request has one effect and gives the same answer, also after a lost answer.
//   - Every call ends within the engine's time limit (at most 10 s) and heeds ctx. Within it an engine may repeat a
//     call that ended in ErrTemporary, with the same key; after it the service does, from a job.
//   - Errors are one of ErrDeclined, ErrTemporary, ErrRejected, ErrMismatch and ErrNotFound; anything else, and above
//     all an answer that was lost, counts as ErrTemporary: whether it happened is unknown.
type Gateway interface {
	Describer
	Sessions
	Funds
	Notices
}
