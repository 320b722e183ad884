package gatewaytest

import (
	"testing"

	"strongroom/shop/payment"
)

// Beyond is a bench for what an engine can do beyond taking payments (payment.Inspector, Subscriber, Statement,
// Disputer). A field that is nil leaves out what needs it, and says so.
type Beyond struct {
	*Bench
	// Full is the engine with a key that may do anything, where the provider has such keys.
	Full payment.Gateway
	// Weak is the engine with a key that lacks one right; Lacks is that right's name in the report.
	Weak  payment.Gateway
	Lacks string
	// Address is where notices may go; Subscribed counts the subscriptions of an address that stand at the provider.
	Address    string
	Subscribed func(address string) int
	// Dispute opens a dispute about a paid session and returns its name; an inquiry takes no money.
	Dispute func(s payment.Session, inquiry bool) string
	// Decide ends a dispute as the bank does.
	Decide func(dispute string, won bool)
	// Untold says that the provider's sessions do not tell of their disputes, so that notices and the list must.
	Untold bool
	// PayOut has the provider pay out what it holds.
	PayOut func()
}

// BeyondFactory sets up a bench.
type BeyondFactory func(t *testing.T) *Beyond

// RunBeyond runs the suites of the interfaces that the engine fulfils, and fails if it fulfils none.
func RunBeyond(t *testing.T, make BeyondFactory) {
	type test struct {
		name string
		test func(t *testing.T, b *Beyond)
	}
	var cases []test
	g := make(t).Gateway
	if _, ok := g.(payment.Inspector); ok {
		cases = append(cases, test{"inspect", inspect}, test{"inspect a key that may too much", inspectFull},
			test{"inspect a key that may too little", inspectWeak}, test{"inspect refused and away", inspectAway})
	}
	if _, ok := g.(payment.Subscriber); ok {
		cases = append(cases, test{"subscribe", subscribe}, test{"subscribe after a lost answer", subscribeLost},
			test{"subscribe elsewhere", subscribeElsewhere})
	}
	if _, ok := g.(payment.Statement); ok {
		cases = append(cases, test{"movements", movements}, test{"movements by time", movementsBounds},
			test{"movements by page", movementsPages})
	}
	if _, ok := g.(payment.Disputer); ok {
		cases = append(cases, test{"dispute", disputeOpen}, test{"inquiry", disputeInquiry}, test{"answer a dispute", disputeAnswer},
			test{"a dispute is decided", disputeDecided}, test{"accept a dispute", disputeAccept},
			test{"disputes are listed", disputesListed}, test{"unknown dispute", disputeUnknown})
	}
	if len(cases) == 0 {
		t.Fatal("the engine fulfils none of the interfaces")
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.test(t, make(t)) })
	}
}
