package privacy

import "slices"

// deliveryColumns classifies the tables whose names begin with delivery: settings of the shop.
func deliveryColumns() []Column {
	return slices.Concat(
		plain("delivery_version", "always 1", "one"),
		plain("delivery_version", "counter", "version"),
		plain("delivery_zone", "random id with its time", "id"),
		plain("delivery_zone", "what the shop calls a zone", "name"),
		plain("delivery_zone", "number", "position"),
		plain("delivery_zone", "time", "made_at"),
		plain("delivery_place", "id of a zone", "zone_id"),
		plain("delivery_place", "country that the shop delivers to", "country"),
		plain("delivery_place", "postcodes that the shop delivers to", "postcodes"),
		plain("delivery_method", "random id with its time", "id"),
		plain("delivery_method", "id of a zone", "zone_id"),
		plain("delivery_method", "short name of a way of delivery", "key"),
		plain("delivery_method", "enum word", "kind"),
		plain("delivery_method", "number", "position", "days_min", "days_max", "cutoff"),
		plain("delivery_method", "truth value", "active"),
		plain("delivery_method", "sum of money", "free_from"),
		plain("delivery_method", "address of a pick-up place of the shop", "street", "postcode", "city", "country"),
		plain("delivery_method", "time", "made_at"),
		plain("delivery_text", "id of a way of delivery", "method_id"),
		plain("delivery_text", "one of the languages of the shop", "lang"),
		plain("delivery_text", "text of the shop", "name", "note", "hours"),
		plain("delivery_rate", "id of a way of delivery", "method_id"),
		plain("delivery_rate", "weight in grams", "weight_to"),
		plain("delivery_rate", "sum of money", "goods_from", "price"),
		plain("delivery_holiday", "calendar day", "day"),
		plain("delivery_holiday", "name of a holiday", "name"),
	)
}
