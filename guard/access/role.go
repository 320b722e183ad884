package access

// Role is a list of permissions with a name.
type Role struct {
	Name        string // "support": stands in the audit log and in what shoppers see of looks
	Key         string // message key of the readable name; Key+"_why" says what the role is for
	Permissions Set
	Masked      bool // shows no personal data in clear, and can never be given a permission that does
	Watched     bool // what it merely reads is an audit entry too
	Ends        bool // must be given an end date
	Alone       bool // its rights cannot be copied into an own role: owners only
}

// The names of the built-in roles.
const (
	Owner       = "owner"
	Manager     = "manager"
	Catalogue   = "catalogue"
	Fulfilment  = "fulfilment"
	Support     = "support"
	Accounting  = "accounting"
	Auditor     = "auditor"
	Helper      = "helper"
	OwnRole     = "own" // the name under which the log knows every role that a shop made itself
	BrokenGlass = "break-glass"
)

// BuiltIn lists the roles that every store has. They cannot be changed; a shop that wants others makes own roles.
func BuiltIn() []Role {
	return []Role{
		{Name: Owner, Key: "access.role_owner", Alone: true, Permissions: SetOf(all[:]...)},
		{Name: Manager, Key: "access.role_manager", Permissions: SetOf(
			OrderView, OrderReveal, OrderFind, OrderPack, OrderAssign, OrderShip, OrderCancel, OrderRefund, OrderCapture, OrderErase,
			ProductView, ProductEdit, PriceEdit, StockEdit, CodeView, CodeEdit, DeliveryEdit, PaymentView, PaymentRecord, PaymentSettle,
			FraudDecide, SettingsView, SettingsEdit, StaffView, StaffManage, RoleManage, ApproveDecide,
			AuditView, SafetyView, BreakGlass)},
		{Name: Catalogue, Key: "access.role_catalogue", Permissions: SetOf(
			ProductView, ProductEdit, PriceEdit, StockEdit, CodeView, SafetyView)},
		{Name: Fulfilment, Key: "access.role_fulfilment", Permissions: SetOf(
			OrderView, OrderPack, OrderShip, ProductView, StockEdit)},
		{Name: Support, Key: "access.role_support", Permissions: SetOf(
			OrderView, OrderReveal, OrderFind, OrderCancel, OrderRefund, OrderCapture, ProductView, CodeView, FraudDecide)},
		{Name: Accounting, Key: "access.role_accounting", Permissions: SetOf(
			OrderView, OrderReveal, OrderRefund, OrderCapture, PaymentView, PaymentRecord, PaymentSettle, CodeView, ProductView)},
		{Name: Auditor, Key: "access.role_auditor", Masked: true, Permissions: SetOf(
			OrderView, ProductView, CodeView, PaymentView, SettingsView, StaffView, AuditView, AuditExport, SafetyView)},
		{Name: Helper, Key: "access.role_helper", Masked: true, Watched: true, Ends: true, Permissions: SetOf(
			OrderView, ProductView, ProductEdit, CodeView, SettingsView, SafetyView)},
	}
}

// OwnersOnly are the rights that no own role holds and no emergency gives.
func OwnersOnly() Set { return SetOf(OwnerManage) }

// GlassRights are what break-glass access adds: everything but what makes rights, destroys, or sends money elsewhere.
func GlassRights() Set {
	return SetOf(all[:]...).Without(SetOf(OwnerManage, StaffManage, RoleManage, ApproveDecide, KeyDestroy, KeyRotate, BackupErase, DataExport, PaymentManage))
}

// BuiltInRole finds a built-in role by its name.
func BuiltInRole(name string) (Role, bool) {
	for _, r := range BuiltIn() {
		if r.Name == name {
			return r, true
		}
	}
	return Role{}, false
}
