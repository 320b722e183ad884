package account

import (
	"net/http"
	"strconv"

	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/front/storefront"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// passkeysShow lists the passkeys and offers to make one.
func (x *visit) passkeysShow() error { return x.passkeysPage(nil) }

func (x *visit) passkeysPage(wrong error) error {
	p, status, err := x.room("passkeys", wrong)
	if err != nil {
		return err
	}
	keys, err := x.Identity.Passkeys(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	sealed := make([]vault.Personal, len(keys))
	for i, k := range keys {
		sealed[i] = k.Name
	}
	names, err := x.reveal(sealed...)
	if err != nil {
		return err
	}
	t := p.T
	list := section{}
	for i, k := range keys {
		list.Things = append(list.Things, p.keyRow(x, k, names[i]))
	}
	p.NoScript, p.Scripts = false, []string{x.Assets.Path("passkey.js")}
	name := p.field(parts.Field{Name: "name", Label: t("account.passkey_name"), Hint: t("account.passkey_name_hint"), Max: 40, Optional: true, Fill: "off"})
	p.Sections = []section{list, {Heading: t("account.passkey_more"), Text: t("account.way_passkey_make"),
		Passkey: &passkeyForm{Aim: "add", Kind: "create", Button: t("account.passkey_make"), Name: &name}}}
	return x.send(status, roomView(p))
}

// keyRow is a passkey with what can be done about it.
func (p *roomPage) keyRow(x *visit, k identity.Passkey, name string) thing {
	t, which := p.T, pair{"passkey", k.ID.String()}
	shown := name
	if shown == "" {
		shown = t("account.passkey_unnamed")
	}
	field := p.field(parts.Field{Name: "name-" + k.ID.String(), Label: t("account.passkey_name"), Max: 40, Fill: "off", Value: name})
	return thing{Name: shown, Text: p.keyFacts(x, k), Acts: []form{
		{Action: "/account/passkeys/rename", Fold: t("account.passkey_rename"), Button: t("account.passkey_rename_go"), Plain: true, Hidden: []pair{which}, Fields: []parts.Field{field}},
		{Action: "/account/passkeys/remove", Button: t("account.passkey_remove", "name", shown), Quiet: true, Hidden: []pair{which}}}}
}

func (x *visit) passkeyRename() error {
	return x.change(x.passkeysPage, "/account/passkeys?done=renamed", func(f *web.Form) error {
		key, err := f.ID("passkey")
		if err != nil {
			return err
		}
		name := f.Required("name-"+key.String(), 40)
		if err := f.Err(); err != nil {
			return err
		}
		return x.Identity.RenamePasskey(x.r.Context(), x.sess, key, name)
	})
}

// keyFacts says where a passkey lives and when it was used.
func (p *page) keyFacts(x *visit, k identity.Passkey) string {
	where := "account.passkey_device"
	switch {
	case k.Stopped:
		where = "account.passkey_stopped_copy"
	case k.Synced:
		where = "account.passkey_synced"
	}
	if k.UsedAt.IsZero() {
		return p.T(where) + " · " + p.T("account.made", "date", p.P.Date(x.local(k.MadeAt)))
	}
	return p.T(where) + " · " + p.T("account.used", "when", p.P.DateTime(x.local(k.UsedAt)))
}

// reveal opens what is the reader's own.
func (x *visit) reveal(sealed ...vault.Personal) ([]string, error) {
	return x.Vault.Reveal(x.r.Context(), vault.Look{Actor: x.actor(), Purpose: vault.Profile, Reason: "own"}, sealed...)
}

func (x *visit) passkeyRemove() error {
	return x.change(x.passkeysPage, "/account/passkeys?done=removed", func(f *web.Form) error {
		key, err := f.ID("passkey")
		if err != nil {
			return err
		}
		return x.Identity.RemovePasskey(x.r.Context(), x.sess, key, x.v)
	})
}

// passwordShow is the page of the password.
func (x *visit) passwordShow() error { return x.passwordPage(nil) }

func (x *visit) passwordPage(wrong error) error {
	if x.sess.Level == identity.Enrolling {
		return x.beginPage(wrong)
	}
	p, status, err := x.room("password", wrong)
	if err != nil {
		return err
	}
	had, err := x.Identity.Methods(x.r.Context(), x.acc.ID)
	if err != nil {
		return err
	}
	least, err := x.Identity.LeastPassword(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	f := p.newPassword(had.Password, least)
	fields := []parts.Field{f.Next}
	if f.Current != nil {
		fields = []parts.Field{*f.Current, f.Next}
	}
	p.NoScript, p.Scripts = false, []string{x.Assets.Path("password.js")}
	p.Sections = []section{{Form: &form{Action: "/account/password", Button: f.Button, Fields: fields, Advice: true}}}
	if had.Password {
		p.Sections = append(p.Sections, section{Heading: p.T("account.password_away"), Text: p.T("account.password_away_text"),
			Form: &form{Action: "/account/password/remove", Button: p.T("account.password_remove"), Plain: true}})
	}
	return x.send(status, roomView(p))
}

// passwordSet takes a new password. The first one raises the session of a new account.
func (x *visit) passwordSet() error {
	to := "/account/password?done=set"
	if x.sess.Level == identity.Enrolling {
		to = "/account?done=begun"
	}
	return x.change(x.passwordPage, to, func(f *web.Form) error {
		step, err := x.Identity.SetPassword(x.r.Context(), x.sess, identity.NewPassword{Current: f.Typed("current"), Next: f.Typed("password")}, x.v)
		if err == nil {
			x.renewed(step)
		}
		return err
	})
}

// passwordAdvice looks at a new password while it is typed, for the script. Nothing is kept and nobody outside is asked.
func (x *visit) passwordAdvice() error {
	f, err := x.form()
	if err != nil {
		return err
	}
	a, err := x.Identity.AdvisePassword(x.r.Context(), x.sess, identity.NewPassword{Next: f.Typed("password")})
	if err != nil {
		return err
	}
	p := x.Front.Texts.For(x.code)
	said := struct {
		Score int    `json:"score"`
		Fits  bool   `json:"fits"`
		Word  string `json:"word"`
		Why   string `json:"why"`
	}{Score: a.Score, Fits: a.Fits, Word: p.T("strength.score_" + strconv.Itoa(a.Score))}
	switch {
	case a.Reason != "":
		said.Why = p.Message(a.Reason, a.Params)
	case a.Hint != "":
		said.Why = p.T(a.Hint)
	}
	return storefront.SendJSON(x.w, x.r, said)
}

func (x *visit) passwordRemove() error {
	return x.change(x.passwordPage, "/account/password?done=removed", func(*web.Form) error {
		return x.Identity.RemovePassword(x.r.Context(), x.sess, x.v)
	})
}

// appShow is the page of the authenticator app.
func (x *visit) appShow() error { return x.appPage(nil, nil) }

func (x *visit) appPage(begun *identity.AppEnrolment, wrong error) error {
	p, status, err := x.room("app", wrong)
	if err != nil {
		return err
	}
	had, err := x.Identity.Methods(x.r.Context(), x.acc.ID)
	if err != nil {
		return err
	}
	t := p.T
	code := p.field(parts.Field{Name: "code", Label: t("account.app_code"), Fill: "one-time-code", Mode: "numeric", Max: 12})
	confirm := &form{Action: "/account/app/confirm", Button: t("account.app_confirm"), Fields: []parts.Field{code}}
	switch {
	case begun != nil:
		p.Alone = true
		p.Sections = []section{{Heading: t("account.app_scan"), Text: t("account.app_scan_text"), QR: begun.QR, Secret: begun.Secret, Form: confirm}}
	case wrong != nil && p.Wrong("code") != "":
		p.Sections = []section{{Text: t("account.app_scanned"), Form: confirm}}
	default:
		p.Sections = []section{{Form: &form{Action: "/account/app", Button: t("account.app_begin"), Plain: had.App}}}
	}
	if had.App {
		p.Sections = append(p.Sections, section{Heading: t("account.app_away"), Text: t("account.app_on"),
			Form: &form{Action: "/account/app/remove", Button: t("account.app_remove"), Plain: true}})
	}
	return x.send(status, roomView(p))
}

// appBegin shows the secret once, as a picture and as letters.
func (x *visit) appBegin() error {
	if _, err := x.form(); err != nil {
		return err
	}
	begun, err := x.Identity.BeginApp(x.r.Context(), x.sess, x.v)
	if err != nil {
		return x.appPage(nil, err)
	}
	return x.appPage(&begun, nil)
}

func (x *visit) appConfirm() error {
	show := func(wrong error) error { return x.appPage(nil, wrong) }
	return x.change(show, "/account/app?done=added", func(f *web.Form) error {
		step, err := x.Identity.FinishApp(x.r.Context(), x.sess, f.Typed("code"), x.v)
		if err == nil {
			x.renewed(step)
		}
		return err
	})
}

func (x *visit) appRemove() error {
	show := func(wrong error) error { return x.appPage(nil, wrong) }
	return x.change(show, "/account/app?done=removed", func(*web.Form) error {
		return x.Identity.RemoveApp(x.r.Context(), x.sess, x.v)
	})
}

// codesShow is the page of the recovery codes.
func (x *visit) codesShow() error { return x.codesPage(nil, nil) }

func (x *visit) codesPage(codes []string, wrong error) error {
	p, status, err := x.room("codes", wrong)
	if err != nil {
		return err
	}
	had, err := x.Identity.Methods(x.r.Context(), x.acc.ID)
	if err != nil {
		return err
	}
	t := p.T
	if len(codes) > 0 {
		p.Alone = true
		p.Sections = []section{{Heading: t("account.codes_new"), Text: t("account.codes_new_text"), Codes: codes}}
		return x.send(http.StatusOK, roomView(p))
	}
	p.Sections = []section{{Text: pick(had.Codes == 0, t("account.codes_none"), t("account.codes_left", "n", had.Codes)), Form: &form{Action: "/account/codes", Button: t("account.codes_make"), Plain: had.Codes > 0}}}
	return x.send(status, roomView(p))
}

// codesMake shows ten new codes, once.
func (x *visit) codesMake() error {
	if _, err := x.form(); err != nil {
		return err
	}
	codes, err := x.Identity.MakeCodes(x.r.Context(), x.sess, x.v)
	return x.codesPage(codes, err)
}
