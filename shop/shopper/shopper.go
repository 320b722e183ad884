// Package shopper keeps what shoppers with an account want to find again: their name, and addresses to send to.
//
// Everything is sealed under the account's own keys and shown in clear to nobody but the shopper herself. Orders do
// not stand on it: an order has an address of its own, sealed under keys of its own, so that changing or removing an
// address here changes no order, and closing the account takes all of it away while the law's records stay.
//
// Every call names the Owner, which pages take from a full session. The look for an address is part of the look for
// its account: the id of somebody else's address is as unknown as one that was never made.
package shopper

import (
	"net/netip"
	"strings"

	"golang.org/x/text/unicode/norm"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/shop/delivery"
)

// Limits of what one shopper keeps.
const (
	MaxAddresses = 20
	maxName      = 100 // characters
)

// Owner is whose things are asked for: an account, the subject whose keys seal them, and where the request comes from.
type Owner struct {
	Account, Subject id.ID
	Origin           netip.Addr
}

// Address is one address of the book, in clear, for its owner.
type Address struct {
	ID     id.ID
	Chosen bool // goods go there unless another one is picked
	To     delivery.Address
}

var (
	errUnknown = fault.New(fault.NotFound, "shopper.address_unknown")
	errFull    = fault.New(fault.Conflict, "shopper.addresses_full").With("max", MaxAddresses)
)

// cleanName tidies a name as the addresses do, and refuses what would be none.
func cleanName(s string) (string, error) {
	s = strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	if s == "" {
		return "", nil
	}
	a, faults := delivery.CleanPickUp(delivery.Address{Name: s, Country: "DE"})
	for _, f := range faults {
		if f.Name == "name" {
			return s, fault.New(fault.Invalid, "shopper.invalid").WithField("name", f.Key, f.Params)
		}
	}
	return a.Name, nil
}

// clean checks an address as its country writes it. The faults name the fields of the form.
func clean(a delivery.Address) (delivery.Address, error) {
	out, faults := delivery.Clean(a)
	if len(faults) == 0 {
		return out, nil
	}
	bad := fault.New(fault.Invalid, "shopper.invalid")
	for _, f := range faults {
		bad.WithField(f.Name, f.Key, f.Params)
	}
	return out, bad
}
