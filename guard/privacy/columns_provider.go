package privacy

import "slices"

// providerColumns classifies the providers that were set up: accounts of the shop, and nobody's personal data.
func providerColumns() []Column {
	return slices.Concat(
		plain("payment_provider", "random id with its time", "id"),
		plain("payment_provider", "a name", "name"),
		plain("payment_provider", "a word", "mode", "state", "notice_kind", "problem"),
		plain("payment_provider", "the shop's own account at the provider", "account", "title"),
		plain("payment_provider", "keys of the store, sealed", "settings", "notice"),
		plain("payment_provider", "the ends of the store's own keys", "tails"),
		plain("payment_provider", "the provider's random name of an address", "notice_ref"),
		plain("payment_provider", "names of rights, and words", "report"),
		plain("payment_provider", "a count", "skew", "changes", "place"),
		plain("payment_provider", "internal id", "trial"),
		plain("payment_provider", "an address of the provider", "proof_link"),
		plain("payment_provider", "a day", "proof_day"),
		plain("payment_provider", "a time", "notice_at", "tested_at", "made_at", "on_at", "since"),
		plain("payment_provider_version", "a count", "one", "version"),
	)
}
