package access

import (
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
)

// Danger is a kind of act that nobody does alone. The list is closed: what is not in it cannot be asked for, and what is
// in it happens only through a method that wants Approved.
type Danger string

// The kinds of dangerous acts. They are stored.
const (
	NewOwner     Danger = "staff.owner"     // somebody becomes an owner
	BigRefund    Danger = "order.refund"    // money above the limit of one person goes back
	BigCallOff   Danger = "order.call_off"  // the same, with the whole order
	MassExport   Danger = "data.export"     // personal data of many people leaves the store
	ErasePerson  Danger = "person.erase"    // a person's keys are destroyed
	DropKit      Danger = "key.kit"         // a recovery kit opens nothing any more
	ForgetOrigin Danger = "key.origins"     // the keys that open old origins in the log are destroyed
	EraseBackup  Danger = "backup.erase"    // copies of the store are erased
	NewAccount   Danger = "payment.account" // real money goes to an account that it never went to
)

// dangers say which right an act wants of both people, and whether the address outside the store hears of it although a
// second person is asked: of what cannot be made good again.
var dangers = []struct {
	kind Danger
	may  Permission
	loud bool
}{
	{NewOwner, OwnerManage, true},
	{BigRefund, OrderRefund, false},
	{BigCallOff, OrderRefund, false},
	{MassExport, DataExport, true},
	{ErasePerson, OrderErase, false},
	{DropKit, KeyDestroy, true},
	{ForgetOrigin, KeyDestroy, true},
	{EraseBackup, BackupErase, true},
	{NewAccount, PaymentManage, true},
}

// Dangers lists all kinds of dangerous acts.
func Dangers() []Danger {
	out := make([]Danger, len(dangers))
	for i, d := range dangers {
		out[i] = d.kind
	}
	return out
}

// Known says whether d is one of the kinds.
func (d Danger) Known() bool { return d.May() != "" }

// May is the right that asking and deciding want; "" for what is no kind of dangerous act.
func (d Danger) May() Permission {
	for _, x := range dangers {
		if x.kind == d {
			return x.may
		}
	}
	return ""
}

// Loud says whether the address outside the store is told when the act is asked for, whoever decides on it.
func (d Danger) Loud() bool {
	for _, x := range dangers {
		if x.kind == d {
			return x.loud
		}
	}
	return false
}

// Key is the message key of what the act does.
func (d Danger) Key() string { return "staff.kind_" + strings.ReplaceAll(string(d), ".", "_") }

// Wish is a dangerous act that one person asks for and another allows. What it would do is frozen in Params: who decides
// sees exactly what is done then.
type Wish struct {
	Kind     Danger // names the right and who carries it out
	Params   []byte // JSON of ids, numbers and words; nothing personal
	Object   string
	ObjectID id.ID
	Facts    map[string]string // what the page shows beside the kind: words and numbers, nothing personal
	Reason   string            // in the asker's words; sealed
}

// Approved says who stands behind one dangerous act. A method that does what nobody does alone takes it and begins with
// For; only guard/staff makes one, from a request that was decided on (tools/rules holds both).
type Approved struct {
	Request id.ID
	AskedBy id.ID
	// DecidedBy is the second person; zero when there was only one, and a day went by instead.
	DecidedBy id.ID

	danger  Danger
	console bool
}

// Approve says that a request was decided on. Nobody but guard/staff calls it.
func Approve(d Danger, request, askedBy, decidedBy id.ID) Approved {
	return Approved{Request: request, AskedBy: askedBy, DecidedBy: decidedBy, danger: d}
}

// ApproveConsole stands for who has the machine's command line, and with it files and keys: asking for a second person
// would protect nothing there. Nobody but guard/staff calls it, after it has written the entry and the mails.
func ApproveConsole(d Danger) Approved { return Approved{danger: d, console: true} }

// For refuses everything but an approval of that very kind of act.
func (a Approved) For(d Danger) error {
	if a.danger == "" || a.danger != d || a.Request.IsZero() && !a.console {
		return fault.New(fault.Forbidden, "access.not_approved").With("act", d.Key())
	}
	return nil
}

// ByConsole says whether the act came from the machine's command line.
func (a Approved) ByConsole() bool { return a.console }
