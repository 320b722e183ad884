package privacy

import "strongroom/guard/vault"

var logYear = Term{Key: "log_year", Days: 395, Text: Text{
	EN: "13 months, then its key is destroyed and it can no longer be read",
	DE: "13 Monate, danach wird der Schlüssel vernichtet und es ist nicht mehr lesbar"}}

// AuditOrigin is where an act came from. It is sealed inside the entry, so that the log can still be verified when
// nobody can read it any more.
var AuditOrigin = &Declaration{
	Field: vault.Field{Number: 10, Purpose: vault.Security, Mask: vault.MaskAll}, Name: "audit.origin",
	What:  Text{EN: "Network address (IP) from which something was done in the store", DE: "Netzwerkadresse (IP), von der aus etwas im Shop getan wurde"},
	Why:   Text{EN: "To notice and clear up misuse and break-ins", DE: "Um Missbrauch und Einbrüche zu bemerken und aufzuklären"},
	Basis: Interest, Keep: logYear,
}

// AuditReason is a sentence that somebody gave as the reason of an act or of a look. It is sealed because people write
// names into such sentences.
var AuditReason = &Declaration{
	Field: vault.Field{Number: 11, Purpose: vault.Security, Mask: vault.MaskAll}, Name: "audit.reason",
	What:  Text{EN: "Reason that staff gave for an act or for looking at data", DE: "Begründung, die Mitarbeitende für eine Handlung oder einen Blick in Daten angeben"},
	Why:   Text{EN: "To be able to check later whether the look was needed", DE: "Um später prüfen zu können, ob der Blick nötig war"},
	Basis: Interest, Keep: logYear,
}

func auditFields() []*Declaration { return []*Declaration{AuditOrigin, AuditReason} }
