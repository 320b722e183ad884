package privacy

import "slices"

// identityColumns classifies the tables whose names begin with identity.
func identityColumns() []Column {
	return slices.Concat(identityAccountColumns(), identitySessionColumns(), identityWayColumns())
}

// identityAccountColumns are who can sign in, and with what.
func identityAccountColumns() []Column {
	return slices.Concat(
		plain("identity_account", "random id with its time", "id"),
		plain("identity_account", "enum", "realm", "state"),
		plain("identity_account", "random id of whose keys seal the row", "subject"),
		plain("identity_account", "random bytes", "handle"),
		plain("identity_account", "random handle of the vault", "contact"),
		plain("identity_account", "counter", "generation"),
		plain("identity_account", "truth value", "compromised"),
		plain("identity_account", "one of the languages of the shop", "language"),
		plain("identity_account", "time", "made_at", "active_at", "seen_at", "closed_at"),
		sealed("identity_account", "email", IdentityEmail),
		sealed("identity_account", "words", IdentityWords),
		plain("identity_passkey", "random id with its time", "id"),
		plain("identity_passkey", "id of an account", "account"),
		plain("identity_passkey", "enum", "state"),
		plain("identity_passkey", "random name of a key", "credential"),
		plain("identity_passkey", "public key made for this shop alone", "public_key"),
		plain("identity_passkey", "model that thousands have", "model", "transports"),
		plain("identity_passkey", "truth value", "eligible", "backed"),
		plain("identity_passkey", "counter", "counter"),
		plain("identity_passkey", "keyed hash", "proof"),
		plain("identity_passkey", "time", "made_at", "used_at"),
		sealed("identity_passkey", "name", IdentityPasskeyName),
		plain("identity_change", "random id with its time", "id"),
		plain("identity_change", "id of an account", "account"),
		plain("identity_change", "truth value", "by_old", "by_new"),
		plain("identity_change", "enum", "state"),
		plain("identity_change", "time", "made_at", "ends_at"),
		sealed("identity_change", "email", IdentityNewEmail),
	)
}

// identitySessionColumns are browsers and who is signed in there.
func identitySessionColumns() []Column {
	return slices.Concat(
		plain("identity_device", "random id with its time", "id"),
		plain("identity_device", "id of an account", "account"),
		plain("identity_device", "hash of 256 random bits", "browser"),
		plain("identity_device", "kind of browser and system, one of a few dozen", "label"),
		plain("identity_device", "truth value", "known"),
		plain("identity_device", "time", "first_at", "last_at"),
		plain("identity_session", "random id with its time", "id"),
		plain("identity_session", "keyed hash of 256 random bits", "token"),
		plain("identity_session", "id of an account", "account"),
		plain("identity_session", "id of a device", "device"),
		plain("identity_session", "enum", "level", "methods"),
		plain("identity_session", "counter", "generation"),
		plain("identity_session", "hash of 256 random bits", "browser"),
		plain("identity_session", "keyed hash of a network, different for every session", "network"),
		plain("identity_session", "kind of browser and system, one of a few dozen", "agent"),
		plain("identity_session", "time", "made_at", "step_up_at", "touched_at", "ends_at"),
	)
}

// identityWayColumns are attempts, links and counts.
func identityWayColumns() []Column {
	return slices.Concat(
		plain("identity_attempt", "random id with its time", "id"),
		plain("identity_attempt", "hash of 256 random bits", "token", "browser"),
		plain("identity_attempt", "enum", "realm", "aim", "proven", "code_for", "state"),
		plain("identity_attempt", "id of an account", "account"),
		plain("identity_attempt", "id of a session", "session"),
		plain("identity_attempt", "counter", "tries", "sent"),
		plain("identity_attempt", "keyed hash of a code, minutes old", "code"),
		plain("identity_attempt", "time", "code_ends", "made_at", "ends_at"),
		plain("identity_ceremony", "hash of 256 random bits", "token", "browser"),
		plain("identity_ceremony", "enum", "realm", "kind"),
		plain("identity_ceremony", "id of an account", "account"),
		plain("identity_ceremony", "id of a session", "session"),
		plain("identity_ceremony", "id of an attempt", "attempt"),
		plain("identity_ceremony", "challenge and names of keys, minutes old", "data"),
		plain("identity_ceremony", "time", "ends_at"),
		plain("identity_link", "random id with its time", "id"),
		plain("identity_link", "hash of 256 random bits", "token", "browser"),
		plain("identity_link", "enum", "kind", "realm", "state"),
		plain("identity_link", "id of an account", "account"),
		plain("identity_link", "id of what the link is about", "attempt", "device", "change"),
		plain("identity_link", "keyed hash of a random code", "code"),
		plain("identity_link", "counter", "tries"),
		plain("identity_link", "time", "made_at", "ends_at"),
		plain("identity_recovery", "random id with its time", "id"),
		plain("identity_recovery", "id of an account", "account"),
		plain("identity_recovery", "enum", "proven", "state"),
		plain("identity_recovery", "hash of 256 random bits", "browser"),
		plain("identity_recovery", "keyed hash of a random code", "code"),
		plain("identity_recovery", "time", "made_at", "ready_at", "told_at", "ends_at"),
		plain("identity_throttle", "keyed hash of what is counted, deleted within eight days", "key"),
		plain("identity_throttle", "counter", "fails"),
		plain("identity_throttle", "time", "next_at", "touched_at"),
		plain("identity_count", "keyed hash of what is counted, deleted within a day", "key"),
		plain("identity_count", "time", "slot"),
		plain("identity_count", "counter", "count"),
	)
}
