package storefront

import (
	"context"
	"net/http"
	"net/netip"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/cart"
	"strongroom/shop/order"
)

// Who is signed in has a cart of her own in every browser, finds her address in the checkout and her orders in her
// account. The account pages say who that is (Shopper); without them, and for a session that may only look, everybody
// is a guest.

// Who is the account that a request is signed in to, with everything that its session may do.
type Who struct {
	Account, Subject id.ID
	Email            vault.Personal
	Browser          id.Token // secret of the browser, to which sessions and forms are bound
	Origin           netip.Addr

	cart   id.Token
	merged cart.Why // what did not come along when this request brought a guest's cart
}

// Actor is who acts.
func (w *Who) Actor() access.Actor { return access.Shopper(w.Account, w.Origin) }

// Known is what an account knows of its shopper, in clear, for her own checkout.
type Known struct {
	Email, Name string
	Addresses   []KnownAddress // the chosen one first
}

// KnownAddress is one address of an account.
type KnownAddress struct {
	ID string
	To order.Recipient
}

// Shopper is what the shop asks the account pages.
type Shopper interface {
	// Who is signed in with everything that a session may do; nil for guests and for sessions that may only look.
	Who(r *http.Request) (*Who, error)
	// Known is what the checkout is filled in with.
	Known(ctx context.Context, who *Who) (Known, error)
	// Offer says whether an address is new to the account, and gives the token of the form that keeps it.
	Offer(ctx context.Context, who *Who, to order.Recipient) (token string, offer bool, err error)
}

type whoKey struct{}

// whoOf is who is signed in, for handlers behind knowing; nil for a guest.
func whoOf(r *http.Request) *Who {
	w, _ := r.Context().Value(whoKey{}).(*Who)
	return w
}

// knowing tells a handler who is signed in. What a guest has put into a cart before signing in is taken along.
func (s *Storefront) knowing(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.shopper == nil {
			return h(w, r)
		}
		who, err := s.shopper.Who(r)
		if err != nil || who == nil {
			return orHandle(err, h, w, r)
		}
		who.cart = s.Cart.Mine(who.Account)
		if who.merged, err = s.BringCart(w, r, who.Account); err != nil {
			return err
		}
		return h(w, r.WithContext(context.WithValue(r.Context(), whoKey{}, who)))
	}
}

func orHandle(err error, h web.Handler, w http.ResponseWriter, r *http.Request) error {
	if err != nil {
		return err
	}
	return h(w, r)
}

// HasCart says whether this browser has a cart that no account has taken over yet.
func HasCart(r *http.Request) bool { return cartCookie.Get(r) != "" }

// BringCart takes the cart of this browser into the own cart of an account that is signed in here, and says why not
// everything came along. Its cookie goes, unless something stays in it.
func (s *Storefront) BringCart(w http.ResponseWriter, r *http.Request, account id.ID) (cart.Why, error) {
	guest, err := id.ParseToken(cartCookie.Get(r))
	if err != nil {
		return 0, nil
	}
	m, err := s.Cart.Merge(r.Context(), guest, s.Cart.Mine(account))
	if err != nil || m.Left {
		return m.Why, err
	}
	if !m.From.IsZero() {
		if err := s.Order.CarryDraft(r.Context(), m.From, m.Into); err != nil {
			return m.Why, err
		}
	}
	cartCookie.Clear(w)
	return m.Why, nil
}

// MergedNotice is the text of a word of cart.Why; empty if it is none.
func MergedNotice(p *parts.Page, word string) string {
	if key := "shop.merged_" + word; word != "" && p.P.Has(key) {
		return p.T(key)
	}
	return ""
}

// LeaveBrowser takes out of a browser that is being signed out what would show the next one at it a cart or an order.
func (s *Storefront) LeaveBrowser(w http.ResponseWriter, r *http.Request) error {
	if visit := visitToken(r); visit != "" {
		if err := s.Order.Leave(r.Context(), visit); err != nil {
			return err
		}
	}
	cartCookie.Clear(w)
	orderCookie.Clear(w)
	return nil
}

// knownDetails fills in what a signed-in shopper would otherwise type, where she has typed nothing yet.
func (s *Storefront) knownDetails(ctx context.Context, who *Who, d order.Details, typed bool) (order.Details, Known, error) {
	if who == nil {
		return d, Known{}, nil
	}
	known, err := s.shopper.Known(ctx, who)
	if err != nil || typed {
		return d, known, err
	}
	d.Email, d.Delivery.Name = known.Email, known.Name
	if len(known.Addresses) > 0 {
		d.Delivery = known.Addresses[0].To
	}
	return d, known, nil
}

// use puts the address that was picked into the details.
func (k Known) use(d order.Details, picked string) (order.Details, error) {
	for _, a := range k.Addresses {
		if a.ID == picked {
			d.Delivery = a.To
			return d, nil
		}
	}
	return d, fault.New(fault.NotFound, "shopper.address_unknown")
}

// book is the field to pick one of several addresses; empty if there is nothing to choose.
func (k Known) book(p *parts.Page, at order.Recipient) parts.Field {
	f := parts.Field{Name: "address", Label: p.T("shop.book_label"), Optional: true, Fill: "off"}
	if len(k.Addresses) < 2 {
		return f
	}
	for _, a := range k.Addresses {
		f.Options = append(f.Options, parts.Option{Value: a.ID, Text: addressLine(a.To), Selected: a.To == at})
	}
	return f
}

// addressLine is an address in one line.
func addressLine(a order.Recipient) string {
	out := a.Name
	for _, s := range []string{a.Company, a.Street, a.Postcode + " " + a.City} {
		if s != "" && s != " " {
			out += ", " + s
		}
	}
	return out
}
