package access

import (
	"net/netip"

	"strongroom/base/fault"
	"strongroom/base/id"
)

// Staff is somebody who works in the store, for the length of one request. role is the name of a built-in role, or
// OwnRole. guard/staff makes it from a session that it has just checked, so that a right that was taken away is gone
// with the next request (V8.3.2).
func Staff(member, session id.ID, role string, rights Set, origin netip.Addr) Actor {
	return Actor{Kind: KindStaff, Name: role, ID: member, Session: session, Rights: rights, Origin: origin}
}

// Shopper is somebody who is signed in to buy.
func Shopper(account id.ID, origin netip.Addr) Actor {
	return Actor{Kind: KindShopper, ID: account, Origin: origin}
}

// standing says which actors without a list of their own may do what, and why. Nobody passes a check by being left out
// of it: an actor that is neither staff nor in this table may do nothing that wants a permission.
var standing = []struct {
	kind   Kind
	name   string // of the part; empty for every one of the kind
	rights Set
	why    string
}{
	{KindConsole, "console", SetOf(all[:]...), "who has the machine's command line has the databases and the key file; " +
		"asking for a right would protect nothing, and the entry in the log says that it was the console"},
	{KindSystem, "catalog", SetOf(ProductEdit, PriceEdit, StockEdit), "the catalogue's own upkeep and the first filling of a shop"},
	{KindSystem, "delivery", SetOf(DeliveryEdit), "the first start seeds zones from the configuration"},
	{KindSystem, "demo", SetOf(ProductEdit, PriceEdit, StockEdit, CodeEdit), "the demo furnishes its own shop"},
	{KindSystem, "order", SetOf(OrderRefund, OrderCapture), "money that came too late or twice goes back by itself; a held sum is " +
		"taken when all of its goods leave, and let go when its order is cancelled"},
	{KindSystem, "payment", SetOf(OrderRefund), "the test payment of who sets a provider up goes back by itself"},
	{KindSystem, "staff", SetOf(OrderRefund), "carries out what two people have agreed on; the entry names both"},
}

// Standing explains why an actor that is no staff passes checks; empty for one that passes none.
func Standing(a Actor) string {
	for _, s := range standing {
		if s.kind == a.Kind && s.name == a.Name {
			return s.why
		}
	}
	return ""
}

// May says whether the actor has the permission.
func (a Actor) May(p Permission) bool { return RightsOf(a).Has(p) }

// RightsOf is everything that the actor may do.
func RightsOf(a Actor) Set {
	if a.Kind == KindStaff {
		return a.Rights
	}
	for _, s := range standing {
		if s.kind == a.Kind && s.name == a.Name {
			return s.rights
		}
	}
	return Set{}
}

// Require refuses an actor without the permission. Services use audit.Log.Allow, which also writes the refusal down.
func Require(a Actor, p Permission) error {
	if a.May(p) {
		return nil
	}
	return fault.New(fault.Forbidden, "access.denied").With("may", p.Key())
}

// RequireFresh refuses staff who have not shown in the last minutes that it is still them (a step-up). Acts from the
// console have no session to step up.
func RequireFresh(a Actor) error {
	if a == Console() || a.Kind == KindStaff && a.Fresh {
		return nil
	}
	return ErrStepUp()
}

// ErrStepUp asks for a step-up.
func ErrStepUp() error { return fault.New(fault.Forbidden, "access.step_up") }

// NeedsStepUp says whether err asks for a step-up: the page then shows it and comes back.
func NeedsStepUp(err error) bool { f := fault.As(err); return f != nil && f.Key == "access.step_up" }
