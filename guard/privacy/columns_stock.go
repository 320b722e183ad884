package privacy

import "slices"

// stockColumns classifies the tables whose names begin with stock.
func stockColumns() []Column {
	return slices.Concat(
		plain("stock_level", "id of a variant", "variant"),
		plain("stock_level", "number of pieces", "on_hand", "reserved"),
		plain("stock_level", "time", "updated_at"),
		plain("stock_reservation", "id of an order", "order_id"),
		plain("stock_reservation", "id of a variant", "variant"),
		plain("stock_reservation", "number of pieces", "quantity", "returned"),
		plain("stock_reservation", "enum word", "state"),
		plain("stock_reservation", "time", "until", "made_at"),
		plain("stock_move", "random id with its time", "id"),
		plain("stock_move", "id of a variant", "variant"),
		plain("stock_move", "enum word", "kind", "reason"),
		plain("stock_move", "kind of actor and name of a role or a part of the program", "actor"),
		plain("stock_move", "id of an order", "order_id"),
		plain("stock_move", "number of pieces", "on_hand", "reserved"),
		plain("stock_move", "time", "at"),
	)
}
