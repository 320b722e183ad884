package account

import (
	"strings"

	"strongroom/base/web"
	"strongroom/front/parts"
)

// profileShow is the page of the name.
func (x *visit) profileShow() error { return x.profilePage("", nil) }

func (x *visit) profilePage(typed string, wrong error) error {
	p, status, err := x.room("profile", wrong)
	if err != nil {
		return err
	}
	if wrong == nil {
		if typed, err = x.Shopper.Name(x.r.Context(), x.owner()); err != nil {
			return err
		}
	}
	t := p.T
	field := p.field(parts.Field{Name: "name", Label: t("account.name_label"), Hint: t("account.name_hint"), Max: 100, Fill: "name", Optional: true, Value: typed})
	p.Sections = []section{{Form: &form{Action: "/account/profile", Button: t("account.name_set"), Fields: []parts.Field{field}}},
		{Heading: t("account.email"), Text: t("account.email_lead", "email", x.acc.Email.Mask()), Go: &parts.Link{Text: t("account.email_change"), Href: p.To("/account/email")}, GoPlain: true},
		{Heading: t("account.close"), Text: t("account.close_short"), Go: &parts.Link{Text: t("account.to_close"), Href: p.To("/account/close")}, GoPlain: true}}
	return x.send(status, roomView(p))
}

func (x *visit) profileSet() error {
	typed := ""
	show := func(wrong error) error { return x.profilePage(typed, wrong) }
	return x.change(show, "/account/profile?done=set", func(f *web.Form) error {
		typed = strings.TrimSpace(f.Typed("name"))
		return x.Shopper.SetName(x.r.Context(), x.owner(), typed)
	})
}

// closeShow says what goes and what stays, and until when, before anything is done.
func (x *visit) closeShow() error { return x.closePage(nil) }

func (x *visit) closePage(wrong error) error {
	p, status, err := x.room("close", wrong)
	if err != nil {
		return err
	}
	t := p.T
	p.Sections = []section{
		{Heading: t("account.close_goes"), Points: []string{t("account.close_goes_1"), t("account.close_goes_2"), t("account.close_goes_3")}},
		{Heading: t("account.close_stays"), Points: []string{t("account.close_stays_1"), t("account.close_stays_2", "days", x.Shop.WithdrawalDays), t("account.close_stays_3")}},
		{Heading: t("account.close_last"), Text: t("account.close_last_text"),
			Form: &form{Action: "/account/close", Button: t("account.close_go"), Plain: true}}}
	return x.send(status, roomView(p))
}

// closeAccount ends the account. This browser forgets it at once.
func (x *visit) closeAccount() error {
	if _, err := x.form(); err != nil {
		return err
	}
	if err := x.Identity.CloseAccount(x.r.Context(), x.sess, x.v); err != nil {
		return x.closePage(err)
	}
	if err := x.leave(); err != nil {
		return err
	}
	return x.redirect("/account/closed")
}

// closedShow is the last page of an account.
func (x *visit) closedShow() error {
	head, err := x.page("account.closed", "/account/closed")
	if err != nil {
		return err
	}
	head.NoScript, head.Alone = true, true
	t := head.T
	return x.send(200, doneView(&donePage{page: head, Heading: t("account.closed"), Lead: t("account.closed_lead"), Way: parts.Link{Text: t("account.closed_go"), Href: head.To("/")}}))
}
