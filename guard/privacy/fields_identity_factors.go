package privacy

import "strongroom/guard/vault"

// IdentityPhone is the number that codes are sent to.
var IdentityPhone = &Declaration{
	Field: vault.Field{Number: 206, Purpose: vault.Profile, Mask: vault.MaskPhone}, Name: "identity.phone",
	What:  Text{EN: "Mobile phone of an account, if one was enrolled", DE: "Mobiltelefon eines Kontos, falls eines hinterlegt wurde"},
	Why:   Text{EN: "To send codes for signing in, and notices of changes", DE: "Um Codes zum Anmelden und Hinweise auf Änderungen zu senden"},
	Basis: Contract, Keep: whileAccount, SharedWith: []Receiver{Messages},
}

func identityFactorFields() []*Declaration { return []*Declaration{IdentityPhone} }
