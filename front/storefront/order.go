package storefront

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/shield"
	"strongroom/shop/fraud"
	"strongroom/shop/order"
)

// orderShow is the page of the one order that this browser may open.
func (s *Storefront) orderShow(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.opened(r.Context(), visitToken(r))
		if err != nil {
			return err
		}
		notice := ""
		switch {
		case r.URL.Query().Get("done") == "email":
			notice = "shop.mail_corrected"
		case r.URL.Query().Get("done") == "mail" && v.Stop == fraud.Waiting:
			notice = "shop.step_sent"
		case r.URL.Query().Get("pay") == "away" && v.CanPay:
			notice = "order.payment_away"
		case r.URL.Query().Get("pay") == "gone" && v.CanPay:
			notice = "payment.provider_unknown"
		case r.URL.Query().Get("pay") == "many" && v.CanPay:
			notice = "fraud.unpaid_many"
		case r.URL.Query().Get("pay") == "few" && v.CanPay:
			notice = "order.unpaid_share"
		}
		return s.orderSend(w, r, code, v, orderWords(v, false), notice, nil)
	}
}

// looks are the seconds after which the page that waits for a payment looks again; then it stops and offers a link.
var looks = [...]int{2, 3, 5, 8, 13, 20}

// orderReturn is where the payment provider sends the browser back to. What the browser brings is believed in nothing:
// the provider is asked.
func (s *Storefront) orderReturn(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.returned(r.Context(), visitToken(r))
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		waits := v.State == order.AwaitingPayment && !v.Failed && !v.Payment.IsZero() && n >= 0 && n < len(looks)
		return s.orderSend(w, r, code, v, orderWords(v, waits), "", func(p *orderPage) {
			if waits {
				p.Waiting = true
				w.Header().Set("Refresh", fmt.Sprintf("%d; url=%s?n=%d", looks[n], p.To("/order/return"), n+1))
			}
		})
	}
}

// words are the keys of heading and lead, and the class of the state.
type words struct{ heading, lead, class string }

// orderWords says in words how an order stands.
func orderWords(v order.View, waits bool) words {
	switch v.State {
	case order.Paid:
		return words{"shop.order_thanks", "shop.order_paid_lead", "done"}
	case order.Authorised:
		return words{"shop.order_thanks", "shop.order_reserved_lead", "done"}
	case order.PaymentPending:
		return words{"shop.order_pending", "shop.order_pending_lead", ""}
	case order.Expired:
		return words{"shop.order_over", "shop.order_over_lead", "bad"}
	case order.Cancelled:
		return words{"shop.order_over", "shop.order_cancelled_lead", "bad"}
	case order.Refunded, order.PartlyRefunded:
		return words{"shop.order_again", "shop.order_refunded_lead", "done"}
	}
	switch {
	case v.Stop == fraud.Held:
		return words{"shop.order_held", "shop.order_held_lead", ""}
	case v.Stop == fraud.Waiting:
		return words{"shop.order_later", "shop.order_later_lead", ""}
	case v.Stop == fraud.Refused:
		return words{"shop.order_refused", "shop.order_refused_lead", "bad"}
	case waits:
		return words{"shop.order_waiting", "shop.order_waiting_lead", ""}
	case v.Failed:
		return words{"shop.order_declined", "shop.order_declined_lead", "bad"}
	case v.Released:
		return words{"shop.order_released", "shop.order_released_lead", "bad"}
	}
	return words{"shop.order_open", "shop.order_open_lead", ""}
}

// orderSend renders the order's page for whoever holds its token.
func (s *Storefront) orderSend(w http.ResponseWriter, r *http.Request, code string, v order.View, say words, notice string, more func(*orderPage)) error {
	head, err := s.page(r, code, "shop.order_title", "/order")
	if err != nil {
		return err
	}
	t := head.T
	head.NoScript, head.Title = true, t("shop.order_title", "number", v.Number)
	p := &orderPage{Page: head, Token: s.formToken(r, visitToken(r)), Heading: t(say.heading), Lead: t(say.lead), Number: v.Number,
		State: t(v.StateKey()), StateClass: say.class, CanPay: v.CanPay, PayText: t("shop.pay_now"),
		Sums: s.orderSums(head, v), CanCorrect: v.CanCorrect, Email: v.Details.Email,
		Done: v.State == order.Paid || v.State == order.PaymentPending || v.State == order.Authorised}
	if notice != "" {
		p.Notice = t(notice)
	}
	if v.Failed {
		p.PayText = t("shop.pay_again")
	}
	if v.Stop == fraud.Held || v.Stop == fraud.Waiting {
		p.HeldUntil = t("shop.order_held_until", "time", head.P.DateTime(s.local(v.PayUntil)), "email", v.Details.Email)
	}
	if v.Stop == fraud.Waiting {
		p.PayText = t("shop.pay_try")
		p.ByMail = t("shop.order_later_mail_text", "email", v.Details.Email)
	}
	if v.CanPay && !v.PayUntil.IsZero() {
		p.PayUntil = t("shop.pay_until", "time", head.P.DateTime(s.local(v.PayUntil)))
	}
	if v.CanPay {
		p.Ways = s.payWays(head, v.Total, v.Provider, v.PickUp)
	}
	if p.Lines, err = s.orderLines(r, head, v.Lines); err != nil {
		return err
	}
	p.EmailField = parts.Field{Name: "email", Label: t("shop.mail_new"), Type: "email", Fill: "email", Max: 254}
	s.orderFacts(p, v)
	if err := s.transfer(r, p, v); err != nil {
		return err
	}
	if err := s.orderOwn(r, p, v); err != nil {
		return err
	}
	if more != nil {
		more(p)
	}
	s.private(w, s.paying())
	status := http.StatusOK
	if len(p.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return send(w, r, status, orderView(p))
}

// orderFacts fills in what was told, what has happened, and until when the reader may withdraw and look.
func (s *Storefront) orderFacts(p *orderPage, v order.View) {
	t := p.T
	p.Answers = append(detailAnswers(p.Page, v.Details, v.PickUp), answer{Name: t("shop.answer_way"), Text: way(p.Page, v.OfferName, v.DaysMin, v.DaysMax)})
	p.History = s.history(p.Page, v)
	p.Parcels = s.parcels(p.Page, v)
	switch {
	case !v.Withdrawn.IsZero():
		p.Withdrawal = t("shop.withdraw_declared", "date", p.P.Date(s.local(v.Withdrawn)))
	case !v.WithdrawUntil.IsZero():
		p.Withdrawal = t("shop.withdraw_until", "date", p.P.Date(s.local(v.WithdrawUntil)))
	default:
		p.Withdrawal = t("shop.withdraw_open", "days", s.Shop.WithdrawalDays)
	}
	if !v.LinkUntil.IsZero() {
		p.LinkUntil = t("shop.link_until", "date", p.P.Date(s.local(v.LinkUntil)))
	}
}

// local is a moment in the store's time zone, which decides days and deadlines.
func (s *Storefront) local(t time.Time) time.Time {
	if s.Shop.TimeZone == nil {
		return t
	}
	return t.In(s.Shop.TimeZone)
}

// orderPay tries the payment again.
func (s *Storefront) orderPay(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		visit := visitToken(r)
		f, err := s.readForm(r, visit)
		if err != nil {
			return err
		}
		s.private(w, s.paying())
		return s.toProvider(w, r, code, visit, f.Typed("method"))
	}
}

// orderEmail corrects the e-mail address, from the browser that placed the order.
func (s *Storefront) orderEmail(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		visit := visitToken(r)
		f, err := s.readForm(r, visit)
		if err != nil {
			return err
		}
		typed := strings.TrimSpace(f.Typed("email"))
		err = s.Order.CorrectEmail(r.Context(), visit, typed)
		if who := whoOf(r); who != nil && err == nil { // the order left the account of the address that was mistyped
			err = s.Order.AttachPlaced(r.Context(), who.Actor(), visit)
		}
		if err == nil {
			return web.Redirect(w, "/"+code+"/order?done=email")
		}
		ft := fault.As(err)
		if ft == nil || ft.Kind != fault.Invalid && ft.Kind != fault.Conflict && ft.Kind != fault.TooMany {
			return err
		}
		v, err := s.Order.Open(r.Context(), visit)
		if err != nil {
			return err
		}
		return s.orderSend(w, r, code, v, orderWords(v, false), "", func(p *orderPage) {
			p.Alone = true
			if p.Tell(ft.Fields); len(ft.Fields) == 0 {
				p.Problems = []parts.Problem{{Field: "email", Text: p.P.Fault(ft)}}
			}
			p.EmailField.Value, p.EmailField.Wrong = typed, p.Wrong("email")
		})
	}
}

// secretPage is the policy of the page whose address holds the secret of a mailed link.
var secretPage = shield.Policy{Referrer: "no-referrer"}

// linkShow is where the mailed link leads. It spends nothing: mail programs open links by themselves.
func (s *Storefront) linkShow(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		link, err := id.ParseToken(r.PathValue("link"))
		if err != nil {
			return fault.New(fault.NotFound, "order.not_found")
		}
		head, err := s.page(r, code, "shop.link_title", "/order/link")
		if err != nil {
			return err
		}
		head.NoScript, head.Alone = true, true
		s.private(w, secretPage)
		return send(w, r, http.StatusOK, linkView(&linkPage{Page: head, Action: head.To("/order/open"), Link: link.Clear()}))
	}
}

// linkSpend swaps the link for a cookie and leads to a clean address.
func (s *Storefront) linkSpend(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := readOpen(r)
		if err != nil {
			return err
		}
		visit, err := s.Order.Enter(r.Context(), f.Token("link"))
		if err != nil {
			return err
		}
		orderCookie.Set(w, visit.Clear())
		return web.Redirect(w, "/"+code+"/order")
	}
}

// renewShow asks for number and address of an order, to send a new link to that address.
func (s *Storefront) renewShow(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return s.renewPage(w, r, code, web.NewForm(nil), false, nil)
	}
}

// renewSend has the link sent. The answer is the same whether there is such an order or not.
func (s *Storefront) renewSend(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := readOpen(r)
		if err != nil {
			return err
		}
		err = s.Order.Renew(r.Context(), f.Typed("number"), strings.TrimSpace(f.Typed("email")), web.Client(r.Context()))
		if ft := fault.As(err); ft != nil && len(ft.Fields) > 0 {
			return s.renewPage(w, r, code, f, false, ft)
		}
		if err != nil {
			return err
		}
		return s.renewPage(w, r, code, f, true, nil)
	}
}

func (s *Storefront) renewPage(w http.ResponseWriter, r *http.Request, code string, f *web.Form, done bool, wrong *fault.Error) error {
	head, err := s.page(r, code, "shop.renew_title", "/order/link")
	if err != nil {
		return err
	}
	head.NoScript = true
	status := http.StatusOK
	if wrong != nil {
		head.Tell(wrong.Fields)
		status = http.StatusUnprocessableEntity
	}
	t := head.T
	rows := []fieldRow{
		{{Name: "number", Label: t("shop.renew_number"), Hint: t("shop.renew_number_hint"), Value: f.Typed("number"), Wrong: head.Wrong("number"), Max: 20, Fill: "off"}},
		{{Name: "email", Label: t("shop.email"), Type: "email", Fill: "email", Value: f.Typed("email"), Wrong: head.Wrong("email"), Max: 254}}}
	s.private(w, shield.Policy{})
	return send(w, r, status, renewView(&formPage{Page: head, Token: s.formToken(r, ""), Rows: rows, Done: done}))
}
