package order

import (
	"context"
	"net/netip"

	"strongroom/base/fault"
	"strongroom/base/id"
)

// Service is the orders of the store.
type Service struct{}

var errLater = fault.New(fault.Unavailable, "order.unavailable")

// Draft validates and keeps, sealed, what a guest typed for the cart. Faults carry a message for each field; field
// names are email, phone, note, offer, delivery.name, delivery.street and so on, billing.name and so on.
func (s *Service) Draft(ctx context.Context, cart id.Token, lang string, d Details) error { return errLater }

// Typed returns what the cart's draft holds, for the first page to show again. False when there is none.
func (s *Service) Typed(ctx context.Context, cart id.Token) (Details, bool, error) { return Details{}, false, errLater }

// Review computes the second page. It is a Conflict "order.no_draft" when the details are still missing.
func (s *Service) Review(ctx context.Context, cart id.Token, lang string) (Review, error) { return Review{}, errLater }

// Place makes the order. The same attempt gives the same order. When what was shown is no longer true the fault is a
// Conflict "order.changed"; Changes(err) lists the differences and nothing was placed.
func (s *Service) Place(ctx context.Context, cart id.Token, attempt string, from netip.Addr) (Placed, error) {
	return Placed{}, errLater
}

// Changes are the differences that a fault of Place carries.
func Changes(err error) []Change { return nil }

// Pay starts the hosted payment session of the order, or finds the one that is open, and returns its address.
// visit is the token of the browser or of a visit through the mailed link.
func (s *Service) Pay(ctx context.Context, visit id.Token) (url string, err error) { return "", errLater }

// Returned asks the provider how the payment stands, once, when the browser comes back from it.
func (s *Service) Returned(ctx context.Context, visit id.Token) (View, error) { return View{}, errLater }

// Open shows the one order that the token opens; NotFound "order.not_found" for every other token.
func (s *Service) Open(ctx context.Context, visit id.Token) (View, error) { return View{}, errLater }

// Enter swaps the token of a mailed link for the token of a visit (POST; a GET shows only the button).
func (s *Service) Enter(ctx context.Context, link id.Token) (visit id.Token, err error) { return "", errLater }

// Renew has a new link sent to the address that is on the order, if number and address belong together. The answer is
// the same in every case; TooMany only for one network that asks too often.
func (s *Service) Renew(ctx context.Context, number, email string, from netip.Addr) error { return errLater }

// CorrectEmail replaces the e-mail address, from the browser that placed the order only.
func (s *Service) CorrectEmail(ctx context.Context, browser id.Token, email string) error { return errLater }

// Statement checks the first step of a withdrawal and gives it back tidied up, with its Attempt set, for the page that
// asks to confirm. visit may be "" or the token of an order, which then fills in what is missing.
func (s *Service) Statement(ctx context.Context, visit id.Token, w Withdrawal) (Withdrawal, error) {
	return Withdrawal{}, errLater
}

// Withdraw takes a confirmed withdrawal. It is accepted for receipt whatever number it names.
func (s *Service) Withdraw(ctx context.Context, visit id.Token, w Withdrawal, from netip.Addr) (Receipt, error) {
	return Receipt{}, errLater
}
