package storefront

import (
	"net/http"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/shop/catalog"
	"strongroom/shop/delivery"
	"strongroom/shop/order"
)

// checkShow is the second page of the checkout: everything once more, and the button directly beneath.
func (s *Storefront) checkShow(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return s.checkSend(w, r, code, cartToken(r), http.StatusOK, nil, "", "")
	}
}

// checkSend computes the page afresh. changes are what differs from what was shown before; problem is a message.
func (s *Storefront) checkSend(w http.ResponseWriter, r *http.Request, code string, token id.Token, status int, changes []order.Change, problem, method string) error {
	v, err := s.Order.Review(r.Context(), token, code)
	if err != nil {
		return s.lost(w, r, code, err)
	}
	head, err := s.page(r, code, "shop.check_title", "/checkout/pay")
	if err != nil {
		return err
	}
	head.Quiet, head.NoScript = true, true
	if problem != "" {
		head.Problems = []parts.Problem{{Text: problem}}
	}
	p := &checkPage{Page: head, Token: s.formToken(r, token), Attempt: v.Attempt, Sums: s.reviewSums(head, v)}
	for _, c := range append(changes, v.Changes...) {
		p.Changes = append(p.Changes, changeText(head, c))
	}
	if p.Lines, err = s.orderLines(r, head, v.Lines); err != nil {
		return err
	}
	p.Answers, p.Ways = checkAnswers(head, v), s.payWays(head, v.Total, method, v.PickUp)
	s.private(w, s.paying())
	return send(w, r, status, checkView(p))
}

// changeText says what has changed since it was shown.
func changeText(p *parts.Page, c order.Change) string {
	from, to := p.Money(c.From), p.Money(c.To)
	if c.FromN != 0 || c.ToN != 0 {
		from, to = p.P.Number(c.FromN), p.P.Number(c.ToN)
	}
	return p.T(c.Key, "name", c.Name, "from", from, "to", to)
}

// orderLines are the lines of an order as a page shows them. An order holds no address of a picture, only its
// reference, so that the pictures come from the catalogue as it is now.
func (s *Storefront) orderLines(r *http.Request, p *parts.Page, lines []order.Line) ([]miniLine, error) {
	ids := make([]id.ID, 0, len(lines))
	for _, l := range lines {
		ids = append(ids, l.Variant)
	}
	items := map[id.ID]catalog.Item{}
	if len(ids) > 0 {
		var err error
		if items, err = s.Catalog.Items(r.Context(), p.Lang, ids); err != nil {
			return nil, err
		}
	}
	out := make([]miniLine, len(lines))
	for i, l := range lines {
		out[i] = miniLine{Name: l.Name, Options: l.Options, Count: p.T("shop.n_times", "n", l.Quantity), Total: p.Money(l.Gross),
			Picture: picture(items[l.Variant].Image, "")}
	}
	return out, nil
}

// checkAnswers are the answers of the first page, each with the way back to its field.
func checkAnswers(p *parts.Page, v order.Review) []answer {
	back := p.To("/checkout")
	list := detailAnswers(p, v.Details, v.PickUp)
	when := way(p, v.OfferName, v.DaysMin, v.DaysMax)
	if d := days(p.Site, v.From, v.Until); d != "" { // as the first page said it
		when = v.OfferName + ", " + d
	}
	list = append(list, answer{Name: p.T("shop.answer_way"), Text: when, Change: "#way"})
	for i := range list {
		list[i].Change = back + list[i].Change
	}
	return list
}

// detailAnswers are what the guest told us. Change holds the anchor of the field on the first page.
func detailAnswers(p *parts.Page, d order.Details, pickUp bool) []answer {
	t := p.T
	list := []answer{{t("shop.answer_email"), d.Email, "#f-email"}}
	if d.Phone != "" {
		list = append(list, answer{t("shop.answer_phone"), d.Phone, "#f-phone"})
	}
	to := t("shop.answer_delivery")
	if pickUp {
		to = t("shop.answer_pickup")
	}
	list = append(list, answer{to, printed(p, d.Delivery), "#delivery"})
	billing := t("shop.answer_billing_same")
	if d.BillingDiffers {
		billing = printed(p, d.Billing)
	}
	list = append(list, answer{t("shop.answer_billing"), billing, "#billing"})
	if d.Note != "" {
		list = append(list, answer{t("shop.answer_note"), d.Note, "#note"})
	}
	return list
}

// printed is an address as its country writes it.
func printed(p *parts.Page, a order.Recipient) string {
	return strings.Join(delivery.Print(delivery.Address(a), p.P.Country(a.Country)), "\n")
}

// way is the kind of delivery with its days.
func way(p *parts.Page, name string, min, max int) string {
	switch {
	case max <= 0:
		return name
	case min == max || min <= 0:
		return name + ", " + p.T("shop.days", "n", max)
	}
	return name + ", " + p.T("shop.days_between", "min", min, "max", max)
}

// place takes the order and leads on to the payment provider. The same form sent again leads to the same order.
func (s *Storefront) place(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		token := cartToken(r)
		f, err := s.readForm(r, token)
		if err != nil {
			return err
		}
		method := f.Typed("method")
		by := buyer(r)
		by.Method = method
		placed, err := s.Order.PlaceBy(r.Context(), token, f.Typed("attempt"), by)
		if err != nil {
			return s.notPlaced(w, r, code, token, method, err)
		}
		if who := whoOf(r); who != nil {
			if err := s.Order.AttachPlaced(r.Context(), who.Actor(), placed.Browser); err != nil {
				return err
			}
		}
		orderCookie.Set(w, placed.Browser.Clear())
		return s.toProvider(w, r, code, placed.Browser, method)
	}
}

// notPlaced shows the second page again with what has changed or what is the matter; nothing was ordered.
func (s *Storefront) notPlaced(w http.ResponseWriter, r *http.Request, code string, token id.Token, method string, cause error) error {
	ft := fault.As(cause)
	switch {
	case ft == nil || ft.Kind == fault.Internal || ft.Kind == fault.Unavailable || ft.Kind == fault.TooMany || ft.Kind == fault.Forbidden:
		return cause
	case ft.Kind == fault.Conflict && len(order.Changes(cause)) > 0:
		return s.checkSend(w, r, code, token, http.StatusConflict, order.Changes(cause), "", method)
	}
	if err := s.lost(w, r, code, cause); err == nil {
		return nil
	}
	return s.checkSend(w, r, code, token, ft.Kind.Status(), nil, s.Texts.For(code).Fault(ft), method)
}

// unpaidWords are the words in the address for why goods are not kept unpaid.
var unpaidWords = map[string]string{"fraud.unpaid_many": "many", "order.unpaid_share": "few"}

// toProvider leads to the provider's page. If it cannot be reached the order is kept, and its page offers to try again.
func (s *Storefront) toProvider(w http.ResponseWriter, r *http.Request, code string, visit id.Token, method string) error {
	address, err := s.Order.PayBy(r.Context(), visit, method)
	if ft := fault.As(err); ft != nil && ft.Key == "payment.provider_unknown" { // it was switched off meanwhile
		return web.Redirect(w, "/"+code+"/order?pay=gone")
	}
	if ft := fault.As(err); ft != nil && unpaidWords[ft.Key] != "" { // goods are not kept unpaid for her; she can pay at once
		return web.Redirect(w, "/"+code+"/order?pay="+unpaidWords[ft.Key])
	}
	if fault.Is(err, fault.Unavailable) {
		return web.Redirect(w, "/"+code+"/order?pay=away")
	}
	if done, err := stopped(w, code, err); done {
		return err
	}
	if fault.Is(err, fault.Conflict) {
		return web.Redirect(w, "/"+code+"/order")
	}
	if err != nil {
		return err
	}
	return web.RedirectOut(w, address)
}
