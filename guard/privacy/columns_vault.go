package privacy

import "slices"

// vaultColumns classifies the key database and the ledger of erasures. Keys are random, look-up values are keyed
// hashes, and both end with the person's keys; without the root key none of them says anything about anybody.
func vaultColumns() []Column {
	return slices.Concat(
		plain("vault_erasure", "random ids and times: the ledger holds no personal data", "subject", "purpose", "intended_at", "done_at"),
		plain("vault_root", "names, place and wrapped bytes of a random key", "id", "key_id", "made_at", "place", "wrapped", "was"),
		plain("vault_store", "wrapped random keys of the store", "version", "kind", "wrapped", "current", "made_at"),
		plain("vault_subject", "random ids, states and times", "id", "state", "handle", "made_at", "ended_at"),
		plain("vault_key", "wrapped random keys, deleted for good at erasure", "subject", "purpose", "version", "store", "wrapped"),
		plain("vault_contact", "keyed hash of an address, made with a key that only the running store opens, deleted with the last person it belongs to",
			"value", "handle", "chain", "made_at"),
		plain("vault_index", "keyed hashes for exact look-up, deleted with the keys of their purpose",
			"field", "value", "subject", "purpose", "chain", "contact"),
		plain("vault_rotation", "how far a rotation is", "id", "step", "done", "started_at", "ended_at", "holder", "until"),
		plain("vault_kit", "public half of a recovery kit and the root key sealed to it", "id", "recipient", "sealed", "key_id", "made_at", "checked_at"),
	)
}
