// Package access knows who acts and what they may do.
//
// An Actor stands in every audit entry and in every look at personal data. It names a person only by an id that means
// nothing outside; where the act came from (a network address) travels beside it, is never printed, and is sealed
// before it is stored.
//
// What staff may do is a Set of permissions, given by a Role. A service asks for the permission inside the method that
// does the act (Require); the few actors that have no role stand in one table with their reasons (require.go).
package access

import (
	"errors"
	"log/slog"
	"net/netip"

	"strongroom/base/id"
)

// Kind says what sort of actor it is.
type Kind uint8

// The kinds of actors.
const (
	KindSystem   Kind = iota + 1 // the program itself, a job
	KindGuest                    // somebody with a cart or an order's link
	KindShopper                  // somebody signed in
	KindStaff                    // somebody who works in the store
	KindConsole                  // who has the machine's command line
	KindProvider                 // a payment provider's signed notice
)

var kinds = [...]string{"none", "system", "guest", "shopper", "staff", "console", "provider"}

// String is the kind's word, as it stands in the audit log.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "none"
}

// Kinds lists the kinds, in the order in which pages show them.
func Kinds() []Kind {
	return []Kind{KindStaff, KindConsole, KindShopper, KindGuest, KindProvider, KindSystem}
}

// ParseKind reads the word of a kind.
func ParseKind(word string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.String() == word {
			return k, true
		}
	}
	return 0, false
}

// Actor is who acts.
type Actor struct {
	Kind   Kind
	Name   string // of a system part, a provider or a staff member's role, a short word; never a person's name
	ID     id.ID  // of the cart, link, account or staff member; zero if none
	Origin netip.Addr

	// Of staff only, and only for one request: what the member may do, through which session, and how.
	Rights  Set
	Session id.ID
	Fresh   bool // stepped up within the last minutes
	Masked  bool // never sees personal data in clear
	Watched bool // what it reads is an audit entry too
}

// System is a part of the program that acts by itself.
func System(part string) Actor { return Actor{Kind: KindSystem, Name: part} }

// Console is who types on the machine's command line.
func Console() Actor { return Actor{Kind: KindConsole, Name: "console"} }

// Guest is somebody known only by a cart or an order's link.
func Guest(v id.ID, origin netip.Addr) Actor { return Actor{Kind: KindGuest, ID: v, Origin: origin} }

// Provider is a payment provider whose notice was verified.
func Provider(name string) Actor { return Actor{Kind: KindProvider, Name: name} }

// String names the actor without where it came from.
func (a Actor) String() string {
	s := a.Kind.String()
	if a.Name != "" {
		s += ":" + a.Name
	}
	if !a.ID.IsZero() {
		s += ":" + a.ID.String()
	}
	return s
}

// LogValue keeps the origin out of logs.
func (a Actor) LogValue() slog.Value { return slog.StringValue(a.String()) }

// GoString keeps the origin out of %#v.
func (a Actor) GoString() string { return "access.Actor(" + a.String() + ")" }

// MarshalText keeps the origin out of JSON.
func (a Actor) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// errReadBack keeps rights from travelling: whoever acts later is looked up then.
var errReadBack = errors.New("access: an actor is not read back from what was written")

// UnmarshalText refuses: who may do something is found out when it is done, from a session or an approval.
func (a *Actor) UnmarshalText([]byte) error { return errReadBack }
