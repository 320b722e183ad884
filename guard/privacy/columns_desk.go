package privacy

import (
	"slices"

	"strongroom/guard/vault"
)

// OrderTracking is a parcel's number. By itself it is a number; at the carrier it leads to the address, and so it is
// sealed like one, with the shipment as its row.
var OrderTracking = &Declaration{
	Field: vault.Field{Number: 230, Purpose: vault.Fulfilment, Mask: vault.MaskPhone}, Name: "order.tracking",
	What:  Text{EN: "Number of a parcel", DE: "Sendungsnummer"},
	Why:   Text{EN: "So that the parcel can be followed", DE: "Damit die Sendung verfolgt werden kann"},
	Basis: Contract, Keep: untilReturns, SharedWith: []Receiver{Carrier, Mail},
}

// orderDeskColumns are what staff do with an order.
func orderDeskColumns() []Column {
	return slices.Concat(
		plain("order_unlisted", "id of an order", "order_id"),
		plain("order_unlisted", "time", "damaged_at"),
		plain("order_head", "enum", "parcel"),
		plain("order_line", "number of pieces", "sent", "refunded"),
		plain("order_shipment", "random id with its time", "id"),
		plain("order_shipment", "id of an order", "order_id"),
		plain("order_shipment", "word of a carrier", "carrier"),
		sealed("order_shipment", "tracking", OrderTracking),
		plain("order_shipment", "random bytes of a form", "attempt"),
		plain("order_shipment", "time", "sent_at", "delivered_at"),
		plain("order_shipment_line", "id of a shipment", "shipment"),
		plain("order_shipment_line", "number", "position", "quantity"),
		plain("order_parcel_move", "id of an order", "order_id"),
		plain("order_parcel_move", "counter", "seq"),
		plain("order_parcel_move", "enum", "from_step", "to_step"),
		plain("order_parcel_move", "enum word", "reason"),
		plain("order_parcel_move", "kind of actor and name of a role", "actor"),
		plain("order_parcel_move", "id of a shipment", "shipment"),
		plain("order_parcel_move", "time", "at"),
		plain("order_hold_plan", "random id with its time", "id"),
		plain("order_hold_plan", "id of an order", "order_id"),
		plain("order_hold_plan", "id of a payment", "payment"),
		plain("order_hold_plan", "enum word", "kind"),
		plain("order_hold_plan", "sum of money", "amount", "tax"),
		plain("order_hold_plan", "kind and role of who decided, never a person", "actor"),
		plain("order_hold_plan", "time", "made_at"),
		plain("order_hold_rest", "id of a plan", "plan"),
		plain("order_hold_rest", "number", "position", "quantity"),
		plain("order_hold_rest", "sum of money", "amount"),
		plain("order_refund", "random id with its time", "id"),
		plain("order_refund", "id of an order", "order_id"),
		plain("order_refund", "random bytes of a form", "attempt"),
		plain("order_refund", "id of a payment", "payment"),
		plain("order_refund", "sum of money", "amount", "tax", "shipping"),
		plain("order_refund", "enum word", "reason"),
		plain("order_refund", "truth value", "restock"),
		plain("order_refund", "random id of a staff member; whose it is stands sealed elsewhere", "member"),
		plain("order_refund", "time", "made_at"),
		plain("order_refund_line", "id of a refund", "refund"),
		plain("order_refund_line", "number", "position", "quantity"),
		plain("order_refund_line", "sum of money", "amount"),
		plain("order_assignment", "id of an order", "order_id"),
		plain("order_assignment", "random id of a staff member; whose it is stands sealed elsewhere", "member"),
		plain("order_assignment", "time", "made_at", "ended_at"),
		plain("order_assignment", "enum word", "outcome"),
	)
}
