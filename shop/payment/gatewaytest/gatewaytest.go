// Package gatewaytest holds every payment engine to the same behaviour. An engine's test calls Run with a factory that
// sets up the engine against its provider, or against a faithful stand-in of it.
package gatewaytest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// Bench is one engine with its provider, set up afresh for one test.
type Bench struct {
	Gateway payment.Gateway
	Now     func() time.Time
	// Advance moves the provider's clock and has it do what is due.
	Advance func(d time.Duration)
	// Visit plays the shopper on the hosted page: "paid", "declined", "pending" (settles later), "fails" (does not),
	// "late" (money after the expiry). Where the outcome takes time it has begun when Visit returns.
	Visit func(s payment.Session, outcome string)
	// Settle and Late are how long pending and late money take at most. Late is 0 for a provider at which nothing can be
	// paid after the expiry.
	Settle, Late time.Duration
	// Retries says that the hosted page lets a shopper try again after a decline, so that the session stays open.
	Retries bool
	// Approves says that what the shopper does on the page is approved only, and that Visit captures it as the service does.
	Approves bool
	// Ageless says that the provider repeats a notice for days, so that its age says nothing.
	Ageless bool
	// Secures says that the provider takes the extra step when asked, and tells so.
	Secures bool
	// Trouble makes the provider's API misbehave: "fail" answers n calls with 500 and does nothing, "lose" does n
	// changing calls and answers 500, "slow" delays every answer beyond any patience; n is 0 to end it.
	Trouble func(kind string, n int)
	// Notices returns what the provider has sent so far.
	Notices func() []Sent
	// Sign makes a genuine notice at a time, with a secret: "" is the right one, anything else a wrong one.
	Sign func(at time.Time, secret string, edit func(body map[string]any)) Sent
	// OtherMode is an engine for the same merchant in the other mode, at the same provider.
	OtherMode payment.Gateway
	// WrongKey is the engine with a key that the provider does not know.
	WrongKey payment.Gateway
	// Number is the order's number of a request; nil: always the same.
	Number func(key string) string
}

// Sent is a notice as it arrives.
type Sent struct {
	Header http.Header
	Body   []byte
}

// Factory sets up a bench.
type Factory func(t *testing.T) *Bench

// sort says for which engines a case is.
type sort uint8

const (
	every   sort = iota
	hosted       // those with a page, keys, a way outside and notices
	offline      // those without (payment.Description.Offline)
)

// Run is the conformance suite. What an engine says of itself (payment.Description) decides which cases it passes: one
// without a provider behind it has no page, no keys and no notices, and must say so by refusing them.
func Run(t *testing.T, make Factory) {
	cases := []struct {
		name string
		sort sort
		test func(t *testing.T, b *Bench)
	}{
		{"describe", every, describe}, {"start and fetch", every, startAndFetch}, {"start is idempotent", every, startTwice},
		{"bounded requests", every, bounded}, {"declined", hosted, declined}, {"the extra step", hosted, secured}, {"pending settles", every, pendingSettles},
		{"pending fails", hosted, pendingFails}, {"expire", every, expire}, {"expire and pay race", every, race}, {"expired by itself", hosted, expiresItself},
		{"late money", every, lateMoney}, {"hold and capture", hosted, capture}, {"hold and capture a part", hosted, capturePart}, {"hold and void", hosted, void}, {"nothing is ever held", offline, neverHeld},
		{"refunds are bounded", every, refundBounds},
		{"refunds are idempotent", every, refundTwice}, {"parallel refunds", every, refundParallel}, {"500s, then success", hosted, fails},
		{"lost answers", hosted, lost}, {"slow answers end in time", hosted, slow}, {"unknown session", every, unknown}, {"wrong key", hosted, wrongKey},
		{"the other mode sees nothing", every, otherMode}, {"genuine notices", hosted, noticesGenuine}, {"forged notices", hosted, noticesForged},
		{"doubled headers", hosted, noticesDoubled}, {"notices of the other mode", hosted, noticesOtherMode}, {"no notices", offline, noticesNone},
	}
	own := hosted
	if make(t).Gateway.Describe().Offline {
		own = offline
	}
	for _, c := range cases {
		if c.sort == every || c.sort == own {
			t.Run(c.name, func(t *testing.T) { c.test(t, make(t)) })
		}
	}
}

// begins is the state in which a session begins: without a page there is nothing that a shopper could do first.
func (b *Bench) begins() payment.Status {
	if b.Gateway.Describe().Offline {
		return payment.StatusPending
	}
	return payment.StatusOpen
}

// closes says whether Expire ends the wait at once. Money may be on its way to an account without anybody knowing.
func (b *Bench) closes() bool {
	d := b.Gateway.Describe()
	return !d.Offline || d.Counter
}

// sum is what the suite pays.
const sum = 4990

func (b *Bench) request(key string) payment.StartRequest {
	number := "K7Q2-M9XD"
	if b.Number != nil {
		number = b.Number(key)
	}
	return payment.StartRequest{Key: key, Reference: "ref" + key, Order: number, Amount: sum, Currency: "EUR",
		ReturnURL: "https://shop.example/return", CancelURL: "https://shop.example/cancel", Language: "en",
		Expires: b.Now().Add(35 * time.Minute).Truncate(time.Second)}
}

func (b *Bench) start(t *testing.T, key string, edit ...func(*payment.StartRequest)) payment.Session {
	t.Helper()
	r := b.request(key)
	for _, e := range edit {
		e(&r)
	}
	s, err := b.Gateway.Start(context.Background(), r)
	must(t, err)
	return s
}

func (b *Bench) fetch(t *testing.T, s payment.Session) payment.Session {
	t.Helper()
	now, err := b.Gateway.Fetch(context.Background(), s.Ref)
	must(t, err)
	return now
}

// paid makes a paid session.
func (b *Bench) paid(t *testing.T, key string) payment.Session {
	t.Helper()
	s := b.start(t, key)
	b.Visit(s, "paid")
	s = b.fetch(t, s)
	wantStatus(t, s, payment.StatusPaid)
	return s
}

func manual(r *payment.StartRequest) { r.Manual = true }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantStatus(t *testing.T, s payment.Session, want payment.Status) {
	t.Helper()
	if s.Status != want {
		t.Fatalf("the session is %s; want %s", s.Status, want)
	}
	captured := money.Amount(0)
	if want == payment.StatusPaid {
		captured = sum
	}
	if s.Captured != captured {
		t.Fatalf("captured %d; want %d", s.Captured, captured)
	}
}
