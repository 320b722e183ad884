package privacy

import "slices"

// shopperColumns classifies the tables whose names begin with shopper.
func shopperColumns() []Column {
	return slices.Concat(
		plain("shopper_person", "random id of an account; the row goes when the account is closed", "account"),
		plain("shopper_person", "random id of whose keys seal the row", "subject"),
		plain("shopper_person", "time", "saved_at"),
		sealed("shopper_person", "name", ShopperName),
		plain("shopper_address", "random id with its time", "id"),
		plain("shopper_address", "random id of an account; the row goes when the account is closed", "account"),
		plain("shopper_address", "random id of whose keys seal the row", "subject"),
		plain("shopper_address", "country alone: a fact about millions", "country"),
		plain("shopper_address", "truth value", "chosen"),
		plain("shopper_address", "time", "made_at", "saved_at"),
		sealed("shopper_address", "name", ShopperAddressName),
		sealed("shopper_address", "company", ShopperAddressCompany),
		sealed("shopper_address", "street", ShopperAddressStreet),
		sealed("shopper_address", "line2", ShopperAddressLine2),
		sealed("shopper_address", "postcode", ShopperAddressPostcode),
		sealed("shopper_address", "city", ShopperAddressCity),
		sealed("shopper_address", "region", ShopperAddressRegion),
	)
}
