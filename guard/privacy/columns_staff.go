package privacy

import (
	"slices"

	"strongroom/guard/vault"
)

var whileStaff = Term{Key: "staff", Days: 395, Text: Text{
	EN: "until 13 months after somebody left, as long as the log of acts is kept",
	DE: "bis 13 Monate nach dem Ausscheiden, so lange wie das Protokoll der Vorgänge"}}

// What the store keeps of those who work in it. Their e-mail address belongs to their account (identity).
var (
	StaffName = &Declaration{
		Field: vault.Field{Number: 220, Purpose: vault.Profile, Mask: vault.MaskName}, Name: "staff.name",
		What:  Text{EN: "Name of a member of the staff", DE: "Name einer Mitarbeiterin oder eines Mitarbeiters"},
		Why:   Text{EN: "So that colleagues know who has which rights and who does what", DE: "Damit Kolleginnen und Kollegen wissen, wer welche Rechte hat und wer was tut"},
		Basis: Contract, Keep: whileStaff,
	}
	StaffReason = &Declaration{
		Field: vault.Field{Number: 221, Purpose: vault.Security, Mask: vault.MaskAll}, Name: "staff.reason",
		What:  Text{EN: "Why a dangerous act was asked for, in the asker's words", DE: "Warum um einen gefährlichen Vorgang gebeten wurde, in eigenen Worten"},
		Why:   Text{EN: "So that a second person can decide on it", DE: "Damit eine zweite Person darüber entscheiden kann"},
		Basis: Interest, Keep: whileStaff,
	}
	StaffGlass = &Declaration{
		Field: vault.Field{Number: 222, Purpose: vault.Security, Mask: vault.MaskAll}, Name: "staff.glass",
		What:  Text{EN: "Why emergency access was taken, in the taker's words", DE: "Warum ein Notzugang genommen wurde, in eigenen Worten"},
		Why:   Text{EN: "So that it can be judged afterwards", DE: "Damit es hinterher beurteilt werden kann"},
		Basis: Interest, Keep: whileStaff,
	}
)

func staffFields() []*Declaration { return []*Declaration{StaffName, StaffReason, StaffGlass} }

// staffColumns classifies the tables whose names begin with staff.
func staffColumns() []Column {
	return slices.Concat(
		plain("staff_member", "random id with its time", "id"),
		plain("staff_member", "random id of whose keys seal the row", "subject"),
		sealed("staff_member", "name", StaffName),
		plain("staff_member", "enum", "state"),
		plain("staff_member", "name of a role", "role"),
		plain("staff_member", "id of a role", "own_role"),
		plain("staff_member", "id of a member", "invited_by"),
		plain("staff_member", "counter", "version"),
		plain("staff_member", "time", "ends_at", "made_at", "active_at", "left_at"),
		plain("staff_owners", "counter", "one", "count"),
		plain("staff_role", "random id with its time", "id"),
		plain("staff_role", "what the shop calls a role", "name"),
		plain("staff_role", "names of permissions", "permissions"),
		plain("staff_role", "truth value", "masked", "watched"),
		plain("staff_role", "id of a member", "made_by"),
		plain("staff_role", "time", "made_at", "changed_at", "dropped_at"),
		plain("staff_link", "random id with its time", "id"),
		plain("staff_link", "enum word", "kind"),
		plain("staff_link", "hash of 256 random bits", "token"),
		plain("staff_link", "id of a member", "member"),
		plain("staff_link", "id of an approval", "approval"),
		plain("staff_link", "random id of a start of the program", "start"),
		plain("staff_link", "time", "made_at", "ends_at", "spent_at"),
		plain("staff_approval", "random id with its time", "id"),
		plain("staff_approval", "enum word", "kind", "may", "object", "error"),
		plain("staff_approval", "ids, numbers and words of the program", "params", "facts"),
		plain("staff_approval", "keyed hash", "proof"),
		plain("staff_approval", "id of what it is about", "object_id"),
		sealed("staff_approval", "reason", StaffReason),
		plain("staff_approval", "enum", "state"),
		plain("staff_approval", "truth value", "alone"),
		plain("staff_approval", "id of a member", "asked_by", "decided_by"),
		plain("staff_approval", "time", "asked_at", "ready_at", "ends_at", "decided_at", "done_at"),
		plain("staff_quota", "id of a member", "member"),
		plain("staff_quota", "enum word", "span"),
		plain("staff_quota", "time", "slot"),
		plain("staff_quota", "counter", "count"),
		plain("staff_quota", "truth value", "told"),
		plain("staff_canary", "random id of an order of an invented person", "object"),
		plain("staff_canary", "time", "made_at"),
		plain("staff_look", "id of a member", "member"),
		plain("staff_look", "time", "slot"),
		plain("staff_look", "random id of whose data was seen, deleted after two days", "subject"),
		plain("staff_glass", "random id with its time", "id"),
		plain("staff_glass", "id of a member", "member"),
		sealed("staff_glass", "reason", StaffGlass),
		plain("staff_glass", "time", "made_at", "ends_at", "ended_at"),
	)
}
