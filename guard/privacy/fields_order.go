package privacy

import "strongroom/guard/vault"

var (
	untilReturns = Term{Key: "returns_over", Days: 30, Text: Text{
		EN: "until 30 days after the time for withdrawal and returns is over",
		DE: "bis 30 Tage nach Ende der Widerrufs- und Rückgabefrist"}}
	tenYears = Term{Key: "fiscal", Days: 3653, Text: Text{
		EN: "ten years, as tax law demands, and after the delivery only for that",
		DE: "zehn Jahre, wie es das Steuerrecht verlangt, und nach der Lieferung nur noch dafür"}}

	toDeliver = Text{EN: "To deliver the order", DE: "Um die Bestellung zu liefern"}
	toBill    = Text{EN: "To write the invoice and keep it as the law demands", DE: "Um die Rechnung zu schreiben und wie vorgeschrieben aufzubewahren"}
)

// What a guest or a shopper says at the checkout. The order's subject seals it from the first page of the checkout on,
// with the order's id as the row, so that nothing is sealed again when the order is placed.
var (
	OrderEmail = &Declaration{
		Field: vault.Field{Number: 100, Purpose: vault.Fulfilment, Mask: vault.MaskEmail}, Name: "order.email",
		What:  Text{EN: "E-mail address of an order", DE: "E-Mail-Adresse zu einer Bestellung"},
		Why:   Text{EN: "To send the confirmation, the link to the order and news of its delivery", DE: "Um Bestätigung, Link zur Bestellung und Nachrichten zur Lieferung zu senden"},
		Basis: Contract, Keep: untilReturns, SharedWith: []Receiver{Mail, Payments},
	}
	OrderPhone = &Declaration{
		Field: vault.Field{Number: 101, Purpose: vault.Fulfilment, Mask: vault.MaskPhone}, Name: "order.phone",
		What:  Text{EN: "Telephone number of an order, if given", DE: "Telefonnummer zu einer Bestellung, falls angegeben"},
		Why:   Text{EN: "For questions of the carrier about the delivery", DE: "Für Rückfragen des Zustellers zur Lieferung"},
		Basis: Contract, Keep: untilReturns, SharedWith: []Receiver{Carrier},
	}
	OrderNote = &Declaration{
		Field: vault.Field{Number: 102, Purpose: vault.Fulfilment, Mask: vault.MaskAll}, Name: "order.note",
		What:  Text{EN: "Note to the shop with an order", DE: "Nachricht an den Shop zu einer Bestellung"},
		Why:   Text{EN: "To heed the wish that it holds", DE: "Um den darin genannten Wunsch zu beachten"},
		Basis: Contract, Keep: untilReturns,
	}
	OrderDeliveryName     = deliveryField(110, vault.MaskName, "name", "Name", "Name")
	OrderDeliveryCompany  = deliveryField(111, vault.MaskName, "company", "Company", "Firma")
	OrderDeliveryStreet   = deliveryField(112, vault.MaskAll, "street", "Street and number", "Straße und Hausnummer")
	OrderDeliveryLine2    = deliveryField(113, vault.MaskAll, "line2", "Second address line", "Adresszusatz")
	OrderDeliveryPostcode = deliveryField(114, vault.MaskAll, "postcode", "Postcode", "Postleitzahl")
	OrderDeliveryCity     = deliveryField(115, vault.MaskAll, "city", "Town", "Ort")
	OrderDeliveryRegion   = deliveryField(116, vault.MaskAll, "region", "Region", "Region")
	OrderBillingName      = billingField(120, vault.MaskName, "name", "Name", "Name")
	OrderBillingCompany   = billingField(121, vault.MaskName, "company", "Company", "Firma")
	OrderBillingStreet    = billingField(122, vault.MaskAll, "street", "Street and number", "Straße und Hausnummer")
	OrderBillingLine2     = billingField(123, vault.MaskAll, "line2", "Second address line", "Adresszusatz")
	OrderBillingPostcode  = billingField(124, vault.MaskAll, "postcode", "Postcode", "Postleitzahl")
	OrderBillingCity      = billingField(125, vault.MaskAll, "city", "Town", "Ort")
	OrderBillingRegion    = billingField(126, vault.MaskAll, "region", "Region", "Region")
)

// deliveryField is a part of the address that the goods go to. It ends when nothing can come back any more.
func deliveryField(number uint16, mask vault.Mask, part, en, de string) *Declaration {
	return &Declaration{
		Field: vault.Field{Number: number, Purpose: vault.Fulfilment, Mask: mask}, Name: "order.delivery_" + part,
		What: Text{EN: en + " of the recipient", DE: de + " der Empfängerin oder des Empfängers"},
		Why:  toDeliver, Basis: Contract, Keep: untilReturns, SharedWith: []Receiver{Carrier},
	}
}

// billingField is a part of the address on the invoice. Its purpose is the fiscal record, whose key outlives that of
// the delivery: an invoice needs all of it sealed here, also when the two addresses are the same.
func billingField(number uint16, mask vault.Mask, part, en, de string) *Declaration {
	return &Declaration{
		Field: vault.Field{Number: number, Purpose: vault.Fiscal, Mask: mask}, Name: "order.billing_" + part,
		What: Text{EN: en + " on the invoice", DE: de + " auf der Rechnung"},
		Why:  toBill, Basis: LegalDuty, Keep: tenYears, SharedWith: []Receiver{Tax},
	}
}

func orderFields() []*Declaration {
	return []*Declaration{OrderEmail, OrderPhone, OrderNote, OrderTracking,
		OrderDeliveryName, OrderDeliveryCompany, OrderDeliveryStreet, OrderDeliveryLine2, OrderDeliveryPostcode, OrderDeliveryCity, OrderDeliveryRegion,
		OrderBillingName, OrderBillingCompany, OrderBillingStreet, OrderBillingLine2, OrderBillingPostcode, OrderBillingCity, OrderBillingRegion}
}
