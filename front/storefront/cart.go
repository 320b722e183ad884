package storefront

import (
	"net/http"
	"strconv"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/cart"
)

// cartShow shows the cart. What was just done is said by a word in the address, so that a reload says it again and
// does nothing again.
func (s *Storefront) cartShow(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.cartPage(r, code, cartToken(r))
		if err != nil {
			return err
		}
		switch done := r.URL.Query().Get("done"); done {
		case "added", "changed", "removed":
			p.Notice = p.T("shop.cart_" + done)
		case "applied", "dropped":
			p.Notice = p.T("shop.code_" + done)
		}
		p.Merged = MergedNotice(p.Page, r.URL.Query().Get("merged"))
		if who := whoOf(r); who != nil && who.merged != 0 {
			p.Merged = MergedNotice(p.Page, who.merged.String())
		}
		return send(w, r, http.StatusOK, cartView(p))
	}
}

// cartPage computes the cart afresh.
func (s *Storefront) cartPage(r *http.Request, code string, token id.Token) (*cartPage, error) {
	head, err := s.page(r, code, "shop.cart_title", "/cart")
	if err != nil {
		return nil, err
	}
	v, err := s.Cart.View(r.Context(), token, cart.Ask{Lang: code})
	if err != nil {
		return nil, err
	}
	p := &cartPage{Page: head, Token: s.formToken(r, token), Closed: v.Cart.State == cart.Closed, CodeField: parts.Field{Name: "code", Label: head.T("shop.code_label")}}
	for _, l := range v.Lines {
		p.Lines = append(p.Lines, cartLines(head, l))
	}
	p.Sums = s.cartSums(head, v)
	p.Free = freeDelivery(head, v)
	p.Ways = s.payWays(head, 1, "", true)
	for _, c := range v.Codes {
		p.Codes = append(p.Codes, codeView{ID: c.Code.String(), Text: head.T("shop.code_on", "code", c.Hint)})
	}
	for _, g := range v.Gone {
		p.Codes = append(p.Codes, codeView{ID: g.Code.String(), Text: head.T("shop.code_on", "code", g.Hint) + ": " + head.T(g.Key)})
	}
	return p, nil
}

func cartLines(p *parts.Page, l cart.ViewLine) cartLineView {
	out := cartLineView{ID: l.Variant.String(), Href: p.To("/p/" + l.Item.Handle), Name: l.Item.Name, Options: l.Item.Options,
		Unit: p.Money(l.Item.Price), Total: p.Money(l.Total), Typed: strconv.FormatInt(l.Quantity, 10), Picture: picture(l.Item.Image, "")}
	if reduced := priceOf(p.Site, l.Item.Price, l.Item.WasPrice, l.Item.LowestPrice); reduced.Was != "" {
		out.Was = reduced.Was
		if reduced.Lowest != "" {
			out.Lowest = p.T("shop.lowest_30", "price", reduced.Lowest)
		}
	}
	if l.HasUnit {
		out.Base = unitText(p.Site, l.Unit)
	}
	if l.Problem != "" {
		out.Trouble = p.T(l.Problem, "n", l.Most)
	}
	if out.Name == "" {
		out.Name, out.Href, out.Unit, out.Total = p.T("shop.line_unknown"), p.To("/"), "–", "–"
	}
	return out
}

// freeDelivery says how much is missing until the delivery is free; empty if it is free or never is.
func freeDelivery(p *parts.Page, v cart.View) string {
	if v.Offer == nil || v.Offer.Price == 0 || v.Offer.FreeFrom == 0 {
		return ""
	}
	missing := v.Offer.FreeFrom - (v.Totals.Goods - v.Totals.Discount)
	if missing <= 0 {
		return ""
	}
	return p.T("shop.free_missing", "sum", p.Money(missing))
}

// cartAdd puts something into the cart. The small script asks for JSON; everybody else is led to the cart.
func (s *Storefront) cartAdd(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := readOpen(r)
		if err != nil {
			return err
		}
		variant, err := f.ID("variant")
		if err != nil {
			return err
		}
		n := f.IntOr("quantity", 1, 1, cart.MaxQuantity)
		had := cartToken(r)
		if err := f.Err(); err != nil {
			return s.cartFault(w, r, code, had, "", err)
		}
		c, err := s.addTo(w, r, had, variant, n)
		if err != nil {
			return s.cartFault(w, r, code, had, "", err)
		}
		if wantsJSON(r) {
			return sendJSON(w, r, struct {
				Count int64  `json:"count"`
				Said  string `json:"said"`
			}{c.Count(), s.Texts.For(code).T("shop.added_said", "n", c.Count())})
		}
		return web.Redirect(w, "/"+code+"/cart?done=added")
	}
}

// addTo puts pieces into the cart of this reader. One whose order waits for the payment is left to that order, which has
// a cookie of its own: whoever goes on shopping begins a new cart.
func (s *Storefront) addTo(w http.ResponseWriter, r *http.Request, had id.Token, variant id.ID, n int64) (cart.Cart, error) {
	if whoOf(r) != nil {
		return s.Cart.AddMine(r.Context(), had, variant, n)
	}
	token, c, err := s.Cart.Add(r.Context(), had, variant, n)
	if ft := fault.As(err); ft != nil && ft.Key == "cart.closed" {
		token, c, err = s.Cart.Add(r.Context(), "", variant, n)
	}
	if err == nil {
		cartCookie.Set(w, token.Clear())
	}
	return c, err
}

func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

// cartSet changes how many there are of a variant; none takes it out.
func (s *Storefront) cartSet(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		token := cartToken(r)
		f, err := s.readForm(r, token)
		if err != nil {
			return err
		}
		variant, err := f.ID("variant")
		if err != nil {
			return err
		}
		n := f.Int("quantity", 0, cart.MaxQuantity)
		if err := f.Err(); err != nil {
			return s.cartFault(w, r, code, token, f.Typed("quantity"), withField(err, "quantity", "n-"+variant.String()))
		}
		if _, err := s.Cart.Set(r.Context(), token, variant, n); err != nil {
			return s.cartFault(w, r, code, token, f.Typed("quantity"), withField(err, "quantity", "n-"+variant.String()))
		}
		return web.Redirect(w, "/"+code+"/cart?done=changed")
	}
}

// cartRemove takes a variant out of the cart.
func (s *Storefront) cartRemove(code string) web.Handler {
	return s.cartChange(code, "removed", func(r *http.Request, f *web.Form, token id.Token) error {
		variant, err := f.ID("variant")
		if err != nil {
			return err
		}
		_, err = s.Cart.Remove(r.Context(), token, variant)
		return err
	})
}

// cartCode puts a discount code on the cart.
func (s *Storefront) cartCode(code string) web.Handler {
	return s.cartChange(code, "applied", func(r *http.Request, f *web.Form, token id.Token) error {
		typed := f.Required("code", 64)
		if err := f.Err(); err != nil {
			return err
		}
		_, err := s.Cart.ApplyCode(r.Context(), token, access.Guest(id.ID{}, web.Client(r.Context())), typed)
		return err
	})
}

// cartCodeDrop takes a discount code off the cart.
func (s *Storefront) cartCodeDrop(code string) web.Handler {
	return s.cartChange(code, "dropped", func(r *http.Request, f *web.Form, token id.Token) error {
		discount, err := f.ID("code")
		if err != nil {
			return err
		}
		_, err = s.Cart.DropCode(r.Context(), token, discount)
		return err
	})
}

// cartChange is the shape of every small change of the cart: read, do, and lead back to the cart.
func (s *Storefront) cartChange(code, done string, do func(*http.Request, *web.Form, id.Token) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		token := cartToken(r)
		f, err := s.readForm(r, token)
		if err != nil {
			return err
		}
		if err := do(r, f, token); err != nil {
			return s.cartFault(w, r, code, token, f.Typed("code"), err)
		}
		return web.Redirect(w, "/"+code+"/cart?done="+done)
	}
}

// cartFault shows the cart with what is wrong, and what was typed where it was typed. The script gets the bare status
// and then sends the form the plain way.
func (s *Storefront) cartFault(w http.ResponseWriter, r *http.Request, code string, token id.Token, typed string, cause error) error {
	ft := fault.As(cause)
	if ft == nil || ft.Kind == fault.Internal || ft.Kind == fault.Malformed || wantsJSON(r) {
		return cause
	}
	p, err := s.cartPage(r, code, token)
	if err != nil {
		return err
	}
	p.Alone, p.NoScript = true, true
	p.Tell(ft.Fields)
	if len(ft.Fields) == 0 {
		p.Problems = append(p.Problems, parts.Problem{Text: p.P.Fault(ft)})
	}
	if m := p.Wrong("code"); m != "" {
		p.CodeField.Value, p.CodeField.Wrong = typed, m
	}
	for i, l := range p.Lines {
		if m := p.Wrong("n-" + l.ID); m != "" {
			p.Lines[i].Trouble, p.Lines[i].Typed = m, typed
		}
	}
	return send(w, r, ft.Kind.Status(), cartView(p))
}

// withField names the field of a page that a service's field stands for.
func withField(err error, from, to string) error {
	ft := fault.As(err)
	if ft == nil {
		return err
	}
	renamed := *ft
	renamed.Fields = nil
	for _, x := range ft.Fields {
		if x.Name == from {
			x.Name = to
		}
		renamed.Fields = append(renamed.Fields, x)
	}
	return &renamed
}

// cartCount tells the small script how many pieces are in the cart.
func (s *Storefront) cartCount(w http.ResponseWriter, r *http.Request) error {
	n, err := s.Cart.Count(r.Context(), cartToken(r))
	if err != nil {
		return err
	}
	return sendJSON(w, r, struct {
		Count int64 `json:"count"`
	}{n})
}

// minus writes what is taken off.
func minus(p *parts.Page, a money.Amount) string { return p.Money(-a) }
