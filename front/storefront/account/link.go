package account

import (
	"errors"
	"net/http"

	"strongroom/base/id"
	"strongroom/front/parts"
	"strongroom/guard/identity"
)

// linkShow is where a mailed link leads. It spends nothing: mail programs open links by themselves.
func (x *visit) linkShow() error {
	token, err := id.ParseToken(x.r.PathValue("link"))
	if err != nil {
		return identity.ErrLink
	}
	return x.linkPage(token, nil)
}

func (x *visit) linkPage(token id.Token, wrong error) error {
	link, err := x.Identity.PeekLink(x.r.Context(), token, x.v)
	if err != nil {
		return err
	}
	key := "account.link_" + link.Kind.String()
	head, err := x.page(key, "/account/link")
	if err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		var ok bool
		if status, ok = head.wrong(wrong); !ok {
			return wrong
		}
	}
	t := head.T
	head.NoScript, head.Alone = true, true
	p := &linkPage{page: head, Heading: t(key), Lead: t(key+"_lead", "device", head.device(link.Device)), Button: t(key + "_go"), Link: token.Clear()}
	if !link.SameBrowser && link.Kind.NeedsCode() {
		f := head.field(parts.Field{Name: "code", Label: t("account.link_code"), Hint: t("account.link_code_hint"), Fill: "off", Max: 20})
		p.Code = &f
	}
	x.secret()
	return x.send(status, linkView(p))
}

// linkSpend does what the link is for.
func (x *visit) linkSpend() error {
	f, err := x.form()
	if err != nil {
		return err
	}
	token := f.Token("link")
	link, err := x.Identity.PeekLink(x.r.Context(), token, x.v)
	if err != nil {
		return err
	}
	step, err := x.Identity.SpendLink(x.r.Context(), token, f.Typed("code"), x.v)
	if errors.Is(err, identity.ErrCode) || errors.Is(err, identity.ErrTaken) {
		return x.linkPage(token, err)
	}
	if err != nil {
		return err
	}
	switch {
	case step.Need == identity.Nothing:
		return x.linkDone(link.Kind, step)
	case link.Kind == identity.LinkNotMe: // it is closed; to have the account given back needs one more proof
		pendingCookie.Set(x.w, pending{aim: aimRecovery, attempt: step.Attempt}.String())
		return x.redirect("/account/factor?closed=1")
	}
	return x.follow(step, aimOf(link.Kind), "")
}

func aimOf(k identity.LinkKind) string {
	if k == identity.LinkRecovery || k == identity.LinkRecoveryEnd {
		return aimRecovery
	}
	return aimSignIn
}

// linkDone says what was done, where no session came of it.
func (x *visit) linkDone(kind identity.LinkKind, step identity.Step) error {
	key := "account.done_" + kind.String()
	head, err := x.page(key, "/account/link")
	if err != nil {
		return err
	}
	t := head.T
	head.NoScript, head.Alone = true, true
	lead := t(key + "_lead")
	if !step.Until.IsZero() { // a recovery waits for its delay
		lead = t("account.done_recovery_lead", "until", head.P.DateTime(x.local(step.Until)))
	}
	if kind == identity.LinkNotMe && !step.Until.IsZero() {
		lead = t("account.all_closed") + " " + lead
	}
	return x.send(http.StatusOK, doneView(&donePage{page: head, Heading: t(key), Lead: lead, Code: step.Code,
		Way: parts.Link{Text: t("account.to_sign_in"), Href: head.To("/account/sign-in")}}))
}
