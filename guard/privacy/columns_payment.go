package privacy

import "slices"

// paymentColumns classifies the tables whose names begin with payment. A payment knows its order by id and the shopper not
// at all: whoever pays tells the provider, on the provider's own page.
func paymentColumns() []Column {
	return slices.Concat(
		plain("payment_payment", "internal id", "id", "order_id"),
		plain("payment_payment", "random", "reference"),
		plain("payment_payment", "the order's number: random", "number"),
		plain("payment_payment", "a name", "provider"),
		plain("payment_payment", "the shop's own account at the provider", "account"),
		plain("payment_payment", "a word", "mode", "state"),
		plain("payment_payment", "a sum", "amount", "captured", "asked", "refunded"),
		plain("payment_payment", "a code", "currency"),
		plain("payment_payment", "a flag", "manual", "late", "secure"),
		plain("payment_payment", "a count", "keys", "moves", "polls"),
		plain("payment_payment", "the provider's random name of a session", "ref"),
		plain("payment_payment", "the provider's random name of a payment", "charge"),
		plain("payment_payment", "the provider's page, with a random name in it", "url"),
		plain("payment_payment", "our page, with the random reference in it", "return_url"),
		plain("payment_payment", "our page", "cancel_url"),
		plain("payment_payment", "the language of the page", "language"),
		plain("payment_payment", "a time", "expires_at", "made_at", "changed_at", "next_at"),
		plain("payment_move", "internal id", "payment_id"),
		plain("payment_move", "a count", "n"),
		plain("payment_move", "a word", "old_state", "new_state", "cause"),
		plain("payment_move", "a sum", "captured", "refunded"),
		plain("payment_move", "a time", "made_at"),
		plain("payment_refund", "internal id", "id", "payment_id"),
		plain("payment_refund", "the asking program's key, made of ids", "ask"),
		plain("payment_refund", "a sum", "amount", "tax"),
		plain("payment_refund", "a word", "reason", "state", "error"),
		plain("payment_refund", "a key of random digits", "provider_key"),
		plain("payment_refund", "the provider's random name of a refund", "ref"),
		plain("payment_refund", "a time", "made_at", "ended_at"),
		plain("payment_notice", "a name", "provider"),
		plain("payment_notice", "the provider's random name of an event", "event"),
		plain("payment_notice", "the provider's word", "kind"),
		plain("payment_notice", "internal id", "payment_id"),
		plain("payment_notice", "a flag", "handled"),
		plain("payment_notice", "a time", "made_at"),
		plain("payment_ledger", "internal id", "id", "order_id", "payment_id"),
		plain("payment_ledger", "a word and internal ids", "key"),
		plain("payment_ledger", "a word", "kind"),
		plain("payment_ledger", "a code", "currency"),
		plain("payment_ledger", "a time", "made_at"),
		plain("payment_entry", "internal id", "ledger_id", "order_id"),
		plain("payment_entry", "a count", "line"),
		plain("payment_entry", "a name of the chart of accounts", "account"),
		plain("payment_entry", "a sum", "amount"),
	)
}
