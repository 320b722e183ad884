package account

import (
	"strings"

	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// phoneShow is the page of the mobile phone. Its risk is told before anything is typed.
func (x *visit) phoneShow() error { return x.phonePage("", nil) }

func (x *visit) phonePage(typed string, wrong error) error {
	p, status, err := x.room("phone", wrong)
	if err != nil {
		return err
	}
	countries := x.Identity.PhoneCountries()
	has, is, err := x.Identity.PhoneOf(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	next, waits, err := x.Identity.PendingPhone(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	e, err := x.Identity.Methods(x.r.Context(), x.acc.ID)
	if err != nil {
		return err
	}
	t := p.T
	if is {
		p.Sections = append(p.Sections, p.phoneNow(x, has))
	}
	switch {
	case len(countries) == 0:
		p.Sections = append(p.Sections, section{Text: t("identity.phone_off")})
	case !e.Beside():
		s := section{Warning: t("identity.phone_alone")}
		for _, word := range []string{"passkeys", "app", "codes"} {
			s.Things = append(s.Things, thing{Name: t("account." + word), Text: t("account." + word + "_lead"), Way: wayTo(p, word, t("account.set_up"))})
		}
		p.Sections = append(p.Sections, s)
	case waits:
		p.Sections = append(p.Sections, p.phoneCode(next)...)
	default:
		p.Sections = append(p.Sections, p.phoneAsk(is, countries, typed))
	}
	if is {
		p.Sections = append(p.Sections, section{Heading: t("account.phone_away"), Text: t("account.phone_away_text"),
			Form: &form{Action: "/account/phone/remove", Button: t("account.phone_remove"), Plain: true}})
	}
	return x.send(status, roomView(p))
}

// phoneNow says which number is enrolled, and since when it can do what.
func (p *roomPage) phoneNow(x *visit, has identity.Phone) section {
	text := p.T("account.phone_since", "date", p.P.Date(x.local(has.Since)))
	if has.Cooling {
		text += " " + p.T("account.phone_cooling", "when", p.P.DateTime(x.local(has.RecoversFrom)))
	}
	return section{Things: []thing{{Name: has.Number.Mask(), Text: text, Mark: p.T("account.on")}}}
}

// phoneCode asks for the code that went to the new number.
func (p *roomPage) phoneCode(next identity.Phone) []section {
	t := p.T
	code := p.field(parts.Field{Name: "code", Label: t("account.phone_code"), Fill: "one-time-code", Mode: "numeric", Max: 12})
	return []section{
		{Heading: t("account.phone_sent"), Text: t("account.phone_sent_text", "number", next.Number.Mask()),
			Form: &form{Action: "/account/phone/confirm", Button: t("account.phone_confirm"), Fields: []parts.Field{code}}},
		{Text: t("account.phone_none_came"), Form: &form{Action: "/account/phone/again", Button: t("account.phone_again"), Quiet: true}},
	}
}

// phoneAsk asks for a number, once the risk has been told.
func (p *roomPage) phoneAsk(is bool, countries []string, typed string) section {
	t := p.T
	names := make([]string, len(countries))
	for i, c := range countries {
		names[i] = p.P.Country(c)
	}
	field := p.field(parts.Field{Name: "phone", Label: t("account.phone_label"), Hint: t("account.phone_hint", "countries", strings.Join(names, ", ")),
		Type: "tel", Fill: "tel", Mode: "tel", Max: 40, Value: typed})
	s := section{Warning: t(identity.PhoneRisk), Form: &form{Action: "/account/phone", Button: t("account.phone_begin"), Fields: []parts.Field{field}, Plain: is}}
	if is {
		s.Heading = t("account.phone_other")
	}
	return s
}

// phoneBegin sends a code to a number.
func (x *visit) phoneBegin() error {
	typed := ""
	show := func(wrong error) error { return x.phonePage(typed, wrong) }
	return x.change(show, "/account/phone", func(f *web.Form) error {
		typed = strings.TrimSpace(f.Typed("phone"))
		_, err := x.Identity.BeginPhone(x.r.Context(), x.sess, vault.Typed(typed), x.v)
		return err
	})
}

func (x *visit) phoneAgain() error {
	return x.change(x.phoneWrong, "/account/phone?done=again", func(*web.Form) error {
		return x.Identity.ResendPhone(x.r.Context(), x.sess, x.v)
	})
}

func (x *visit) phoneConfirm() error {
	return x.change(x.phoneWrong, "/account/phone?done=added", func(f *web.Form) error {
		step, err := x.Identity.FinishPhone(x.r.Context(), x.sess, f.Typed("code"), x.v)
		if err == nil {
			x.renewed(step)
		}
		return err
	})
}

func (x *visit) phoneRemove() error {
	return x.change(x.phoneWrong, "/account/phone?done=removed", func(*web.Form) error {
		return x.Identity.RemovePhone(x.r.Context(), x.sess, x.v)
	})
}

func (x *visit) phoneWrong(wrong error) error { return x.phonePage("", wrong) }
