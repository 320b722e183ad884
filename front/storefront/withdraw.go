package storefront

import (
	"net/http"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/shield"
	"strongroom/shop/order"
)

// withdrawShow is the first step of a withdrawal (directive 2011/83/EU, article 11a): who, which contract, which goods.
// A reader whose browser opens an order finds it filled in.
func (s *Storefront) withdrawShow(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var known order.Withdrawal
		if visit := visitToken(r); visit != "" {
			v, err := s.Order.Open(r.Context(), visit)
			if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Gone) {
				return err
			}
			known = order.Withdrawal{Name: v.Details.Delivery.Name, Number: v.Number, Email: v.Details.Email}
		}
		return s.withdrawForm(w, r, code, known, nil)
	}
}

func (s *Storefront) withdrawForm(w http.ResponseWriter, r *http.Request, code string, x order.Withdrawal, wrong *fault.Error) error {
	head, err := s.page(r, code, "shop.withdraw_title", "/withdraw")
	if err != nil {
		return err
	}
	head.NoScript, head.Canonical = true, "/withdraw"
	status := http.StatusOK
	if wrong != nil {
		head.Tell(wrong.Fields)
		if len(wrong.Fields) == 0 {
			head.Problems = []parts.Problem{{Text: head.P.Fault(wrong)}}
		}
		status = wrong.Kind.Status()
	}
	t := head.T
	field := func(f parts.Field) fieldRow { f.Wrong = head.Wrong(f.Name); return fieldRow{f} }
	rows := []fieldRow{
		field(parts.Field{Name: "name", Label: t("shop.withdraw_name"), Fill: "name", Max: 200, Value: x.Name}),
		field(parts.Field{Name: "number", Label: t("shop.withdraw_number"), Hint: t("shop.withdraw_number_hint"), Fill: "off", Max: 40, Value: x.Number}),
		field(parts.Field{Name: "email", Label: t("shop.withdraw_email"), Hint: t("shop.withdraw_email_hint"), Type: "email", Fill: "email", Max: 254, Value: x.Email}),
		field(parts.Field{Name: "lines", Label: t("shop.withdraw_lines"), Hint: t("shop.withdraw_lines_hint"), Rows: 3, Max: 2000, Optional: true, Value: x.Lines})}
	s.private(w, shield.Policy{})
	return send(w, r, status, withdrawView(&formPage{Page: head, Token: s.formToken(r, visitToken(r)), Rows: rows}))
}

func typedWithdrawal(f *web.Form, code string) order.Withdrawal {
	return order.Withdrawal{Language: code, Name: strings.Join(strings.Fields(f.Typed("name")), " "), Number: strings.TrimSpace(f.Typed("number")),
		Email: strings.TrimSpace(f.Typed("email")), Lines: strings.TrimSpace(f.Typed("lines")), Attempt: f.Typed("attempt")}
}

// withdrawCheck is the second step: everything once more, and the button that declares it.
func (s *Storefront) withdrawCheck(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		visit := visitToken(r)
		f, err := s.readForm(r, visit)
		if err != nil {
			return err
		}
		typed := typedWithdrawal(f, code)
		x, err := s.Order.Statement(r.Context(), visit, typed)
		if ft := fault.As(err); ft != nil && ft.Kind == fault.Invalid {
			return s.withdrawForm(w, r, code, typed, ft)
		}
		if err != nil {
			return err
		}
		head, err := s.page(r, code, "shop.withdraw_check", "/withdraw")
		if err != nil {
			return err
		}
		head.NoScript, head.Alone = true, true
		t := head.T
		or := func(s, key string) string {
			if s == "" {
				return t(key)
			}
			return s
		}
		p := &withdrawCheckPage{Page: head, Token: s.formToken(r, visit),
			Answers: []answer{{Name: t("shop.withdraw_name"), Text: x.Name}, {Name: t("shop.withdraw_number"), Text: x.Number},
				{Name: t("shop.withdraw_email"), Text: x.Email}, {Name: t("shop.withdraw_lines"), Text: or(x.Lines, "shop.withdraw_all")}},
			Hidden: []pair{{"name", x.Name}, {"number", x.Number}, {"email", x.Email}, {"lines", x.Lines}, {"attempt", x.Attempt}}}
		s.private(w, shield.Policy{})
		return send(w, r, http.StatusOK, withdrawCheckView(p))
	}
}

// withdrawConfirm takes the declaration. Sent twice it counts once.
func (s *Storefront) withdrawConfirm(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		visit := visitToken(r)
		f, err := s.readForm(r, visit)
		if err != nil {
			return err
		}
		x := typedWithdrawal(f, code)
		if f.Has("change") {
			return s.withdrawForm(w, r, code, x, nil)
		}
		receipt, err := s.Order.Withdraw(r.Context(), visit, x, web.Client(r.Context()))
		if ft := fault.As(err); ft != nil && ft.Kind == fault.Invalid {
			return s.withdrawForm(w, r, code, x, ft)
		}
		if err != nil {
			return err
		}
		head, err := s.page(r, code, "shop.withdrawn", "/withdraw")
		if err != nil {
			return err
		}
		head.NoScript, head.Alone = true, true
		s.private(w, shield.Policy{})
		said := head.T("shop.withdrawn_said", "time", head.P.DateTime(s.local(receipt.At)))
		return send(w, r, http.StatusOK, withdrawnView(&withdrawnPage{Page: head, Said: said}))
	}
}
