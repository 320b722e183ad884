package access

import "strings"

// Permission is one thing that somebody may do in the store. Methods of services ask for it with Require; pages never
// decide.
type Permission string

// The permissions. Each has a readable name under Key in every language.
const (
	OrderView   Permission = "order.view"   // orders and withdrawals, personal data masked
	OrderReveal Permission = "order.reveal" // a look at the personal data of an order, with a reason
	OrderFind   Permission = "order.find"   // look an order up by somebody's exact e-mail address
	OrderPack   Permission = "order.pack"   // be given orders to pack; see name and address of those
	OrderAssign Permission = "order.assign" // give orders to somebody for packing
	OrderShip   Permission = "order.ship"   // say that goods left or arrived
	OrderCancel Permission = "order.cancel" // cancel orders
	OrderRefund Permission = "order.refund" // give money back, up to the limit alone
	OrderErase  Permission = "order.erase"  // destroy the keys of an order's person

	ProductView Permission = "product.view" // the catalogue as staff see it, drafts included
	ProductEdit Permission = "product.edit" // add and change products, categories, pictures; hide and show
	PriceEdit   Permission = "price.edit"   // change prices
	StockEdit   Permission = "stock.edit"   // correct and receive stock
	CodeView    Permission = "code.view"    // discount codes
	CodeEdit    Permission = "code.edit"    // make discount codes and switch them

	DeliveryEdit  Permission = "delivery.edit"  // zones, methods, rates, holidays
	PaymentView   Permission = "payment.view"   // payments, refunds, the ledger
	PaymentRecord Permission = "payment.record" // say that a transfer came, or was sent back by hand
	PaymentSettle Permission = "payment.settle" // compare with the providers, settle differences, answer disputes
	FraudDecide   Permission = "fraud.decide"   // release, refuse and block what the defence against fraud holds
	FraudRules    Permission = "fraud.rules"    // change its limits
	SettingsView  Permission = "settings.view"
	SettingsEdit  Permission = "settings.edit"

	StaffView     Permission = "staff.view"     // who works here, and their rights
	StaffManage   Permission = "staff.manage"   // invite, change the role of, remove
	OwnerManage   Permission = "owner.manage"   // the same for owners; a new owner needs a second person
	RoleManage    Permission = "role.manage"    // make own roles
	ApproveDecide Permission = "approve.decide" // be the second person for a dangerous act

	AuditView    Permission = "audit.view"    // the audit log
	AuditReveal  Permission = "audit.reveal"  // a look at its sealed origins and reasons
	AuditExport  Permission = "audit.export"  // take a copy out
	SafetyView   Permission = "safety.view"   // the safety page
	SafetyManage Permission = "safety.manage" // what the safety page offers to do

	DataExport  Permission = "data.export"  // personal data of many people at once; needs a second person
	KeyRotate   Permission = "key.rotate"   // renew keys
	KeyDestroy  Permission = "key.destroy"  // destroy keys; needs a second person
	BackupErase Permission = "backup.erase" // erase backups; needs a second person
	BreakGlass  Permission = "break.glass"  // take every right for an hour, loudly

	OrderCapture  Permission = "order.capture"  // take a held sum by hand or in part, or let it go
	PaymentManage Permission = "payment.manage" // set payment providers up: whose account the money goes to
)

// all fixes the bit of each permission within a Set of this program; sets are stored as names, never as bits.
var all = [...]Permission{OrderView, OrderReveal, OrderFind, OrderPack, OrderAssign, OrderShip, OrderCancel, OrderRefund,
	OrderErase, ProductView, ProductEdit, PriceEdit, StockEdit, CodeView, CodeEdit, DeliveryEdit, PaymentView, PaymentRecord, PaymentSettle,
	FraudDecide, FraudRules, SettingsView, SettingsEdit, StaffView, StaffManage, OwnerManage, RoleManage, ApproveDecide, AuditView, AuditReveal,
	AuditExport, SafetyView, SafetyManage, DataExport, KeyRotate, KeyDestroy, BackupErase, BreakGlass, PaymentManage, OrderCapture}

// revealing are the permissions that show personal data in clear. A masked role has none of them, whoever made it.
var revealing = SetOf(OrderReveal, OrderFind, OrderPack, AuditReveal, DataExport)

// reading are the permissions that change nothing.
var reading = SetOf(OrderView, ProductView, CodeView, PaymentView, SettingsView, StaffView, AuditView, SafetyView)

// Permissions lists all of them in the order in which pages show them.
func Permissions() []Permission { return append([]Permission(nil), all[:]...) }

// Key is the message key of the permission's readable name.
func (p Permission) Key() string { return "access.may_" + strings.ReplaceAll(string(p), ".", "_") }

// Reads says whether the permission only lets see what is masked or nobody's.
func (p Permission) Reads() bool { return reading.Has(p) }

// bit is the permission's bit; false for a word that is no permission.
func (p Permission) bit() (uint64, bool) {
	for i, q := range all {
		if p == q {
			return 1 << i, true
		}
	}
	return 0, false
}

// Set is a set of permissions. It can be compared with ==, and only this package fills one.
type Set struct{ bits uint64 }

// SetOf makes a set. A word that is no permission adds nothing.
func SetOf(list ...Permission) (s Set) {
	for _, p := range list {
		b, _ := p.bit()
		s.bits |= b
	}
	return s
}

// ParseSet reads what String writes. It says which words are no permissions of this program; they grant nothing.
func ParseSet(text string) (s Set, unknown []string) {
	for _, w := range strings.Fields(text) {
		b, ok := Permission(w).bit()
		if !ok {
			unknown = append(unknown, w)
		}
		s.bits |= b
	}
	return s, unknown
}

// Has says whether p is in the set.
func (s Set) Has(p Permission) bool {
	b, ok := p.bit()
	return ok && s.bits&b != 0
}

// Holds says whether every permission of t is in the set.
func (s Set) Holds(t Set) bool { return t.bits&^s.bits == 0 }

// With is both sets together.
func (s Set) With(t Set) Set { return Set{s.bits | t.bits} }

// Without is the set less t.
func (s Set) Without(t Set) Set { return Set{s.bits &^ t.bits} }

// IsEmpty says whether nothing is in the set.
func (s Set) IsEmpty() bool { return s.bits == 0 }

// List is the set's permissions in the order of Permissions.
func (s Set) List() (out []Permission) {
	for i, p := range all {
		if s.bits&(1<<i) != 0 {
			out = append(out, p)
		}
	}
	return out
}

// String is the set's names separated by spaces: its form in the database.
func (s Set) String() string {
	words := make([]string, 0, len(all))
	for _, p := range s.List() {
		words = append(words, string(p))
	}
	return strings.Join(words, " ")
}

// Revealing is the part of the set that shows personal data in clear.
func (s Set) Revealing() Set { return Set{s.bits & revealing.bits} }
