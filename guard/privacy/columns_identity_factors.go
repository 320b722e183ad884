package privacy

import "slices"

// identityFactorColumns classifies the tables of passwords, apps, phones and recovery codes.
func identityFactorColumns() []Column {
	return slices.Concat(
		plain("identity_password", "id of an account", "account"),
		plain("identity_password", "peppered hash of a password", "record"),
		plain("identity_password", "flag", "alone"),
		plain("identity_password", "time", "made_at"),
		plain("identity_app", "random id with its time", "id"),
		plain("identity_app", "id of an account", "account"),
		plain("identity_app", "enum", "state"),
		plain("identity_app", "sealed random secret", "secret"),
		plain("identity_app", "counter", "used_step"),
		plain("identity_app", "time", "made_at", "used_at"),
		plain("identity_phone", "random id with its time", "id"),
		plain("identity_phone", "id of an account", "account"),
		plain("identity_phone", "enum", "state"),
		sealed("identity_phone", "number", IdentityPhone),
		plain("identity_phone", "keyed hash of a number's beginning, shared by thousands", "range_key"),
		plain("identity_phone", "keyed hash of a random code", "code"),
		plain("identity_phone", "counter", "sent", "tries"),
		plain("identity_phone", "time", "code_ends", "made_at", "cool_until"),
		plain("identity_code", "id of an account", "account"),
		plain("identity_code", "keyed hash of a random code", "hash"),
		plain("identity_code", "time", "used_at"),
	)
}
