// Package accesstest gives tests every kind of actor, so that a walk over methods or routes meets each role and none.
package accesstest

import (
	"net/netip"

	"strongroom/base/id"
	"strongroom/guard/access"
)

// Roles are actors of every built-in role, by name, who have just stepped up.
func Roles() map[string]access.Actor {
	out := map[string]access.Actor{}
	for i, r := range access.BuiltIn() {
		out[r.Name] = Of(r, byte(i+1))
	}
	return out
}

// Of is an actor with a role.
func Of(r access.Role, n byte) access.Actor {
	a := access.Staff(id.ID{0xaa, n}, id.ID{0xbb, n}, r.Name, r.Permissions, netip.MustParseAddr("198.51.100.9"))
	a.Masked, a.Watched, a.Fresh = r.Masked, r.Watched, true
	return a
}

// With is staff with exactly these permissions.
func With(ps ...access.Permission) access.Actor {
	return Of(access.Role{Name: access.OwnRole, Permissions: access.SetOf(ps...)}, 0xee)
}

// Nobody are actors who may do nothing that wants a permission: no actor at all, guests, shoppers, providers, parts of
// the program that stand in no table, and staff without a right.
func Nobody() map[string]access.Actor {
	origin := netip.MustParseAddr("203.0.113.5")
	return map[string]access.Actor{
		"none":     {},
		"guest":    access.Guest(id.ID{1}, origin),
		"shopper":  access.Shopper(id.ID{2}, origin),
		"provider": access.Provider("stripe"),
		"part":     access.System("letters"),
		"no right": With(),
	}
}

// Actors are all of them, and the console.
func Actors() map[string]access.Actor {
	out := Nobody()
	for name, a := range Roles() {
		out[name] = a
	}
	out["console"] = access.Console()
	return out
}
