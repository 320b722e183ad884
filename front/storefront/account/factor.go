package account

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/front/parts"
	"strongroom/guard/identity"
)

// mostLooks is how often the page that waits for a mail looks again by itself; then it offers a link.
const mostLooks = 90

// waitShow waits until the mailed link was used. It shows the code that another browser is asked for.
func (x *visit) waitShow() error {
	p := readPending(x.r)
	if p.aim == "" {
		return x.redirect("/account/sign-in")
	}
	if ok, err := x.check(); err != nil {
		return err
	} else if ok && p.attempt == "" && x.sess.Level != identity.Limited {
		return x.redirect("/account") // the link was used in this browser
	}
	if p.attempt != "" {
		step, err := x.Identity.Step(x.r.Context(), p.attempt, x.v)
		switch {
		case errors.Is(err, identity.ErrAttempt) && x.sess.Level == identity.Full:
			return x.redirect(pathOf(p.to))
		case errors.Is(err, identity.ErrAttempt):
			pendingCookie.Clear(x.w)
			return x.signInPage(p.to, "", err)
		case err != nil:
			return err
		case step.Need != identity.Confirm:
			return x.follow(step, p.aim, p.to)
		}
	}
	return x.waitPage(p)
}

func (x *visit) waitPage(p pending) error {
	head, err := x.page("account.wait", "/account/wait")
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(x.r.URL.Query().Get("n"))
	if n >= 0 && n < mostLooks {
		x.w.Header().Set("Refresh", fmt.Sprintf("8; url=%s?n=%d", head.To("/account/wait"), n+1))
	}
	t := head.T
	head.NoScript = true
	key := "account.wait_" + strings.ReplaceAll(p.aim, "-", "_")
	return x.send(http.StatusOK, waitView(&waitPage{page: head, Heading: t("account.wait"), Lead: t(key), Code: p.code,
		After: t("account.wait_after"), Again: parts.Link{Text: t("account.wait_look"), Href: head.To("/account/wait")}}))
}

// prove begins a fresh proof, before something risky, and comes back to it.
func (x *visit) prove() error {
	to := x.r.URL.Query().Get("to")
	if !isTo(to) {
		to = ""
	}
	step, err := x.Identity.BeginStepUp(x.r.Context(), x.sess, x.v)
	if err != nil {
		return err
	}
	return x.follow(step, aimProve, to)
}

// factorShow asks for what is still to be proven.
func (x *visit) factorShow() error {
	p := readPending(x.r)
	if p.attempt == "" {
		return x.redirect("/account/sign-in")
	}
	return x.factorPage(p, nil)
}

// factor takes one proof.
func (x *visit) factor() error {
	f, err := x.form()
	if err != nil {
		return err
	}
	p := readPending(x.r)
	if f.Has("send") {
		if _, err := x.Identity.SendPhoneCode(x.r.Context(), p.attempt, x.v); err != nil {
			return x.factorPage(p, err)
		}
		if len(x.kept) > 0 {
			x.sent = true
			return x.factorPage(p, nil)
		}
		return x.redirect("/account/factor?sent=1")
	}
	step, err := x.proof(f.Typed("method"), p.attempt, f.Typed("proof-"+f.Typed("method")))
	if err != nil {
		return x.factorPage(p, atField(err, f.Typed("method")))
	}
	return x.follow(step, p.aim, p.to)
}

func (x *visit) proof(method string, attempt id.Token, typed string) (identity.Step, error) {
	ctx := x.r.Context()
	switch method {
	case "password":
		return x.Identity.ProvePassword(ctx, attempt, typed, x.v)
	case "app":
		return x.Identity.ProveApp(ctx, attempt, typed, x.v)
	case "phone":
		return x.Identity.ProvePhone(ctx, attempt, typed, x.v)
	case "code":
		return x.Identity.ProveCode(ctx, attempt, typed, x.v)
	}
	return identity.Step{}, fault.New(fault.Malformed, "web.form_malformed")
}

// atField puts a refusal beside the field of the method that was tried: several forms stand on the page.
func atField(err error, method string) error {
	ft := fault.As(err)
	if ft == nil || ft.Kind != fault.Invalid && ft.Kind != fault.Forbidden {
		return err
	}
	at := *ft
	at.Fields = []fault.Field{{Name: "proof-" + method, Key: ft.Key, Params: ft.Params}}
	return &at
}

// factorPage shows a form for every choice that the attempt has.
func (x *visit) factorPage(at pending, wrong error) error {
	if errors.Is(wrong, identity.ErrAttempt) {
		pendingCookie.Clear(x.w)
		return x.signInPage(at.to, "", wrong)
	}
	step, err := x.Identity.Step(x.r.Context(), at.attempt, x.v)
	switch {
	case errors.Is(err, identity.ErrAttempt):
		pendingCookie.Clear(x.w)
		return x.signInPage(at.to, "", err)
	case err != nil:
		return err
	case step.Need != identity.Factor:
		return x.follow(step, at.aim, at.to)
	}
	aim := strings.ReplaceAll(at.aim, "-", "_")
	head, err := x.page("account.factor_"+aim, "/account/factor")
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
	if x.r.URL.Query().Get("closed") == "1" {
		head.Notice = head.T("account.all_closed")
	}
	p := &factorPage{page: head, Heading: head.T("account.factor_" + aim), Lead: head.T("account.factor_" + aim + "_lead")}
	p.offer(step.Choices, x.sent || x.r.URL.Query().Get("sent") == "1" || head.Wrong("proof-phone") != "")
	head.Scripts = []string{x.Assets.Path("passkey.js"), x.Assets.Path("password.js")}
	return x.send(status, factorView(p))
}

// offer fills in the choices, the best one first.
func (p *factorPage) offer(choices []identity.Method, sent bool) {
	t := p.T
	for _, m := range choices {
		word := m.String()
		f := parts.Field{Name: "proof-" + word, Label: t("account.proof_" + word), Max: 1000}
		switch m {
		case identity.PasskeyMethod:
			p.Passkey = &passkeyForm{Aim: "factor", Kind: "get", Button: t("account.passkey_go")}
			continue
		case identity.PasswordMethod:
			f.Type, f.Fill = "password", "current-password"
		case identity.AppMethod:
			f.Fill, f.Mode, f.Max = "one-time-code", "numeric", 12
		case identity.PhoneMethod:
			p.PhoneSend = true
			if p.PhoneFirst = !sent; !sent {
				continue
			}
			f.Fill, f.Mode, f.Max = "one-time-code", "numeric", 12
		case identity.CodeMethod:
			f.Fill, f.Max = "off", 40
		default:
			continue
		}
		f.Wrong = p.Wrong(f.Name)
		p.Forms = append(p.Forms, factorForm{Method: word, Field: f, Button: t("account.proof_go"), Plain: len(p.Forms) > 0 || p.Passkey != nil})
	}
}
