// Package fraud guards payments: against stolen cards, and against people who try out thousands of card numbers on a
// small store's payment page.
//
// # What is looked at
//
// Four things are known of an attempt to pay without asking anybody: the order itself, the browser by a cookie of our
// own with nothing but a random number in it, the mail address, and the network. For the last three the store counts
// what became of payment sessions: paid, declined, abandoned, disputed. What is old counts less and goes by itself
// (tally.go). Counts weigh against each other: a network from which a hundred people paid may have ten declines, and a
// browser that never paid may not. The number of orders alone says nothing, because a sale looks just like that.
//
// # What follows
//
// Assess gives points, each with a reason that people can read, and their sum says what happens: allow; an extra step
// (step.go); hold until somebody of the staff has looked (the order stands, no payment page is opened); refuse, with the
// way to a person. Gate stands before every payment session, the first as well as each further one, inside the
// transaction that prepares it; so pages, API and machines all meet it.
//
// # Strict times
//
// When more newcomers end with declined cards than any crowd of honest ones would, the store becomes strict by itself
// (mode.go): newcomers take the extra step, the provider's own step is asked for, and they share a small budget of
// sessions, which grows with each one that is paid and not otherwise. Who has paid here before notices nothing. It ends
// by itself, and the owner is told both times. For whom something speaks that an attacker cannot make up, a network in
// which people pay or a mailbox that is hers, there is a second budget, so that testers do not use up that one.
//
// # What is kept
//
// Keyed hashes, counts and points; no address, no name, no network. A case goes after 35 days, one that was paid after
// 190, because a buyer has 120 to dispute it; a count goes after 4 days unless it was paid, and then after 180. All go
// with the person's erasure. See docs/fraud.md.
package fraud

import (
	"net/netip"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// Outcome is what an assessment asks for. The numbers are stored.
type Outcome uint8

// The outcomes, the mildest first.
const (
	Allow  Outcome = 1
	Step   Outcome = 2 // an extra step before payment
	Hold   Outcome = 3 // a person looks first
	Refuse Outcome = 4
)

var outcomes = [...]string{"", "allow", "step", "hold", "refuse"}

// String is the outcome's word; texts are "fraud.outcome_" and this.
func (o Outcome) String() string {
	if int(o) < len(outcomes) {
		return outcomes[o]
	}
	return ""
}

// State is where a case stands. The numbers are stored.
type State uint8

// The states of a case.
const (
	Clear    State = 1 // nothing stands in the way
	Asked    State = 2 // the extra step is asked for
	Passed   State = 3 // the extra step was taken
	Held     State = 4 // a person looks first
	Waiting  State = 5 // strict times, and the budget is used up
	Released State = 6 // by a person
	Refused  State = 7
)

var states = [...]string{"", "clear", "asked", "passed", "held", "waiting", "released", "refused"}

// String is the state's word; texts are "fraud.state_" and this.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// Reason is why points were given. Texts are "fraud.because_" and its word.
type Reason struct {
	Word   string
	Points int64
}

// Key is the message key of the reason.
func (r Reason) Key() string { return "fraud.because_" + r.Word }

// Attempt is what is known about an order that is about to be placed.
type Attempt struct {
	Order    id.ID
	Device   id.Token // of the browser's cookie; empty if it brought none
	Email    string
	From     netip.Addr
	Delivery string // countries
	Billing  string
	Goods    []id.ID
	Total    money.Amount
	Known    bool      // somebody who is signed in and has paid here before
	Drafted  time.Time // when the details were first saved
	Carted   time.Time // when the cart was begun
}

// Verdict is what an assessment came to.
type Verdict struct {
	Outcome  Outcome
	Score    int64
	Reasons  []Reason
	Newcomer bool
	Strict   bool
	Proven   int64 // how many sessions of the attempt's network were paid lately
	total    money.Amount
	keys     keys
}

// Guarded says whether the verdict was made at all; without a defence there is none, and everything is allowed.
func (v Verdict) Guarded() bool { return v.Outcome != 0 }

// May says whether a payment session may be prepared at once.
func (v Verdict) May() bool { return !v.Guarded() || v.Outcome == Allow || v.Secure() }

// Secure says whether the provider's own extra step is all that is asked for: nothing about the attempt looks like
// somebody who tries out cards, only like a card that may be another's.
func (v Verdict) Secure() bool {
	if v.Outcome != Step || v.Strict && v.Newcomer {
		return false
	}
	for _, r := range v.Reasons {
		if r.Points > 0 && testing[r.Word] {
			return false
		}
	}
	return true
}

// testing are the reasons that speak of somebody who tries out cards.
var testing = map[string]bool{"device_declines": true, "contact_declines": true, "network_declines": true, "device_open": true,
	"device_abandoned": true, "contact_abandoned": true, "many_names": true, "strict_times": true}

// Case is what is kept about an order.
type Case struct {
	Order    id.ID
	At       time.Time
	Changed  time.Time
	Outcome  Outcome
	State    State
	Score    int64
	Reasons  []Reason
	Seen     []Reason // what the provider said of how it was paid
	Newcomer bool
	Strict   bool
	Total    money.Amount
	Sessions int64
	Declines int64
	Ended    End
	Decided  time.Time
	By       id.ID

	running int64 // declines of the session that is open
	spent   lane
	keys    keys
}

// lane is which budget of strict times a session was taken from. The numbers are stored.
type lane uint8

const (
	free    lane = 0
	anybody lane = 1
	trusted lane = 2 // something speaks for her that cannot be made up
)

// End is what became of a case's order. The numbers are stored.
type End uint8

// The ends.
const (
	Open    End = 0
	Paid    End = 1
	Nothing End = 2
)

// keys are the keyed hashes of an attempt. Empty ones are unknown.
type keys struct{ device, contact, network, domain, goods []byte }

// The faults that shoppers meet. Each page says what happens now and how to reach a person.
var (
	ErrStep    = fault.New(fault.Conflict, "fraud.step_needed")
	ErrHeld    = fault.New(fault.Conflict, "fraud.held")
	ErrWaiting = fault.New(fault.Conflict, "fraud.waiting")
	ErrRefused = fault.New(fault.Forbidden, "fraud.refused")
)

// pack writes reasons as they are stored: "declines:30 disposable:15".
func pack(list []Reason) string {
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = r.Word + ":" + itoa(r.Points)
	}
	return strings.Join(words, " ")
}

// unpack reads what pack wrote.
func unpack(text string) (out []Reason) {
	for _, w := range strings.Fields(text) {
		word, points, _ := strings.Cut(w, ":")
		out = append(out, Reason{word, atoi(points)})
	}
	return out
}

func sum(list []Reason) (n int64) {
	for _, r := range list {
		n += r.Points
	}
	return n
}
