package shield

import (
	"net/http"
	"time"

	"strongroom/base/trace"
)

// Class is the sort of a request. Limits and queues are kept by class.
type Class uint8

// The classes.
const (
	Page     Class = iota // a page that anybody may read
	Asset                 // styles, script, fonts, pictures
	Search                // costs more than a page
	Form                  // a POST outside the checkout, such as a change of the basket
	SignIn                // a password or a code, a mail asked for: what somebody could guess at
	Checkout              // basket to order: the way that must stay open
	Notice                // signed notices of payment providers
	API                   // programs
	Desk                  // pages and forms of the staff
	Upload                // files that staff hand in; read by the handler, once it knows who sends them
	Other                 // what has no host of ours
	classes
)

var classNames = [classes]string{"page", "asset", "search", "form", "sign_in", "checkout", "notice", "api", "desk", "upload", "other"}

// classWords are the classes' names as traces take them.
var classWords = func() trace.Names {
	n := trace.Names{}
	for _, name := range classNames {
		n[name] = true
	}
	return n
}()

// String is the class's name in metrics.
func (c Class) String() string { return classNames[c] }

// ByMethod is the class of a request on a host that knows no better.
func ByMethod(r *http.Request) Class {
	if safe(r.Method) {
		return Page
	}
	return Form
}

// rule is what one class may take.
type rule struct {
	rate     float64       // requests a second from one network, on average
	burst    float64       // at once
	running  int           // at the same time, per processor
	waiting  int           // for their turn, per processor
	patience time.Duration // how long one waits for its turn
	time     time.Duration // how long the handler may take
	body     int64         // bytes
	bodyTime time.Duration // how long the body may take to arrive
}

// rules by class. A person who clicks fast makes two or three pages a second with some twenty files; an office behind
// one address makes ten times that. What costs most runs least at once; sign-ins are bounded by the pool of hashes, and
// more of them run than it lets wait, so that the quick ones among them (you must wait) do not queue behind it.
var rules = [classes]rule{
	Page:     {40, 160, 8, 64, 2 * time.Second, 15 * time.Second, 0, 0},
	Asset:    {200, 800, 16, 128, 5 * time.Second, 30 * time.Second, 0, 0},
	Search:   {8, 40, 2, 16, 2 * time.Second, 10 * time.Second, 0, 0},
	Form:     {10, 60, 8, 64, 5 * time.Second, 15 * time.Second, 64 << 10, 5 * time.Second},
	SignIn:   {5, 40, 32, 32, 5 * time.Second, 15 * time.Second, 64 << 10, 5 * time.Second},
	Checkout: {10, 60, 16, 128, 10 * time.Second, 30 * time.Second, 64 << 10, 5 * time.Second},
	Notice:   {100, 400, 8, 128, 10 * time.Second, 30 * time.Second, 1 << 20, 10 * time.Second},
	API:      {20, 100, 8, 64, 5 * time.Second, 30 * time.Second, 1 << 20, 10 * time.Second},
	Desk:     {20, 120, 8, 64, 5 * time.Second, 30 * time.Second, 64 << 10, 5 * time.Second},
	Upload:   {2, 30, 2, 8, 10 * time.Second, time.Minute, 21 << 20, time.Minute},
	Other:    {5, 20, 1, 8, time.Second, time.Second, 0, 0},
}
