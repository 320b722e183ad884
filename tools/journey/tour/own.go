package tour

// Own walks through what a shopper who is signed in has of her own: name, addresses, a checkout that knows them, orders,
// and the end of the account. It begins where Account ends.
func Own(g *Guide, who Person, stop Stop) {
	g.Fail.Helper()
	g.Goto(g.To("/account/profile"))
	g.Fill("#f-name", who.Name)
	g.Press("account.name_set")
	stop("own-profile")
	g.Goto(g.To("/account/addresses"))
	stop("own-addresses-none")
	g.Press("account.address_add")
	stop("own-address")
	g.Press("account.address_save")
	stop("own-address-problem")
	g.Address(who)
	second := who
	second.Name, second.Street = who.Name+" (Werkstatt)", "Kleine Elbstraße 47 b, Hinterhof"
	g.Press("account.address_add")
	g.Address(second)
	stop("own-addresses")
	g.Add(Plain)
	g.Checkout()
	stop("own-checkout")
	g.Fill("#f-delivery-street", "Deichtorplatz 1")
	g.Press("shop.to_check")
	g.Oblige()
	g.Choose("paid")
	g.State("order.state_paid")
	stop("own-order")
	g.Press("shop.own_orders")
	stop("own-orders")
	g.Goto(g.To("/account"))
	stop("own-overview")
	g.Goto(g.To("/account/close"))
	stop("own-close")
	g.Press("account.close_go")
	g.Must("/account/closed")
	stop("own-closed")
}

// Address fills the form of an address and keeps it.
func (g *Guide) Address(p Person) {
	g.Fail.Helper()
	for _, f := range [...][2]string{{"#f-name", p.Name}, {"#f-street", p.Street}, {"#f-postcode", p.Postcode}, {"#f-city", p.City}} {
		g.Fill(f[0], f[1])
	}
	g.Press("account.address_save")
	g.Must("/account/addresses")
}
