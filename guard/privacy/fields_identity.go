package privacy

import "strongroom/guard/vault"

var (
	whileAccount = Term{Key: "account", Text: Text{
		EN: "as long as the account exists",
		DE: "solange das Konto besteht"}}

	toSignIn = Text{EN: "To sign in and to write to the right person", DE: "Um anzumelden und der richtigen Person zu schreiben"}
)

// What belongs to an account. Numbers 200 to 205 and 209 are those of sign-in itself, 206 to 208 those of its factors.
var (
	IdentityEmail = &Declaration{
		Field: vault.Field{Number: 200, Purpose: vault.Profile, Mask: vault.MaskEmail}, Name: "identity.email",
		What: Text{EN: "E-mail address of an account", DE: "E-Mail-Adresse eines Kontos"},
		Why:  toSignIn, Basis: Contract, Keep: whileAccount, SharedWith: []Receiver{Mail},
	}
	IdentityWords = &Declaration{
		Field: vault.Field{Number: 201, Purpose: vault.Profile, Mask: vault.MaskAll}, Name: "identity.words",
		What:  Text{EN: "Own words that stand in every mail of the shop", DE: "Eigene Worte, die in jeder Mail des Shops stehen"},
		Why:   Text{EN: "To tell the shop's mails from forged ones", DE: "Um echte Mails des Shops von gefälschten zu unterscheiden"},
		Basis: Permission, Keep: whileAccount, SharedWith: []Receiver{Mail},
	}
	IdentityPasskeyName = &Declaration{
		Field: vault.Field{Number: 202, Purpose: vault.Profile, Mask: vault.MaskAll}, Name: "identity.passkey_name",
		What:  Text{EN: "Name given to a passkey", DE: "Name, der einem Passkey gegeben wurde"},
		Why:   Text{EN: "To tell one's passkeys apart", DE: "Um die eigenen Passkeys zu unterscheiden"},
		Basis: Contract, Keep: whileAccount,
	}
	IdentityNewEmail = &Declaration{
		Field: vault.Field{Number: 203, Purpose: vault.Profile, Mask: vault.MaskEmail}, Name: "identity.new_email",
		What:  Text{EN: "New e-mail address that is not confirmed yet", DE: "Neue, noch nicht bestätigte E-Mail-Adresse"},
		Why:   Text{EN: "To confirm it before it counts", DE: "Um sie zu bestätigen, bevor sie gilt"},
		Basis: Contract, SharedWith: []Receiver{Mail},
		Keep: Term{Key: "change_over", Days: 7, Text: Text{EN: "until it is confirmed, at most 7 days", DE: "bis sie bestätigt ist, höchstens 7 Tage"}},
	}
)

func identityFields() []*Declaration {
	return []*Declaration{IdentityEmail, IdentityWords, IdentityPasskeyName, IdentityNewEmail}
}
