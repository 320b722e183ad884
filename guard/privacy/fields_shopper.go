package privacy

import "strongroom/guard/vault"

var toPrefill = Text{EN: "So that it need not be typed again at the next order", DE: "Damit sie bei der nächsten Bestellung nicht neu eingegeben werden muss"}

// What a shopper keeps in her account. Numbers 210 to 219.
var (
	ShopperName = &Declaration{
		Field: vault.Field{Number: 210, Purpose: vault.Profile, Mask: vault.MaskName}, Name: "shopper.name",
		What:  Text{EN: "Name in the profile of an account", DE: "Name im Profil eines Kontos"},
		Why:   Text{EN: "To address the right person and to fill it in at the next order", DE: "Für die richtige Anrede und die nächste Bestellung"},
		Basis: Permission, Keep: whileAccount,
	}
	ShopperAddressName     = shopperField(211, vault.MaskName, "name", "Name", "Name")
	ShopperAddressCompany  = shopperField(212, vault.MaskName, "company", "Company", "Firma")
	ShopperAddressStreet   = shopperField(213, vault.MaskAll, "street", "Street and number", "Straße und Hausnummer")
	ShopperAddressLine2    = shopperField(214, vault.MaskAll, "line2", "Second address line", "Adresszusatz")
	ShopperAddressPostcode = shopperField(215, vault.MaskAll, "postcode", "Postcode", "Postleitzahl")
	ShopperAddressCity     = shopperField(216, vault.MaskAll, "city", "Town", "Ort")
	ShopperAddressRegion   = shopperField(217, vault.MaskAll, "region", "Region", "Region")
)

// shopperField is a part of an address in an account's address book. It serves no order that was placed, which has an
// address of its own, and goes when the shopper removes it or closes the account.
func shopperField(number uint16, mask vault.Mask, part, en, de string) *Declaration {
	return &Declaration{
		Field: vault.Field{Number: number, Purpose: vault.Profile, Mask: mask}, Name: "shopper.address_" + part,
		What: Text{EN: en + " in an address kept in an account", DE: de + " in einer im Konto gemerkten Adresse"},
		Why:  toPrefill, Basis: Permission, Keep: untilRemoved,
	}
}

var untilRemoved = Term{Key: "removed", Text: Text{
	EN: "until it is removed, at most as long as the account exists",
	DE: "bis sie entfernt wird, höchstens solange das Konto besteht"}}

func shopperFields() []*Declaration {
	return []*Declaration{ShopperName, ShopperAddressName, ShopperAddressCompany, ShopperAddressStreet, ShopperAddressLine2,
		ShopperAddressPostcode, ShopperAddressCity, ShopperAddressRegion}
}
