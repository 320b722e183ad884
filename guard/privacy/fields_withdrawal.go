package privacy

import "strongroom/guard/vault"

// What somebody says who withdraws from a contract. A withdrawal has a subject of its own, because whoever declares it
// is not known to be the one who ordered.
var (
	WithdrawalName      = withdrawalField(150, vault.MaskName, "name", "Name in a withdrawal", "Name in einem Widerruf")
	WithdrawalEmail     = withdrawalField(151, vault.MaskEmail, "email", "E-mail address in a withdrawal", "E-Mail-Adresse in einem Widerruf", Mail)
	WithdrawalStatement = withdrawalField(152, vault.MaskAll, "statement", "Wording of a withdrawal", "Wortlaut eines Widerrufs")
)

func withdrawalField(number uint16, mask vault.Mask, part, en, de string, shared ...Receiver) *Declaration {
	return &Declaration{
		Field: vault.Field{Number: number, Purpose: vault.Fulfilment, Mask: mask}, Name: "withdrawal." + part,
		What:  Text{EN: en, DE: de},
		Why:   Text{EN: "To accept the withdrawal and confirm its receipt", DE: "Um den Widerruf anzunehmen und seinen Eingang zu bestätigen"},
		Basis: LegalDuty, SharedWith: shared,
		Keep: Term{Key: "withdrawal", Days: 1096, Text: Text{
			EN: "three years after the withdrawal, as long as claims can be made",
			DE: "drei Jahre nach dem Widerruf, solange Ansprüche möglich sind"}},
	}
}

func withdrawalFields() []*Declaration {
	return []*Declaration{WithdrawalName, WithdrawalEmail, WithdrawalStatement}
}
