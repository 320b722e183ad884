package privacy

import "slices"

// cartColumns classifies the tables whose names begin with cart.
func cartColumns() []Column {
	return slices.Concat(
		plain("cart_cart", "random id with its time", "id"),
		plain("cart_cart", "hash of a random token, or of a keyed hash of an account's id", "token_hash"),
		plain("cart_cart", "enum", "state"),
		plain("cart_cart", "id of an order", "order_id"),
		plain("cart_cart", "counter", "version"),
		plain("cart_cart", "country alone: a tax fact about thousands", "country"),
		plain("cart_cart", "time", "made_at", "touched_at"),
		plain("cart_line", "id of a cart", "cart_id"),
		plain("cart_line", "id of a variant", "variant_id"),
		plain("cart_line", "number", "quantity"),
		plain("cart_line", "time", "made_at"),
		plain("cart_code", "id of a cart", "cart_id"),
		plain("cart_code", "id of a discount code", "code_id"),
		plain("cart_code", "time", "made_at"),
	)
}
