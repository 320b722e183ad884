package account

import (
	"context"
	"errors"
	"net/http"

	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/storefront"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
	"strongroom/shop/order"
	"strongroom/shop/shopper"
)

// What the shop asks about who is signed in (storefront.Shopper). Only a session that may do everything counts: one of
// a mailed link is a guest to cart and checkout, and finds nothing there of what an account knows (V8.2.2).

// Who is signed in.
func (a *Pages) Who(r *http.Request) (*storefront.Who, error) {
	session, err := id.ParseToken(sessionCookie.Get(r))
	if err != nil {
		return nil, nil
	}
	browser, err := id.ParseToken(browserCookie.Get(r))
	if err != nil {
		return nil, nil
	}
	v := identity.Visitor{Browser: browser, Session: session, Origin: web.Client(r.Context()), Agent: r.UserAgent()}
	sess, acc, err := a.Identity.Check(r.Context(), identity.Shopper, session, v)
	switch {
	case errors.Is(err, identity.ErrNoSession):
		return nil, nil
	case err != nil:
		return nil, err
	case sess.Level != identity.Full || sess.Locked:
		return nil, nil
	}
	return &storefront.Who{Account: acc.ID, Subject: acc.Subject, Email: acc.Email, Browser: browser, Origin: v.Origin}, nil
}

func ownerOf(w *storefront.Who) shopper.Owner {
	return shopper.Owner{Account: w.Account, Subject: w.Subject, Origin: w.Origin}
}

// Known is what the checkout is filled in with.
func (a *Pages) Known(ctx context.Context, who *storefront.Who) (k storefront.Known, err error) {
	look := vault.Look{Actor: access.Shopper(who.Account, who.Origin), Purpose: vault.Profile, Reason: "own", Object: "account", ObjectID: who.Account}
	email, err := a.Vault.Reveal(ctx, look, who.Email)
	if err != nil {
		return k, err
	}
	k.Email = email[0]
	if k.Name, err = a.Shopper.Name(ctx, ownerOf(who)); err != nil {
		return k, err
	}
	list, err := a.Shopper.Addresses(ctx, ownerOf(who))
	for _, x := range list {
		k.Addresses = append(k.Addresses, storefront.KnownAddress{ID: x.ID.String(), To: x.To})
	}
	return k, err
}

// Offer says whether an address is new to the account and still has room there.
func (a *Pages) Offer(ctx context.Context, who *storefront.Who, to order.Recipient) (token string, offer bool, err error) {
	list, err := a.Shopper.Addresses(ctx, ownerOf(who))
	if err != nil || len(list) >= shopper.MaxAddresses {
		return "", false, err
	}
	for _, x := range list {
		if x.To == to {
			return "", false, nil
		}
	}
	return a.tokens.For(who.Browser.Clear()), true, nil
}

func (x *visit) owner() shopper.Owner {
	return shopper.Owner{Account: x.acc.ID, Subject: x.acc.Subject, Origin: x.v.Origin}
}
