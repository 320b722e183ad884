package account

import (
	"net/http"

	"strongroom/base/web"
)

// recoveryShow says whether a recovery is under way, what it does and when, and lets it be stopped.
func (x *visit) recoveryShow() error { return x.recoveryPage(nil) }

func (x *visit) recoveryPage(wrong error) error {
	p, status, err := x.room("recovery", wrong)
	if err != nil {
		return err
	}
	now, err := x.Identity.Recovery(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	t := p.T
	if now.Running {
		p.Sections = []section{{Heading: t("account.recovery_runs"), Warning: t("account.recovery_runs_text", "ready", p.P.DateTime(x.local(now.Ready))),
			Form: &form{Action: "/account/recovery/cancel", Button: t("account.recovery_stop")}}}
	} else {
		p.Sections = []section{{Things: []thing{{Name: t("account.recovery_none"), Text: t("account.recovery_none_text"), Mark: t("account.fine")}}}}
	}
	var steps section
	steps.Heading = t("account.recovery_how")
	for _, k := range []string{"ask", "prove", "wait", "end"} {
		steps.Steps = append(steps.Steps, t("account.recovery_"+k))
	}
	p.Sections = append(p.Sections, steps)
	return x.send(status, roomView(p))
}

func (x *visit) recoveryCancel() error {
	return x.change(x.recoveryPage, "/account/recovery?done=cancelled", func(*web.Form) error {
		return x.Identity.CancelRecovery(x.r.Context(), x.sess, x.v)
	})
}

// methodsShow lists the ways of signing in: what there is, what it is good for, and the way to each.
func (x *visit) methodsShow() error {
	p, _, err := x.room("methods", nil)
	if err != nil {
		return err
	}
	e, err := x.Identity.Methods(x.r.Context(), x.acc.ID)
	if err != nil {
		return err
	}
	t := p.T
	add := func(s *section, word, text string, on bool) {
		row := thing{Name: t("account." + word), Text: text, Way: wayTo(p, word, t("account.change"))}
		if !on {
			row.Way.Text = t("account.set_up")
		} else {
			row.Mark = t("account.on")
		}
		s.Things = append(s.Things, row)
	}
	alone, beside, lost := section{Heading: t("account.methods_alone")}, section{Heading: t("account.methods_beside"), Text: t("account.methods_beside_text")}, section{Heading: t("account.methods_lost")}
	add(&alone, "passkeys", pick(e.Passkeys == 0, t("account.methods_passkeys_none"), t("account.methods_passkeys", "n", e.Passkeys)), e.Passkeys > 0)
	add(&alone, "password", t(pick(e.LongPassword, "account.methods_password_long", pick(e.Password, "account.methods_password_short", "account.methods_password"))), e.Password)
	add(&beside, "app", t("account.methods_app"), e.App)
	if e.Phone || len(x.Identity.PhoneCountries()) > 0 {
		add(&beside, "phone", t("account.methods_phone"), e.Phone)
	}
	add(&lost, "codes", pick(e.Codes == 0, t("account.codes_none"), t("account.codes_left", "n", e.Codes)), e.Codes > 0)
	lost.Things = append(lost.Things, thing{Name: t("account.recovery"), Text: t("account.methods_recovery"), Way: wayTo(p, "recovery", t("account.look"))})
	p.Sections = []section{alone, beside, lost}
	return x.send(http.StatusOK, roomView(p))
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}
