package access_test

import (
	"net/netip"
	"strings"
	"testing"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/lang"
	"strongroom/guard/access"
)

func staff(r access.Role) access.Actor {
	return access.Staff(id.ID{1}, id.ID{2}, r.Name, r.Permissions, netip.Addr{})
}

// V8.1.1: what each role may do is a list that people can read, in every language.
func TestEveryPermissionAndRoleHasTexts_V8_1_1(t *testing.T) {
	c, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range access.Permissions() {
		keys = append(keys, p.Key())
	}
	for _, r := range access.BuiltIn() {
		keys = append(keys, r.Key, r.Key+"_why")
	}
	for _, tag := range []string{"en", "de"} {
		for _, k := range keys {
			if !c.For(tag).Has(k) {
				t.Errorf("%s: no text for %s", tag, k)
			}
		}
	}
}

// V8.2.1, V13.2.1: nobody may do anything by being left out of a list.
func TestWhoHasNoRightsMayDoNothing_V8_2_1(t *testing.T) {
	nobody := []access.Actor{{}, access.Guest(id.ID{1}, netip.Addr{}), access.Shopper(id.ID{1}, netip.Addr{}),
		access.Provider("stripe"), access.System("letters"), access.System(""), access.System("console"),
		{Kind: access.KindConsole}, {Kind: access.KindConsole, Name: "catalog"},
		access.Staff(id.ID{1}, id.ID{2}, access.Owner, access.Set{}, netip.Addr{}),
		{Kind: access.KindShopper, Rights: access.SetOf(access.Permissions()...)}}
	for _, a := range nobody {
		for _, p := range access.Permissions() {
			if err := access.Require(a, p); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s may %s", a, p)
			}
		}
		if a.Kind != access.KindStaff && access.RequireFresh(a) == nil {
			t.Errorf("%s counts as just confirmed", a)
		}
	}
	for _, p := range access.Permissions() {
		if err := access.Require(access.Console(), p); err != nil {
			t.Errorf("the console may not %s", p)
		}
	}
	if access.Standing(access.Console()) == "" || access.Standing(access.System("order")) == "" || access.Standing(nobody[1]) != "" {
		t.Error("the table of actors without a role gives no reasons")
	}
}

// The built-in roles keep to what their descriptions promise.
func TestRolesKeepTheirWord(t *testing.T) {
	role := map[string]access.Role{}
	for _, r := range access.BuiltIn() {
		role[r.Name] = r
		if r.Masked && !r.Permissions.Revealing().IsEmpty() {
			t.Errorf("%s is masked and may see %s", r.Name, r.Permissions.Revealing())
		}
		if r.Name != access.Owner && r.Permissions.Holds(role[access.Owner].Permissions) {
			t.Errorf("%s is an owner by another name", r.Name)
		}
		for _, p := range []access.Permission{access.OwnerManage, access.DataExport, access.KeyDestroy, access.BackupErase, access.KeyRotate} {
			if r.Name != access.Owner && r.Permissions.Has(p) {
				t.Errorf("%s may %s", r.Name, p)
			}
		}
	}
	if len(role) != 8 {
		t.Errorf("%d built-in roles", len(role))
	}
	for _, p := range role[access.Auditor].Permissions.List() {
		if !p.Reads() && p != access.AuditExport {
			t.Errorf("the auditor may %s", p)
		}
	}
	if h := role[access.Helper]; !h.Masked || !h.Watched || !h.Ends {
		t.Errorf("the outside helper is %+v", h)
	}
	// Attack 27: support cannot touch anybody's sign-in, nor the rights that would let them.
	for _, p := range []access.Permission{access.StaffManage, access.RoleManage, access.OwnerManage, access.BreakGlass} {
		if staff(role[access.Support]).May(p) {
			t.Errorf("support may %s", p)
		}
	}
}

// A set survives its way through the database, and words of another version grant nothing.
func TestSetsAreStoredAsNames(t *testing.T) {
	full := access.SetOf(access.Permissions()...)
	for _, p := range access.Permissions() {
		s := access.SetOf(p)
		back, unknown := access.ParseSet(s.String())
		if back != s || len(unknown) != 0 || !full.Holds(s) || s.Holds(full) || full.Without(s).Has(p) {
			t.Errorf("%s became %s, unknown %v", s, back, unknown)
		}
		if strings.Contains(s.String(), " ") {
			t.Errorf("one permission is stored as %q", s)
		}
	}
	s, unknown := access.ParseSet("order.view everything order.*")
	if s != access.SetOf(access.OrderView) || len(unknown) != 2 {
		t.Errorf("%s %v", s, unknown)
	}
	if !access.SetOf("owner").IsEmpty() || access.SetOf().Has("") {
		t.Error("a word that is no permission grants something")
	}
}
