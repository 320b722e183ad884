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

// Limited walks through what somebody sees who comes in by a mailed link and has nothing else.
func Limited(g *Guide, stop Stop) {
	g.Fail.Helper()
	who := Somebody()
	g.Buy(Plain, who, "paid")
	g.State("order.state_paid")
	g.Mail(who.Email, "letters.confirmation.subject")
	g.Goto(g.To("/account/sign-up"))
	g.Fill("#f-email", who.Email)
	g.Press("account.sign_up_go")
	g.Goto(g.Mail(who.Email, "letters.identity.account.subject").Links("/account/link/")[0])
	g.Press("account.link_account_go")
	g.Must("/account/begin") // and chooses nothing
	g.Goto(g.To("/account/sign-in"))
	g.Fill("#f-email", who.Email)
	g.Press("account.link_go")
	g.Goto(g.Mail(who.Email, "letters.identity.sign_in.subject").Links("/account/link/")[0])
	g.Press("account.link_sign_in_go")
	stop("limited-overview")
	g.Press("account.orders")
	stop("limited-orders")
	g.Press("account.order_state")
	stop("limited-order")
	g.Goto(g.To("/account/addresses"))
	stop("limited-refused")
}
