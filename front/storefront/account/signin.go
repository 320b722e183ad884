package account

import (
	"errors"
	"net/http"
	"strings"

	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// signInShow is the page of all ways in. Who is in already is led on.
func (x *visit) signInShow() error {
	to := x.r.URL.Query().Get("to")
	if !isTo(to) {
		to = ""
	}
	switch ok, err := x.check(); {
	case err != nil:
		return err
	case ok && x.sess.Level == identity.Full:
		return x.redirect(pathOf(to))
	}
	return x.signInPage(to, "", nil)
}

// signInPage shows the ways in; wrong is what a try brought. The address that was typed is kept, the password never.
func (x *visit) signInPage(to, email string, wrong error) error {
	head, err := x.page("account.sign_in", "/account/sign-in")
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
	head.Scripts = []string{x.Assets.Path("passkey.js"), x.Assets.Path("password.js")}
	p := &signInPage{page: head, Back: to,
		Passkey:  passkeyForm{Aim: "sign-in", Kind: "get", Button: t("account.passkey_go"), To: to, Auto: true},
		Email:    head.plain(parts.Field{Name: "email", Label: t("account.email_label"), Type: "email", Fill: "username webauthn", Max: 254, Value: email}),
		Password: head.plain(parts.Field{Name: "password", Label: t("account.password_label"), Type: "password", Fill: "current-password", Max: 1000})}
	return x.send(status, signInView(p))
}

// signIn takes the form of address and password. Its second button mails a link instead.
func (x *visit) signIn() error {
	f, err := x.form()
	if err != nil {
		return err
	}
	email, to := strings.TrimSpace(f.Typed("email")), f.Typed("to")
	if !isTo(to) {
		to = ""
	}
	var step identity.Step
	aim := aimSignIn
	if f.Has("link") {
		aim = aimLink
		step, err = x.Identity.AskLink(x.r.Context(), vault.Typed(email), x.v)
	} else {
		step, err = x.withPassword(f, email)
	}
	if err != nil {
		return x.signInPage(to, email, err)
	}
	return x.follow(step, aim, to)
}

func (x *visit) withPassword(f *web.Form, email string) (identity.Step, error) {
	if f.Typed("password") == "" {
		f.Fail("password", "account.password_missing", nil)
		return identity.Step{}, f.Err()
	}
	return x.Identity.Password(x.r.Context(), identity.Shopper, vault.Typed(email), f.Typed("password"), x.v)
}

// signUpShow is the page on which an account begins: an address, and nothing else.
func (x *visit) signUpShow() error { return x.askPage(aimSignUp, "", nil) }

// signUp mails the link that confirms the address. The answer is the same for every address.
func (x *visit) signUp() error {
	return x.ask(aimSignUp, func(email vault.Personal) (identity.Step, error) {
		return x.Identity.SignUp(x.r.Context(), email, x.v)
	})
}

// recoverShow is the page for who has lost every way in.
func (x *visit) recoverShow() error { return x.askPage(aimRecovery, "", nil) }

// recover mails the link that begins a recovery, if there is an account. The answer is the same if not.
func (x *visit) recover() error {
	return x.ask(aimRecovery, func(email vault.Personal) (identity.Step, error) {
		return x.Identity.StartRecovery(x.r.Context(), email, x.v)
	})
}

func (x *visit) ask(aim string, begin func(vault.Personal) (identity.Step, error)) error {
	f, err := x.form()
	if err != nil {
		return err
	}
	email := strings.TrimSpace(f.Typed("email"))
	step, err := begin(vault.Typed(email))
	if err != nil {
		return x.askPage(aim, email, err)
	}
	return x.follow(step, aim, "")
}

func (x *visit) askPage(aim, email string, wrong error) error {
	key := map[string]string{aimSignUp: "account.sign_up", aimRecovery: "account.recover"}[aim]
	path := map[string]string{aimSignUp: "/account/sign-up", aimRecovery: "/account/recover"}[aim]
	head, err := x.page(key, path)
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
	head.NoScript = true
	p := &askPage{page: head, Heading: t(key), Lead: t(key + "_lead"), Button: t(key + "_go"), Action: head.To(path),
		After: []string{t(key + "_after")}, Way: parts.Link{Text: t("account.to_sign_in"), Href: head.To("/account/sign-in")},
		Email: head.field(parts.Field{Name: "email", Label: t("account.email_label"), Type: "email", Fill: "email", Max: 254, Value: email})}
	return x.send(status, askView(p))
}

// beginShow is where a confirmed address, or an account that was recovered, gets its first way of signing in.
func (x *visit) beginShow() error {
	if x.sess.Level != identity.Enrolling {
		return x.redirect("/account")
	}
	return x.beginPage(nil)
}

func (x *visit) beginPage(wrong error) error {
	head, err := x.page("account.begin", "/account/begin")
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
	head.Scripts = []string{x.Assets.Path("passkey.js"), x.Assets.Path("password.js")}
	p := &beginPage{page: head, Passkey: passkeyForm{Aim: "add", Kind: "create", Button: head.T("account.passkey_make")},
		Password: head.newPassword(false, 15)}
	return x.send(status, beginView(p))
}

// signOut ends the session and takes its cookie away.
func (x *visit) signOut() error {
	if _, err := x.form(); err != nil {
		return err
	}
	// What lies in this browser's cart is the account's: it must not wait there for whoever comes next.
	if x.sess.Level == identity.Full {
		if _, err := x.Front.BringCart(x.w, x.r, x.acc.ID); err != nil {
			return err
		}
	}
	if err := x.Identity.SignOut(x.r.Context(), x.sess, x.v); err != nil && !errors.Is(err, identity.ErrNoSession) {
		return err
	}
	if err := x.leave(); err != nil {
		return err
	}
	return x.redirect("/account/sign-in")
}

// leave takes everything of an account out of this browser: the session, an order that is open, a cart, and pages that
// the browser has kept. V14.3.1.
func (x *visit) leave() error {
	sessionCookie.Clear(x.w)
	pendingCookie.Clear(x.w)
	x.w.Header().Set("Clear-Site-Data", `"cache"`)
	return x.Front.LeaveBrowser(x.w, x.r)
}
