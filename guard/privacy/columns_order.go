package privacy

import "slices"

// orderColumns classifies the tables whose names begin with order.
func orderColumns() []Column {
	return slices.Concat(orderDraftColumns(), orderHeadColumns(), orderPartColumns(), orderDeskColumns(), orderAccountColumns())
}

// orderDraftColumns are what a guest types: before and after it becomes an order.
func orderDraftColumns() []Column {
	return slices.Concat(
		plain("order_draft", "random id with its time", "id"),
		plain("order_draft", "id of a cart", "cart"),
		plain("order_draft", "random id of whose keys seal the row", "subject"),
		plain("order_draft", "random bytes", "attempt"),
		plain("order_draft", "one of the languages of the shop", "language"),
		plain("order_draft", "country alone: a tax fact about thousands", "country"),
		plain("order_draft", "key of a delivery offer", "offer"),
		plain("order_draft", "counter", "version"),
		plain("order_draft", "time", "made_at", "saved_at"),
		plain("order_personal", "id of an order", "order_id"),
		plain("order_personal", "random id of whose keys seal the row", "subject"),
		plain("order_personal", "country alone: a tax fact about thousands", "delivery_country", "billing_country"),
		plain("order_personal", "truth value", "billing_differs"),
		sealed("order_personal", "email", OrderEmail),
		sealed("order_personal", "phone", OrderPhone),
		sealed("order_personal", "note", OrderNote),
		sealed("order_personal", "delivery_name", OrderDeliveryName),
		sealed("order_personal", "delivery_company", OrderDeliveryCompany),
		sealed("order_personal", "delivery_street", OrderDeliveryStreet),
		sealed("order_personal", "delivery_line2", OrderDeliveryLine2),
		sealed("order_personal", "delivery_postcode", OrderDeliveryPostcode),
		sealed("order_personal", "delivery_city", OrderDeliveryCity),
		sealed("order_personal", "delivery_region", OrderDeliveryRegion),
		sealed("order_personal", "billing_name", OrderBillingName),
		sealed("order_personal", "billing_company", OrderBillingCompany),
		sealed("order_personal", "billing_street", OrderBillingStreet),
		sealed("order_personal", "billing_line2", OrderBillingLine2),
		sealed("order_personal", "billing_postcode", OrderBillingPostcode),
		sealed("order_personal", "billing_city", OrderBillingCity),
		sealed("order_personal", "billing_region", OrderBillingRegion),
	)
}

// orderHeadColumns are what was ordered.
func orderHeadColumns() []Column {
	return slices.Concat(
		plain("order_head", "random id with its time", "id"),
		plain("order_head", "random order number", "number"),
		plain("order_head", "enum", "state"),
		plain("order_head", "name of a payment provider", "method"),
		plain("order_head", "id of a cart", "cart"),
		plain("order_head", "keyed hash of a random token", "cart_proof"),
		plain("order_head", "random bytes", "attempt"),
		plain("order_head", "hash of prices and ids", "shown"),
		plain("order_head", "random id of whose keys seal the row", "subject"),
		plain("order_head", "one of the languages of the shop", "language"),
		plain("order_head", "country alone: a tax fact about thousands", "country"),
		plain("order_head", "currency code", "currency"),
		plain("order_head", "price mode of the shop", "mode"),
		plain("order_head", "sum of money", "goods", "discount", "shipping", "net", "tax", "total", "refunded", "let_go"),
		plain("order_head", "hint of a discount code", "code"),
		plain("order_head", "key of a delivery offer", "offer"),
		plain("order_head", "name of a delivery offer", "offer_name"),
		plain("order_head", "truth value", "pick_up", "told"),
		plain("order_head", "address of the shop", "place"),
		plain("order_head", "number", "days_min", "days_max"),
		plain("order_head", "id of a payment", "payment"),
		plain("order_head", "counter", "generation", "corrections"),
		plain("order_head", "time", "placed_at", "pay_until", "paid_at", "delivered_at", "closed_at", "withdrawn_at"),
		plain("order_line", "id of an order", "order_id"),
		plain("order_line", "number", "position", "quantity"),
		plain("order_line", "id of a variant", "variant"),
		plain("order_line", "id of a product", "product"),
		plain("order_line", "name of a product", "handle", "name"),
		plain("order_line", "article number", "sku"),
		plain("order_line", "options of a product", "options"),
		plain("order_line", "hash of a picture", "image"),
		plain("order_line", "name of a firm", "producer"),
		plain("order_line", "contact of a firm", "eu_contact"),
		plain("order_line", "enum", "tax_class"),
		plain("order_line", "sum of money", "unit", "gross", "discount", "net", "tax", "total"),
		plain("order_line", "tax rate", "rate"),
		plain("order_tax", "id of an order", "order_id"),
		plain("order_tax", "tax rate", "rate"),
		plain("order_tax", "sum of money", "net", "tax"),
	)
}

// orderPartColumns are what surrounds an order: moves, tokens, counters, withdrawals.
func orderPartColumns() []Column {
	return slices.Concat(
		plain("order_move", "id of an order", "order_id"),
		plain("order_move", "counter", "seq"),
		plain("order_move", "enum", "from_state", "to_state"),
		plain("order_move", "enum word", "reason"),
		plain("order_move", "kind of actor and name of a part of the program", "actor"),
		plain("order_move", "time", "at"),
		plain("order_access", "hash of 256 random bits", "token"),
		plain("order_access", "id of an order", "order_id"),
		plain("order_access", "enum", "kind"),
		plain("order_access", "counter", "generation", "uses"),
		plain("order_access", "time", "made_at", "ends_at"),
		plain("order_renewal", "random id with its time", "id"),
		plain("order_renewal", "random order number", "number"),
		plain("order_renewal", "keyed hash of a typed address, deleted within the hour", "proof"),
		plain("order_renewal", "time", "made_at"),
		plain("order_limit", "keyed hash of what is counted, deleted within two weeks", "key"),
		plain("order_limit", "time", "slot"),
		plain("order_limit", "counter", "count"),
		plain("order_withdrawal", "random id with its time", "id"),
		plain("order_withdrawal", "random bytes", "attempt"),
		plain("order_withdrawal", "random id of whose keys seal the row", "subject"),
		plain("order_withdrawal", "id of an order", "order_id"),
		plain("order_withdrawal", "enum", "known"),
		plain("order_withdrawal", "random order number", "number"),
		plain("order_withdrawal", "one of the languages of the shop", "language"),
		plain("order_withdrawal", "time", "received_at"),
		sealed("order_withdrawal", "name", WithdrawalName),
		sealed("order_withdrawal", "email", WithdrawalEmail),
		sealed("order_withdrawal", "statement", WithdrawalStatement),
	)
}

// orderAccountColumns tie orders to accounts.
func orderAccountColumns() []Column {
	return slices.Concat(
		plain("order_account", "id of an order", "order_id"),
		plain("order_account", "random id of an account; the row goes when the account is closed", "account"),
		plain("order_account", "time", "attached_at"))
}
