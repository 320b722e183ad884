package privacy

import "slices"

// fraudColumns classifies the tables whose names begin with fraud. They hold what is needed to know somebody again who
// tries out cards, and nothing by which a person could be found: keyed hashes whose key is the store's own, counts and
// points. Cases go after 35 days and paid ones after 190, counts after 4 and paid ones after 180.
func fraudColumns() []Column {
	return slices.Concat(
		plain("fraud_case", "id of an order", "order_id"),
		plain("fraud_case", "time", "at", "changed_at", "decided_at", "declined_at"),
		plain("fraud_case", "enum", "outcome", "state", "ended"),
		plain("fraud_case", "number of points", "score"),
		plain("fraud_case", "enum words with points", "reasons", "seen"),
		plain("fraud_case", "a flag", "newcomer", "strict"),
		plain("fraud_case", "enum: of which budget", "spent"),
		plain("fraud_case", "a sum", "total"),
		plain("fraud_case", "keyed hash of a random number", "device"),
		plain("fraud_case", "keyed hash of an address, deleted with the order's person", "contact"),
		plain("fraud_case", "keyed hash of a network of 256 addresses or more", "network"),
		plain("fraud_case", "keyed hash of a mail domain", "domain"),
		plain("fraud_case", "digest of ids of goods", "goods"),
		plain("fraud_case", "counter", "sessions", "declines", "running"),
		plain("fraud_case", "id of a member", "decided_by"),
		plain("fraud_unpaid", "id of an order", "order_id"),
		plain("fraud_unpaid", "keyed hash of a random number", "device"),
		plain("fraud_unpaid", "keyed hash of an address, deleted when the order is paid or over, and with its person", "contact"),
		plain("fraud_unpaid", "keyed hash of a network of 256 addresses or more", "network"),
		plain("fraud_unpaid", "a flag", "newcomer"),
		plain("fraud_unpaid", "time", "made_at"),
		plain("fraud_unpaid_turn", "a count", "id", "n"),
		plain("fraud_tally", "enum", "kind"),
		plain("fraud_tally", "keyed hash of a random number, an address or a network; the first two are deleted with an order's person", "key"),
		plain("fraud_tally", "quarter of a day", "slot"),
		plain("fraud_tally", "counter", "opened", "declined", "abandoned", "paid", "disputed", "names"),
		plain("fraud_tally", "keyed hash of an address or a random number", "last"),
		plain("fraud_mode", "always 1", "id"),
		plain("fraud_mode", "counter", "version", "left_over", "trusted", "usual", "bad"),
		plain("fraud_mode", "a flag", "strict"),
		plain("fraud_mode", "time", "since", "refill_at"),
		plain("fraud_mode", "enum word with a digest or keyed hash", "scope"),
		plain("fraud_mode", "a time span", "pause"),
		plain("fraud_mode", "numbers that the shop has set", "body"),
		plain("fraud_entry", "internal id", "id"),
		plain("fraud_entry", "enum", "kind"),
		plain("fraud_entry", "keyed hash of what a member typed or of what an order had", "key"),
		plain("fraud_entry", "a flag", "allow"),
		plain("fraud_entry", "a mask, a domain or a reference", "label"),
		plain("fraud_entry", "a member's words about why; the page asks for no names", "reason"),
		plain("fraud_entry", "id of a member", "made_by"),
		plain("fraud_entry", "time", "made_at", "ends_at"),
	)
}
