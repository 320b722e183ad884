package rules

// declare lists the arrows between siblings. The test fails for one that is missing here and for one that is not used.
func declare() {
	arrow("guard/vault", "guard/access", "a look names who looks")
	arrow("guard/audit", "guard/access", "an entry names who acted")
	arrow("guard/audit", "guard/vault", "the origin of an act is sealed")
	arrow("guard/audit", "guard/privacy", "the sealed origin is a declared field")
	arrow("guard/privacy", "guard/vault", "a declaration is a vault field with its reasons")
	arrow("guard/epoch", "guard/access", "a release names who released")
	arrow("guard/epoch", "guard/audit", "a release is an act")
	arrow("shop/catalog", "shop/price", "a product names a tax class that exists")
	arrow("shop/catalog", "shop/stock", "lists filter by what is there")
	arrow("shop/cart", "shop/catalog", "prices and names come from the catalogue, never from the cart")
	arrow("shop/cart", "shop/price", "a cart shows totals and takes codes")
	arrow("shop/cart", "shop/delivery", "a cart estimates what delivery costs")
	arrow("shop/order", "shop/cart", "an order is made of a cart")
	arrow("shop/order", "shop/catalog", "an order copies what it sells")
	arrow("shop/order", "shop/price", "an order copies its totals")
	arrow("shop/order", "shop/delivery", "an order goes to an address by an offer")
	arrow("shop/order", "shop/stock", "an order reserves and sells")
	arrow("shop/order", "shop/payment", "an order is paid; payments answer through payment.Payee")
	arrow("shop/post", "shop/order", "a mail that came back belongs to an order")
	arrow("front/storefront", "front/parts", "pages are made of parts")
	arrow("front/storefront", "front/look", "pages name their assets")
}
