package account

import "strongroom/front/storefront"

// ownRoutes are the pages of orders, name and addresses, and of the end of an account.
func (a *Pages) ownRoutes() []storefront.Route {
	return []storefront.Route{
		{Method: "GET", Path: "/account/orders", Handle: a.own((*visit).ordersShow)},
		{Method: "GET", Path: "/account/order/{number}", Handle: a.own((*visit).orderShow)},
		{Method: "POST", Path: "/account/orders/open", Handle: a.full((*visit).orderOpen)},
		{Method: "GET", Path: "/account/profile", Handle: a.full((*visit).profileShow)},
		{Method: "POST", Path: "/account/profile", Handle: a.full((*visit).profileSet)},
		{Method: "GET", Path: "/account/addresses", Handle: a.full((*visit).addressesShow)},
		{Method: "POST", Path: "/account/addresses/choose", Handle: a.full((*visit).addressChoose)},
		{Method: "POST", Path: "/account/addresses/remove", Handle: a.full((*visit).addressRemove)},
		{Method: "POST", Path: "/account/addresses/keep", Handle: a.full((*visit).addressKeep)},
		{Method: "GET", Path: "/account/address", Handle: a.full((*visit).addressShow)},
		{Method: "POST", Path: "/account/address", Handle: a.full((*visit).addressSave)},
		{Method: "GET", Path: "/account/close", Handle: a.proven((*visit).closeShow)},
		{Method: "POST", Path: "/account/close", Handle: a.proven((*visit).closeAccount)},
		{Method: "GET", Path: "/account/closed", Handle: a.anybody((*visit).closedShow)},
	}
}
