package privacy

import "slices"

// priceColumns classifies the tables whose names begin with price.
func priceColumns() []Column {
	return slices.Concat(
		plain("price_code", "random id with its time", "id"),
		plain("price_code", "keyed hash of a discount code of the shop", "hash"),
		plain("price_code", "a few characters of a discount code of the shop", "hint"),
		plain("price_code", "what the shop calls a code of its own", "label"),
		plain("price_code", "enum word", "kind"),
		plain("price_code", "part of a price", "ppm"),
		plain("price_code", "sum of money", "amount", "min_goods"),
		plain("price_code", "truth value", "stacks", "active"),
		plain("price_code", "limit", "max_uses", "max_person"),
		plain("price_code", "counter", "uses"),
		plain("price_code", "time", "starts_at", "ends_at", "made_at"),
		plain("price_use", "id of a discount code", "code_id"),
		plain("price_use", "id of an order", "order_id"),
		plain("price_use", "random contact handle: whose it is stands in the key database alone and dies there", "contact"),
		plain("price_use", "time", "made_at", "back_at"),
		plain("price_attempt", "keyed hash of a cart or a network, beside no person, deleted after a day", "bucket"),
		plain("price_attempt", "time", "window_at"),
		plain("price_attempt", "counter", "count"),
	)
}
